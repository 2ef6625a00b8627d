/** A node at an instant, silence applied. */
import { type LaneAtRow, laneListAt, nodeAt, trustedUntil } from "#db/queries/node-at";
import { type TimePoint, validAt } from "#db/queries/time-sql";
import { ProblemError } from "#lib/domain/problems";
import { laneAt, laneLabel, silenceOf, staleAtMs } from "#lib/domain/silence";
import type { LaneState, TrustStatus } from "#lib/domain/trust-status";
import type { ServiceContext } from "#lib/services/context";

/** One lane at the instant. `staleAtMs` = when silence ends what it says; `null` = never, or it was heard again. */
export type LaneMoment = {
  row: LaneAtRow;
  label: string;
  state: LaneState;
  sinceMs: number;
  staleAtMs: number | null;
};

export type NodeMoment = {
  status: TrustStatus;
  sinceMs: number;
  reason: string;
  lanes: LaneMoment[];
  /** End of the last stretch of trust before the instant; `null` = there was none, or it is trusted then. */
  lastTrustedMs: number | null;
};

/** @throws {ProblemError} `node/not-found` when nothing was known about it for that instant */
export async function nodeStateAt(
  ctx: ServiceContext,
  scope: readonly string[],
  args: TimePoint & { nodeId: string },
): Promise<NodeMoment> {
  const at = validAt(args);
  const atMs = at.getTime();
  const own = await nodeAt(ctx.db, scope, args);
  if (!own) {
    const known = args.knownAt ? ` was known at ${args.knownAt.toISOString()}` : " is known";
    throw new ProblemError(
      "node/not-found",
      `Nothing${known} about node ${args.nodeId} as of ${at.toISOString()}.`,
    );
  }
  const rows = await laneListAt(ctx.db, scope, args);
  const lanes = rows.map((row) => ({ row, silent: silentLane(row) }));
  const stated = own.status as TrustStatus;
  const silence = own.open
    ? silenceOf(
        stated,
        lanes.map(({ silent }) => silent),
        atMs,
      )
    : null;
  const status = silence ? "stale" : stated;
  const ended = silence && stated === "trusted" ? silence.sinceMs : await trustedUntil(ctx.db, scope, args);
  return {
    status,
    sinceMs: silence?.sinceMs ?? own.since,
    reason: silence?.reason ?? own.reason,
    lanes: lanes.map(({ row, silent }) => {
      const endsMs = row.open || row.gap ? staleAtMs(silent) : null;
      return { row, label: silent.label, ...laneAt(silent, atMs), staleAtMs: endsMs };
    }),
    lastTrustedMs: status === "trusted" ? null : ended,
  };
}

/** A gap is silent since it began; a closed interval was heard until it ended, so it never falls silent. */
function silentLane(row: LaneAtRow) {
  const lane = {
    label: laneLabel(row.sourceName, row.submod),
    state: row.state as LaneState,
    sinceMs: row.since,
  };
  if (row.gap) return { ...lane, lastMs: row.since, staleAfterMs: 0 };
  return { ...lane, lastMs: row.lastAt, staleAfterMs: row.open ? row.staleAfterMs : null };
}
