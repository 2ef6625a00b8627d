/** What every request and job of this process shares. */
import "server-only";
import { type Db, openDb } from "#db/client";
import type { SourceKind } from "#lib/services/source/kinds";
import { SOURCES } from "#lib/sources/registry";
import { env } from "./env.ts";
import { shared } from "./shared.ts";

/** Connections of the web process; the change listener has one of its own besides. */
const POOL_MAX = 20;

/**
 * The process's connection pool.
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

/** The registered kinds of sources, for the use cases that need to know them. */
export function sourceKinds(): readonly SourceKind[] {
  return SOURCES;
}

/** Closes one long-lived connection. Called at shutdown, so that it cannot hold the process up. */
export type Closer = () => void;

export function closers(): Set<Closer> {
  return shared("closers", () => new Set<Closer>());
}
