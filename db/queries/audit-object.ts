/** Which audit entries are about an object: those that name it, and those that name what belongs to it. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { rowsOf, type Scope, uuids } from "./sql.ts";

/** `id` is the name of a policy, which people know it by; of anything else its id. */
export type ObjectRef = {
  kind: "node" | "source" | "change" | "baseline" | "policy" | "incident";
  id: string;
};

/** `ids` as entries name them; `policyName` = refused attempts name a policy by it. */
export type AuditedIds = { ids: readonly string[]; policyName: string | null };

/** The object itself with what belongs to it: requests about it, keys of a source, alarms and links of a node, exceptions. */
export async function auditedIds(conn: Conn, scope: Scope, { kind, id }: ObjectRef): Promise<AuditedIds> {
  const here = sql`trust_domain_id = ANY (${uuids(scope)})`;
  const own =
    kind === "policy"
      ? sql`SELECT id FROM policy WHERE ${here} AND name = ${id}`
      : sql`SELECT ${id}::uuid AS id`;
  const belonging = belongingTo(kind, { here, id });
  const found = await rowsOf<{ id: string }>(
    conn,
    sql`WITH own AS (${own})
      SELECT id::text AS id FROM own
      UNION SELECT id::text FROM change_request WHERE ${here} AND subject = ANY (SELECT id::text FROM own)
      ${belonging ? sql`UNION ${belonging}` : sql``}`,
  );
  return { ids: found.map((row) => row.id), policyName: kind === "policy" ? id : null };
}

function belongingTo(kind: ObjectRef["kind"], { here, id }: { here: SQL; id: string }): SQL | null {
  switch (kind) {
    case "node":
      return sql`SELECT id::text FROM identity_alarm WHERE ${here} AND node_id = ${id}
        UNION SELECT id::text FROM event_link WHERE ${here} AND node_id = ${id}`;
    case "source":
      return sql`SELECT id::text FROM api_key WHERE ${here} AND source_id = ${id}`;
    case "baseline":
      return sql`SELECT id::text FROM drift_exception WHERE ${here} AND baseline_id = ${id}`;
    case "policy":
      return sql`SELECT id::text FROM policy_exception WHERE ${here} AND policy_name = ${id}`;
    case "change":
    case "incident":
      return null;
  }
}
