/**
 * B36: what a list of a large fleet weighs while it is sent, against the same rows read whole.
 *
 * Weighed is how much the resident memory of the serving process grows between the first byte and the last, each run in a
 * process of its own that sent a short list before, to a reader that takes its time. No list may make the process grow by
 * more than 64 MB.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "pg";
import { startEmbedded } from "#db/embedded";
import { migrate } from "#db/migrate";
import { seedHistory } from "./history-data.ts";
import { type BenchResult, type Run, resultOf, runOf } from "./ratios.ts";

const NODES = process.env.BENCH_SHORT === undefined ? 100_000 : 10_000;
const STATEMENTS = 3;
const RUNS = 3;
const CEILING = 0.5;
const MOST_MB = 64;
/** Least rows of each; to read the log puts an entry into it. */
const LISTS = { nodes: NODES, intervals: NODES * STATEMENTS, audit: NODES * 3 } as const;

export async function benchExport(log: (line: string) => void): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-bench-"));
  const postgres = await startEmbedded({ dataDir: dir, log: () => {} });
  await migrate(postgres.url);
  const pool = new Pool({ connectionString: postgres.url, max: 1 });
  const runs: Run[] = [];
  let heaviest = 0;
  try {
    const start = "2026-01-01T00:00:00Z";
    const { trustDomainId } = await seedHistory(pool, {
      nodes: NODES,
      statements: STATEMENTS,
      days: 10,
      start,
    });
    await spread(pool, trustDomainId);
    await fillLog(pool, trustDomainId);
    await pool.query("VACUUM ANALYZE");
    const weigh = (way: "stream" | "whole", list: keyof typeof LISTS) =>
      grownBy([postgres.url, trustDomainId], `/${way}/${list}`, LISTS[list]);
    for (let run = 1; run <= RUNS; run += 1) {
      const [nodes, audit] = [await weigh("stream", "nodes"), await weigh("stream", "audit")];
      const [streamed, whole] = [await weigh("stream", "intervals"), await weigh("whole", "intervals")];
      heaviest = Math.max(heaviest, nodes, audit, streamed);
      runs.push(runOf(streamed, whole));
      const mb = Object.entries({ nodes, audit, intervals: streamed, "intervals read whole": whole });
      log(`run ${run}: ${mb.map(([name, one]) => `${name} ${one.toFixed(0)} MB`).join(", ")}`);
    }
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  log(
    `at most ${heaviest.toFixed(0)} MB, promised are ${MOST_MB} MB${heaviest > MOST_MB ? ": fell short" : ""}`,
  );
  return resultOf({ ceiling: CEILING }, runs);
}

/** Nodes report at instants of their own. */
async function spread(pool: Pool, trustDomainId: string): Promise<void> {
  const later = "('x' || substr(md5(node_id::text), 1, 7))::bit(28)::int * interval '1 millisecond'";
  await pool.query(
    `UPDATE trust_interval SET valid_from = valid_from + ${later}, valid_to = valid_to + ${later} WHERE trust_domain_id = $1`,
    [trustDomainId],
  );
}

/** Entries of the usual size, a second apart. */
async function fillLog(pool: Pool, trustDomainId: string): Promise<void> {
  await pool.query(
    `INSERT INTO audit_entry (trust_domain_id, id, at, actor_kind, actor_id, action, entity, entity_id, outcome, after, request_id)
     SELECT $1, gen_random_uuid(), timestamptz '2026-01-01' + n * interval '1 second', 'user', 'bench', 'node.label', 'node',
       n::text, 'done', jsonb_build_object('reason', repeat('because of ' || n, 10)), 'bench' FROM generate_series(1, $2) n`,
    [trustDomainId, LISTS.audit],
  );
}

/** Megabytes by which a serving process grew while it sent so many rows. */
async function grownBy(argv: string[], path: string, rows: number): Promise<number> {
  const child = fork(join(import.meta.dirname, "export-server.ts"), argv, {
    execArgv: ["--conditions=react-server"],
  });
  try {
    const { port } = await told<{ port: number }>(child);
    const warm = told(child);
    await read(port, "/stream/incidents");
    await warm;
    const weighed = told<{ first: number; most: number }>(child);
    const lines = await read(port, path);
    if (lines < rows) throw new Error(`${lines} rows of ${path} instead of ${rows}`);
    const { first, most } = await weighed;
    return (most - first) / 2 ** 20;
  } finally {
    child.kill("SIGTERM");
  }
}

function told<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as T));
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

/** @returns lines that were read */
async function read(port: number, path: string): Promise<number> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, agent: false }, resolve).on("error", reject);
  });
  let lines = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
    // Pieces that are made faster than they are read would pile up in the process that sends them.
    await sleep(1);
  }
  return lines;
}
