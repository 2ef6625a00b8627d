/** What `doctor` looks at on this machine and in the database. */
import { access, constants, readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";

/** `remedy` says what to do; `null` when there is nothing to do. */
export type Check = { name: string; state: "ok" | "warn" | "fail"; detail: string; remedy: string | null };

const NODE_MAJOR = 24;
const POSTGRES_MAJOR = 15;
const DISK_WARN_BYTES = 5e9;
const DISK_FAIL_BYTES = 5e8;
const SKEW_WARN_MS = 2_000;
const SKEW_FAIL_MS = 60_000;
const MIGRATIONS = join(import.meta.dirname, "..", "..", "db", "migrations");

export function checkNode(version: string): Check {
  const good = Number(version.split(".")[0]) >= NODE_MAJOR;
  const remedy = good ? null : `Install Node ${NODE_MAJOR}, or run npm ci, which brings it along.`;
  return { name: "node", state: good ? "ok" : "fail", detail: version, remedy };
}

/** Whether somebody keeps this machine's clock right; evidence is judged by it. */
export async function checkTimeSync(): Promise<Check> {
  const name = "time service";
  // Written by systemd-timesyncd and chrony; in a container the host keeps the clock and neither exists.
  const marks = ["/run/systemd/timesync/synchronized", "/var/lib/chrony/drift", "/run/chrony/chronyd.pid"];
  for (const mark of marks) {
    if (await stat(mark).catch(() => null))
      return { name, state: "ok", detail: `found ${mark}`, remedy: null };
  }
  const detail = "nothing on this machine shows that its clock is synchronised";
  return {
    name,
    state: "warn",
    detail,
    remedy: "Run a time service; in a container, see that the host does.",
  };
}

export async function checkDataDir(dataDir: string): Promise<{ exists: boolean; check: Check }> {
  const name = "data directory";
  const info = await stat(dataDir).catch(() => null);
  if (!info)
    return {
      exists: false,
      check: { name, state: "ok", detail: `${dataDir} is made by the first start`, remedy: null },
    };
  if (!info.isDirectory()) {
    const remedy = "Set TOUCHSTONE_DATA_DIR to a directory.";
    return { exists: false, check: { name, state: "fail", detail: `${dataDir} is no directory`, remedy } };
  }
  const mode = info.mode & 0o777;
  const shown = `${dataDir}, mode ${mode.toString(8).padStart(4, "0")}`;
  const writable = await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!writable) {
    const remedy = "Give it to the user that runs Touchstone.";
    return { exists: true, check: { name, state: "fail", detail: `${shown}: not writable`, remedy } };
  }
  // A group may pass through: the database user of a start as root comes in that way.
  if ((mode & 0o067) !== 0) {
    const remedy = `chmod 0700 ${dataDir}`;
    return { exists: true, check: { name, state: "warn", detail: `${shown}: open to other users`, remedy } };
  }
  return { exists: true, check: { name, state: "ok", detail: shown, remedy: null } };
}

export async function checkDisk(path: string): Promise<Check> {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free`;
  const state = free < DISK_FAIL_BYTES ? "fail" : free < DISK_WARN_BYTES ? "warn" : "ok";
  const remedy = state === "ok" ? null : "Make room: a database that cannot write stops.";
  return { name: "disk", state, detail, remedy };
}

/** `current` = the schema is the newest, so the rest may be asked. */
export async function checkDatabase(url: string): Promise<{ current: boolean; checks: Check[] }> {
  const client = new Client({
    connectionString: url,
    application_name: "touchstone-doctor",
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    const checks: Check[] = [];
    const before = Date.now();
    const { rows } = await client.query<{ version: string; number: string; now: Date; migrated: boolean }>(
      "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number, clock_timestamp() AS now, to_regclass('schema_migration') IS NOT NULL AS migrated",
    );
    const [row] = rows;
    if (!row) throw new Error("the database gave no answer");
    checks.push(
      versionCheck(row.version, Number(row.number)),
      skewCheck(row.now.getTime() - (before + Date.now()) / 2),
    );
    const applied = row.migrated
      ? (await client.query<{ name: string }>("SELECT name FROM schema_migration")).rows
      : [];
    const migrations = migrationCheck(
      applied.map(({ name }) => name),
      (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")),
    );
    checks.push(migrations);
    return { current: migrations.state === "ok", checks };
  } finally {
    await client.end();
  }
}

function versionCheck(version: string, number: number): Check {
  const good = number >= POSTGRES_MAJOR * 10_000;
  const remedy = good ? null : `Use PostgreSQL ${POSTGRES_MAJOR} or newer.`;
  return { name: "database", state: good ? "ok" : "fail", detail: `PostgreSQL ${version}`, remedy };
}

/** @param skewMs how far the database's clock is ahead of ours */
export function skewCheck(skewMs: number): Check {
  const size = Math.abs(skewMs);
  const state = size > SKEW_FAIL_MS ? "fail" : size > SKEW_WARN_MS ? "warn" : "ok";
  const detail =
    state === "ok"
      ? "agrees with the database's"
      : `${(size / 1000).toFixed(1)} s ${skewMs > 0 ? "behind" : "ahead of"} the database's`;
  const remedy = state === "ok" ? null : "Synchronise the clocks of both machines.";
  return { name: "clock", state, detail, remedy };
}

export function migrationCheck(applied: readonly string[], known: readonly string[]): Check {
  const name = "schema";
  const missing = known.filter((migration) => !applied.includes(migration));
  const unknown = applied.filter((migration) => !known.includes(migration));
  if (unknown.length > 0) {
    const remedy = "Use the version of Touchstone that made it, or a newer one.";
    return { name, state: "fail", detail: `newer than this version (${unknown[0]})`, remedy };
  }
  if (missing.length === 0)
    return { name, state: "ok", detail: `current (${applied.length} migrations)`, remedy: null };
  return {
    name,
    state: "warn",
    detail: `${missing.length} migrations are missing`,
    remedy: "npx touchstone migrate",
  };
}
