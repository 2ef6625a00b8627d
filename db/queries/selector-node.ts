/** Nodes as selectors and policies see them. Raw SQL: this is on the change path. */
import type { ClientBase } from "pg";
import type { SelectorNode } from "#lib/domain/baseline";
import { plainArray } from "./array-literal.ts";

/** By id. */
export async function selectorNodes(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<Map<string, SelectorNode>> {
  const { rows } = await client.query<SelectorNode>(
    `SELECT n.id, n.display_name AS name, n.labels, coalesce((
        SELECT jsonb_object_agg(kind, held) FROM (
          SELECT kind, jsonb_agg(value ORDER BY value) AS held FROM node_identity i
          WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id AND i.valid_to IS NULL GROUP BY kind
        ) kinds), '{}') AS identities
     FROM node n WHERE n.trust_domain_id = $1 AND n.id = ANY($2::uuid[])`,
    [trustDomainId, plainArray(nodeIds)],
  );
  return new Map(rows.map((node) => [node.id, node]));
}
