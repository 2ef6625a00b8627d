/** Decisions about the keys of sources, and how far history follows them. */
import { and, eq, gt, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { lane } from "#db/schema/fleet";
import { rederivation, sourceKey } from "#db/schema/source";
import type { SourceKeyRow } from "./source.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

/**
 * One key of a source; `undefined` when there is none or it lies outside the scope.
 *
 * @param lock hold it until the transaction ends; batches that it vouched for are waited for
 */
export async function sourceKeyFind(
  conn: Conn,
  scope: Scope,
  { sourceId, kid }: { sourceId: string; kid: string },
  lock: boolean,
): Promise<SourceKeyRow | undefined> {
  const query = conn
    .select()
    .from(sourceKey)
    .where(
      and(
        inArray(sourceKey.trustDomainId, [...scope]),
        eq(sourceKey.sourceId, sourceId),
        eq(sourceKey.kid, kid),
      ),
    );
  const [row] = await (lock ? query.for("update") : query);
  return row;
}

export type KeyDistrust = { sourceId: string; kid: string; at: Date };

/** When each key was distrusted for the first time: from then on it never vouches again. */
export async function keyDistrustList(conn: Conn, scope: Scope): Promise<KeyDistrust[]> {
  const rows = await conn
    .select({
      sourceId: rederivation.sourceId,
      kid: rederivation.kid,
      at: sql<number>`${ms(sql`min(${rederivation.recordedAt})`)}`,
    })
    .from(rederivation)
    .where(inArray(rederivation.trustDomainId, [...scope]))
    .groupBy(rederivation.sourceId, rederivation.kid);
  return rows.map(({ at, ...key }) => ({ ...key, at: new Date(at) }));
}

type KeyId = { trustDomainId: string; sourceId: string; kid: string };

export async function sourceKeyDistrust(tx: Tx, key: KeyId, since: Date): Promise<void> {
  await tx
    .update(sourceKey)
    .set({ state: "distrusted", distrustedSince: since })
    .where(
      and(
        eq(sourceKey.trustDomainId, key.trustDomainId),
        eq(sourceKey.sourceId, key.sourceId),
        eq(sourceKey.kid, key.kid),
      ),
    );
}

/** Note a decision, and with it the work that it makes. */
export async function rederivationInsert(
  tx: Tx,
  row: KeyId & { id: string; since: Date; previousSince: Date | null; recordedAt: Date },
): Promise<void> {
  const [count] = await tx
    .select({ nodes: sql<number>`count(DISTINCT ${lane.nodeId})::int` })
    .from(lane)
    .where(and(eq(lane.trustDomainId, row.trustDomainId), eq(lane.sourceId, row.sourceId)));
  await tx.insert(rederivation).values({ ...row, nodesTotal: count?.nodes ?? 0, nodesDone: 0 });
}

export type Progress = { sourceId: string; kid: string; done: number; total: number };

/** Decisions that history does not follow everywhere yet. */
export async function rederivationsOpen(conn: Conn, scope: Scope): Promise<Progress[]> {
  return conn
    .select({
      sourceId: rederivation.sourceId,
      kid: rederivation.kid,
      done: rederivation.nodesDone,
      total: rederivation.nodesTotal,
    })
    .from(rederivation)
    .where(and(inArray(rederivation.trustDomainId, [...scope]), isNull(rederivation.finishedAt)))
    .orderBy(rederivation.recordedAt, rederivation.id);
}

/** Whether other keys of the source may still vouch for it. */
export async function otherUsableKeys(conn: Conn, { trustDomainId, sourceId, kid }: KeyId, now: Date) {
  return conn.$count(
    sourceKey,
    and(
      eq(sourceKey.trustDomainId, trustDomainId),
      eq(sourceKey.sourceId, sourceId),
      sql`${sourceKey.kid} <> ${kid}`,
      inArray(sourceKey.state, ["active", "prepared"]),
      sql`(${isNull(sourceKey.validTo)} OR ${gt(sourceKey.validTo, now)})`,
    ),
  );
}

/** A stretch of a lane that rested on a key which is distrusted now; epoch milliseconds. */
export type DistrustedStretch = {
  sourceId: string;
  sourceName: string;
  submod: string;
  kid: string;
  since: number;
  from: number;
  /** `null` = it was still open when the key was distrusted. */
  to: number | null;
};

/**
 * What a node's history once rested on and does not any more: superseded intervals of distrusted keys.
 *
 * @param knownAt only what was superseded by then; `null` = all
 */
export async function distrustedStretches(
  conn: Conn,
  scope: Scope,
  { nodeId, knownAt }: { nodeId: string; knownAt: Date | null },
): Promise<DistrustedStretch[]> {
  return rowsOf(
    conn,
    sql`SELECT i.source_id AS "sourceId", s.name AS "sourceName", i.submod, i.kid,
        ${ms(sql`k.distrusted_since`)} AS since, ${ms(sql`min(i.valid_from)`)} AS "from",
        CASE WHEN bool_or(i.valid_to IS NULL) THEN NULL ELSE ${ms(sql`max(i.valid_to)`)} END AS "to"
      FROM source_key k
      JOIN source s ON s.trust_domain_id = k.trust_domain_id AND s.id = k.source_id
      JOIN trust_interval i ON i.trust_domain_id = k.trust_domain_id AND i.source_id = k.source_id AND i.kid = k.kid
      WHERE k.trust_domain_id = ANY(${uuids(scope)}) AND k.distrusted_since IS NOT NULL
        AND i.node_id = ${nodeId}::uuid AND ${knownAt ? sql`i.recorded_to <= ${instant(knownAt)}` : sql`i.recorded_to IS NOT NULL`} AND i.event_hash IS NOT NULL
        AND (i.valid_to IS NULL OR i.valid_to > k.distrusted_since)
      GROUP BY i.source_id, s.name, i.submod, i.kid, k.distrusted_since
      ORDER BY s.name, i.submod, i.kid`,
  );
}

/** Change requests whose preview names any of the nodes: what was agreed on in view of their status. */
export async function changesNaming(
  conn: Conn,
  scope: Scope,
  nodeIds: readonly string[],
  limit: number,
): Promise<{ total: number; items: { id: string; summary: string; state: string }[] }> {
  const rows = await rowsOf<{ id: string; summary: string; state: string; total: number }>(
    conn,
    sql`SELECT id, summary, state, count(*) OVER ()::int AS total FROM change_request
      WHERE trust_domain_id = ANY(${uuids(scope)}) AND EXISTS (
        SELECT FROM jsonb_array_elements(preview -> 'nodes' -> 'items') named
        WHERE (named ->> 'id')::uuid = ANY(${uuids(nodeIds)}))
      ORDER BY proposed_at DESC, id LIMIT ${limit}`,
  );
  return {
    total: rows[0]?.total ?? 0,
    items: rows.map(({ id, summary, state }) => ({ id, summary, state })),
  };
}
