/** A node's history between two instants, as believed now or as known at an earlier one. */
import { bootstrapEventsBetween } from "#db/queries/bootstrap-event";
import { type IntervalRow, intervalList, nodeEarliest, timelineCut } from "#db/queries/interval";
import { type TransitionRow, transitionList } from "#db/queries/lifecycle";
import { type DistrustedStretch, distrustedStretches } from "#db/queries/rederivation";
import type { IntervalView, LifecycleStay, Timeline, TimelineLane, TimelineQuery } from "#lib/contracts/node";
import { INITIAL_STATE, type LifecycleState } from "#lib/domain/lifecycle-table";
import { ProblemError } from "#lib/domain/problems";
import { laneLabel, SILENT_REASON, silenceOf, staleAtMs } from "#lib/domain/silence";
import type { LaneState, TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { iso, isoOrNull } from "#lib/services/instant";
import { timePoint } from "#lib/services/time-point";
import { eventView } from "./event-view.ts";
import { visibleNode } from "./find.ts";

/** Most intervals and events of one answer; beyond it the oldest are left out, of all lanes alike. */
const MAX_ROWS = 2_000;

/**
 * All lines of a node within a window: its own first, then one per lane.
 *
 * @throws {ProblemError} `node/not-found`; `request/invalid` when the window is empty or runs backwards, or
 *   nothing is known yet
 */
export async function nodeTimeline(
  ctx: ServiceContext,
  query: TimelineQuery & { nodeId: string },
): Promise<Timeline> {
  const scope = readScope(ctx, "fleet:read");
  const { nodeId } = query;
  const [from, to] = [new Date(query.from), new Date(query.to)];
  if (from >= to) {
    throw new ProblemError("request/invalid", "The window must end after it begins.", {
      pointers: [{ pointer: "#/query/to", detail: "Must be later than from." }],
    });
  }
  const { knownAt, now, used } = timePoint(ctx, { knownAt: query.knownAt });
  const node = await visibleNode(ctx, scope, nodeId);
  const window = { nodeId, to, knownAt };
  const cut = await timelineCut(ctx.db, scope, { ...window, from, limit: MAX_ROWS });
  const completeFrom = cut ?? from;
  const rows = await intervalList(ctx.db, scope, { ...window, now, from: completeFrom });
  const events = await bootstrapEventsBetween(ctx.db, scope, {
    ...window,
    from: completeFrom,
    limit: MAX_ROWS + 1,
  });
  const transitions = await transitionList(ctx.db, scope, {
    nodeId,
    until: to,
    knownAt,
    limit: MAX_ROWS,
  });
  const earliest = await nodeEarliest(ctx.db, scope, { nodeId, knownAt });
  const earliestMs = Math.min(earliest ?? node.createdAt, node.createdAt);
  return {
    nodeId,
    from: query.from,
    to: query.to,
    earliest: iso(earliestMs),
    knownAt: used.knownAt,
    lanes: lanesOf(rows, {
      judgedMs: (knownAt ?? now).getTime(),
      toMs: to.getTime(),
    }),
    events: events.map(eventView),
    lifecycle: staysOf(transitions, earliestMs).filter(
      (stay) => stay.to === null || Date.parse(stay.to) > completeFrom.getTime(),
    ),
    distrusted: (await distrustedStretches(ctx.db, scope, { nodeId, knownAt })).map(distrustedView),
    completeFrom: iso(completeFrom.getTime()),
  };
}

/** Transitions, newest first, as stays, oldest first; the life begins when the node was first seen. */
function staysOf(transitions: readonly TransitionRow[], firstSeenMs: number): LifecycleStay[] {
  const begun: LifecycleStay = {
    state: INITIAL_STATE,
    from: iso(firstSeenMs),
    to: null,
    rule: null,
    event: null,
    recordedAt: iso(firstSeenMs),
    refused: 0,
  };
  const stays = [begun];
  for (const row of transitions.toReversed()) {
    const open = stays.at(-1) ?? begun;
    if (row.outcome === "refused") {
      open.refused += 1;
      continue;
    }
    open.to = iso(row.at);
    stays.push({
      state: row.to as LifecycleState,
      from: iso(row.at),
      to: null,
      rule: row.transitionId,
      event: row.event,
      recordedAt: iso(row.recordedAt),
      refused: 0,
    });
  }
  return stays.filter(({ from, to }) => from !== to);
}

function distrustedView({ sourceId, sourceName, submod, kid, since, from, to }: DistrustedStretch) {
  return {
    laneKey: `${sourceId}/${submod}`,
    laneLabel: laneLabel(sourceName, submod),
    kid,
    since: iso(since),
    from: iso(from),
    to: isoOrNull(to),
  };
}

type Limits = {
  /** Instant up to which silence is judged. */
  judgedMs: number;
  toMs: number;
};

function lanesOf(rows: readonly IntervalRow[], limits: Limits): TimelineLane[] {
  const byLane = Map.groupBy(rows, (row) =>
    row.sourceId === null ? "trust" : `${row.sourceId}/${row.submod}`,
  );
  const openLanes = rows
    .filter((row) => row.sourceId !== null && row.to === null)
    .map((row) => ({
      label: laneLabel(row.sourceName ?? "", row.submod),
      state: row.state as LaneState,
      sinceMs: row.from,
      // A gap begins where silence set in.
      ...(row.lastAt === null
        ? { lastMs: row.from, staleAfterMs: 0 }
        : { lastMs: row.lastAt, staleAfterMs: row.staleAfterMs }),
    }));
  return [...byLane].map(([key, intervals]): TimelineLane => {
    const [first] = intervals;
    const isTrust = key === "trust";
    return {
      key,
      label: isTrust ? "Trust" : laneLabel(first?.sourceName ?? "", first?.submod ?? ""),
      kind: isTrust ? "trust" : "source",
      intervals: intervals.flatMap((row) => {
        if (row.to !== null || row.state === "stale") return [intervalView(row)];
        const silence = isTrust
          ? silenceOf(row.state as TrustStatus, openLanes, limits.judgedMs)
          : laneSilence(row, limits.judgedMs);
        return silence ? splitAt(row, silence, limits.toMs) : [intervalView(row)];
      }),
    };
  });
}

function laneSilence(row: IntervalRow, judgedMs: number): { sinceMs: number; reason: string } | null {
  if (row.lastAt === null) return null;
  const sinceMs = staleAtMs({ lastMs: row.lastAt, staleAfterMs: row.staleAfterMs });
  return sinceMs !== null && sinceMs <= judgedMs ? { sinceMs, reason: SILENT_REASON } : null;
}

/** End an open interval where silence set in, and show the gap behind it. */
function splitAt(
  row: IntervalRow,
  silence: { sinceMs: number; reason: string },
  toMs: number,
): IntervalView[] {
  if (silence.sinceMs <= row.from) return [intervalView(row)];
  const ended = { ...intervalView(row), to: iso(silence.sinceMs) };
  if (silence.sinceMs >= toMs) return [ended];
  const gap: IntervalView = {
    ...intervalView(row),
    from: iso(silence.sinceMs),
    to: null,
    state: "stale",
    reason: silence.reason,
    verdicts: 0,
    firstAt: null,
    lastAt: null,
    recordedAt: iso(silence.sinceMs),
  };
  return [ended, gap];
}

function intervalView(row: IntervalRow): IntervalView {
  return {
    from: iso(row.from),
    to: isoOrNull(row.to),
    state: row.state as TrustStatus,
    reason: row.reason,
    outcome: row.outcome as IntervalView["outcome"],
    tier: row.tier as IntervalView["tier"],
    vector: row.vector,
    kid: row.kid,
    measurementDigest: row.measurementDigest,
    verdicts: row.n,
    firstAt: isoOrNull(row.firstAt),
    lastAt: isoOrNull(row.lastAt),
    recordedAt: iso(row.recordedAt),
  };
}
