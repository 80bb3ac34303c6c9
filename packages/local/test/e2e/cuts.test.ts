import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createDial, watchConfirmed, watchLine } from "./line.ts";
import { cardAt, connect, type Stage, startStage } from "./stage.ts";
import { cardOf, cardShowing, expectPostedOnce, grow, post, until } from "./steps.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

const totalBytes = 300_000_000;
/** Three dozen parts, six at a time: two seconds until the next six are through. */
const rate = 25_000_000;
/** Heads of requests, which the sockets count as well. */
const headBytesMax = 4_096;

it("300 MB, the network cut twice and a reload in the middle: at most one part per connection is sent twice", async () => {
  const { page } = await newVisitor(stage);
  const line = watchLine(stage);
  const confirmed = watchConfirmed(page);
  const title = "Through thick and thin";
  const path = await grow(stage, "thick.mp4", totalBytes);
  await connect(stage, page);
  const dial = await createDial(page);
  await dial.setRate(rate);
  await post(page, path, title);
  // A part whose answer was lost may be stored twice; one that is confirmed never again.
  const storedAgain: (() => number[])[] = [];
  const remember = () => storedAgain.push(line.watchStored(confirmed));
  const further = async (parts: number) => {
    const before = confirmed.size;
    await until(() => confirmed.size >= before + parts);
  };

  await further(3);
  remember();
  await dial.goOffline();
  await cardShowing(page, "offline", title);
  await until(() => line.underWayCount() === 0);
  await dial.setRate(rate);
  await cardShowing(page, "uploading", title);

  await further(3);
  // A cut that the browser does not know of: connections die, and new ones die as well.
  remember();
  line.cut();
  await cardShowing(page, "retrying", title);
  line.mend();
  await further(3);

  await dial.hold();
  remember();
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await until(() => line.underWayCount() === 0);
  await dial.setRate(null);
  await cardShowing(page, "interrupted", title);
  await cardOf(page, title).getByLabel("Choose file to resume").setInputFiles(path);
  await cardAt(page, "published", title);
  await expectPostedOnce(stage, path);

  expect(storedAgain.flatMap((parts) => parts())).toEqual([]);
  const requestCount = line.storedPartCount() + line.brokenCount();
  const sentTwiceBytes = line.receivedBytes() - totalBytes;
  const interruptions = 3;
  const bound = interruptions * line.lanesMax() * line.partBytesMax();
  process.stdout.write(
    `sent twice: ${(sentTwiceBytes / 1e6).toFixed(1)} MB of 300 MB, over ${line.brokenCount()} broken ` +
      `connections (${line.storedPartCount()} parts of at most ${(line.partBytesMax() / 1e6).toFixed(1)} MB)\n`,
  );
  expect(sentTwiceBytes).toBeLessThanOrEqual(bound + requestCount * headBytesMax);
  expect(sentTwiceBytes).toBeLessThanOrEqual(
    line.brokenCount() * line.partBytesMax() + requestCount * headBytesMax,
  );
});
