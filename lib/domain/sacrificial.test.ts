import { describe, expect, it } from "vitest";
import { drillChecks } from "./sacrificial.ts";

const START = Date.parse("2026-11-28T12:00:00.000Z");
const node = { nodeId: "n", name: "w1", quorum: null };
const mark = { id: "m", nodeId: "n", expiresMs: START + 1 };

describe("what a recipe may be drilled on", () => {
  it.each([
    [
      "a node that is marked",
      [node],
      [mark],
      true,
      "w1 is marked as sacrificial until 2026-11-28T12:00:00.001Z.",
    ],
    ["a node that is not", [node], [{ ...mark, nodeId: "other" }], false, "w1 is not marked as sacrificial."],
    [
      "a node whose mark is over when it would be begun",
      [node],
      [{ ...mark, expiresMs: START }],
      false,
      "The mark of w1 ends at 2026-11-28T12:00:00.000Z, before it would be begun.",
    ],
    [
      "a node that serves a quorum, marked or not",
      [{ ...node, quorum: "the control plane of one" }],
      [mark],
      false,
      "w1 serves the control plane of one: no recipe is drilled on it.",
    ],
  ])("%s", (_, nodes, marks, ok, sentence) => {
    expect(drillChecks(nodes, marks, START)).toEqual([
      { rule: "drill/sacrificial", source: "fleet", about: "w1", blocking: true, ok, sentence },
    ]);
  });

  it("is asked of each node by itself", () => {
    const other = { ...node, nodeId: "o", name: "w2" };
    expect(drillChecks([node, other], [mark], START).map(({ ok }) => ok)).toEqual([true, false]);
  });
});
