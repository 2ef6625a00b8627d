/** What sinks were told, minute by minute, and what their receivers refused: kept when the feed and the sinks are gone. */
import { and, desc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { sinkDelivery, sinkRefusal } from "#db/schema/feed";
import type { SinkKey } from "./sink.ts";
import { instant, rowsOf } from "./sql.ts";

export const MINUTE_MS = 60_000;

/** The furthest place that a sink had come to while it was counted; 0 = nothing was counted yet. */
export async function deliveredThrough(conn: Conn, { trustDomainId, id }: SinkKey): Promise<number> {
  const [row] = await conn
    .select({ through: sinkDelivery.through })
    .from(sinkDelivery)
    .where(and(eq(sinkDelivery.trustDomainId, trustDomainId), eq(sinkDelivery.sinkId, id)))
    .orderBy(desc(sinkDelivery.minute))
    .limit(1);
  return row?.through ?? 0;
}

/** Add to what a sink was told in the minute of an instant. */
export async function deliveryAdd(
  tx: Tx,
  { trustDomainId, id }: SinkKey,
  at: Date,
  counts: { facts: number; late: number; missed: number; through: number },
): Promise<void> {
  const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);
  const added = (column: "facts" | "late" | "missed") =>
    sql`${sinkDelivery[column]} + excluded.${sql.raw(column)}`;
  await tx
    .insert(sinkDelivery)
    .values({ trustDomainId, sinkId: id, minute, ...counts })
    .onConflictDoUpdate({
      target: [sinkDelivery.trustDomainId, sinkDelivery.sinkId, sinkDelivery.minute],
      set: {
        facts: added("facts"),
        late: added("late"),
        missed: added("missed"),
        through: sql`greatest(${sinkDelivery.through}, excluded.through)`,
      },
    });
}

/** Keep when a receiver first refused these facts. */
export async function refusalInsertAll(
  tx: Tx,
  { trustDomainId, id }: SinkKey,
  seqs: readonly number[],
  at: Date,
): Promise<void> {
  if (seqs.length === 0) return;
  await tx
    .insert(sinkRefusal)
    .values(seqs.map((seq) => ({ trustDomainId, sinkId: id, seq, at })))
    .onConflictDoNothing();
}

/** Facts that had been refused were taken. @returns those of them that were on record as refused */
export async function refusalReplayed(
  tx: Tx,
  { trustDomainId, id }: SinkKey,
  seqs: readonly number[],
  at: Date,
): Promise<Set<number>> {
  if (seqs.length === 0) return new Set();
  const rows = await tx
    .update(sinkRefusal)
    .set({ replayedAt: at })
    .where(
      and(
        eq(sinkRefusal.trustDomainId, trustDomainId),
        eq(sinkRefusal.sinkId, id),
        inArray(sinkRefusal.seq, [...seqs]),
        isNull(sinkRefusal.replayedAt),
      ),
    )
    .returning({ seq: sinkRefusal.seq });
  return new Set(rows.map(({ seq }) => seq));
}

/** Forget what was recorded before an instant. @returns how many rows of the larger table were forgotten */
export async function deliveryForget(
  tx: Tx,
  trustDomainId: string,
  { before, limit }: { before: Date; limit: number },
): Promise<number> {
  await tx
    .delete(sinkRefusal)
    .where(and(eq(sinkRefusal.trustDomainId, trustDomainId), lt(sinkRefusal.at, before)));
  const rows = await rowsOf<{ n: number }>(
    tx,
    sql`WITH gone AS (
        DELETE FROM sink_delivery WHERE (trust_domain_id, sink_id, minute) IN (
          SELECT trust_domain_id, sink_id, minute FROM sink_delivery
          WHERE trust_domain_id = ${trustDomainId} AND minute < ${instant(before)} LIMIT ${limit}) RETURNING 1
      ) SELECT count(*)::int AS n FROM gone`,
  );
  return rows[0]?.n ?? 0;
}
