/** What two reports say of the same things: what appeared, what is resolved, what is still open. Pure. */
import type { RowKind, RowVerdict } from "#lib/domain/measure/measure";
import type { ReportMeasure, ReportRow, ReportSnapshot } from "./snapshot.ts";

/** What an auditor would ask about: it was missed, is not over, or nothing was heard. */
const FINDINGS: readonly RowVerdict[] = ["missed", "open", "stale", "not_covered"];

export type Finding = {
  kind: RowKind;
  key: string;
  nodeId: string | null;
  name: string;
  verdict: RowVerdict;
  detail: string;
};

/** How many there are, and the first of them by key. */
export type Findings = { count: number; items: readonly Finding[] };

export type Side = Pick<ReportMeasure, "threshold" | "result" | "totals">;

export type ComparedMeasure = Pick<ReportMeasure, "id" | "title" | "kind" | "unit"> & {
  /** `null` = the report does not have the measure. */
  earlier: Side | null;
  later: Side | null;
  appeared: Findings;
  resolved: Findings;
  stillOpen: Findings;
};

/** Which of two reports tells of the earlier time; of the same time, what was known earlier. */
export function inOrder<T extends Pick<ReportSnapshot, "period" | "knownAt" | "id">>(a: T, b: T): [T, T] {
  const place = ({ period, knownAt, id }: T) => `${period.to} ${knownAt} ${id}`;
  return place(a) <= place(b) ? [a, b] : [b, a];
}

/**
 * Measure by measure, in the order of the later report. A measure that only one of them has is listed, and nothing of
 * it appears or is resolved: what was not asked was not answered.
 *
 * @param limit most things that are named of each kind
 */
export function compareReports(
  earlier: ReportSnapshot,
  later: ReportSnapshot,
  limit: number,
): ComparedMeasure[] {
  const known = new Set(later.measures.map(({ id }) => id));
  const all = [...later.measures, ...earlier.measures.filter(({ id }) => !known.has(id))];
  return all.map(({ id, title, kind, unit }) => {
    const [before, after] = [sideOf(earlier, id), sideOf(later, id)];
    const both = before !== null && after !== null;
    const [old, now] = both ? [findingsOf(earlier, id), findingsOf(later, id)] : [NONE, NONE];
    return {
      ...{ id, title, kind, unit, earlier: before, later: after },
      appeared: first(without(now, old), limit),
      resolved: first(without(old, now), limit),
      stillOpen: first(
        [...now].filter(([key]) => old.has(key)).map(([, finding]) => finding),
        limit,
      ),
    };
  });
}

const NONE: ReadonlyMap<string, Finding> = new Map();

function sideOf({ measures }: ReportSnapshot, id: string): Side | null {
  const found = measures.find((measure) => measure.id === id);
  if (!found) return null;
  const { threshold, result, totals } = found;
  return { threshold, result, totals };
}

/** By what each is about; of several rows about one thing, the worst. */
function findingsOf({ rows }: ReportSnapshot, id: string): ReadonlyMap<string, Finding> {
  const found = new Map<string, Finding>();
  const rank = ({ verdict }: Pick<Finding, "verdict">) => FINDINGS.indexOf(verdict);
  for (const row of rows[id] ?? []) {
    if (!FINDINGS.includes(row.verdict)) continue;
    const key = `${row.kind} ${row.key}`;
    const other = found.get(key);
    if (!other || rank(row) < rank(other)) found.set(key, findingOf(row));
  }
  return found;
}

function findingOf({ kind, key, nodeId, name, verdict, detail }: ReportRow): Finding {
  return { kind, key, nodeId, name, verdict, detail };
}

function without(some: ReadonlyMap<string, Finding>, others: ReadonlyMap<string, Finding>): Finding[] {
  return [...some].filter(([key]) => !others.has(key)).map(([, finding]) => finding);
}

function first(found: readonly Finding[], limit: number): Findings {
  const byKey = [...found].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return { count: found.length, items: byKey.slice(0, limit) };
}
