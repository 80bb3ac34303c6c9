/** What the page asks when somebody comes back to it. */
import type { Client, MeResponse, SessionResponse } from "@clipcast/client";
import { expect, it } from "vitest";
import { createSession } from "../src/state/session.ts";
import { lookAgain } from "../src/state/sign-in.ts";

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
