/** Whether this process can serve. */
import "server-only";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { appliedMigrations } from "#db/queries/totals";
import { log } from "./log.ts";
import { database } from "./runtime.ts";

export type Readiness = {
  ready: boolean;
  database: "ok" | "unreachable";
  migrations: "ok" | "pending" | "unknown";
};

/** Asks the database and compares its migrations with those of this version. Never throws. */
export async function readiness(): Promise<Readiness> {
  try {
    const applied = new Set(await appliedMigrations(database()));
    const known = await knownMigrations();
    const current = known.every((name) => applied.has(name));
    return { ready: current, database: "ok", migrations: current ? "ok" : "pending" };
  } catch (error) {
    log().warn({ err: error }, "not ready");
    const code = (error as { cause?: { code?: string } }).cause?.code;
    // An answer, even a refusal, is proof of a server; 42P01 = the table of migrations is missing.
    return code === "42P01"
      ? { ready: false, database: "ok", migrations: "pending" }
      : { ready: false, database: "unreachable", migrations: "unknown" };
  }
}

/** Read from the folder at run time: the process always runs in the installation's root. */
async function knownMigrations(): Promise<string[]> {
  const names = await readdir(join(process.cwd(), "db", "migrations"));
  return names.filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name));
}
