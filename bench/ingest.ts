/**
 * Ingest over HTTP until durable. Candidate and baseline take turns; each answer of the candidate means
 * that the log, the history and the counters are committed.
 */
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { loadavg } from "node:os";
import { batches, fleetVerdicts, postAll, withLab } from "./lab.ts";
import { seconds } from "./measure.ts";
import { type BenchResult, type Run, resultOf, runOf } from "./ratios.ts";

const RUNS = 9;
const VERDICTS = 20_000;
const NODES = 2_000;
const BATCH = 500;
const CONNECTIONS = 3;

type Log = (line: string) => void;

/** Take turns `RUNS` times; one run before them warms plans and caches and does not count. */
async function inTurn(
  floor: number,
  count: number,
  log: Log,
  measure: () => Promise<{ candidateSeconds: number; baselineSeconds: number }>,
): Promise<BenchResult> {
  const each: Run[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const { candidateSeconds, baselineSeconds } = await measure();
    if (run === 0) continue;
    const candidate = Math.round(count / candidateSeconds);
    const baseline = Math.round(count / baselineSeconds);
    const load = loadavg()[0] ?? 0;
    each.push({ candidate, baseline, load });
    log(
      `run ${run}: ${candidate}/s to ${baseline}/s, ratio ${(candidate / baseline).toFixed(3)}, load ${load.toFixed(1)}`,
    );
  }
  return resultOf({ floor }, each);
}

/** Post until all are durable. @throws when one of them was not new and accepted */
async function ingestAll(
  port: number,
  bodies: readonly Buffer[],
  count: number,
  bearer?: string,
): Promise<void> {
  const answers = await postAll(port, bodies, CONNECTIONS, bearer);
  const accepted = answers.reduce((sum, answer) => sum + answer.accepted, 0);
  if (accepted !== count) throw new Error(`${accepted} of ${count} verdicts were accepted`);
}

const startMs = () => Date.now() - 3_600_000;

/**
 * B1: against `COPY` of the very rows that this left in `verdict`, into the same table with its keys.
 *
 * The listener and, as a row of its own, the route of the production build: both take the same bodies in
 * every run, in alternating order, against the same baseline.
 */
export function benchIngest(log: Log): Promise<BenchResult> {
  return withLab({ kind: "generic" }, async ({ client, file, serve, serveRoutes, clear }) => {
    const listener = { port: await serve("listener"), bearer: undefined };
    const route = await serveRoutes();
    const routeRuns: Run[] = [];
    let turn = 0;
    const result = await inTurn(0.4, VERDICTS, log, async () => {
      const bodies = batches(fleetVerdicts(VERDICTS, NODES, startMs()), BATCH);
      const through = async ({ port, bearer }: { port: number; bearer: string | undefined }) => {
        await clear();
        return seconds(() => ingestAll(port, bodies, VERDICTS, bearer));
      };
      const routeFirst = turn % 2 === 1 ? await through(route) : null;
      const candidateSeconds = await through(listener);
      const routeSeconds = routeFirst ?? (await through(route));
      await client.query(`COPY (SELECT * FROM verdict) TO '${file}'`);
      await client.query("TRUNCATE verdict");
      await client.query("CHECKPOINT");
      const baselineSeconds = await seconds(() => client.query(`COPY verdict FROM '${file}'`));
      // As in the other rows, the first turn warms and does not count.
      if (turn++ > 0) routeRuns.push(runOf(VERDICTS / routeSeconds, VERDICTS / baselineSeconds));
      log(`the route: ratio ${(baselineSeconds / routeSeconds).toFixed(3)}`);
      return { candidateSeconds, baselineSeconds };
    });
    return { ...result, also: { "B1-route": resultOf({ floor: 0.3 }, routeRuns) } };
  });
}

const TOKENS = 4_000;
const TOKEN_NODES = 400;
const TOKEN_BATCH = 100;
/** Checks under way at a time in the baseline: enough to keep every core busy. */
const PARALLEL = 64;

/** B2: one signature per verdict (EAR, ES256), against nothing but checking those signatures on all cores. */
export function benchSigned(log: Log): Promise<BenchResult> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const how = { dsaEncoding: "ieee-p1363" as const };
  const token = (index: number, atSeconds: number) => {
    const text = [{ alg: "ES256", kid: "bench" }, earClaims(index, atSeconds)]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${text}.${sign("sha256", Buffer.from(text), { key: privateKey, ...how }).toString("base64url")}`;
  };
  return withLab({ kind: "ear", key: privateKey }, async ({ serve, clear }) => {
    const port = await serve("listener");
    return inTurn(0.8, TOKENS, log, async () => {
      await clear();
      const atSeconds = Math.floor(startMs() / 1000);
      const tokens = Array.from({ length: TOKENS }, (_, index) => token(index, atSeconds));
      const bodies = batches(tokens, TOKEN_BATCH, { datacontenttype: "application/eat+jwt" });
      const candidateSeconds = await seconds(() => ingestAll(port, bodies, TOKENS));
      const parts = tokens.map((text) => {
        const at = text.lastIndexOf(".");
        return [Buffer.from(text.slice(0, at)), Buffer.from(text.slice(at + 1), "base64url")] as const;
      });
      const check = ([signed, signature]: readonly [Buffer, Buffer]) =>
        new Promise<void>((resolve, reject) => {
          verify("sha256", signed, { key: publicKey, ...how }, signature, (error, good) =>
            error || !good ? reject(error ?? new Error("a signature is not good")) : resolve(),
          );
        });
      const queue = [...parts];
      const baselineSeconds = await seconds(() =>
        Promise.all(
          Array.from({ length: PARALLEL }, async () => {
            for (let part = queue.pop(); part; part = queue.pop()) await check(part);
          }),
        ),
      );
      return { candidateSeconds, baselineSeconds };
    });
  });
}

function earClaims(index: number, atSeconds: number): object {
  return {
    eat_profile: "tag:github.com,2023:veraison/ear",
    iat: atSeconds + Math.floor(index / TOKEN_NODES) * 60,
    "ear.verifier-id": { developer: "bench", build: "1" },
    submods: {
      platform: {
        "ear.status": "affirming",
        "ear.trustworthiness-vector": { "instance-identity": 2, executables: 2, hardware: 2 },
        "ear.appraisal-policy-id": "policy:bench",
        "ear.veraison.annotated-evidence": { ueid: `node-${index % TOKEN_NODES}` },
      },
    },
    ueid: `node-${index % TOKEN_NODES}`,
  };
}

/** B3: a storm of events that are all there already, against the same events when they were new. */
export function benchDuplicates(log: Log): Promise<BenchResult> {
  return withLab({ kind: "generic" }, async ({ serve, clear }) => {
    const port = await serve("listener");
    return inTurn(1.5, VERDICTS, log, async () => {
      await clear();
      const bodies = batches(fleetVerdicts(VERDICTS, NODES, startMs()), BATCH);
      const baselineSeconds = await seconds(() => ingestAll(port, bodies, VERDICTS));
      const candidateSeconds = await seconds(async () => {
        const answers = await postAll(port, bodies, CONNECTIONS);
        if (answers.some(({ duplicate }) => duplicate !== BATCH)) throw new Error("not all were duplicates");
      });
      return { candidateSeconds, baselineSeconds };
    });
  });
}

/** B4: the listener until durable, against node:http that parses the same bodies and stores nothing. */
export function benchListener(log: Log): Promise<BenchResult> {
  return withLab({ kind: "generic" }, async ({ serve, clear }) => {
    const port = await serve("listener");
    const echo = await serve("echo");
    return inTurn(0.7, VERDICTS, log, async () => {
      await clear();
      const bodies = batches(fleetVerdicts(VERDICTS, NODES, startMs()), BATCH);
      const candidateSeconds = await seconds(() => ingestAll(port, bodies, VERDICTS));
      const baselineSeconds = await seconds(() => postAll(echo, bodies, CONNECTIONS));
      return { candidateSeconds, baselineSeconds };
    });
  });
}
