/** Reading which period, which knowledge and which nodes a question about compliance is about. */
import type { MeasureWindow } from "#db/queries/measure-sql";
import type { PeriodView } from "#lib/contracts/compliance";
import { parseNodeQuery } from "#lib/domain/node-query";
import { ProblemError } from "#lib/domain/problems";
import { liesIn } from "#lib/domain/review";
import type { ServiceContext } from "#lib/services/context";
import { requireInReview, reviewScope } from "#lib/services/guard";
import { timePoint } from "#lib/services/time-point";

export type AskedPeriod = { window: MeasureWindow; view: PeriodView };

/** A period that the caller may look at, and where. */
export type ReadPeriod = AskedPeriod & {
  scope: readonly string[];
  /** The period of the same length right before; `null` when a review does not reach that far. */
  before: MeasureWindow | null;
};

/**
 * The period that the caller asks about, if it may.
 *
 * @throws {ProblemError} `auth/forbidden`; `auth/outside-review` for a period that is not part of the caller's review;
 *   `request/invalid` as {@link askedPeriod}
 */
export function readPeriod(ctx: ServiceContext, query: PeriodQuery): ReadPeriod {
  const { scope, review } = reviewScope(ctx, "compliance:read");
  const asked = askedPeriod(ctx, query);
  requireInReview(review, stretchOf(asked.window));
  const before = periodBefore(asked.window);
  return { ...asked, scope, before: liesIn(review, stretchOf(before)) ? before : null };
}

const stretchOf = ({ from, to }: MeasureWindow) => ({ fromMs: from.getTime(), toMs: to.getTime() });

type PeriodQuery = { from: string; to: string; q: string; knownAt?: string | undefined };

/** Longest period that is computed at once. */
const LONGEST_MS = 1_100 * 86_400_000;

/**
 * The period that a query asks about, ended now at the latest.
 *
 * @throws {ProblemError} `request/invalid` for an empty period, one that nothing is known about yet, or a query
 *   that asks for more than labels
 */
export function askedPeriod(ctx: Pick<ServiceContext, "now">, query: PeriodQuery): AskedPeriod {
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
