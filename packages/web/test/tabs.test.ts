/** Two tabs of one browser: one uploads, the other shows it and goes on when the first closes. */
import { describe, expect, it } from "vitest";
import { createBackend, createBrowser, file, publication, upload } from "./browser.ts";

const id = "publication-1";

async function twoTabs() {
  const browser = createBrowser();
  const first = browser.newTab();
  await first.open();
  const begun = first.activity.begin(upload);
  const view = publication("uploading");
  browser.backend.views.set(id, view);
  first.wires[0]?.tell({ status: "uploading", publication: view });
  await begun;
  const second = browser.newTab();
  await second.open();
  await expect.poll(() => second.entry()?.upload?.status).toBe("uploading");
  return { ...browser, first, second };
}

describe("a second tab", () => {
  it("shows the progress of the first, and sends nothing", async () => {
    const { first, second } = await twoTabs();
    expect(second.entry()?.holder).toBe("elsewhere");
    const progress = { sentBytes: 7, confirmedBytes: 5, totalBytes: 10, resentBytes: 0 };
    first.wires[0]?.tell({ progress: { ...progress, bytesPerSecond: 1, secondsLeft: 3 } });
    await expect.poll(() => second.entry()?.upload?.sentBytes).toBe(7);
    expect(second.wires).toEqual([]);
    expect(first.entry()?.holder).toBe("here");
  });

  it("goes on with the file of the first when that closes, without asking for it", async () => {
    const { first, second } = await twoTabs();
    first.close();
    await expect.poll(() => second.wires.length).toBe(1);
    expect(second.wires[0]?.goal).toMatchObject({ publicationId: id });
    expect(second.wires[0]?.file).toMatchObject({ name: file.name, size: file.size });
    expect(second.entry()?.holder).toBe("here");
  });

  it("does not go on when that lets go because its user has signed out, and asks for nothing of theirs", async () => {
    const { backend, locks, first, second } = await twoTabs();
    const asked: string[] = [];
    backend.api.status = async (publicationId) => {
      asked.push(publicationId);
      return publication("uploading");
    };
    backend.present.session = { isSignedIn: false, hasExpired: true };
    first.close();
    // Whoever asks last gets it last.
    await locks.request(`clipcast upload ${id}`, () => {});
    expect(second.wires).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("does not go on when storage has everything", async () => {
    const { backend, first, second } = await twoTabs();
    backend.views.set(id, publication("published"));
    first.wires[0]?.finish(publication("queued"));
    await expect.poll(() => second.entry()?.view.status).toBe("published");
    await expect.poll(() => second.entry()?.holder).toBeNull();
    expect(second.wires).toEqual([]);
  });

  it("pauses and resumes the upload of the first, and keeps a pause when it takes over", async () => {
    const { first, second } = await twoTabs();
    second.activity.pause(id);
    await expect.poll(() => second.entry()?.upload?.status).toBe("paused");
    expect(first.wires[0]?.state().status).toBe("paused");
    second.activity.resume(id);
    await expect.poll(() => second.entry()?.upload?.status).toBe("uploading");
    second.activity.pause(id);
    await expect.poll(() => first.wires[0]?.state().status).toBe("paused");
    first.close();
    await expect.poll(() => second.entry()?.holder).toBe("here");
    expect(second.wires[0]?.state().status).toBe("paused");
  });

  it("cancels what the first uploads", async () => {
    const { first, second } = await twoTabs();
    await second.activity.cancel(id);
    await expect.poll(() => first.entry()?.view.status).toBe("cancelled");
    await expect.poll(() => first.entry()?.holder).toBeNull();
    expect(first.wires[0]?.state().status).toBe("aborted");
  });

  it("shows what the first begins, at once", async () => {
    const browser = createBrowser();
    const [first, second] = [browser.newTab(), browser.newTab()];
    await first.open();
    await second.open();
    const begun = first.activity.begin(upload);
    const view = publication("uploading");
    browser.backend.views.set(id, view);
    first.wires[0]?.tell({ status: "uploading", publication: view });
    await begun;
    await expect.poll(() => second.entry()?.holder).toBe("elsewhere");
    expect(second.entry()?.isListed).toBe(true);
  });

  it("of another user hears nothing", async () => {
    const browser = createBrowser(createBackend([publication("uploading")]));
    const [first, second] = [browser.newTab("user-1"), browser.newTab("user-2")];
    await second.open();
    await first.open();
    const view = publication("uploading");
    await first.activity.takeUp(view, { file, handle: null });
    first.wires[0]?.tell({ status: "uploading" });
    await expect.poll(() => first.entry()?.holder).toBe("here");
    expect(second.entry()?.upload).toBeNull();
  });
});

it("two tabs that are asked at once send it once", async () => {
  const view = publication("uploading");
  const browser = createBrowser(createBackend([view]));
  const [first, second] = [browser.newTab(), browser.newTab()];
  await Promise.all([first.open(), second.open()]);
  const answers = await Promise.all([
    first.activity.takeUp(view, { file, handle: null }),
    second.activity.takeUp(view, { file, handle: null }),
  ]);
  expect(answers.sort()).toEqual(["busy", "taken"]);
  expect([...first.wires, ...second.wires]).toHaveLength(1);
});
