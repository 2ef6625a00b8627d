import { describe, expect, it } from "vitest";
import { backtest } from "./backtest.ts";
import type { NodeState } from "./policy.ts";

const HOUR = 3_600_000;
const step = (
  fromMs: number,
  state: NodeState,
  ruleId: string = state,
  exceptionId: string | null = null,
  policyVersion = "strict@2",
) => ({
  ...{ fromMs, state, ruleId, exceptionId, policyVersion },
});

describe("backtest", () => {
  it("counts how often and on which day each rule would have begun to decide", () => {
    const test = backtest();
    const at = Date.parse("2026-02-28T23:00:00.000Z");
    const proposed = [
      step(at, "trusted", "ok"),
      step(at + 2 * HOUR, "failed", "bad"),
      step(at + 3 * HOUR, "failed", "bad"),
    ];
    test.add({ current: [step(at, "trusted", "ok")], proposed, states: 3 });
    const { rules, states, failing } = test.result();
    expect(states).toBe(3);
    expect(failing).toEqual({ both: 0, onlyCurrent: 0, onlyProposed: 1 });
    expect(rules).toEqual([
      {
        policyVersion: "strict@2",
        ruleId: "bad",
        status: "failed",
        fired: 1,
        nodes: 1,
        exempted: 0,
        days: [{ fromMs: Date.parse("2026-03-01"), fired: 1 }],
      },
      {
        policyVersion: "strict@2",
        ruleId: "ok",
        status: "trusted",
        fired: 1,
        nodes: 1,
        exempted: 0,
        days: [{ fromMs: Date.parse("2026-02-28"), fired: 1 }],
      },
    ]);
  });

  it("tells how much earlier or later failures would have been seen", () => {
    const test = backtest();
    for (const [before, after] of [
      [10, 4],
      [10, 10],
      [10, 13],
    ] as const) {
      test.add({
        current: [step(0, "trusted"), step(before, "failed")],
        proposed: [step(0, "trusted"), step(after, "failed")],
        states: 2,
      });
    }
    expect(test.result().detection).toEqual({ earlier: 1, same: 1, later: 1, medianMs: 0 });
  });

  it("counts what people had excepted apart", () => {
    const test = backtest();
    test.add({ current: [], proposed: [step(0, "exempt", "bad", "e1")], states: 1 });
    expect(test.result().rules).toMatchObject([{ ruleId: "bad", fired: 1, exempted: 1 }]);
  });

  it("does not add up rules of two policies that have the same id", () => {
    const test = backtest();
    test.add({ current: [], proposed: [step(0, "failed", "weak")], states: 1 });
    const ofOther = [step(0, "failed", "weak", null, "other@1"), step(HOUR, "failed", "weak")];
    test.add({ current: [], proposed: ofOther, states: 2 });
    expect(test.result().rules).toMatchObject([
      { policyVersion: "strict@2", ruleId: "weak", fired: 2, nodes: 2 },
      { policyVersion: "other@1", ruleId: "weak", fired: 1, nodes: 1 },
    ]);
  });

  it("keeps days in order, whatever the order of nodes", () => {
    const test = backtest();
    for (const hours of [50, 2, 26, 3]) {
      test.add({ current: [], proposed: [step(hours * HOUR, "failed", "r")], states: 1 });
    }
    const day = 24 * HOUR;
    expect(test.result().rules[0]?.days).toEqual([
      { fromMs: 0, fired: 2 },
      { fromMs: day, fired: 1 },
      { fromMs: 2 * day, fired: 1 },
    ]);
  });
});
