/** What rows add up to, and whether that is good enough: a second implementation, with limits of its own. */

export type Verdict = "met" | "missed" | "stale" | "not_covered" | "open";

/** `value` in milliseconds; `null` = the row has no length. */
export type Row = { verdict: Verdict; weight: number; value: number | null };

/** What a measure is made of. `basis` = how much was looked at; without it as much as there are rows. */
export type Rows = { rows: readonly Row[]; basis?: number };

export const row = (verdict: Verdict, value: number | null = null): Row => ({ verdict, weight: 1, value });

const HOUR = 3_600_000;

/** By what each measure is judged; `limit: null` = nobody judges it. */
type Rule = { kind: "share" | "none" | "duration"; limit: number | null };
const share = (limit: number | null): Rule => ({ kind: "share", limit });
const none: Rule = { kind: "none", limit: 0 };
const duration = (limit: number | null): Rule => ({ kind: "duration", limit });

const RULES: Readonly<Record<string, Rule>> = {
  M01: share(1),
  M02: share(0.99),
  M03: none,
  M04: share(1),
  M05: share(1),
  M06: share(1),
  M07: share(1),
  M08: duration(24 * HOUR),
  M09: none,
  M10: share(1),
  M11: share(0.95),
  M12: duration(24 * HOUR),
  M13: share(1),
  M14: none,
  M15: share(1),
  M16: none,
  M17: none,
  M18: none,
  M19: none,
  M20: share(0.99),
  M21: share(1),
  M22: share(0.95),
  M23: share(0.95),
  M24: none,
  M25: share(1),
  "evidence-age": duration(null),
  acknowledge: duration(null),
  contain: duration(null),
  redrift: share(null),
  "exception-debt": duration(null),
  enrolment: share(null),
  "time-to-trust": duration(null),
};

function ruleOf(id: string): Rule {
  const rule = RULES[id];
  if (!rule) throw new Error(`There is no second implementation of ${id}.`);
  return rule;
}

/** The value that a part `q` of all does not exceed: count up until enough of them are passed. */
function quantile(sorted: readonly number[], q: number): number | null {
  return sorted.find((_, index) => index + 1 >= q * sorted.length) ?? null;
}

export type Sums = ReturnType<typeof sumsOf>;

export function sumsOf(id: string, { rows, basis = rows.length }: Rows) {
  const { kind, limit } = ruleOf(id);
  const weigh = (verdict: Verdict) =>
    rows.reduce((sum, one) => (one.verdict === verdict ? sum + one.weight : sum), 0);
  const open = rows.filter(({ verdict }) => verdict === "open");
  const lengths = rows
    .flatMap(({ verdict, value }) => (verdict === "open" || value === null ? [] : value))
    .sort((a, b) => a - b);
  const [met, missed, stale, notCovered] = [
    weigh("met"),
    weigh("missed"),
    weigh("stale"),
    weigh("not_covered"),
  ];
  const denominator = met + missed + stale + notCovered;
  return {
    ...{ met, missed, stale, notCovered, exempt: 0 },
    open: open.length,
    openOver: open.filter(({ value }) => kind === "duration" && limit !== null && (value ?? 0) > limit)
      .length,
    n: lengths.length,
    p50: quantile(lengths, 0.5),
    p90: quantile(lengths, 0.9),
    p95: quantile(lengths, 0.95),
    basis,
    denominator,
    ratio: kind === "share" && denominator > 0 ? met / denominator : null,
  };
}

/** `null` = there is data and nobody judges it. */
export function verdictOf(id: string, sums: Sums): string | null {
  const { kind, limit } = ruleOf(id);
  const data = {
    share: sums.denominator - sums.notCovered > 0,
    none: sums.basis > 0,
    duration: sums.n + sums.openOver > 0,
  };
  if (!data[kind]) return "no_data";
  if (limit === null) return null;
  const good = {
    share: sums.met >= limit * sums.denominator,
    none: sums.missed <= limit,
    duration: sums.openOver === 0 && (sums.p95 ?? 0) <= limit,
  };
  return good[kind] ? "satisfied" : "not_satisfied";
}
