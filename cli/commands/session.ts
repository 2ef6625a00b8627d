/** The database and the context that a command works with. */
import { randomUUID } from "node:crypto";
import type { Db } from "#db/client";
import type { ServiceContext } from "#lib/services/context";
import { CommandError } from "./output.ts";

export type Session = { databaseUrl: string; db: Db; ctx: ServiceContext };

/**
 * Where the database is: `DATABASE_URL`, or the one of the data directory. That one is started for
 * the duration when the product does not run.
 */
export async function withDatabase<T>(run: (databaseUrl: string) => Promise<T>): Promise<T> {
  const { env } = await import("#lib/server/env");
  const { databaseUrl, dataDir } = env();
  if (databaseUrl) return run(databaseUrl);
  const [{ borrowEmbedded }, { prepareDataDir }] = await Promise.all([
    import("#db/embedded"),
    import("#cli/up/data-dir"),
  ]);
  const dir = await prepareDataDir(dataDir);
  const borrowed = await borrowEmbedded({
    dataDir: dir,
    log: (line) => console.error(`touchstone: ${line}`),
  });
  try {
    return await run(borrowed.url);
  } finally {
    await borrowed.release();
  }
}

/** Build the context of our own processes on a database whose schema is current. */
export async function openSession(databaseUrl: string, domain?: string): Promise<Session> {
  const { openDb } = await import("#db/client");
  const db = openDb(databaseUrl, 4);
  try {
    const { root, all } = await trustDomains(db);
    if (domain !== undefined && !all.includes(domain))
      throw new CommandError(`there is no trust domain ${domain}`);
    // The first domain is the one that new things go to.
    const chosen = domain === undefined ? [root, ...all.filter((id) => id !== root)] : [domain];
    const actor = { kind: "system" as const, id: "cli", trustDomainIds: chosen };
    return {
      databaseUrl,
      db,
      ctx: { db, actor, requestId: randomUUID(), address: null, now: () => new Date() },
    };
  } catch (error) {
    await db.$client.end();
    throw error;
  }
}

/** All trust domains; the root is made when a command is the first thing that this database sees. */
async function trustDomains(db: Db): Promise<{ root: string; all: string[] }> {
  const [queries, { uuidv7 }] = await Promise.all([
    import("#db/queries/trust-domain"),
    import("#lib/services/uuidv7"),
  ]);
  const root = await db.transaction(async (tx) => {
    await queries.trustDomainCreationLock(tx);
    const known = await queries.trustDomainRoot(tx);
    if (known) return known.id;
    const createdAt = new Date();
    const id = uuidv7(createdAt);
    await queries.trustDomainInsert(tx, { id, parentId: null, name: "root", createdAt });
    return id;
  });
  return { root, all: await queries.trustDomainIds(db) };
}

/** Run a command's work with services at hand; the schema is brought up to date first. */
export function withSession<T>(run: (session: Session) => Promise<T>, domain?: string): Promise<T> {
  return withDatabase(async (databaseUrl) => {
    const { migrate } = await import("#db/migrate");
    await migrate(databaseUrl);
    const session = await openSession(databaseUrl, domain);
    try {
      return await run(session);
    } finally {
      await session.db.$client.end();
    }
  });
}
