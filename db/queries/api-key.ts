/** API keys: how a sender proves which source it is, and a program which service account. */
import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { apiKey, source } from "#db/schema/source";
import type { ApiKeyRow } from "./source.ts";
import type { Scope } from "./sql.ts";

export async function apiKeyInsert(tx: Tx, row: typeof apiKey.$inferInsert): Promise<ApiKeyRow> {
  const [inserted] = await tx.insert(apiKey).values(row).returning();
  if (!inserted) throw new Error("The API key was not stored");
  return inserted;
}

/** One key of one source, locked until the transaction ends; `undefined` when it cannot be seen. */
export async function apiKeyLock(
  tx: Tx,
  scope: Scope,
  { sourceId, apiKeyId }: { sourceId: string; apiKeyId: string },
): Promise<ApiKeyRow | undefined> {
  const [row] = await tx
    .select()
    .from(apiKey)
    .where(
      and(inArray(apiKey.trustDomainId, [...scope]), eq(apiKey.sourceId, sourceId), eq(apiKey.id, apiKeyId)),
    )
    .for("update");
  return row;
}

export async function apiKeyRevoke(tx: Tx, id: string, at: Date): Promise<void> {
  await tx
    .update(apiKey)
    .set({ revokedAt: at })
    .where(and(eq(apiKey.id, id), isNull(apiKey.revokedAt)));
}

/**
 * The source's key with this digest, with whether the source takes part.
 *
 * Global on purpose: the caller's trust domain is what the key tells us.
 */
export async function apiKeyBySecret(
  conn: Conn,
  secretSha256: Buffer,
): Promise<(ApiKeyRow & { sourceId: string; sourceDisabledAt: Date | null }) | undefined> {
  const [row] = await conn
    .select({ key: apiKey, sourceId: source.id, sourceDisabledAt: source.disabledAt })
    .from(apiKey)
    .innerJoin(source, and(eq(source.trustDomainId, apiKey.trustDomainId), eq(source.id, apiKey.sourceId)))
    .where(eq(apiKey.secretSha256, secretSha256));
  return row && { ...row.key, sourceId: row.sourceId, sourceDisabledAt: row.sourceDisabledAt };
}

/** Note that a key was used, at most once a minute: the row would else be written per request. */
export async function apiKeyTouch(conn: Conn, id: string, at: Date): Promise<void> {
  await conn
    .update(apiKey)
    .set({ lastUsedAt: at })
    .where(
      and(
        eq(apiKey.id, id),
        sql`(${apiKey.lastUsedAt} IS NULL OR ${apiKey.lastUsedAt} <= ${at.toISOString()}::timestamptz - interval '1 minute')`,
      ),
    );
}
