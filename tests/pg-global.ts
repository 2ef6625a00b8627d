import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { TestProject } from "vitest/node";

import { startEmbedded } from "#db/embedded";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the cluster's maintenance database. */
    pgAdminUrl: string;
    /** Migrated, empty database that every test file gets a copy of. */
    pgTemplate: string;
  }
}

const TEMPLATE = "touchstone";

let stop = async () => {};

/**
 * One PostgreSQL for the whole run, without durability, in a temporary directory.
 *
 * The watchdog stops it when this process is killed and the teardown never runs.
 */
export async function setup(project: TestProject): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "touchstone-test-"));
  const server = await startEmbedded({ dataDir, durable: false, watchdog: true, log: () => {} });
  stop = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const { migrate } = await import("#db/migrate");
    await migrate(server.url);
    const adminUrl = server.url.replace(`/${TEMPLATE}?`, "/postgres?");
    const admin = new Client({ connectionString: adminUrl });
    await admin.connect();
    // A stray connection to the template would make every copy fail.
    await admin.query(`ALTER DATABASE ${TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false`);
    await admin.end();
    project.provide("pgAdminUrl", adminUrl);
    project.provide("pgTemplate", TEMPLATE);
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function teardown(): Promise<void> {
  await stop();
}
