/** Reading which period, which knowledge and which nodes a question about compliance is about. */
import type { MeasureWindow } from "#db/queries/measure-sql";
import type { PeriodView } from "#lib/contracts/compliance";
import { parseNodeQuery } from "#lib/domain/node-query";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { timePoint } from "#lib/services/time-point";

export type AskedPeriod = { window: MeasureWindow; view: PeriodView };

/** Longest period that is computed at once. */
const LONGEST_MS = 1_100 * 86_400_000;

/**
 * The period that a query asks about, ended now at the latest.
 *
 * @throws {ProblemError} `request/invalid` for an empty period, one that nothing is known about yet, or a query
 *   that asks for more than labels
 */
export function askedPeriod(
  ctx: Pick<ServiceContext, "now">,
  query: { from: string; to: string; q: string; knownAt?: string | undefined },
): AskedPeriod {
  const { knownAt, now, used } = timePoint(ctx, { knownAt: query.knownAt });
  const from = new Date(query.from);
  const latest = knownAt ?? now;
  const to = new Date(Math.min(Date.parse(query.to), latest.getTime()));
  if (from >= to) {
    throw refusal("from", "The period must begin before it ends, and before what is known ends.");
  }
  if (to.getTime() - from.getTime() > LONGEST_MS)
    throw refusal("from", "The period is longer than three years.");
  return {
    window: { from, to, knownAt, now, labels: labelsAsked(query.q) },
    view: { from: from.toISOString(), to: to.toISOString(), knownAt: used.knownAt, q: query.q },
  };
}

/** The period of the same length right before. */
export function periodBefore(window: MeasureWindow): MeasureWindow {
  const lengthMs = window.to.getTime() - window.from.getTime();
  return { ...window, from: new Date(window.from.getTime() - lengthMs), to: window.from };
}

/**
 * Only labels choose who counts: choosing by what is measured would make any figure good.
 *
 * @throws {ProblemError} `request/invalid` for a query that asks for more than labels
 */
export function labelsAsked(q: string): MeasureWindow["labels"] {
  const parsed = parseNodeQuery(q);
  if (!parsed.ok) throw refusal("q", parsed.detail);
  const { words, statuses, lifecycle, sources, coverage, labels } = parsed.query;
  if (words.length > 0 || statuses || lifecycle || sources || coverage) {
    throw refusal("q", "Only labels choose which nodes count, for example label:role=gpu.");
  }
  return labels ?? [];
}

function refusal(name: string, detail: string): ProblemError {
  return new ProblemError("request/invalid", `#/query/${name}: ${detail}`, {
    pointers: [{ pointer: `#/query/${name}`, detail }],
  });
}
