/**
 * Lifecycle rules, executed: expired objects and forgotten uploads are removed when `sweepBucket` is called.
 *
 * S3 adds a rule's days to the object's age and acts at the next midnight UTC; so does this. Transitions and noncurrent
 * versions change nothing here (one storage class, no versions), and since no object has tags, a rule that filters
 * by tag matches none. When to sweep is the host's choice.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
import { z } from "zod";
import type { Bucket } from "./bucket.ts";
import { keyLock, removeObject, removeUpload, type Store, uploadLock } from "./store.ts";
import { parseXml, repeated, structure } from "./xml.ts";

export type Swept = { expiredObjects: number; abortedUploads: number };

const count = z.string().regex(/^\d+$/).transform(Number);

const filter = z.object({
  Prefix: z.string().optional(),
  Tag: z.unknown().optional(),
  ObjectSizeGreaterThan: count.optional(),
  ObjectSizeLessThan: count.optional(),
});

const lifecycleRule = z.object({
  Status: z.enum(["Enabled", "Disabled"]),
  /** The old place of the prefix, before filters existed. */
  Prefix: z.string().optional(),
  Filter: structure(filter.extend({ And: filter.optional() })).optional(),
  Expiration: z
    .object({
      Days: count.refine((days) => days > 0).optional(),
      Date: z.iso.datetime().optional(),
    })
    .optional(),
  AbortIncompleteMultipartUpload: z
    .object({ DaysAfterInitiation: count.refine((days) => days > 0) })
    .optional(),
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html: up to 1,000 rules. */
export const lifecycleDocument = z.object({
  LifecycleConfiguration: z.object({
    Rule: repeated(lifecycleRule).refine((rules) => rules.length >= 1 && rules.length <= 1000),
  }),
});

type LifecycleRule = z.infer<typeof lifecycleRule>;
type Candidate = { key: string; sizeBytes: number };

const dayMs = 24 * 60 * 60 * 1000;

export async function sweepBucket(store: Store, bucket: Bucket, nowMs: number): Promise<Swept> {
  const text = bucket.documents.get("lifecycle");
  if (text === undefined) return { expiredObjects: 0, abortedUploads: 0 };
  const rules = lifecycleDocument
    .parse(parseXml(text))
    .LifecycleConfiguration.Rule.filter((rule) => rule.Status === "Enabled");

  let expiredObjects = 0;
  for (const object of [...bucket.objects.values()]) {
    const isExpired = rules.some(
      (rule) => applies(rule, object) && hasExpired(rule, object.modifiedAtMs, nowMs),
    );
    if (!isExpired) continue;
    await store.locks.run(keyLock(bucket, object.key), async () => {
      // Overwritten meanwhile: the new object is young.
      if (bucket.objects.get(object.key) !== object) return;
      await removeObject(bucket, object);
      expiredObjects += 1;
    });
  }

  let abortedUploads = 0;
  for (const upload of [...bucket.uploads.values()]) {
    const isForgotten = rules.some((rule) => {
      const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
      const isDue = days !== undefined && nowMs >= midnightAfter(upload.initiatedAtMs, days);
      return isDue && applies(rule, { key: upload.key, sizeBytes: 0 });
    });
    if (!isForgotten) continue;
    await store.locks.run(uploadLock(upload.id), async () => {
      if (bucket.uploads.get(upload.id) !== upload) return;
      await removeUpload(bucket, upload);
      abortedUploads += 1;
    });
  }
  return { expiredObjects, abortedUploads };
}

function applies(rule: LifecycleRule, candidate: Candidate): boolean {
  const conditions = rule.Filter?.And ?? rule.Filter ?? {};
  const prefix = conditions.Prefix ?? rule.Prefix ?? "";
  const { ObjectSizeGreaterThan: above, ObjectSizeLessThan: below } = conditions;
  return (
    candidate.key.startsWith(prefix) &&
    conditions.Tag === undefined &&
    (above === undefined || candidate.sizeBytes > above) &&
    (below === undefined || candidate.sizeBytes < below)
  );
}

function hasExpired(rule: LifecycleRule, modifiedAtMs: number, nowMs: number): boolean {
  const { Days: days, Date: date } = rule.Expiration ?? {};
  if (days !== undefined) return nowMs >= midnightAfter(modifiedAtMs, days);
  return date !== undefined && nowMs >= Date.parse(date);
}

/** The first midnight UTC at or after the given number of days. */
function midnightAfter(startMs: number, days: number): number {
  return Math.ceil((startMs + days * dayMs) / dayMs) * dayMs;
}
