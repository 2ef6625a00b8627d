import { expect, test } from "vitest";
import { NODE_SORTS } from "#lib/contracts/node";
import { NODE_SORT_KEYS, queryTokens, statusesOf, withoutToken, withStatuses } from "./node-filter.ts";

test("the sorts are the contract's", () => {
  expect(NODE_SORT_KEYS).toEqual(NODE_SORTS);
});

test("choosing statuses changes that filter and nothing else of the query", () => {
  const q = 'rack7 status:failed source:"Build farm"';
  expect(withStatuses(q, ["stale", "failed"])).toBe('status:stale,failed rack7 source:"Build farm"');
  expect(withStatuses(q, [])).toBe('rack7 source:"Build farm"');
  expect(statusesOf(withStatuses(q, ["stale"]))).toEqual(["stale"]);
  expect(statusesOf('"status:failed"')).toEqual([]);
});

test("parts of a query stay together inside quotes, and each can be taken out", () => {
  const q = '"two words" source:"Build farm"  x';
  expect(queryTokens(q)).toEqual(['"two words"', 'source:"Build farm"', "x"]);
  expect(withoutToken(q, 1)).toBe('"two words" x');
});
