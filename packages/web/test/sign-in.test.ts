/** What the page asks when somebody comes back to it, and what its tabs tell each other of who is there. */
import type { Client, MeResponse, SessionResponse } from "@clipcast/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSession } from "../src/state/session.ts";
import { linkTabs, lookAgain } from "../src/state/sign-in.ts";
import { createTabs } from "../src/state/tabs.ts";

const me = { userId: "user-1", accounts: [] } as unknown as MeResponse;
const here: SessionResponse = { isSignedIn: true, me };

function createPage() {
  const asked: string[] = [];
  const backend: { answer: SessionResponse | Error } = { answer: here };
  const api = {
    session: async () => {
      asked.push("who is there");
      if (backend.answer instanceof Error) throw backend.answer;
      return backend.answer;
    },
  };
  const session = createSession({ api } as Pick<Client, "api">);
  const refresh = async () => void asked.push("what is new");
  return { asked, backend, session, comeBack: () => lookAgain(session, { refresh }) };
}

it("asks who is there, and then what is new", async () => {
  const { asked, comeBack } = createPage();
  await comeBack();
  expect(asked).toEqual(["who is there", "what is new"]);
});

it("asks for nothing that a session which has ended would be refused", async () => {
  const { asked, backend, session, comeBack } = createPage();
  await session.load();
  backend.answer = { isSignedIn: false, hasExpired: true };
  await comeBack();
  expect(asked).toEqual(["who is there", "who is there"]);
  expect(session.get()).toEqual({ type: "signed_in", me, hasExpired: true });
  backend.answer = here;
  await comeBack();
  expect(asked.at(-1)).toBe("what is new");
});

it("looks all the same when nobody answers: uploads that failed are tried again", async () => {
  const { asked, backend, session, comeBack } = createPage();
  await session.load();
  backend.answer = new Error("No line.");
  await comeBack();
  expect(asked.at(-1)).toBe("what is new");
});

describe("signing out by hand", () => {
  const nobody: SessionResponse = { isSignedIn: false, hasExpired: false };

  /** Tabs of one browser: one cookie, and so one answer for all of them. */
  function createTabsOfOneBrowser() {
    const name = crypto.randomUUID();
    const cookie = { session: here };
    const heard: string[] = [];
    const open = () => {
      const channel = new BroadcastChannel(name);
      onTestFinished(() => channel.close());
      return createTabs(channel);
    };
    const tabs = open();
    tabs.subscribe(({ type }) => heard.push(type));
    const newTab = (answer = async () => cookie.session) => {
      const asked: string[] = [];
      const api = {
        session: () => {
          asked.push("who is there");
          return answer();
        },
        logout: async () => {
          cookie.session = nobody;
        },
      };
      const session = createSession({ api } as Pick<Client, "api">);
      linkTabs(session, open());
      return { asked, session };
    };
    return { cookie, heard, tabs, newTab };
  }

  it("is heard by the other tabs, which show it without asking", async () => {
    const { newTab } = createTabsOfOneBrowser();
    const [one, two] = [newTab(), newTab()];
    await Promise.all([one.session.load(), two.session.load()]);
    await expect.poll(() => two.asked.length).toBe(1);
    await one.session.signOut();
    await expect.poll(() => two.session.get().type).toBe("signed_out");
    expect(two.session.get()).toEqual({ type: "signed_out", hasExpired: false });
    expect(two.asked).toHaveLength(1);
  });

  it("takes along what a session that ran out has left standing", async () => {
    const { newTab } = createTabsOfOneBrowser();
    const [one, two] = [newTab(), newTab()];
    await Promise.all([one.session.load(), two.session.load()]);
    one.session.lose();
    two.session.lose();
    await one.session.signOut();
    await expect.poll(() => two.session.get().type).toBe("signed_out");
  });

  it("is said once: an echo would meet whoever signs in next", async () => {
    const { cookie, newTab, heard } = createTabsOfOneBrowser();
    const tabs = [newTab(), newTab(), newTab()];
    for (const { session } of tabs) await session.load();
    await expect.poll(() => heard.length).toBe(3);
    await tabs[0]?.session.signOut();
    cookie.session = here;
    await tabs[0]?.session.load();
    // Each of the three has been signed out, and says that it is back; all that it said before has been heard then.
    await expect.poll(() => heard.filter((type) => type === "signed_in").length).toBe(6);
    expect(heard.filter((type) => type === "signed_out")).toHaveLength(1);
    for (const { session } of tabs) expect(session.get()).toMatchObject({ me, hasExpired: false });
  });

  it("is not undone by an answer from before", async () => {
    const { newTab } = createTabsOfOneBrowser();
    const late = Promise.withResolvers<SessionResponse>();
    const one = newTab(() => late.promise);
    const asked = one.session.load();
    await one.session.signOut();
    late.resolve(here);
    await asked;
    expect(one.session.get()).toEqual({ type: "signed_out", hasExpired: false });
    one.session.lose();
    expect(one.session.get()).toEqual({ type: "signed_out", hasExpired: false });
  });

  it("of somebody else than is shown makes a tab ask who is there", async () => {
    const { cookie, newTab, tabs } = createTabsOfOneBrowser();
    const { session } = newTab();
    await session.load();
    cookie.session = nobody;
    tabs.post({ type: "signed_out", userId: "user-2" });
    await expect.poll(() => session.get()).toEqual({ type: "signed_in", me, hasExpired: true });
  });
});
