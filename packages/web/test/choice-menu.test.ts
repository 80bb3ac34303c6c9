/** Where keys lead in the drop-down: to excluded choices too, so that their reason can be heard, and never to a choice by accident. */
import { expect, it } from "vitest";
import { nextActive } from "../src/components/choice-menu.tsx";

const choices = [
  { value: "all", name: "Everyone", excuse: null },
  { value: "friends", name: "Friends", excuse: null },
  { value: "me", name: "Only me", excuse: "No." },
];

it.each<[string, number | null, ReturnType<typeof nextActive>]>([
  ["ArrowDown", null, "open"],
  ["Enter", null, "open"],
  [" ", null, "open"],
  ["Tab", null, "unknown"],
  ["o", null, "unknown"],
  ["ArrowDown", 0, 1],
  ["ArrowDown", 1, 2],
  ["ArrowDown", 2, 2],
  ["ArrowUp", 0, 0],
  ["End", 0, 2],
  ["Home", 2, 0],
  ["o", 0, 2],
  ["z", 0, "unknown"],
  ["Shift", 0, "unknown"],
  ["Enter", 1, "choose"],
  [" ", 1, "choose"],
  ["Escape", 1, null],
  ["Tab", 1, null],
])("%s at %s leads to %s", (key, active, next) => {
  expect(nextActive(key, active, choices)).toBe(next);
});
