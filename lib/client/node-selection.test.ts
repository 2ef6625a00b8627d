import { describe, expect, it } from "vitest";
import { extended, type Picked, toggled } from "./node-selection.ts";

const row = (id: string) => ({ id, displayName: `node ${id}` });
const ROWS = ["a", "b", "c", "d"].map(row);
const NONE: Picked = new Map();
const idsOf = (picked: Picked) => [...picked.keys()];

describe("picking nodes", () => {
  it("takes a node in and out, and keeps its name for when its row is gone", () => {
    const one = toggled(NONE, row("a"));
    expect([...one.values()]).toEqual([row("a")]);
    expect(idsOf(toggled(one, row("a")))).toEqual([]);
  });

  it("takes everything between two rows, in either direction, and drops nothing", () => {
    expect(idsOf(extended(NONE, ROWS, "a", 2))).toEqual(["a", "b", "c"]);
    expect(idsOf(extended(NONE, ROWS, "d", 1))).toEqual(["b", "c", "d"]);
    expect(idsOf(extended(toggled(NONE, row("z")), ROWS, "a", 0))).toEqual(["z", "a"]);
  });

  it("takes one row when the other end is not on screen", () => {
    expect(idsOf(extended(NONE, ROWS, "gone", 2))).toEqual(["c"]);
    expect(idsOf(extended(NONE, ROWS, null, 0))).toEqual(["a"]);
  });
});
