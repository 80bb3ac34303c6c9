/**
 * Tests of the post form begin signed in, with a video chosen. Each creator goes through TikTok's login once; later
 * visitors get the cookies of that visit and nothing else.
 */
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { builtInVideo } from "../../src/demo/video.ts";
import { connect, type Stage } from "./stage.ts";
import { newVisitor, type Visitor } from "./visitor.ts";

type Cookies = Exclude<BrowserContextOptions["storageState"], string | undefined>;

export function createForms(stage: () => Stage) {
  const cookiesByCreator = new Map<string, Cookies>();
  const visit = async (creator = "demo.creator"): Promise<Visitor> => {
    const known = cookiesByCreator.get(creator);
    const visitor = await newVisitor(stage(), known === undefined ? {} : { storageState: known });
    if (known === undefined) {
      await connect(stage(), visitor.page, creator);
      cookiesByCreator.set(creator, await visitor.context.storageState());
    } else {
      await visitor.page.goto(stage().host.url);
      await visitor.page.getByRole("heading", { name: "Post a video" }).waitFor();
    }
    return visitor;
  };
  /** With the form in front of it, of an account that can post. */
  const open = async (creator?: string, path = builtInVideo): Promise<Visitor> => {
    const visitor = await visit(creator);
    await choose(visitor.page, path);
    await visitor.page.getByLabel("Caption").waitFor();
    return visitor;
  };
  return { visit, open };
}

export async function choose(page: Page, ...paths: string[]): Promise<void> {
  await page.getByLabel("Video file").setInputFiles(paths);
}

/** A creator's own doing in the TikTok app. */
export async function changeCreator(
  stage: Stage,
  username: string,
  change: Record<string, unknown>,
): Promise<void> {
  await control(stage, "POST", "creators", { username, ...change });
}

export async function control(
  stage: Stage,
  method: "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<void> {
  const answer = await fetch(`${stage.host.sandboxUrl}/sandbox/api/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status} to ${path}.`);
}

export function tooltip(page: Page, text: string): Locator {
  return page.getByRole("tooltip", { name: text });
}

/** As a creator sees it: an element may be there and see-through. */
export async function opacityOf(target: Locator): Promise<number> {
  return target.evaluate((element) => Number(getComputedStyle(element).opacity));
}
