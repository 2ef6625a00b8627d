/** Comparing what was decided over some days with what another policy would have decided. Pure. */
import type { DecidedInterval } from "./fuse.ts";

const DAY_MS = 86_400_000;

/** What one rule would have done. Ids of rules are their policy's own, so a rule is named with its policy. */
export type RuleFirings = {
  /** `name@version`. */
  policyVersion: string;
  ruleId: string;
  status: string;
  /** Times that it would have begun to decide about a node. */
  fired: number;
  nodes: number;
  /** Of them, times that a person's exception stood against it. */
  exempted: number;
  /** By UTC day, oldest first; days without one are left out. */
  days: { fromMs: number; fired: number }[];
};

export type Backtest = {
  nodes: number;
  /** Stored states that were replayed. */
  states: number;
  rules: RuleFirings[];
  /** Nodes that fail at some time in the window, by which of the two. */
  failing: { both: number; onlyCurrent: number; onlyProposed: number };
  /** Of nodes that fail by both: how much earlier (negative) or later the proposed one says so first. */
  detection: { earlier: number; same: number; later: number; medianMs: number | null };
};

type Line = readonly Pick<DecidedInterval, "fromMs" | "state" | "policyVersion" | "ruleId" | "exceptionId">[];

/** Gathers nodes one by one; `result` may be asked at any time. */
export function backtest(): {
  add: (node: { current: Line; proposed: Line; states: number }) => void;
  result: () => Backtest;
} {
  const rules = new Map<string, RuleFirings>();
  const total = { nodes: 0, states: 0 };
  const failing = { both: 0, onlyCurrent: 0, onlyProposed: 0 };
  const deltas: number[] = [];
  return {
    add({ current, proposed, states }) {
      total.nodes += 1;
      total.states += states;
      addFirings(rules, proposed);
      const [before, after] = [firstFailure(current), firstFailure(proposed)];
      if (before !== null && after !== null) {
        failing.both += 1;
        deltas.push(after - before);
      } else if (before !== null) failing.onlyCurrent += 1;
      else if (after !== null) failing.onlyProposed += 1;
    },
    result: () => ({
      ...total,
      rules: [...rules]
        .sort(([a, x], [b, y]) => y.fired - x.fired || (a < b ? -1 : 1))
        .map(([, rule]) => rule),
      failing,
      detection: {
        earlier: deltas.filter((ms) => ms < 0).length,
        same: deltas.filter((ms) => ms === 0).length,
        later: deltas.filter((ms) => ms > 0).length,
        medianMs: median(deltas),
      },
    }),
  };
}

/** A rule fires when it begins to decide; that its sentence changes is no new firing. */
function addFirings(rules: Map<string, RuleFirings>, line: Line): void {
  const seen = new Set<string>();
  line.forEach(({ fromMs, state, policyVersion, ruleId, exceptionId }, index) => {
    const previous = line[index - 1];
    const name = `${ruleId} ${policyVersion}`;
    if (previous && `${previous.ruleId} ${previous.policyVersion}` === name && previous.state === state)
      return;
    const key = `${name} ${state === "exempt" ? "" : state}`;
    const known = rules.get(name);
    const rule = known ?? { policyVersion, ruleId, status: state, fired: 0, nodes: 0, exempted: 0, days: [] };
    rules.set(name, rule);
    rule.fired += 1;
    if (!seen.has(key)) rule.nodes += 1;
    seen.add(key);
    if (exceptionId !== null) rule.exempted += 1;
    addDay(rule.days, Math.floor(fromMs / DAY_MS) * DAY_MS);
  });
}

function addDay(days: RuleFirings["days"], dayMs: number): void {
  const at = days.findLastIndex(({ fromMs }) => fromMs <= dayMs);
  const day = days[at];
  if (day?.fromMs === dayMs) day.fired += 1;
  else days.splice(at + 1, 0, { fromMs: dayMs, fired: 1 });
}

const firstFailure = (line: Line) => line.find(({ state }) => state === "failed")?.fromMs ?? null;

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
