import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { onTestFinished } from "vitest";

import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from "#db/embedded";
import { readPidFile } from "#db/embedded/processes";
import { ROOT, type Started, start, tempDir } from "#tests/launcher/processes";

export const HOLD = join(ROOT, "tests/launcher/fixtures/hold.ts");

/** A database without durability, stopped after the test. */
export async function open(
  dataDir: string,
  options: Partial<EmbeddedOptions> = {},
): Promise<EmbeddedPostgres> {
  const database = await startEmbedded({ dataDir, durable: false, log: () => {}, ...options });
  onTestFinished(() => database.stop());
  return database;
}

/** A client that is closed after the test. */
export async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** The rows of one statement on a connection of its own. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A data directory that is too long for a socket path, below one that everybody may enter. */
export async function longDir(): Promise<string> {
  const parent = await tempDir();
  await chmod(parent, 0o755);
  return join(parent, "d".repeat(120));
}

/** The postmaster of a data directory; fails the test when there is none. */
export async function postmaster(dataDir: string): Promise<number> {
  const file = await readPidFile(join(dataDir, "postgres/data"));
  if (!file) throw new Error("no pid file");
  return file.pid;
}

/** A process that owns the database of a directory until SIGTERM. */
export const hold = (dataDir: string, options: Partial<EmbeddedOptions> = {}): Started =>
  start(HOLD, { args: [JSON.stringify({ dataDir, ...options })] });
