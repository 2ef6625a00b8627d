/** What the worker asks about nodes that somebody counts on. Raw SQL. */
import type { ClientBase, Pool } from "pg";

export type OpenExpectation = {
  trustDomainId: string;
  id: string;
  nodeId: string | null;
  createdAt: Date;
  expectedBy: Date | null;
  provisionedAt: Date | null;
  enrolledAt: Date | null;
  overdueAt: Date | null;
};

/**
 * Expected nodes that have not come yet, with what has been heard of them: the node that has one of their
 * strong identities, when it was provisioned, and when it enrolled or was first appraised.
 */
export async function openExpectations(pool: Pool, limit: number, after: string): Promise<OpenExpectation[]> {
  const { rows } = await pool.query<OpenExpectation>(
    `SELECT x.trust_domain_id AS "trustDomainId", x.id, m.node_id AS "nodeId", x.created_at AS "createdAt",
       x.expected_by AS "expectedBy", x.overdue_at AS "overdueAt",
       coalesce(h.provisioned_at, x.provisioned_at) AS "provisionedAt", h.enrolled_at AS "enrolledAt"
     FROM expected_node x
     LEFT JOIN LATERAL (
       SELECT coalesce(x.node_id, (SELECT i.node_id FROM node_identity i
         JOIN jsonb_to_recordset(x.identities) AS w(kind text, value text) ON w.kind = i.kind AND w.value = i.value
         WHERE i.trust_domain_id = x.trust_domain_id AND i.strong AND i.valid_to IS NULL
         ORDER BY i.valid_from, i.node_id LIMIT 1)) AS node_id
     ) m ON true
     LEFT JOIN LATERAL (
       SELECT (SELECT max(e.occurred_at) FROM bootstrap_event e
           WHERE e.trust_domain_id = x.trust_domain_id AND e.node_id = m.node_id
             AND e.type = 'provisioning.image_completed' AND e.outcome = 'success') AS provisioned_at,
         least(
           (SELECT min(e.occurred_at) FROM bootstrap_event e
             WHERE e.trust_domain_id = x.trust_domain_id AND e.node_id = m.node_id AND e.outcome = 'success'
               AND e.type IN ('enrollment.credential_issued', 'node.registered', 'node.ready')),
           (SELECT min(l.first_at) FROM lane l
             WHERE l.trust_domain_id = x.trust_domain_id AND l.node_id = m.node_id)) AS enrolled_at
     ) h ON true
     WHERE x.enrolled_at IS NULL AND x.withdrawn_at IS NULL AND x.id > $2::uuid
     ORDER BY x.id LIMIT $1`,
    [limit, after],
  );
  return rows;
}

/**
 * Count on every node that was provisioned and has neither enrolled nor been appraised, unless somebody
 * counts on it already.
 *
 * @param since provisionings completed before are history and not waited for
 * @param makeId one call for each new row
 */
export async function expectProvisioned(
  client: ClientBase,
  since: Date,
  now: Date,
  makeId: () => string,
): Promise<number> {
  const { rows } = await client.query<{ trust_domain_id: string; node_id: string; at: Date }>(
    `SELECT e.trust_domain_id, e.node_id, max(e.occurred_at) AS at FROM bootstrap_event e
     WHERE e.type = 'provisioning.image_completed' AND e.outcome = 'success' AND e.occurred_at > $1
       AND e.node_id IS NOT NULL AND e.link_id IS NULL
       AND NOT EXISTS (SELECT FROM expected_node x
         WHERE x.trust_domain_id = e.trust_domain_id AND x.node_id = e.node_id)
       AND NOT EXISTS (SELECT FROM lane l WHERE l.trust_domain_id = e.trust_domain_id AND l.node_id = e.node_id)
       AND NOT EXISTS (SELECT FROM bootstrap_event d
         WHERE d.trust_domain_id = e.trust_domain_id AND d.node_id = e.node_id AND d.outcome = 'success'
           AND d.type IN ('enrollment.credential_issued', 'node.registered', 'node.ready'))
     GROUP BY 1, 2 LIMIT 500`,
    [since],
  );
  for (const row of rows) {
    await client.query(
      `INSERT INTO expected_node (trust_domain_id, id, origin, name, identities, created_at, created_by, node_id, provisioned_at)
       SELECT n.trust_domain_id, $3, 'provisioning', n.display_name,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value) ORDER BY i.kind, i.value), '[]'::jsonb)
           FROM node_identity i WHERE i.trust_domain_id = n.trust_domain_id AND i.node_id = n.id AND i.strong
             AND i.valid_to IS NULL), $5, 'worker', n.id, $4
       FROM node n WHERE n.trust_domain_id = $1 AND n.id = $2
       ON CONFLICT DO NOTHING`,
      [row.trust_domain_id, row.node_id, makeId(), row.at, now],
    );
  }
  return rows.length;
}

/** Write down what became of an expected node; one that came or was withdrawn meanwhile is left alone. */
export async function expectationUpdate(
  pool: Pool,
  expectation: Pick<OpenExpectation, "trustDomainId" | "id" | "nodeId" | "provisionedAt" | "enrolledAt">,
  overdue: { at: Date; reason: string } | null,
): Promise<void> {
  const { trustDomainId, id, nodeId, provisionedAt, enrolledAt } = expectation;
  await pool.query(
    `UPDATE expected_node SET node_id = $3, provisioned_at = $4, enrolled_at = $5,
       overdue_at = $6, overdue_reason = $7
     WHERE trust_domain_id = $1 AND id = $2 AND enrolled_at IS NULL AND withdrawn_at IS NULL
       AND (node_id, provisioned_at, enrolled_at, overdue_at, overdue_reason)
         IS DISTINCT FROM ($3::uuid, $4::timestamptz, $5::timestamptz, $6::timestamptz, $7::text)`,
    [trustDomainId, id, nodeId, provisionedAt, enrolledAt, overdue?.at ?? null, overdue?.reason ?? null],
  );
}
