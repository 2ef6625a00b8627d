/** Drift of nodes as the fold writes it and the policy reads it. Raw SQL: this is on the change path. */
import type { ClientBase } from "pg";
import type { DriftInterval } from "#lib/domain/drift";

type IntervalRow = {
  node_id: string;
  source_id: string;
  submod: string;
  valid_from: Date;
  valid_to: Date | null;
  worst: DriftInterval["worst"];
  effect: DriftInterval["effect"];
  score: number;
  findings: DriftInterval["findings"];
  reason: string;
  baselines: DriftInterval["baselines"];
};

/** All drift of some nodes that is believed now, per lane and in order of time. */
export async function driftIntervals(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<(DriftInterval & { nodeId: string })[]> {
  const { rows } = await client.query<IntervalRow>({
    name: "drift_intervals",
    text: `SELECT node_id, source_id, submod, valid_from, valid_to, worst, effect, score, findings, reason, baselines
      FROM drift_interval WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND recorded_to IS NULL
      ORDER BY node_id, source_id, submod, valid_from`,
    values: [trustDomainId, nodeIds],
  });
  return rows.map((row) => ({
    nodeId: row.node_id,
    sourceId: row.source_id,
    submod: row.submod,
    fromMs: row.valid_from.getTime(),
    toMs: row.valid_to?.getTime() ?? null,
    worst: row.worst,
    effect: row.effect,
    score: row.score,
    findings: row.findings,
    reason: row.reason,
    baselines: row.baselines,
  }));
}
