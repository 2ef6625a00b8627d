/** The hot path of history: a verdict that repeats the open statement of its lane moves only counters. */
import { type LaneKey, type LaneMark, laneBump, laneMarks } from "#db/queries/ingest-history";
import type { SqlClient } from "#db/transaction";
import { limitAt, type SilenceLimit } from "#lib/domain/cadence";
import { compareVerdicts, type FoldVerdict } from "#lib/domain/history";
import { extendRoll } from "./digest.ts";
import type { LoadedSource } from "./load-source.ts";

/** Verdicts of one lane that were stored just now. */
export type LaneVerdicts = LaneKey & { verdicts: readonly FoldVerdict[] };

/**
 * Count the lanes whose every new verdict repeats the open statement in time. The caller holds the
 * locks of all nodes concerned.
 *
 * @returns the lanes that something changes in; they take the change path
 */
export async function countRepeats(
  client: SqlClient,
  source: LoadedSource,
  lanes: readonly LaneVerdicts[],
): Promise<LaneVerdicts[]> {
  const { trustDomainId, id, staleAfterMs } = source;
  const nodeIds = [...new Set(lanes.map(({ nodeId }) => nodeId))];
  const marks = new Map<string, LaneMark>();
  for (const mark of await laneMarks(client, trustDomainId, id, nodeIds)) {
    marks.set(`${mark.nodeId} ${mark.submod}`, mark);
  }
  const changing: LaneVerdicts[] = [];
  const bumps: Bump[] = [];
  for (const lane of lanes) {
    const bump = repeatOf(marks.get(`${lane.nodeId} ${lane.submod}`), lane, staleAfterMs);
    if (bump) bumps.push(bump);
    else changing.push(lane);
  }
  await laneBump(client, trustDomainId, bumps);
  return changing;
}

type Bump = Parameters<typeof laneBump>[2][number];

/** The counters when every verdict repeats the open statement in time; `null` when something changes. */
function repeatOf(
  mark: LaneMark | undefined,
  { nodeId, sourceId, submod, verdicts }: LaneVerdicts,
  staleAfterMs: SilenceLimit,
): Bump | null {
  if (!mark || mark.evidenceKey === "" || verdicts.length === 0) return null;
  let { lastMs, roll } = mark;
  for (const verdict of verdicts.length === 1 ? verdicts : [...verdicts].sort(compareVerdicts)) {
    const limitMs = limitAt(staleAfterMs, lastMs);
    const inTime = verdict.atMs > lastMs && (limitMs === null || verdict.atMs - lastMs <= limitMs);
    if (!inTime || verdict.evidenceKey !== mark.evidenceKey) return null;
    lastMs = verdict.atMs;
    roll = extendRoll(roll, verdict.hash);
  }
  return { nodeId, sourceId, submod, n: mark.n + verdicts.length, lastMs, roll };
}
