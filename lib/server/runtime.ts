/** What every request and job of this process shares. */
import "server-only";
import { type Db, openDb } from "#db/client";
import { APP_ROLE, scopedDb } from "#db/scoped";
import type { SourceKind } from "#lib/services/source/kinds";
import { SOURCES } from "#lib/sources/registry";
import { env } from "./env.ts";
import { shared } from "./shared.ts";

/** Connections of the web process; the change listener has one of its own besides. */
const POOL_MAX = 20;

/**
 * The process's connection pool as the owner of the tables, who sees every domain: for what is asked before
 * anyone is known (sign-in, keys), for ingest, the worker and the metrics. What people ask for goes through
 * {@link databaseOf}.
 *
 * @throws when no database is configured: the launcher sets `DATABASE_URL` for its own one
 */
export function database(): Db {
  return shared("db", () => {
    const { databaseUrl } = env();
    if (!databaseUrl) {
      throw new Error(
        "DATABASE_URL is not set. Start with `npm start`, which brings a database along, or set it.",
      );
    }
    return openDb(databaseUrl, POOL_MAX);
  });
}

/**
 * The database as a caller with these domains sees it: a second wall behind the queries' own predicates.
 *
 * @param domains all that the caller may see
 */
export function databaseOf(domains: readonly string[]): Db {
  return scopedDb(appPool().$client, domains);
}

function appPool(): Db {
  return shared("app-db", () => {
    const { databaseUrl, appDatabaseUrl } = env();
    if (!databaseUrl) throw new Error("DATABASE_URL is not set.");
    return openDb(appDatabaseUrl ?? asAppRole(databaseUrl), POOL_MAX);
  });
}

/** The same address, but the connection takes the role from its first moment on. */
function asAppRole(databaseUrl: string): string {
  const [base = "", search = ""] = databaseUrl.split("?");
  const params = new URLSearchParams(search);
  params.set("options", `${params.get("options") ?? ""} -c role=${APP_ROLE}`.trim());
  return `${base}?${params}`;
}

/** Close all connections; the last step of a shutdown. */
export async function closeDatabases(): Promise<void> {
  await appPool().$client.end();
  await database().$client.end();
}

/** The registered kinds of sources, for the use cases that need to know them. */
export function sourceKinds(): readonly SourceKind[] {
  return SOURCES;
}

/** Closes one long-lived connection. Called at shutdown, so that it cannot hold the process up. */
export type Closer = () => void;

export function closers(): Set<Closer> {
  return shared("closers", () => new Set<Closer>());
}
