/** The keys that this installation signs with. */
import { asc, eq, inArray } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { signingKey } from "#db/schema/baseline";
import { trustDomain } from "#db/schema/fleet";
import type { Scope } from "./sql.ts";

export type SigningKeyRow = typeof signingKey.$inferSelect;

/** Keys of some domains, the oldest first. */
export async function signingKeyList(conn: Conn, scope: Scope): Promise<SigningKeyRow[]> {
  return conn
    .select()
    .from(signingKey)
    .where(inArray(signingKey.trustDomainId, [...scope]))
    .orderBy(asc(signingKey.createdAt), asc(signingKey.kid));
}

/** Keys of every domain, in an order that tells nothing. */
export async function signingKeyAll(conn: Conn): Promise<Pick<SigningKeyRow, "kid" | "publicKey">[]> {
  return conn
    .select({ kid: signingKey.kid, publicKey: signingKey.publicKey })
    .from(signingKey)
    .orderBy(asc(signingKey.kid));
}

/** The key that a domain signs with, held with the domain: two first signatures must not make two keys. */
export async function signingKeyLock(tx: Tx, trustDomainId: string): Promise<SigningKeyRow | undefined> {
  await tx.select().from(trustDomain).where(eq(trustDomain.id, trustDomainId)).for("no key update");
  const keys = await signingKeyList(tx, [trustDomainId]);
  return keys.at(-1);
}

export async function signingKeyInsert(tx: Tx, row: SigningKeyRow): Promise<void> {
  await tx.insert(signingKey).values(row);
}
