/**
 * B1: verdicts per second over HTTP until durable, against `COPY` of the very same rows.
 *
 * Candidate: batches of 500 CloudEvents with canonical JSON, posted over two connections to a plain
 * node:http server in a process of its own; each answer means that the log, the history and the
 * counters are committed. Baseline: the rows which that left in `verdict`, copied by the server
 * itself from a file into the same, emptied table with the same keys.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbedded } from "#db/embedded";
import { migrate } from "#db/migrate";
import type { BenchResult } from "./run.ts";

const RUNS = 9;
const VERDICTS = 20_000;
const NODES = 2_000;
const BATCH = 500;
const CONNECTIONS = 2;
/** The ratio that this row promises; what was measured stands in docs/benchmarks.md. */
const FLOOR = 0.4;
/** One verdict in a hundred says something else than the one before. */
const FLIP_EVERY = 100;

/** Bodies of one run: every node ten times, a minute apart. */
function bodies(startMs: number): string[] {
  const events = Array.from({ length: VERDICTS }, (_, index) => ({
    specversion: "1.0",
    id: `e${index}`,
    source: "urn:bench",
    type: "dev.touchstone.attestation.verdict.v1",
    datacontenttype: "application/json",
    data: {
      schema: "touchstone.verdict/1",
      node: { id: `node-${index % NODES}` },
      observedAt: new Date(startMs + Math.floor(index / NODES) * 60_000).toISOString(),
      status: index % FLIP_EVERY === 0 ? "warning" : "affirming",
      vector: { executables: 2, hardware: 2, configuration: 2 },
      coverage: ["measured_boot", "secure_boot"],
      measurements: { "pcr/sha256/0": "a".repeat(64), "pcr/sha256/7": "b".repeat(64) },
    },
  }));
  return Array.from({ length: VERDICTS / BATCH }, (_, batch) =>
    JSON.stringify(events.slice(batch * BATCH, (batch + 1) * BATCH)),
  );
}

function post(port: number, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = request(
      {
        port,
        agent,
        host: "127.0.0.1",
        method: "POST",
        path: "/api/v1/events",
        headers: {
          authorization: "Bearer bench",
          "content-type": "application/cloudevents-batch+json",
          "content-length": Buffer.byteLength(body),
        },
      },
      async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        const accepted = response.statusCode === 202 && JSON.parse(text).accepted === BATCH;
        accepted ? resolve() : reject(new Error(`answer ${response.statusCode}: ${text.slice(0, 300)}`));
      },
    );
    sending.on("error", reject).end(body);
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

async function startServer(url: string): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(import.meta.dirname, "ingest-server.ts"), [url], {
    execArgv: ["--conditions=react-server"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { port: number }).port));
    child.once("exit", (code) => reject(new Error(`the ingest server ended with ${code}`)));
  });
  return { child, port };
}

export async function benchIngest(log: (line: string) => void): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-bench-"));
  const postgres = await startEmbedded({ dataDir: dir, log: () => {} });
  await migrate(postgres.url);
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const { child, port } = await startServer(postgres.url);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const ratios: number[] = [];
  try {
    const dataDirectory = (await client.query("SHOW data_directory")).rows[0].data_directory as string;
    const file = join(dataDirectory, "bench.copy");
    for (let run = 0; run <= RUNS; run += 1) {
      await client.query("TRUNCATE node, verdict, measurement_set, rollup, bootstrap_event CASCADE");
      await client.query("CHECKPOINT");
      const queue = bodies(Date.now() - 3_600_000);
      const ingest = await seconds(() =>
        Promise.all(
          Array.from({ length: CONNECTIONS }, async () => {
            for (let body = queue.shift(); body; body = queue.shift()) await post(port, agent, body);
          }),
        ),
      );
      await client.query(`COPY (SELECT * FROM verdict) TO '${file}'`);
      await client.query("TRUNCATE verdict");
      await client.query("CHECKPOINT");
      const copy = await seconds(() => client.query(`COPY verdict FROM '${file}'`));
      // The first run warms plans and caches and does not count.
      if (run === 0) continue;
      ratios.push(copy / ingest);
      log(`run ${run}: ingest ${rate(ingest)}/s, copy ${rate(copy)}/s, ratio ${(copy / ingest).toFixed(3)}`);
    }
  } finally {
    agent.destroy();
    child.kill("SIGTERM");
    await client.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
  ratios.sort((a, b) => a - b);
  const median = ratios[Math.floor(ratios.length / 2)] ?? 0;
  const spread = ((ratios.at(-1) ?? 0) - (ratios[0] ?? 0)) / median;
  return { ratio: round(median), floor: FLOOR, spread: round(spread), runs: ratios.length };
}

const rate = (duration: number) => Math.round(VERDICTS / duration).toLocaleString("en");
const round = (value: number) => Math.round(value * 1000) / 1000;
