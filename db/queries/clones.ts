/** Pairs of parties that look like one machine, out of what is stored. Raw SQL. */
import type { Pool } from "pg";

export type SharedWeakId = {
  trustDomainId: string;
  nodeId: string;
  otherNodeId: string;
  kind: string;
  value: string;
};

/**
 * Pairs of nodes with the same name or MAC of which one source had evidence at the same time.
 *
 * Addresses are left out, because machines behind one router share one; so are names that every machine
 * has. Nodes of different sources may share a name: two clusters each have a `node-1`.
 *
 * @param since lanes that were not heard after this instant do not speak now
 */
export async function sharedWeakIds(pool: Pool, since: Date, limit: number): Promise<SharedWeakId[]> {
  const { rows } = await pool.query<SharedWeakId>(
    `SELECT DISTINCT a.trust_domain_id AS "trustDomainId", a.node_id AS "nodeId", b.node_id AS "otherNodeId", a.kind, a.value
     FROM node_identity a
     JOIN node_identity b ON b.trust_domain_id = a.trust_domain_id AND b.value = a.value AND b.kind = a.kind
       AND b.node_id > a.node_id AND b.role = 'weak' AND b.valid_to IS NULL
     JOIN lane la ON la.trust_domain_id = a.trust_domain_id AND la.node_id = a.node_id AND la.last_at > $1
     JOIN lane lb ON lb.trust_domain_id = b.trust_domain_id AND lb.node_id = b.node_id AND lb.last_at > $1
       AND lb.source_id = la.source_id
     WHERE a.role = 'weak' AND a.valid_to IS NULL AND a.kind IN ('hostname', 'k8s_node_name', 'mac')
       AND a.value NOT IN ('localhost', 'localhost.localdomain')
     ORDER BY 1, 2, 3, 4, 5 LIMIT $2`,
    [since, limit],
  );
  return rows;
}

export type TwoCallers = {
  trustDomainId: string;
  nodeId: string;
  sourceId: string;
  callers: string[];
};

/**
 * Nodes that one source heard from two addresses in turn: each spoke before and after the other did.
 * A machine that moved speaks from one address and then from the other.
 */
export async function nodesWithTwoCallers(pool: Pool, since: Date, limit: number): Promise<TwoCallers[]> {
  const { rows } = await pool.query<TwoCallers>(
    `WITH heard AS (
       SELECT trust_domain_id, node_id, source_id, caller, min(occurred_at) AS first_at, max(occurred_at) AS last_at
       FROM bootstrap_event
       WHERE node_id IS NOT NULL AND link_id IS NULL AND caller IS NOT NULL AND actor ->> 'kind' = 'node'
         AND outcome = 'success' AND occurred_at > $1
       GROUP BY 1, 2, 3, 4
     )
     SELECT a.trust_domain_id AS "trustDomainId", a.node_id AS "nodeId", a.source_id AS "sourceId",
       (array_agg(DISTINCT a.caller ORDER BY a.caller))[1:8] AS callers
     FROM heard a JOIN heard b ON b.trust_domain_id = a.trust_domain_id AND b.node_id = a.node_id
       AND b.source_id = a.source_id AND b.caller <> a.caller
       AND (a.caller LIKE '%:%') = (b.caller LIKE '%:%')
       AND b.first_at < a.last_at AND a.first_at < b.last_at
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT $2`,
    [since, limit],
  );
  return rows;
}

/** Findings that are open or were settled already: the worker does not raise what is known again. */
export async function knownFindings(pool: Pool): Promise<Set<string>> {
  const { rows } = await pool.query<{ nodeId: string; otherNodeId: string | null; sentence: string }>(
    `SELECT node_id AS "nodeId", other_node_id AS "otherNodeId", sentence FROM identity_alarm
     WHERE kind IN ('weak_id_conflict', 'clone')`,
  );
  return new Set(rows.map(findingKey));
}

export const findingKey = (finding: { nodeId: string; otherNodeId: string | null; sentence: string }) =>
  `${finding.nodeId} ${finding.otherNodeId} ${finding.sentence}`;
