/** What a proof needs in an empty installation. */
import { openDb } from "#db/client";
import { trustDomainRoot } from "#db/queries/trust-domain";
import type { ServiceContext } from "#lib/services/context";
import { createSource } from "#lib/services/source/create";
import { createApiKey } from "#lib/services/source/create-api-key";
import { ensureAdmin } from "#lib/services/user/ensure-admin";
import { SOURCES } from "#lib/sources/registry";

/** Create the root domain, a canonical JSON source and a key that may send for it. */
export async function ingestCredentials(databaseUrl: string): Promise<{ sourceId: string; secret: string }> {
  const db = openDb(databaseUrl, 2);
  try {
    await ensureAdmin(db, { password: "a password for the proof", now: new Date() });
    const root = await trustDomainRoot(db);
    if (!root) throw new Error("no root trust domain");
    const ctx: ServiceContext = {
      db,
      actor: { kind: "system", id: "prove", trustDomainIds: [root.id] },
      requestId: "prove",
      address: null,
      now: () => new Date(),
    };
    const source = await createSource(ctx, { kind: "generic", name: "prove", staleAfterMs: null }, SOURCES);
    const { secret } = await createApiKey(ctx, {
      sourceId: source.id,
      scopes: ["ingest:write"],
      expiresInDays: 1,
    });
    return { sourceId: source.id, secret };
  } finally {
    await db.$client.end();
  }
}
