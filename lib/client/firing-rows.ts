/** How often each rule fired, as rows of days. */

const DAY_MS = 86_400_000;

/** One UTC day; every rule has a value there, 0 where it did not fire. */
export type FiringRow = { day: string; values: Readonly<Record<string, number>> };

/** Every UTC day that a stretch of time touches, oldest first, as `YYYY-MM-DD`. */
export function daysBetween(from: string, to: string): string[] {
  const first = Math.floor(Date.parse(from) / DAY_MS);
  const last = Math.floor(Date.parse(to) / DAY_MS);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    new Date((first + index) * DAY_MS).toISOString().slice(0, 10),
  );
}

type Rule = { policyVersion: string; ruleId: string };

/** A rule as columns and strips are keyed by it. */
export const firingKey = ({ policyVersion, ruleId }: Rule) => `${ruleId} ${policyVersion}`;

/** A rule's name among others: its id alone, unless a rule of another policy has the same. */
export function firingName(rule: Rule, among: readonly Rule[]): string {
  const alone = among.filter(({ ruleId }) => ruleId === rule.ruleId).length < 2;
  return alone ? rule.ruleId : `${rule.ruleId} (${rule.policyVersion})`;
}

/** @returns values by {@link firingKey} */
export function firingRows(
  rules: readonly (Rule & { days: readonly { day: string; fired: number }[] })[],
  days: readonly string[],
): FiringRow[] {
  const fired = new Map(
    rules.map((rule) => [firingKey(rule), new Map(rule.days.map((one) => [one.day, one.fired]))]),
  );
  return days.map((day) => ({
    day,
    values: Object.fromEntries([...fired].map(([key, byDay]) => [key, byDay.get(day) ?? 0])),
  }));
}

/** The most firings of one day, which the full height of a strip stands for; at least 1. */
export function mostOf(rows: readonly FiringRow[], key: string): number {
  return rows.reduce((most, { values }) => Math.max(most, values[key] ?? 0), 1);
}
