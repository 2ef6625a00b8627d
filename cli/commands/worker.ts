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
      const [
        { env },
        { endsWithin, JOBS_END_MS },
        { allJobs, startWorker },
        { database },
        { log },
        { jobTools },
      ] = await Promise.all([
        import("#lib/server/env"),
        import("#lib/server/ends-within"),
        import("#lib/jobs/worker"),
        import("#lib/server/runtime"),
        import("#lib/server/log"),
        import("#lib/server/job-tools"),
      ]);
      if (!env().databaseUrl)
        throw new CommandError("set DATABASE_URL: a worker works on the database of an installation");
      const stop = new AbortController();
      const work = startWorker(
        { db: database(), now: () => new Date(), log: log(), signal: stop.signal },
        allJobs(jobTools()),
      );
      print(json, { running: true, pid: process.pid }, ["The jobs run."]);
      await untilStopped();
      stop.abort();
      if (!(await endsWithin(work, JOBS_END_MS))) {
        process.stderr.write("touchstone: a job did not end in time; what it was doing is rolled back\n");
        process.exit(1); // its connection would keep the process alive
      }
      await database().$client.end();
    });
}
