/** Weights and thresholds of drift, and what the differences of now amount to under others. */
import { desc, eq, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { driftSetting } from "#db/schema/drift";
import { appUser } from "#db/schema/people";
import type { Tally } from "#lib/domain/drift-weigh";
import { instant, rowsOf, uuids } from "./sql.ts";

type SettingRow = typeof driftSetting.$inferSelect;

/** The newest versions of a domain, the newest first; none = the built-in settings hold. */
export async function settingVersions(
  conn: Conn,
  trustDomainId: string,
  limit: number,
): Promise<(SettingRow & { authorEmail: string | null })[]> {
  const rows = await conn
    .select({ row: driftSetting, email: appUser.email })
    .from(driftSetting)
    .leftJoin(appUser, eq(appUser.id, driftSetting.author))
    .where(eq(driftSetting.trustDomainId, trustDomainId))
    .orderBy(desc(driftSetting.version))
    .limit(limit);
  return rows.map(({ row, email }) => ({ ...row, authorEmail: email }));
}

export async function settingInsert(tx: Tx, row: typeof driftSetting.$inferInsert): Promise<void> {
  await tx.insert(driftSetting).values(row);
}

/** How many nodes are compared with a baseline now. */
export async function comparedNodes(conn: Conn, trustDomainId: string, now: Date): Promise<number> {
  const [row] = await rowsOf<{ nodes: number }>(
    conn,
    sql`SELECT count(DISTINCT node_id)::int AS nodes FROM drift_interval d
      WHERE d.trust_domain_id = ${trustDomainId}::uuid AND ${believedNow(now)}`,
  );
  return row?.nodes ?? 0;
}

export type DriftingLane = {
  nodeId: string;
  name: string;
  sourceId: string;
  submod: string;
  /** Differences that are there, those that are not kept one by one among them. */
  counted: number;
};

/** The lanes of the first nodes that differ from something now, by name of the node. */
export function driftingLanes(
  conn: Conn,
  trustDomainId: string,
  { now, nodes }: { now: Date; nodes: number },
): Promise<DriftingLane[]> {
  return rowsOf(
    conn,
    sql`SELECT d.node_id AS "nodeId", n.display_name AS name, d.source_id AS "sourceId", d.submod,
        (SELECT sum(value::int)::int FROM jsonb_each_text(d.findings)) AS counted
      FROM (SELECT DISTINCT n.trust_domain_id, n.id, n.display_name FROM drift_interval d
        JOIN node n ON n.trust_domain_id = d.trust_domain_id AND n.id = d.node_id
        WHERE d.trust_domain_id = ${trustDomainId}::uuid AND ${believedNow(now)} AND d.worst IS NOT NULL
        ORDER BY n.display_name, n.id LIMIT ${nodes}) n
      JOIN drift_interval d ON d.trust_domain_id = n.trust_domain_id AND d.node_id = n.id
        AND ${believedNow(now)} AND d.worst IS NOT NULL
      ORDER BY n.display_name, n.id, d.source_id, d.submod`,
  );
}

export type LaneTally = Tally & { nodeId: string; sourceId: string; submod: string };

/** What differs now on some nodes, counted per lane, layer, class and effect. */
export function laneTallies(
  conn: Conn,
  trustDomainId: string,
  { now, nodeIds }: { now: Date; nodeIds: readonly string[] },
): Promise<LaneTally[]> {
  return rowsOf(
    conn,
    sql`SELECT d.node_id AS "nodeId", d.source_id AS "sourceId", d.submod, d.layer, d.class, d.effect, count(*)::int AS count
      FROM drift_finding d
      WHERE d.trust_domain_id = ${trustDomainId}::uuid AND d.node_id = ANY(${uuids(nodeIds)}) AND ${believedNow(now)}
      GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`,
  );
}

/** Of a row `d` with validity and recording: holds now, as believed now. */
const believedNow = (now: Date) => sql`d.recorded_to IS NULL AND d.valid_from <= ${instant(now)}
  AND (d.valid_to IS NULL OR d.valid_to > ${instant(now)})`;
