/** What all nodes of a domain say now, as baselines are compared with it. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import type { Measurements } from "#lib/domain/verdict";
import { rowsOf } from "./sql.ts";

export type StandingNodeRow = {
  id: string;
  name: string;
  labels: Record<string, string>;
  /** Values of the identities in use by kind; empty unless they were asked for. */
  identities: Record<string, string[]>;
};

export type StandingLaneRow = {
  nodeId: string;
  sourceId: string;
  sourceName: string;
  submod: string;
  /** Hex; `null` = its verdicts carry no measurements. */
  digest: string | null;
};

/**
 * Nodes that are in use, by name.
 *
 * @param withIdentities they are many, and only some selectors ask for them
 */
export async function standingNodes(
  conn: Conn,
  trustDomainId: string,
  withIdentities: boolean,
): Promise<StandingNodeRow[]> {
  const identities = withIdentities
    ? sql`coalesce((SELECT jsonb_object_agg(k.kind, k.vals) FROM (
        SELECT i.kind, jsonb_agg(i.value ORDER BY i.value) AS vals FROM node_identity i
        WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id AND i.valid_to IS NULL
        GROUP BY i.kind) k), '{}')`
    : sql`'{}'::jsonb`;
  return rowsOf(
    conn,
    sql`SELECT n.id, n.display_name AS name, n.labels, ${identities} AS identities
      FROM node n WHERE n.trust_domain_id = ${trustDomainId}::uuid ORDER BY n.display_name, n.id`,
  );
}

/** Every lane of the domain; a lane of a node always comes in the same order. */
export async function standingLanes(conn: Conn, trustDomainId: string): Promise<StandingLaneRow[]> {
  return rowsOf(
    conn,
    sql`SELECT l.node_id AS "nodeId", l.source_id AS "sourceId", s.name AS "sourceName", l.submod,
        l.statement ->> 'measurementDigest' AS digest
      FROM lane l JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
      WHERE l.trust_domain_id = ${trustDomainId}::uuid ORDER BY s.name, l.submod`,
  );
}

/** Measurement sets by digest (hex), of those that some lane states now. */
export async function standingSets(conn: Conn, trustDomainId: string): Promise<Map<string, Measurements>> {
  const rows = await rowsOf<{ digest: string; items: Measurements }>(
    conn,
    sql`SELECT encode(m.digest, 'hex') AS digest, m.items FROM measurement_set m
      WHERE m.trust_domain_id = ${trustDomainId}::uuid AND m.digest IN (
        SELECT decode(l.statement ->> 'measurementDigest', 'hex') FROM lane l
        WHERE l.trust_domain_id = ${trustDomainId}::uuid)`,
  );
  return new Map(rows.map(({ digest, items }) => [digest, items]));
}
