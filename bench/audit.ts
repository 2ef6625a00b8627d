/**
 * B12 and B13: what the audit log costs.
 *
 * B13: checking an exported log, entry by entry with tree, checkpoint and names, against bare SHA-256 over the same
 * entries, read from the same files. B12: a change with its audit entry against the same insert without one, eight
 * connections, one trust domain.
 */
import { hash, randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientOf, openDb } from "#db/client";
import { startEmbedded } from "#db/embedded";
import { migrate } from "#db/migrate";
import { auditInsert } from "#db/queries/audit";
import { formatTilePath, parseBundle, tilesOf } from "#lib/domain/merkle/tiles";
import { uuidv7 } from "#lib/services/uuidv7";
import { verifyDirectory, writeDirectory } from "#lib/transparency/static-log";
import { takeIn } from "#lib/transparency/take-in";
import { testSealer } from "#tests/sealer";
import { seconds } from "./measure.ts";
import { type BenchResult, type Run, resultOf, runOf } from "./ratios.ts";

const RUNS = 7;
const ENTRIES = 20_000;
const CHANGES = 2_000;
const CONNECTIONS = 8;

type Log = (line: string) => void;

/** An installation with one trust domain; everything is gone afterwards. */
async function withDomain<T>(
  work: (db: ReturnType<typeof openDb>, domain: string, dir: string) => Promise<T>,
) {
  const dir = await mkdtemp(join(tmpdir(), "touchstone-bench-"));
  const postgres = await startEmbedded({ dataDir: dir, log: () => {} });
  await migrate(postgres.url);
  const db = openDb(postgres.url, CONNECTIONS);
  const domain = randomUUID();
  try {
    await db.$client.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'bench', now())", [
      domain,
    ]);
    return await work(db, domain, dir);
  } finally {
    await db.$client.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function entryOf(trustDomainId: string, entityId: string) {
  const at = new Date();
  return {
    trustDomainId,
    id: uuidv7(at),
    at,
    actorKind: "user",
    actorId: trustDomainId,
    action: "source.create",
    entity: "source",
    entityId,
    outcome: "done",
    before: null,
    after: { name: "bench", kind: "generic", staleAfterMs: 900_000 },
    requestId: randomUUID(),
    address: "192.0.2.1",
  };
}

export function benchAuditVerify(log: Log): Promise<BenchResult> {
  return withDomain(async (db, domain, dir) => {
    let left = ENTRIES;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        while (left-- > 0) await auditInsert(db, entryOf(domain, randomUUID()));
      }),
    );
    const keeper = { db, sealer: testSealer(), dataDir: dir, now: () => new Date() };
    while ((await takeIn(keeper, domain)).full);
    const out = join(dir, "log");
    const size = (await writeDirectory(db, domain, out)) ?? 0;
    const runs: Run[] = [];
    for (let run = 0; run <= RUNS; run += 1) {
      const candidate = await seconds(async () => {
        const { fault } = await verifyDirectory(out);
        if (fault) throw new Error(fault.what);
      });
      const baseline = await seconds(() => hashOnly(out, size));
      if (run === 0) continue;
      runs.push(runOf(size / candidate, size / baseline));
      log(
        `run ${run}: ${Math.round(size / candidate)} entries/s checked, ${Math.round(size / baseline)} hashed`,
      );
    }
    return resultOf({ floor: 0.25 }, runs);
  });
}

async function hashOnly(dir: string, size: number): Promise<void> {
  for (const tile of tilesOf(size)) {
    if (tile.level !== "entries") return;
    const entries = parseBundle(await readFile(join(dir, formatTilePath(tile))));
    for (const entry of entries ?? []) hash("sha256", entry, "buffer");
  }
}

export function benchAuditedChange(log: Log): Promise<BenchResult> {
  return withDomain(async (db, domain) => {
    const rate = async (audited: boolean) => {
      let left = CHANGES;
      const took = await seconds(async () => {
        await Promise.all(
          Array.from({ length: CONNECTIONS }, async () => {
            while (left-- > 0) await change(db, domain, audited);
          }),
        );
      });
      return CHANGES / took;
    };
    const runs: Run[] = [];
    for (let run = 0; run <= RUNS; run += 1) {
      const [candidate, baseline] = [await rate(true), await rate(false)];
      if (run === 0) continue;
      runs.push(runOf(candidate, baseline));
      log(`run ${run}: ${Math.round(candidate)} audited changes/s, ${Math.round(baseline)} bare inserts/s`);
    }
    return resultOf({ floor: 0.15 }, runs);
  });
}

const INSERT = `INSERT INTO source (trust_domain_id, id, kind, name, accept_past_ms, accept_future_ms, created_at)
  VALUES ($1, $2, 'generic', $3, 1, 1, now())`;

/** The candidate as a command does it: a transaction around the change and its entry. */
async function change(db: ReturnType<typeof openDb>, domain: string, audited: boolean): Promise<void> {
  const id = randomUUID();
  if (!audited) {
    await db.$client.query(INSERT, [domain, id, id]);
    return;
  }
  await db.transaction(async (tx) => {
    await clientOf(tx).query(INSERT, [domain, id, id]);
    await auditInsert(tx, entryOf(domain, id));
  });
}
