/** Distrusted keys, the evidence that rests on them, and the work of deriving history anew. Raw SQL. */
import type { ClientBase } from "pg";
import type { SilenceLimit } from "#lib/domain/cadence";
import type { DistrustRule } from "#lib/domain/distrust";
import type { FoldVerdict } from "#lib/domain/history";
import { type FoldRow, foldVerdictOf } from "./ingest-verdicts.ts";
import { type LimitColumns, limitOfColumns } from "./limit.ts";

const at = (ms: number | null) => (ms === null ? "-infinity" : new Date(ms).toISOString());

/** Which of these keys of a source are distrusted, held against a decision about them until the commit. */
export async function distrustedKids(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  kids: readonly string[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ kid: string; distrusted: boolean }>({
    name: "distrusted_kids",
    text: `SELECT kid, state = 'distrusted' AS distrusted FROM source_key
      WHERE trust_domain_id = $1 AND source_id = $2 AND kid = ANY($3::text[]) ORDER BY kid FOR KEY SHARE`,
    values: [trustDomainId, sourceId, kids],
  });
  return new Set(rows.filter(({ distrusted }) => distrusted).map(({ kid }) => kid));
}

/** What deriving a source's history anew has to know of it. */
export type DistrustSource = {
  limit: SilenceLimit;
  /** An import is running: silence is not judged. */
  importing: boolean;
  /** Some verdict of the source may have been vouched for by something else than the key. */
  otherVoices: boolean;
  /** Of all its distrusted keys, as decided. */
  rules: DistrustRule[];
};

export async function distrustSource(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  kid: string,
  now: Date,
): Promise<DistrustSource | null> {
  const { rows } = await client.query<
    LimitColumns & { importing: boolean; other_voices: boolean; kids: string[]; sinces: Date[] }
  >(
    `SELECT s.stale_after_ms, s.limit_from_ms, s.limit_ms, coalesce(s.backfill_until > $4, false) AS importing,
       bool_or(k.kid <> $3 OR k.created_at > s.created_at) AS other_voices,
       coalesce(array_agg(k.kid ORDER BY k.kid) FILTER (WHERE k.distrusted_since IS NOT NULL), '{}') AS kids,
       coalesce(array_agg(k.distrusted_since ORDER BY k.kid) FILTER (WHERE k.distrusted_since IS NOT NULL), '{}') AS sinces
     FROM source s JOIN source_key k ON k.trust_domain_id = s.trust_domain_id AND k.source_id = s.id
     WHERE s.trust_domain_id = $1 AND s.id = $2 GROUP BY s.trust_domain_id, s.id`,
    [trustDomainId, sourceId, kid, now],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    limit: limitOfColumns(row),
    importing: row.importing,
    otherVoices: row.other_voices,
    rules: row.kids.map((ruled, index) => ({ kid: ruled, sinceMs: row.sinces[index]?.getTime() ?? 0 })),
  };
}

/** The next nodes that a source has lanes of, in the order of their ids. */
export async function nodesOfSource(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const { rows } = await client.query<{ node_id: string }>({
    name: "nodes_of_source",
    text: `SELECT DISTINCT node_id FROM lane
      WHERE trust_domain_id = $1 AND source_id = $2 AND node_id > $3 ORDER BY node_id LIMIT $4`,
    values: [trustDomainId, sourceId, after ?? "00000000-0000-0000-0000-000000000000", limit],
  });
  return rows.map(({ node_id }) => node_id);
}

type NodeLane = { nodeId: string; submod: string };

/**
 * Lanes with evidence of a key that is dated before an instant and came in after it: dated back, or late.
 *
 * What was more than an hour late is found by its index; the rest lies within the hour before.
 */
export async function lateEvidence(
  client: ClientBase,
  trustDomainId: string,
  key: { sourceId: string; kid: string; fromMs: number; nodeIds: readonly string[] },
): Promise<(NodeLane & { fromMs: number })[]> {
  const { rows } = await client.query<{ node_id: string; submod: string; first_at: Date }>({
    name: "late_evidence",
    text: `SELECT node_id, submod, min(observed_at) AS first_at FROM (
        SELECT node_id, submod, observed_at FROM verdict
        WHERE trust_domain_id = $1 AND source_id = $2 AND kid = $3 AND received_at >= $4
          AND received_at - observed_at > interval '1 hour' AND observed_at < $4 AND node_id = ANY($5::uuid[])
        UNION ALL
        SELECT node_id, submod, observed_at FROM verdict
        WHERE trust_domain_id = $1 AND node_id = ANY($5::uuid[]) AND source_id = $2 AND kid = $3
          AND observed_at < $4 AND observed_at >= $4::timestamptz - interval '1 hour' AND received_at >= $4
      ) late GROUP BY node_id, submod`,
    values: [trustDomainId, key.sourceId, key.kid, new Date(key.fromMs), key.nodeIds],
  });
  return rows.map((row) => ({ nodeId: row.node_id, submod: row.submod, fromMs: row.first_at.getTime() }));
}

/**
 * The same where the log was dropped: the month of it, because of each partition one late row of a key was kept.
 *
 * What was less than an hour late is not looked for.
 */
export async function lateKept(
  client: ClientBase,
  trustDomainId: string,
  key: { sourceId: string; kid: string; fromMs: number; nodeIds: readonly string[] },
): Promise<(NodeLane & { fromMs: number })[]> {
  const { rows } = await client.query<{ node_id: string; submod: string; first_at: Date }>({
    name: "late_kept",
    text: `SELECT node_id, submod, date_trunc('month', min(observed_at), 'UTC') AS first_at FROM verdict_kept
      WHERE trust_domain_id = $1 AND node_id = ANY($5::uuid[]) AND source_id = $2 AND kid = $3
        AND observed_at < $4 AND received_at >= $4 AND received_at - observed_at > interval '1 hour'
      GROUP BY node_id, submod`,
    values: [trustDomainId, key.sourceId, key.kid, new Date(key.fromMs), key.nodeIds],
  });
  return rows.map((row) => ({ nodeId: row.node_id, submod: row.submod, fromMs: row.first_at.getTime() }));
}

/** Lanes in which something else than the key spoke since an instant, seen in their intervals or not. */
export async function otherEvidence(
  client: ClientBase,
  trustDomainId: string,
  key: { sourceId: string; kid: string; fromMs: number; nodeIds: readonly string[] },
): Promise<NodeLane[]> {
  const { rows } = await client.query<{ node_id: string; submod: string }>({
    name: "other_evidence",
    text: `SELECT DISTINCT node_id, submod FROM verdict
      WHERE trust_domain_id = $1 AND node_id = ANY($5::uuid[]) AND observed_at >= $4 AND source_id = $2
        AND kid IS DISTINCT FROM $3`,
    values: [trustDomainId, key.sourceId, key.kid, new Date(key.fromMs), key.nodeIds],
  });
  return rows.map((row) => ({ nodeId: row.node_id, submod: row.submod }));
}

/**
 * Verdicts of several lanes of one source that count under the given rules.
 *
 * @param lanes `fromMs` = earliest observation, inclusive; `null` = from the first one
 */
export async function countedVerdicts(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  lanes: readonly (NodeLane & { fromMs: number | null })[],
  rules: readonly DistrustRule[],
): Promise<(NodeLane & { verdict: FoldVerdict })[]> {
  if (lanes.length === 0) return [];
  const { rows } = await client.query<FoldRow & { node_id: string; submod: string }>({
    name: "counted_verdicts",
    text: `SELECT v.node_id, v.submod, v.observed_at, v.event_hash, v.state, v.evidence_key, v.outcome, v.tier,
        v.vector, v.coverage, v.reasons, v.measurement_digest, v.kid
      FROM unnest($3::uuid[], $4::text[], $5::timestamptz[]) AS wanted(node_id, submod, from_at)
      JOIN verdict v ON v.trust_domain_id = $1 AND v.node_id = wanted.node_id AND v.observed_at >= wanted.from_at
        AND v.source_id = $2 AND v.submod = wanted.submod
      WHERE NOT EXISTS (SELECT FROM unnest($6::text[], $7::timestamptz[]) AS rule(kid, since)
        WHERE rule.kid = v.kid AND (v.observed_at >= rule.since OR v.received_at >= rule.since))`,
    values: [
      trustDomainId,
      sourceId,
      lanes.map(({ nodeId }) => nodeId),
      lanes.map(({ submod }) => submod),
      lanes.map(({ fromMs }) => at(fromMs)),
      rules.map(({ kid }) => kid),
      rules.map(({ sinceMs }) => at(sinceMs)),
    ],
  });
  return rows.map((row) => ({ nodeId: row.node_id, submod: row.submod, verdict: foldVerdictOf(row) }));
}

/** One decision about a key whose history is still being derived anew. */
export type RederivationRow = {
  trustDomainId: string;
  id: string;
  sourceId: string;
  kid: string;
  since: Date;
  previousSince: Date | null;
  recordedAt: Date;
  lastNodeId: string | null;
};

/** The oldest unfinished one that no other process works on, locked until the transaction ends. */
export async function rederivationTake(client: ClientBase): Promise<RederivationRow | null> {
  const { rows } = await client.query<RederivationRow>(
    `SELECT trust_domain_id AS "trustDomainId", id, source_id AS "sourceId", kid, since,
       previous_since AS "previousSince", recorded_at AS "recordedAt", last_node_id AS "lastNodeId"
     FROM rederivation WHERE finished_at IS NULL
     ORDER BY recorded_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  return rows[0] ?? null;
}

/** @param lastNodeId the last node that is done now; `null` = all are */
export async function rederivationAdvance(
  client: ClientBase,
  { trustDomainId, id }: Pick<RederivationRow, "trustDomainId" | "id">,
  progress: { nodes: number; lastNodeId: string | null; now: Date },
): Promise<void> {
  await client.query(
    `UPDATE rederivation SET nodes_done = nodes_done + $3, last_node_id = coalesce($4, last_node_id),
       finished_at = CASE WHEN $4::uuid IS NULL THEN $5::timestamptz END
     WHERE trust_domain_id = $1 AND id = $2`,
    [trustDomainId, id, progress.nodes, progress.lastNodeId, progress.now],
  );
}

/** What a node is called and what the fold needs of it, unlocked: for looking ahead only. */
export async function nodesForPreview(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<{ nodeId: string; name: string; firstSeenMs: number; changedMs: number; asked: boolean }[]> {
  const { rows } = await client.query<{
    id: string;
    name: string;
    first_seen_at: Date;
    changed_at: Date;
    asked: boolean;
  }>({
    name: "nodes_for_preview",
    text: `SELECT n.id, n.display_name AS name, n.first_seen_at, s.changed_at, e.node_id IS NOT NULL AS asked
      FROM node n JOIN node_state s ON s.trust_domain_id = n.trust_domain_id AND s.node_id = n.id
        LEFT JOIN enrolment e ON e.trust_domain_id = n.trust_domain_id AND e.node_id = n.id
      WHERE n.trust_domain_id = $1 AND n.id = ANY($2::uuid[]) ORDER BY n.id`,
    values: [trustDomainId, nodeIds],
  });
  return rows.map((row) => ({
    nodeId: row.id,
    name: row.name,
    asked: row.asked,
    firstSeenMs: row.first_seen_at.getTime(),
    changedMs: row.changed_at.getTime(),
  }));
}

/** Since when evidence of a key is worthless, as epoch milliseconds; `null` = it is trusted. */
export async function distrustedSince(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  kid: string,
): Promise<number | null> {
  const { rows } = await client.query<{ since: Date | null }>(
    `SELECT distrusted_since AS since FROM source_key
     WHERE trust_domain_id = $1 AND source_id = $2 AND kid = $3`,
    [trustDomainId, sourceId, kid],
  );
  return rows[0]?.since?.getTime() ?? null;
}
