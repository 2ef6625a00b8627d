/** Whether anything changed, cheaply; for readers that a notification may not have reached. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { rowsOf } from "./sql.ts";

/** Channel of change hints. Payload: JSON `{d: trust domain, t: topics, n?: node ids}`. */
export const CHANGE_CHANNEL = "touchstone_change";

/** A text per trust domain that differs after new events or status changes. */
export async function changeSignatures(conn: Conn): Promise<{ trustDomainId: string; signature: string }[]> {
  return rowsOf(
    conn,
    sql`SELECT d.id AS "trustDomainId", concat_ws('/',
        (SELECT max(r.last_received_at) FROM source s CROSS JOIN LATERAL (
          SELECT last_received_at FROM rollup
          WHERE trust_domain_id = s.trust_domain_id AND source_id = s.id ORDER BY bucket DESC LIMIT 1
        ) r WHERE s.trust_domain_id = d.id),
        (SELECT max(changed_at) FROM node_state WHERE trust_domain_id = d.id),
        (SELECT count(*) FROM source WHERE trust_domain_id = d.id)) AS signature
      FROM trust_domain d`,
  );
}
