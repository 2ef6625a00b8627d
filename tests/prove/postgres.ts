/** A durable PostgreSQL that can be killed the hard way. */
import { readdir, readFile } from "node:fs/promises";
import { Client, type Pool } from "pg";
import { type EmbeddedPostgres, startEmbedded } from "#db/embedded";

export function startPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  return startEmbedded({ dataDir, log: () => {} });
}

/** SIGKILL to the postmaster and every backend at once: no process gets to write anything more. */
export async function killPostgres(postgres: EmbeddedPostgres): Promise<void> {
  const client = new Client({ connectionString: postgres.url });
  client.on("error", () => {});
  await client.connect();
  const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
  const backend = rows[0].pid as number;
  const postmaster = await parentOf(backend);
  const family = (await childrenOf(postmaster)).concat(postmaster);
  for (const pid of [postmaster, ...family]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
  await client.end().catch(() => {});
}

async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map((pid) => parentOf(pid).catch(() => 0)));
  return pids.filter((_, index) => parents[index] === parent);
}

/** Make writes cheap, for proofs that are about what is believed and not about what survives. */
export async function dropDurability(pool: Pool): Promise<void> {
  await pool.query("ALTER SYSTEM SET fsync = off");
  await pool.query("ALTER SYSTEM SET synchronous_commit = off");
  await pool.query("SELECT pg_reload_conf()");
}
