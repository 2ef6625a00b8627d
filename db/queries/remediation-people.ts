/** Who holds a role in a domain, by themselves or from above. */
import { sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { instant, rowsOf, texts, uuids } from "./sql.ts";

export type Holder = { userId: string; email: string };

/** Accounts that are not disabled and hold one of some roles in a domain or above it, by e-mail. */
export async function peopleHolding(
  conn: Conn,
  trustDomainId: string,
  roles: readonly string[],
  now: Date,
): Promise<Holder[]> {
  return rowsOf(
    conn,
    sql`WITH RECURSIVE above AS (
        SELECT id, parent_id FROM trust_domain WHERE id = ${trustDomainId}::uuid
        UNION SELECT d.id, d.parent_id FROM trust_domain d JOIN above a ON d.id = a.parent_id
      ) SELECT DISTINCT u.id AS "userId", u.email FROM role_grant g
      JOIN above a ON a.id = g.trust_domain_id JOIN app_user u ON u.id = g.user_id
      WHERE g.role = ANY(${texts(roles)}) AND (g.expires_at IS NULL OR g.expires_at > ${instant(now)})
        AND g.review_from IS NULL AND u.disabled_at IS NULL
      ORDER BY u.email, u.id`,
  );
}

/** Keep some accounts and their grants as they are until the transaction ends. */
export async function holdPeople(tx: Tx, userIds: readonly string[]): Promise<void> {
  const ids = [...new Set(userIds)].sort();
  if (ids.length === 0) return;
  await tx.execute(sql`SELECT FROM app_user WHERE id = ANY(${uuids(ids)}) ORDER BY id FOR SHARE`);
  await tx.execute(
    sql`SELECT FROM role_grant WHERE user_id = ANY(${uuids(ids)}) ORDER BY user_id, trust_domain_id, role FOR SHARE`,
  );
}
