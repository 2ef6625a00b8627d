/** Sinks, whose turn it is, and what their receivers refused. */
import { and, asc, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { feedHead, sink, sinkDeadLetter, sinkDelivery } from "#db/schema/feed";
import { instant, rowsOf, type Scope } from "./sql.ts";

export type SinkRow = typeof sink.$inferSelect;
export type DeadLetterRow = typeof sinkDeadLetter.$inferSelect;
export type SinkKey = Pick<SinkRow, "trustDomainId" | "id">;

const isOne = ({ trustDomainId, id }: SinkKey) => and(eq(sink.trustDomainId, trustDomainId), eq(sink.id, id));
const inScope = (scope: Scope, id: string) => and(inArray(sink.trustDomainId, [...scope]), eq(sink.id, id));

/**
 * `lastSeq` = how far the order of its domain goes; `waiting`, `refused` = dead letters to be sent again, and left;
 * `late` = facts that it was told late since an instant.
 */
export type ListedSink = SinkRow & { lastSeq: number; waiting: number; refused: number; late: number };

/** @param since from when on late facts are counted */
export async function sinkList(conn: Conn, scope: Scope, since: Date): Promise<ListedSink[]> {
  const letters = (
    which: ReturnType<typeof sql>,
  ) => sql<number>`(SELECT count(*)::int FROM ${sinkDeadLetter} d
    WHERE d.trust_domain_id = ${sink.trustDomainId} AND d.sink_id = ${sink.id} AND d.replayed_at IS NULL AND ${which})`;
  const rows = await conn
    .select({
      row: sink,
      lastSeq: sql<number>`coalesce(${feedHead.lastSeq}, 0)::float8`,
      waiting: letters(sql`d.replay_at IS NOT NULL`),
      refused: letters(sql`d.replay_at IS NULL`),
      late: sql<number>`(SELECT coalesce(sum(m.late), 0)::float8 FROM ${sinkDelivery} m
        WHERE m.trust_domain_id = ${sink.trustDomainId} AND m.sink_id = ${sink.id} AND m.minute >= ${instant(since)})`,
    })
    .from(sink)
    .leftJoin(feedHead, eq(feedHead.trustDomainId, sink.trustDomainId))
    .where(inArray(sink.trustDomainId, [...scope]))
    .orderBy(asc(sink.name), asc(sink.id));
  return rows.map(({ row, ...more }) => ({ ...row, ...more }));
}

export async function sinkFind(conn: Conn, scope: Scope, id: string): Promise<SinkRow | undefined> {
  const [row] = await conn.select().from(sink).where(inScope(scope, id));
  return row;
}

/** Locked until the transaction ends. */
export async function sinkLock(tx: Tx, scope: Scope, id: string): Promise<SinkRow | undefined> {
  const [row] = await tx.select().from(sink).where(inScope(scope, id)).for("update");
  return row;
}

/** @returns false when the name is taken */
export async function sinkInsert(tx: Tx, row: typeof sink.$inferInsert): Promise<boolean> {
  const inserted = await tx.insert(sink).values(row).onConflictDoNothing().returning({ id: sink.id });
  return inserted.length > 0;
}

export async function sinkCount(tx: Tx, trustDomainId: string): Promise<number> {
  return tx.$count(sink, eq(sink.trustDomainId, trustDomainId));
}

/** Change what people decide. Whoever delivers under the row as it was moves nothing any more, and may not hold it. */
export async function sinkUpdate(tx: Tx, row: SinkRow, set: Partial<SinkRow>): Promise<void> {
  await tx
    .update(sink)
    .set({ ...set, revision: row.revision + 1, claimedBy: null, claimedUntil: null })
    .where(isOne(row));
}

export async function sinkDelete(tx: Tx, key: SinkKey): Promise<void> {
  await tx
    .delete(sinkDeadLetter)
    .where(and(eq(sinkDeadLetter.trustDomainId, key.trustDomainId), eq(sinkDeadLetter.sinkId, key.id)));
  await tx.delete(sink).where(isOne(key));
}

/**
 * Take a sink that has something to tell and is due, until an instant; the longest due first.
 *
 * @param claimedBy whoever settles must name it
 */
export async function sinkClaim(
  conn: Conn,
  { claimedBy, now, until }: { claimedBy: string; now: Date; until: Date },
): Promise<SinkRow | undefined> {
  const claimed = await rowsOf<SinkKey>(
    conn,
    sql`UPDATE sink s SET claimed_by = ${claimedBy}, claimed_until = ${instant(until)}
      FROM (
        SELECT s.trust_domain_id, s.id FROM sink s
        LEFT JOIN feed_head h ON h.trust_domain_id = s.trust_domain_id
        WHERE s.disabled_at IS NULL AND (s.due_at IS NULL OR s.due_at <= ${instant(now)})
          AND (s.claimed_until IS NULL OR s.claimed_until <= ${instant(now)})
          AND (s.cursor < coalesce(h.last_seq, 0) OR EXISTS (SELECT FROM sink_dead_letter d
            WHERE d.trust_domain_id = s.trust_domain_id AND d.sink_id = s.id AND d.replay_at IS NOT NULL))
        ORDER BY s.last_delivered_at NULLS FIRST, s.id LIMIT 1 FOR UPDATE OF s SKIP LOCKED
      ) due
      WHERE s.trust_domain_id = due.trust_domain_id AND s.id = due.id
      RETURNING s.trust_domain_id AS "trustDomainId", s.id`,
  );
  const [key] = claimed;
  return key && sinkFind(conn, [key.trustDomainId], key.id);
}

/** Write what came of a delivery. @returns false when somebody changed the sink or took it over meanwhile */
export async function sinkSettle(
  tx: Tx,
  { trustDomainId, id, revision }: SinkRow,
  claimedBy: string,
  set: Partial<SinkRow>,
): Promise<boolean> {
  const rows = await tx
    .update(sink)
    .set({ ...set, claimedBy: null, claimedUntil: null })
    .where(and(isOne({ trustDomainId, id }), eq(sink.revision, revision), eq(sink.claimedBy, claimedBy)))
    .returning({ id: sink.id });
  return rows.length > 0;
}

export async function deadLetterInsertAll(
  tx: Tx,
  rows: readonly (typeof sinkDeadLetter.$inferInsert)[],
): Promise<void> {
  if (rows.length > 0)
    await tx
      .insert(sinkDeadLetter)
      .values([...rows])
      .onConflictDoNothing();
}

const lettersOf = ({ trustDomainId, id }: SinkKey) =>
  and(eq(sinkDeadLetter.trustDomainId, trustDomainId), eq(sinkDeadLetter.sinkId, id));

/** What the receiver refused and nobody has sent again, the last ones first. */
export async function deadLetterList(conn: Conn, key: SinkKey, limit: number): Promise<DeadLetterRow[]> {
  return conn
    .select()
    .from(sinkDeadLetter)
    .where(and(lettersOf(key), isNull(sinkDeadLetter.replayedAt)))
    .orderBy(desc(sinkDeadLetter.seq))
    .limit(limit);
}

/** What is to be sent again, in the order of the feed. */
export async function deadLettersDue(conn: Conn, key: SinkKey, limit: number): Promise<DeadLetterRow[]> {
  return conn
    .select()
    .from(sinkDeadLetter)
    .where(and(lettersOf(key), isNotNull(sinkDeadLetter.replayAt), isNull(sinkDeadLetter.replayedAt)))
    .orderBy(asc(sinkDeadLetter.seq))
    .limit(limit);
}

export async function deadLetterUpdate(
  tx: Tx,
  key: SinkKey,
  seq: number,
  set: Partial<DeadLetterRow>,
): Promise<void> {
  await tx
    .update(sinkDeadLetter)
    .set(set)
    .where(and(lettersOf(key), eq(sinkDeadLetter.seq, seq)));
}

/** Ask for dead letters to be sent again. @param seqs `null` = all of them. @returns how many */
export async function deadLetterReplay(
  tx: Tx,
  key: SinkKey,
  seqs: readonly number[] | null,
  at: Date,
): Promise<number> {
  const rows = await tx
    .update(sinkDeadLetter)
    .set({ replayAt: at })
    .where(
      and(
        lettersOf(key),
        isNull(sinkDeadLetter.replayedAt),
        seqs === null ? undefined : inArray(sinkDeadLetter.seq, [...seqs]),
      ),
    )
    .returning({ seq: sinkDeadLetter.seq });
  return rows.length;
}
