/** Keys of sources: their steps, and the note of their use. */
import { and, asc, eq, isNull, lte, or } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { sourceKey } from "#db/schema/source";
import type { SourceKeyRow } from "./source.ts";

/** Names one key. */
export type SourceKeyId = { trustDomainId: string; sourceId: string; kid: string };

const isKey = ({ trustDomainId, sourceId, kid }: SourceKeyId) =>
  and(eq(sourceKey.trustDomainId, trustDomainId), eq(sourceKey.sourceId, sourceId), eq(sourceKey.kid, kid));

/** All keys of one source, the oldest first. */
export async function sourceKeysOf(
  conn: Conn,
  { trustDomainId, sourceId }: Omit<SourceKeyId, "kid">,
): Promise<SourceKeyRow[]> {
  return conn
    .select()
    .from(sourceKey)
    .where(and(eq(sourceKey.trustDomainId, trustDomainId), eq(sourceKey.sourceId, sourceId)))
    .orderBy(asc(sourceKey.createdAt), asc(sourceKey.kid));
}

/** Store a step of a key. The caller holds the lock of its source. */
export async function sourceKeyStep(
  tx: Tx,
  id: SourceKeyId,
  step: Partial<Pick<SourceKeyRow, "activatedAt" | "validTo" | "acceptUntil">> & { state: string },
): Promise<void> {
  await tx.update(sourceKey).set(step).where(isKey(id));
}

/** Note that a key vouched for something, unless that was noted since `staleBefore`. */
export async function sourceKeyTouch(
  conn: Conn,
  id: SourceKeyId,
  at: Date,
  staleBefore: Date,
): Promise<void> {
  await conn
    .update(sourceKey)
    .set({ lastUsedAt: at })
    .where(and(isKey(id), or(isNull(sourceKey.lastUsedAt), lte(sourceKey.lastUsedAt, staleBefore))));
}
