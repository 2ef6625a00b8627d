/**
 * Silence: what a reader must say about evidence that no longer counts, before the worker wrote it down.
 *
 * The same rule as the fold's, for single nodes; `db/queries/fleet-sql.ts` has it for whole fleets.
 */
import type { LaneState, TrustStatus } from "./trust-status.ts";

export type SilentLane = {
  label: string;
  state: LaneState;
  sinceMs: number;
  lastMs: number;
  /** `null` = no expected cadence: such a lane never falls silent. */
  staleAfterMs: number | null;
};

/** Reason of a gap behind a single lane. */
export const SILENT_REASON = "No evidence: silent for longer than its limit";

/** When silence turns the lane stale; `null` = never. */
export function staleAtMs({
  lastMs,
  staleAfterMs,
}: Pick<SilentLane, "lastMs" | "staleAfterMs">): number | null {
  return staleAfterMs === null ? null : lastMs + staleAfterMs;
}

/** The lane as it is at an instant. */
export function laneAt(lane: SilentLane, nowMs: number): { state: LaneState; sinceMs: number } {
  const staleMs = staleAtMs(lane);
  if (staleMs === null || staleMs > nowMs || lane.state === "stale") {
    return { state: lane.state, sinceMs: lane.sinceMs };
  }
  return { state: "stale", sinceMs: staleMs };
}

/** Statuses that silence ends. It never improves a node, and what people decided stands. */
const ENDED_BY_SILENCE: readonly TrustStatus[] = ["trusted", "degraded", "pending"];

/**
 * When and how silence ended a node's stated status; `null` when it did not.
 *
 * It does once every lane has fallen silent; before that the fold decides what the rest is worth.
 */
export function silenceOf(
  status: TrustStatus,
  lanes: readonly SilentLane[],
  nowMs: number,
): { sinceMs: number; reason: string } | null {
  if (lanes.length === 0 || !ENDED_BY_SILENCE.includes(status)) return null;
  const ends = lanes.map(staleAtMs);
  const silent = ends.every((end): end is number => end !== null && end <= nowMs);
  if (!silent) return null;
  return {
    sinceMs: Math.max(...ends.map(Number)),
    reason: lanes.length === 1 ? SILENT_REASON : `Silent: ${lanes.map(({ label }) => label).join(", ")}`,
  };
}

/** Who is silent: the line alone, while its source is heard about others, or the whole source. */
export type SilentParty = "lane" | "source";

/**
 * Who is silent behind a line that is.
 *
 * @param source when it was last heard about anything, and the silence that it is judged by
 */
export function silentParty(
  source: { heardMs: number; silentAfterMs: number | null },
  nowMs: number,
): SilentParty {
  return source.silentAfterMs !== null && nowMs - source.heardMs > source.silentAfterMs ? "source" : "lane";
}

/** Why a node without fresh evidence has none, when it rests on one line. */
export function silentPartySentence(party: SilentParty, sourceName: string): string {
  return party === "source"
    ? `The whole source ${sourceName} is silent`
    : `${sourceName} is heard, but says nothing about this node`;
}

/** How a lane is called in reasons and on the timeline. */
export function laneLabel(sourceName: string, submod: string): string {
  return submod === "" ? sourceName : `${sourceName}/${submod}`;
}
