/** The end of grants: none is forgotten, so that a period in which it was held still shows it. */
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client";
import { instant } from "./sql.ts";

/**
 * Takes grants away and keeps each with its end: now, or when it had run out before. A grant that lasted for no time is
 * not kept.
 *
 * @param which a condition on columns of `role_grant`
 */
export async function roleGrantEnd(tx: Tx, which: SQL | undefined, at: Date): Promise<void> {
  if (!which) throw new Error("Which grants end has to be said");
  await tx.execute(sql`WITH gone AS (
      DELETE FROM role_grant WHERE ${which}
      RETURNING trust_domain_id, user_id, role, origin, own_gift, created_at, least(expires_at, ${instant(at)}) AS ended_at
    )
    INSERT INTO role_grant_past (trust_domain_id, user_id, role, origin, own_gift, created_at, ended_at)
    SELECT * FROM gone WHERE ended_at > created_at`);
}
