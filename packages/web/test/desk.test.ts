/** Two users at one page, one after the other: nothing of the first reaches the second, however late it arrives. */
import { expect, it } from "vitest";
import { createBackend, createBrowser, file, publication, upload } from "./browser.ts";

const id = "publication-1";
const nothing = { publications: [], nextCursor: null };

async function untilIdle(): Promise<void> {
  // Locks and channels take turns of the event loop; none of them takes so many.
  for (let turn = 0; turn < 20; turn += 1) await new Promise((go) => setImmediate(go));
}

it("an answer that is on its way when its user leaves is shown to nobody", async () => {
  const backend = createBackend();
  const late = Promise.withResolvers<Awaited<ReturnType<typeof backend.api.list>>>();
  const answers = [late.promise, Promise.resolve(nothing)];
  backend.api.list = async () => (await answers.shift()) ?? nothing;
  const { activity } = createBrowser(backend).newTab();
  const first = activity.open("user-1");
  await activity.open("user-2");
  late.resolve({ publications: [publication("published")], nextCursor: null });
  await first;
  await untilIdle();
  expect(activity.get()).toMatchObject({ phase: "ready", entries: [] });
});

it("a post that is being begun when its user leaves is given up, and never the next one's", async () => {
  const { memory, newTab } = createBrowser();
  const { activity, wires } = newTab();
  await activity.open("user-1");
  const begun = activity.begin(upload);
  await activity.open("user-2");
  const view = publication("uploading");
  wires[0]?.tell({ status: "uploading", publication: view });
  await expect(begun).rejects.toMatchObject({ name: "AbortError" });
  expect(wires[0]?.goal.signal?.aborted).toBe(true);
  expect(activity.get().entries).toEqual([]);
  expect(memory.all.size).toBe(0);
});

it("a file that is being looked at when its user leaves is not sent", async () => {
  const { backend, newTab } = createBrowser(createBackend([publication("uploading")]));
  const { activity, wires } = newTab();
  await activity.open("user-1");
  const taken = activity.takeUp(publication("uploading"), { file, handle: null });
  backend.views.clear();
  await activity.open("user-2");
  expect(await taken).toBe("busy");
  expect(wires).toEqual([]);
  // Nobody holds on to it either: the first user's other devices and later visits go on with it.
  const other = newTab("user-1").activity;
  await other.open("user-1");
  expect(await other.takeUp(publication("uploading"), { file, handle: null })).toBe("taken");
});

it("an upload under way ends with its user's stay, is remembered for them, and unknown to the next", async () => {
  const { backend, memory, newTab } = createBrowser(createBackend([publication("uploading")]));
  const { activity, wires } = newTab();
  await activity.open("user-1");
  await activity.takeUp(publication("uploading"), { file, handle: null });
  const own = new Map(backend.views);
  backend.views.clear();
  await activity.open("user-2");
  await untilIdle();
  expect(wires[0]?.state().status).toBe("aborted");
  expect(activity.get().entries).toEqual([]);
  expect(memory.all.get(id)?.userId).toBe("user-1");
  for (const [key, view] of own) backend.views.set(key, view);
  await activity.open("user-1");
  await expect.poll(() => activity.get().entries[0]?.source).toBe("none");
});
