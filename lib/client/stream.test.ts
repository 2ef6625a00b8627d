import { expect, test } from "vitest";
import { CHANGE_TOPICS } from "#lib/domain/change-topic";
import { parseHint } from "./stream.ts";

test("a hint names topics and nodes; what is unknown in it is left out", () => {
  expect(parseHint('{"topics":["fleet","moon"],"nodes":["a",1]}')).toEqual({
    topics: ["fleet"],
    nodes: ["a"],
  });
});

test("a hint that cannot be read means that anything may have changed", () => {
  for (const data of ["", "null", "{", '{"nodes":"a"}']) {
    expect(parseHint(data)).toEqual({ topics: CHANGE_TOPICS, nodes: [] });
  }
});
