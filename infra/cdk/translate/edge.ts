/**
 * The one public origin: CloudFront, the function that chooses between page and API, caching and security headers.
 *
 * The function is SST's own. There it finds its routes in a key-value store that SST fills during a deployment; here
 * the same entries stand in its code, which CloudFormation replaces as a whole.
 */
import {
  CfnCachePolicy,
  CfnDistribution,
  CfnFunction,
  CfnResponseHeadersPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { z } from "zod";
import type { Resource } from "../../plan/plan.ts";
import { type Context, logicalId } from "../context.ts";
import { listEntries } from "./store.ts";

const routerInputs = z.strictObject({
  code: z.string(),
  // The store, which stays behind.
  keyValueStoreAssociations: z.array(z.string()).transform(() => []),
  runtime: z.string(),
});

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions */
const codeBytesMax = 10_240;
/** No value that only the deployment knows is longer: the gateway's host, a bucket's regional address. */
const unknownBytesMax = 100;

export function defineRouter(context: Context, resource: Resource): void {
  const { stack } = context;
  const { code, runtime } = context.read(resource, routerInputs);
  const functionCode = withStore(code, stack.toJsonString(listEntries(context)));
  const bytes = measure(stack.resolve(functionCode));
  if (bytes > codeBytesMax) {
    throw new Error(`${resource.name} may take ${bytes} bytes, CloudFront allows ${codeBytesMax}`);
  }
  new CfnFunction(stack, logicalId(resource), {
    name: context.physicalName("router"),
    functionCode,
    functionConfig: { comment: "Chooses between page and API", runtime },
    autoPublish: true,
  });
}

/** Answers like the store it replaces: with a promise that fails for a key it does not have. */
function withStore(code: string, entries: string): string {
  const importLine = 'import cf from "cloudfront";';
  if (!code.includes(importLine)) throw new Error("SST's edge function has changed");
  const store = `const entries = ${entries};
const store = { get: async (key) => { if (key in entries) return entries[key]; throw new Error(key); } };`;
  return code.replace(importLine, () => `${importLine}\n${store}`).replaceAll("cf.kvs()", "store");
}

const joined = z.object({ "Fn::Join": z.tuple([z.literal(""), z.array(z.unknown())]) });

function measure(code: unknown): number {
  const join = joined.safeParse(code);
  const parts = join.success ? join.data["Fn::Join"][1] : [code];
  return parts
    .map((part) => (typeof part === "string" ? Buffer.byteLength(part) : unknownBytesMax))
    .reduce((sum, bytes) => sum + bytes, 0);
}

const cachePolicyInputs = z.strictObject({
  comment: z.string(),
  defaultTtl: z.number(),
  maxTtl: z.number(),
  minTtl: z.number(),
  parametersInCacheKeyAndForwardedToOrigin: z.strictObject({
    cookiesConfig: z.strictObject({ cookieBehavior: z.string() }),
    enableAcceptEncodingBrotli: z.boolean(),
    enableAcceptEncodingGzip: z.boolean(),
    headersConfig: z
      .strictObject({
        headerBehavior: z.string(),
        headers: z.strictObject({ items: z.array(z.string()) }),
      })
      .transform(({ headerBehavior, headers }) => ({ headerBehavior, headers: headers.items })),
    queryStringsConfig: z.strictObject({ queryStringBehavior: z.string() }),
  }),
});

export function defineCachePolicy(context: Context, resource: Resource): void {
  const inputs = context.read(resource, cachePolicyInputs);
  new CfnCachePolicy(context.stack, logicalId(resource), {
    cachePolicyConfig: { ...inputs, name: context.physicalName("cache") },
  });
}

const override = { override: z.boolean() };

const headersInputs = z.strictObject({
  name: z.string(),
  customHeadersConfig: z.strictObject({
    items: z.array(z.strictObject({ header: z.string(), value: z.string(), ...override })),
  }),
  securityHeadersConfig: z.strictObject({
    contentSecurityPolicy: z.strictObject({ contentSecurityPolicy: z.string(), ...override }),
    contentTypeOptions: z.strictObject(override),
    frameOptions: z.strictObject({ frameOption: z.string(), ...override }),
    referrerPolicy: z.strictObject({ referrerPolicy: z.string(), ...override }),
    strictTransportSecurity: z.strictObject({
      accessControlMaxAgeSec: z.number(),
      includeSubdomains: z.boolean(),
      ...override,
    }),
  }),
});

export function defineHeaders(context: Context, resource: Resource): void {
  new CfnResponseHeadersPolicy(context.stack, logicalId(resource), {
    responseHeadersPolicyConfig: context.read(resource, headersInputs),
  });
}

const originInputs = z
  .strictObject({
    customOriginConfig: z.strictObject({
      httpPort: z.number(),
      httpsPort: z.number(),
      originProtocolPolicy: z.string(),
      originReadTimeout: z.number(),
      originSslProtocols: z.array(z.string()),
    }),
    domainName: z.string(),
    originId: z.string(),
  })
  .transform(({ originId, ...same }) => ({ ...same, id: originId }));

const distributionInputs = z
  .strictObject({
    aliases: z.array(z.string()),
    comment: z.string(),
    defaultCacheBehavior: z.strictObject({
      allowedMethods: z.array(z.string()),
      cachePolicyId: z.string(),
      cachedMethods: z.array(z.string()),
      compress: z.boolean(),
      functionAssociations: z.array(
        z.strictObject({ eventType: z.string(), functionArn: z.string() }),
      ),
      lambdaFunctionAssociations: z.tuple([]),
      originRequestPolicyId: z.string(),
      responseHeadersPolicyId: z.string(),
      targetOriginId: z.string(),
      viewerProtocolPolicy: z.string(),
    }),
    enabled: z.boolean(),
    origins: z.array(originInputs),
    restrictions: z.strictObject({
      geoRestriction: z.strictObject({ restrictionType: z.string() }),
    }),
    // SST's own notes to itself, and whether it waits: CloudFormation always does.
    tags: z.record(z.string(), z.string()),
    waitForDeployment: z.boolean(),
    viewerCertificate: z
      .strictObject({
        acmCertificateArn: z.string().exactOptional(),
        cloudfrontDefaultCertificate: z.boolean().exactOptional(),
        minimumProtocolVersion: z.string().exactOptional(),
        sslSupportMethod: z.string().exactOptional(),
      })
      .transform(({ cloudfrontDefaultCertificate: isDefault, ...same }) => ({
        ...same,
        ...(isDefault !== undefined && { cloudFrontDefaultCertificate: isDefault }),
      })),
  })
  .transform(({ tags: _, waitForDeployment: __, ...same }) => same);

export function defineDistribution(context: Context, resource: Resource): void {
  const inputs = context.read(resource, distributionInputs);
  const distribution = new CfnDistribution(context.stack, logicalId(resource), {
    distributionConfig: inputs,
  });
  context.answer(distribution, {
    "AwsSolutions-CFR1":
      "Creators are wherever TikTok is, and TikTok itself refuses where it is not. An organisation that may not serve a country adds it to the distribution's restrictions in infra/router.ts.",
    "AwsSolutions-CFR2":
      "What a web ACL would filter is checked behind it: each request needs a session or TikTok's signature, bodies are bounded and validated, and the gateway throttles each route. Its monthly cost is the operator's decision; a web ACL can be attached to the distribution at any time.",
    "AwsSolutions-CFR3":
      "The gateway logs every request to the API, with address and outcome. What CloudFront answers by itself are the files of a public page.",
    ...(inputs.viewerCertificate.cloudFrontDefaultCertificate === true && {
      "AwsSolutions-CFR4":
        "CloudFront's own certificate, used for as long as there is no domain, comes with a TLS policy that cannot be chosen. With DOMAIN set the distribution takes nothing older than TLS 1.2 (TLSv1.2_2021).",
    }),
  });
}
