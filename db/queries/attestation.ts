/** What a signed statement about a node rests on. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { FUSED, ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type AttestedNodeRow = {
  since: number;
  policyVersion: string | null;
  baselineVersion: string | null;
  evidence: { sourceName: string; submod: string; state: string; observedAt: number; rawSha256: string }[];
};

/** `undefined` when there is no such node in the scope. */
export async function attestedNode(
  conn: Conn,
  scope: Scope,
  nodeId: string,
): Promise<AttestedNodeRow | undefined> {
  const [row] = await rowsOf<Omit<AttestedNodeRow, "evidence">>(
    conn,
    sql`SELECT ${ms(sql`s.since`)} AS since, i.policy_version AS "policyVersion",
        i.baseline_version AS "baselineVersion"
      FROM node_state s LEFT JOIN LATERAL (SELECT policy_version, baseline_version FROM trust_interval
        WHERE trust_domain_id = s.trust_domain_id AND node_id = s.node_id AND source_id = ${FUSED}
          AND valid_to IS NULL AND recorded_to IS NULL LIMIT 1) i ON true
      WHERE s.trust_domain_id = ANY(${uuids(scope)}) AND s.node_id = ${nodeId}::uuid`,
  );
  if (!row) return undefined;
  const evidence = await rowsOf<AttestedNodeRow["evidence"][number]>(
    conn,
    sql`SELECT s.name AS "sourceName", l.submod, l.state, ${ms(sql`v.observed_at`)} AS "observedAt",
        encode(v.raw_sha256, 'hex') AS "rawSha256"
      FROM lane l JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
      JOIN LATERAL (SELECT observed_at, raw_sha256 FROM verdict
        WHERE trust_domain_id = l.trust_domain_id AND node_id = l.node_id AND source_id = l.source_id
          AND submod = l.submod AND observed_at = l.last_at ORDER BY event_hash LIMIT 1) v ON true
      WHERE l.trust_domain_id = ANY(${uuids(scope)}) AND l.node_id = ${nodeId}::uuid ORDER BY s.name, l.submod`,
  );
  return { ...row, evidence };
}
