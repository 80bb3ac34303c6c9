/**
 * Point 3 of TikTok's content sharing guidelines, disclosure of commercial content, and the declarations of point 4
 * (https://developers.tiktok.com/doc/content-sharing-guidelines). Prompts, declarations and reasons are prescribed to the
 * letter. The other points are in checklist.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createForms, opacityOf, tooltip } from "./form.ts";
import { choosePrivacy, postButton, privacyMenu, type Stage, startStage } from "./stage.ts";
import { stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

const music = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en";
const policy = "https://www.tiktok.com/legal/page/global/bc-policy/en";
const privateExcuse = "Branded content visibility cannot be set to private.";
const undecided = "You need to indicate if your content promotes yourself, a third party, or both.";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());
const { open } = createForms(() => stage);

describe("point 3: disclosure of commercial content", () => {
  it("3a the toggle is off, and nothing is asked or said until it is on", async () => {
    const { page } = await open();
    const toggle = page.getByRole("switch", { name: "Disclose commercial content" });
    expect(await toggle.isChecked()).toBe(false);
    expect(await page.getByRole("checkbox", { name: "Your brand" }).count()).toBe(0);
    expect(await page.getByText("will be labeled as").count()).toBe(0);
    await toggle.check();
    expect(await page.getByRole("checkbox", { name: "Your brand" }).isChecked()).toBe(false);
    expect(await page.getByRole("checkbox", { name: "Branded content" }).isChecked()).toBe(false);
    expect(await page.getByText("will be labeled as").count()).toBe(0);
  });

  it("3a without a choice the button is disabled, and says why on hover and on focus", async () => {
    const { page } = await open();
    await choosePrivacy(page, "Everyone");
    await page.locator('button[type=submit][aria-disabled="false"]').waitFor();
    await page.getByRole("switch", { name: "Disclose commercial content" }).check();
    const button = postButton(page);
    expect(await button.getAttribute("aria-disabled")).toBe("true");
    const words = tooltip(page, undecided);
    expect(await opacityOf(words)).toBe(0);
    await button.hover();
    await expect.poll(() => opacityOf(words)).toBe(1);
    await page.mouse.move(0, 0);
    await expect.poll(() => opacityOf(words)).toBe(0);
    await button.focus();
    await expect.poll(() => opacityOf(words)).toBe(1);
    const described = await button.getAttribute("aria-describedby");
    expect(await page.locator(`[id="${described}"]`).textContent()).toBe(undecided);
    // Neither a click nor the return key gets past it.
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.keyboard.press("Enter");
    await button.click({ force: true });
    expect(requests.filter((url) => url.includes("upload-init"))).toEqual([]);
  });

  it.each<[string[], string, string, string[]]>([
    [
      ["Your brand"],
      "Your video will be labeled as 'Promotional content'",
      "By posting, you agree to TikTok's Music Usage Confirmation",
      [music],
    ],
    [
      ["Branded content"],
      "Your video will be labeled as 'Paid partnership'",
      "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation",
      [policy, music],
    ],
    [
      ["Your brand", "Branded content"],
      "Your video will be labeled as 'Paid partnership'",
      "By posting, you agree to TikTok's Branded Content Policy and Music Usage Confirmation",
      [policy, music],
    ],
  ])("3a, 4 %j: prompt, declaration and links", async (ticked, prompt, declaration, hrefs) => {
    const { page } = await open();
    await page.getByRole("switch", { name: "Disclose commercial content" }).check();
    for (const name of ticked) await page.getByRole("checkbox", { name }).check();
    await page.getByText(prompt, { exact: true }).waitFor();
    const paragraph = page.getByText("By posting, you agree to TikTok's");
    expect(await paragraph.textContent()).toBe(declaration);
    const links = await paragraph.getByRole("link").all();
    expect(await Promise.all(links.map((link) => link.getAttribute("href")))).toEqual(hrefs);
  });

  it("3b branded first: “only me” cannot be chosen, and says why on hover and to the keyboard", async () => {
    const { page } = await open();
    await page.getByRole("switch", { name: "Disclose commercial content" }).check();
    await page.getByRole("checkbox", { name: "Branded content" }).check();
    await privacyMenu(page).click();
    const onlyMe = page.getByRole("option", { name: "Only me" });
    expect(await onlyMe.getAttribute("aria-disabled")).toBe("true");
    const words = onlyMe.getByText(privateExcuse);
    expect(await opacityOf(words)).toBe(0);
    await onlyMe.hover();
    await expect.poll(() => opacityOf(words)).toBe(1);
    await onlyMe.click({ force: true });
    expect(await privacyMenu(page).textContent()).toBe("Choose who can view it");

    await page.keyboard.press("Home");
    await expect.poll(() => opacityOf(words)).toBe(0);
    await page.keyboard.press("End");
    await expect.poll(() => opacityOf(words)).toBe(1);
    expect(await onlyMe.getAttribute("aria-describedby")).toBe(await words.getAttribute("id"));
    await page.keyboard.press("Enter");
    expect(await privacyMenu(page).textContent()).toBe("Choose who can view it");
  });

  it("3b “only me” first: branded content cannot be ticked, and says why", async () => {
    const { page } = await open();
    await choosePrivacy(page, "Only me");
    await page.getByRole("switch", { name: "Disclose commercial content" }).check();
    const branded = page.getByRole("checkbox", { name: "Branded content" });
    expect(await branded.isDisabled()).toBe(true);
    await page.getByText("Branded content cannot be private.").waitFor();
    await choosePrivacy(page, "Everyone");
    expect(await branded.isDisabled()).toBe(false);
  });
});
