import type { Command } from "commander";
import { CommandError, print } from "./output.ts";
import { untilStopped } from "./until-stopped.ts";

/** `touchstone worker`: the jobs alone, for installations whose web servers run with `WORKER=off`. */
export function addWorker(program: Command): void {
  program
    .command("worker")
    .description("run the jobs without the console, on a database that others serve")
    .option("--json", "print one JSON document once the jobs run")
    .action(async ({ json }: { json?: boolean }) => {
      const [{ env }, { allJobs, startWorker }, { database }, { log }, { logKeeper }, tools] =
        await Promise.all([
          import("#lib/server/env"),
          import("#lib/jobs/worker"),
          import("#lib/server/runtime"),
          import("#lib/server/log"),
          import("#lib/server/audit-log"),
          import("#lib/server/remediation-tools"),
        ]);
      if (!env().databaseUrl)
        throw new CommandError("set DATABASE_URL: a worker works on the database of an installation");
      const stop = new AbortController();
      const work = startWorker(
        { db: database(), now: () => new Date(), log: log(), signal: stop.signal },
        allJobs(logKeeper(), tools.remediationTools(), tools.executionTools()),
      );
      print(json, { running: true, pid: process.pid }, ["The jobs run."]);
      await untilStopped();
      stop.abort();
      await work;
      await database().$client.end();
    });
}
