import type { Command } from "commander";
import {
  type Check,
  checkDatabase,
  checkDataDir,
  checkDisk,
  checkNode,
  checkTimeSync,
} from "./doctor-checks.ts";
import { checkSources } from "./doctor-sources.ts";
import { print } from "./output.ts";
import { openSession, withDatabase } from "./session.ts";

const MARK = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

/** `touchstone doctor`: is everything in order, and if not, what to do. */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("check this installation; exits 1 when something fails")
    .option("--json", "print one JSON document")
    .action(async ({ json }: { json?: boolean }) => {
      const checks = await runChecks();
      const failed = checks.filter(({ state }) => state === "fail").length;
      const lines = checks.flatMap(({ state, name, detail, remedy }) => [
        `${MARK[state]}  ${name}: ${detail}`,
        ...(remedy ? [`      → ${remedy}`] : []),
      ]);
      print(json, { ok: failed === 0, checks }, lines);
      if (failed > 0) process.exitCode = 1;
    });
}

async function runChecks(): Promise<Check[]> {
  const checks: Check[] = [checkNode(process.versions.node), await checkTimeSync()];
  let databaseUrl: string | undefined;
  let dataDir: string;
  try {
    const { env } = await import("#lib/server/env");
    ({ databaseUrl, dataDir } = env());
  } catch (error) {
    const detail = (error as Error).message;
    return [
      ...checks,
      { name: "configuration", state: "fail", detail, remedy: "Correct the variable and run again." },
    ];
  }
  const directory = await checkDataDir(dataDir);
  checks.push(directory.check);
  if (directory.exists) checks.push(await checkDisk(dataDir));
  if (!databaseUrl && !directory.exists) {
    const detail = "not created yet";
    return [
      ...checks,
      { name: "database", state: "ok", detail, remedy: "It is made by the first start: npx touchstone up" },
    ];
  }
  try {
    await withDatabase(async (url) => {
      const database = await checkDatabase(url);
      checks.push(...database.checks);
      if (!database.current) return;
      const session = await openSession(url);
      try {
        checks.push(...(await checkSources(session.ctx)));
      } finally {
        await session.db.$client.end();
      }
    });
  } catch (error) {
    const remedy = databaseUrl
      ? "Check DATABASE_URL, and that the database accepts connections from here."
      : "See the last lines of the database's log in the data directory.";
    checks.push({
      name: "database",
      state: "fail",
      detail: (error as Error).message || String(error),
      remedy,
    });
  }
  return checks;
}
