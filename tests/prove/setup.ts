/** What a proof needs in an empty installation. */
import { openDb } from "#db/client";
import { trustDomainRoot } from "#db/queries/trust-domain";
import type { ServiceContext } from "#lib/services/context";
import { createSource } from "#lib/services/source/create";
import { createApiKey } from "#lib/services/source/create-api-key";
import { ensureAdmin } from "#lib/services/user/ensure-admin";
import { SOURCES } from "#lib/sources/registry";

/** Build the context of the system in an empty installation. */
async function systemContext(db: ReturnType<typeof openDb>): Promise<ServiceContext> {
  await ensureAdmin(db, { password: "a password for the proof", now: new Date() });
  const root = await trustDomainRoot(db);
  if (!root) throw new Error("no root trust domain");
  return {
    db,
    actor: { kind: "system", id: "prove", trustDomainIds: [root.id] },
    requestId: "prove",
    address: null,
    now: () => new Date(),
  };
}

async function sourceWithKey(
  ctx: ServiceContext,
  kind: string,
): Promise<{ sourceId: string; secret: string }> {
  const source = await createSource(ctx, { kind, name: `prove ${kind}` }, SOURCES);
  const { secret } = await createApiKey(ctx, {
    sourceId: source.id,
    scopes: ["ingest:write", "ingest:backfill"],
    expiresInDays: 1,
  });
  return { sourceId: source.id, secret };
}

/** One source of every kind without signing keys. @returns secrets by source, and the one of `generic` */
export async function credentialsOfEveryKind(
  databaseUrl: string,
): Promise<{ bySource: Record<string, string>; generic: string | null }> {
  const db = openDb(databaseUrl, 2);
  try {
    const ctx = await systemContext(db);
    const bySource: Record<string, string> = {};
    let generic: string | null = null;
    for (const { kind } of SOURCES) {
      const { sourceId, secret } = await sourceWithKey(ctx, kind);
      bySource[sourceId] = secret;
      if (kind === "generic") generic = secret;
    }
    return { bySource, generic };
  } finally {
    await db.$client.end();
  }
}

/** Create the root domain, a canonical JSON source and a key that may send for it. */
export async function ingestCredentials(databaseUrl: string): Promise<{ sourceId: string; secret: string }> {
  const db = openDb(databaseUrl, 2);
  try {
    return await sourceWithKey(await systemContext(db), "generic");
  } finally {
    await db.$client.end();
  }
}
