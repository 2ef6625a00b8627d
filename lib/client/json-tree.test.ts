import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { searchTree, treeRows } from "./json-tree.ts";

describe("treeRows", () => {
  test("opened wholly, shows every value once under a path of its own", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const rows = treeRows(value, () => true);
        expect(new Set(rows.map(({ path }) => path)).size).toBe(rows.length);
        expect(rows.reduce((sum, { size }) => sum + size, 0)).toBe(rows.length - 1);
      }),
    );
  });

  test("closed, shows only the root", () => {
    expect(treeRows({ a: { b: 1 } }, () => false)).toHaveLength(1);
  });
});

describe("searchTree", () => {
  test("finds names and values and opens the way to them", () => {
    const value = { ear: { status: "affirming", vector: { hardware: 97 } }, note: "x" };
    const found = searchTree(value, "97");
    expect([...(found?.hits ?? [])]).toEqual(["/ear/vector/hardware"]);
    expect(found?.open).toEqual(new Set(["", "/ear", "/ear/vector"]));
    expect(searchTree(value, "  ")).toBeNull();
    expect(searchTree(value, "absent")?.hits.size).toBe(0);
  });
});
