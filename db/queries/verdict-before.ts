/** The verdict of a lane before a given one. */
import { sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type EarlierVerdict = { eventHash: string; observedAt: number; raw: Buffer | null };

/**
 * `undefined` = there is none. Ties within a millisecond are broken by the hash, as in the list.
 *
 * @param before the instant and the hash (hex) of the verdict that it comes before
 */
export async function verdictBefore(
  conn: Conn,
  scope: Scope,
  args: { nodeId: string; sourceId: string; submod: string; before: { atMs: number; hash: string } },
): Promise<EarlierVerdict | undefined> {
  const { nodeId, sourceId, submod, before } = args;
  const [row] = await rowsOf<EarlierVerdict>(
    conn,
    sql`SELECT encode(v.event_hash, 'hex') AS "eventHash", ${ms(sql`v.observed_at`)} AS "observedAt", v.raw
      FROM (SELECT * FROM verdict UNION ALL SELECT * FROM verdict_kept) v
      WHERE v.trust_domain_id = ANY(${uuids(scope)}) AND v.node_id = ${nodeId}::uuid
        AND v.source_id = ${sourceId}::uuid AND v.submod = ${submod}
        AND (v.observed_at, v.event_hash) < (${instant(new Date(before.atMs))}, decode(${before.hash}, 'hex'))
      ORDER BY v.observed_at DESC, v.event_hash DESC LIMIT 1`,
  );
  return row;
}
