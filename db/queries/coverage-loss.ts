/** Where verifiers check less of nodes than before. */
import { type SQL, sql } from "drizzle-orm";
import type { ClientBase, Pool } from "pg";
import type { Conn } from "#db/client";
import type { CoverageLoss, CoveredStretch, NodeLoss } from "#lib/domain/coverage-loss";
import type { LaneKey } from "./ingest-history.ts";
import { insertRows } from "./insert-rows.ts";
import type { SourceKey } from "./source-finding.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";
import { believed, type TimePoint, validAt } from "./time-sql.ts";

/**
 * Nodes of a source whose believed history changed since an instant, in order of change.
 *
 * A sequential read of a narrow table: an index would cost every change a write.
 */
export async function nodesChangedSince(
  client: ClientBase,
  { trustDomainId, sourceId }: SourceKey,
  since: Date | null,
  limit: number,
): Promise<{ nodeIds: string[]; upTo: Date | null }> {
  const { rows } = await client.query<{ node_id: string; changed_at: Date }>(
    `SELECT node_id, changed_at FROM node_state n
     WHERE trust_domain_id = $1 AND ($3::timestamptz IS NULL OR changed_at > $3)
       AND EXISTS (SELECT 1 FROM lane l WHERE l.trust_domain_id = n.trust_domain_id AND l.node_id = n.node_id
         AND l.source_id = $2)
     ORDER BY changed_at, node_id FETCH FIRST $4 ROWS WITH TIES`,
    [trustDomainId, sourceId, since, limit],
  );
  // Rows of one instant come together, so that none falls between two readings.
  return { nodeIds: rows.map(({ node_id }) => node_id), upTo: rows.at(-1)?.changed_at ?? null };
}

export type CoveredLane = { nodeId: string; submod: string; stretches: CoveredStretch[] };

/** The course of the lines of some nodes at a source, with what the opening verdicts covered. */
export async function coveredLanes(
  client: ClientBase,
  { trustDomainId, sourceId }: SourceKey,
  nodeIds: readonly string[],
): Promise<CoveredLane[]> {
  const { rows } = await client.query<{
    node_id: string;
    submod: string;
    valid_from: Date;
    valid_to: Date | null;
    state: string;
    coverage: string[] | null;
    policy_ids: string[] | null;
  }>(
    `SELECT i.node_id, i.submod, i.valid_from, i.valid_to, i.state, v.coverage, v.policy_ids
     FROM trust_interval i
     LEFT JOIN verdict v ON v.trust_domain_id = i.trust_domain_id AND v.node_id = i.node_id
       AND v.observed_at = i.valid_from AND v.event_hash = i.event_hash
     WHERE i.trust_domain_id = $1 AND i.source_id = $2 AND i.node_id = ANY($3::uuid[]) AND i.recorded_to IS NULL
     ORDER BY i.node_id, i.submod, i.valid_from`,
    [trustDomainId, sourceId, nodeIds],
  );
  const byLane = Map.groupBy(rows, ({ node_id, submod }) => `${node_id} ${submod}`);
  return [...byLane.values()].flatMap((lane) => {
    const [first] = lane;
    if (!first) return [];
    const stretches = lane.map((row) => ({
      fromMs: row.valid_from.getTime(),
      toMs: row.valid_to?.getTime() ?? null,
      passes: row.state === "trusted" && row.coverage !== null,
      coverage: row.coverage ?? [],
      policyIds: row.policy_ids ?? [],
    }));
    return [{ nodeId: first.node_id, submod: first.submod, stretches }];
  });
}

/** A loss on record; `recordedMs` is when it was written down. */
export type StoredLoss = LaneKey & CoverageLoss & { recordedMs: number };

type LossRow = {
  node_id: string;
  source_id: string;
  submod: string;
  since: Date;
  recorded_from: Date;
  until: Date | null;
  lost: string[];
  coverage_before: string[];
  coverage_after: string[];
  policies_before: string[];
  policies_after: string[];
};

/** Believed losses at a source. @param nodeIds `null` = of all nodes */
export async function coverageLossesOf(
  client: ClientBase,
  { trustDomainId, sourceId }: SourceKey,
  nodeIds: readonly string[] | null,
): Promise<(StoredLoss & NodeLoss)[]> {
  const { rows } = await client.query<LossRow>(
    `SELECT * FROM coverage_loss
     WHERE trust_domain_id = $1 AND source_id = $2 AND recorded_to IS NULL
       AND ($3::uuid[] IS NULL OR node_id = ANY($3))
     ORDER BY since, node_id, submod`,
    [trustDomainId, sourceId, nodeIds],
  );
  return rows.map((row) => ({
    nodeId: row.node_id,
    sourceId: row.source_id,
    submod: row.submod,
    recordedMs: row.recorded_from.getTime(),
    fromMs: row.since.getTime(),
    toMs: row.until?.getTime() ?? null,
    lost: row.lost,
    coverageBefore: row.coverage_before,
    coverageAfter: row.coverage_after,
    policiesBefore: row.policies_before,
    policiesAfter: row.policies_after,
  }));
}

/** Close the recording of losses and add others. */
export async function coverageLossWrite(
  client: ClientBase,
  trustDomainId: string,
  {
    supersede,
    add,
    recordedAt,
  }: {
    supersede: readonly StoredLoss[];
    add: readonly (LaneKey & CoverageLoss)[];
    recordedAt: Date;
  },
): Promise<void> {
  for (const loss of supersede) {
    await client.query(
      `UPDATE coverage_loss SET recorded_to = $6 WHERE trust_domain_id = $1 AND node_id = $2
         AND source_id = $3 AND submod = $4 AND since = $5 AND recorded_to IS NULL`,
      [trustDomainId, loss.nodeId, loss.sourceId, loss.submod, new Date(loss.fromMs), recordedAt],
    );
  }
  await insertRows(
    client,
    {
      name: "coverage_loss_insert",
      table: "coverage_loss",
      columns: [
        "trust_domain_id",
        "node_id",
        "source_id",
        "submod",
        "since",
        "recorded_from",
        "until",
        "lost",
        "coverage_before",
        "coverage_after",
        "policies_before",
        "policies_after",
      ],
      suffix: "",
    },
    add.map((loss) => [
      trustDomainId,
      loss.nodeId,
      loss.sourceId,
      loss.submod,
      new Date(loss.fromMs),
      recordedAt,
      loss.toMs === null ? null : new Date(loss.toMs),
      [...loss.lost],
      [...loss.coverageBefore],
      [...loss.coverageAfter],
      [...loss.policiesBefore],
      [...loss.policiesAfter],
    ]),
  );
}

/** How many nodes of a source ever passed with each claim, and with a policy; and how many there are. */
export async function coverageEverHad(
  client: ClientBase | Pool,
  { trustDomainId, sourceId }: SourceKey,
): Promise<{ had: Map<string, number>; nodes: number }> {
  const { rows } = await client.query<{ subject: string; nodes: number }>(
    `WITH said AS (
       SELECT DISTINCT i.node_id, v.coverage, v.policy_ids <> '{}' AS policy
       FROM trust_interval i
       JOIN verdict v ON v.trust_domain_id = i.trust_domain_id AND v.node_id = i.node_id
         AND v.observed_at = i.valid_from AND v.event_hash = i.event_hash
       WHERE i.trust_domain_id = $1 AND i.source_id = $2 AND i.recorded_to IS NULL AND i.state = 'trusted'
     )
     SELECT 'coverage:' || item AS subject, count(DISTINCT node_id)::int AS nodes
     FROM said CROSS JOIN unnest(coverage) AS item GROUP BY item
     UNION ALL SELECT 'policy', count(DISTINCT node_id)::int FROM said WHERE policy
     UNION ALL SELECT '', count(DISTINCT node_id)::int FROM said`,
    [trustDomainId, sourceId],
  );
  const had = new Map(rows.map(({ subject, nodes }) => [subject, nodes]));
  return { had, nodes: had.get("") ?? 0 };
}

export type NodeLossRow = Pick<CoverageLoss, "lost" | "policiesBefore" | "policiesAfter"> & {
  sourceId: string;
  submod: string;
  since: number;
  coverageBefore: string[];
  coverageAfter: string[];
};

/** What was not checked any more about one node at the time that is asked for, by its lines. */
export async function nodeLossList(
  conn: Conn,
  scope: Scope,
  { nodeId, ...point }: TimePoint & { nodeId: string },
): Promise<NodeLossRow[]> {
  return rowsOf(
    conn,
    sql`SELECT source_id AS "sourceId", submod, ${ms(sql`since`)} AS since, lost,
        coverage_before AS "coverageBefore", coverage_after AS "coverageAfter",
        policies_before AS "policiesBefore", policies_after AS "policiesAfter"
      FROM coverage_loss c
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND node_id = ${nodeId}::uuid AND ${coverageLossAt(point)}
      ORDER BY source_id, submod`,
  );
}

/** Which rows of `coverage_loss c` hold at the time that is asked for. */
export function coverageLossAt(point: TimePoint): SQL {
  const at = instant(validAt(point));
  return sql`${believed(sql`c`, point.knownAt)} AND c.since <= ${at} AND (c.until IS NULL OR c.until > ${at})`;
}

/**
 * Whether a node of `fleet f` passes on less than its verifier checked before, at the time that is asked for.
 *
 * @param f columns `trust_domain_id`, `id` of the node
 */
export function hasCoverageLoss(f: { domain: SQL; id: SQL }, point: TimePoint): SQL {
  return sql`EXISTS (SELECT 1 FROM coverage_loss c
    WHERE c.trust_domain_id = ${f.domain} AND c.node_id = ${f.id} AND ${coverageLossAt(point)})`;
}
