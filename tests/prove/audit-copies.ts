/** An audit log that lives in a cluster of its own, can be copied file by file while that is stopped, and has a witness. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Db, openDb } from "#db/client";
import type { EmbeddedPostgres } from "#db/embedded";
import { migrate } from "#db/migrate";
import { checkpointLatest, logKeys } from "#db/queries/audit-log";
import { trustDomainRoot } from "#db/queries/trust-domain";
import { toBase64 } from "#lib/domain/merkle/bytes";
import { consistencyRanges } from "#lib/domain/merkle/tree";
import { ensureAdmin } from "#lib/services/user/ensure-admin";
import { checkpointOf } from "#lib/transparency/checkpoint-file";
import { readProof } from "#lib/transparency/prove";
import { originOf } from "#lib/transparency/take-in";
import { Witness } from "#lib/transparency/witness";
import { type AuditWorld, makeAuditWorld } from "#tests/audit-world";
import { dropDurability, startPostgres } from "#tests/prove/postgres";
import { mulberry32, type Random } from "#tests/prove/random";
import { testSealer } from "#tests/sealer";
import type { Proof } from "./proof.ts";

/** A running copy. `world` goes on from where its database stands. */
export type Copy = { db: Db; domain: string; world: AuditWorld; stop: () => Promise<void> };

/** One round of a proof over copies; directories are below `home`. */
export type CopyRound = {
  home: string;
  /** A stopped cluster with an empty log, to be copied. */
  base: string;
  /** The same for all copies: whoever restores a backup has the master key. */
  sealer: AuditWorld["keeper"]["sealer"];
  random: Random;
  /** From 0 on. */
  number: number;
  planted: boolean;
  /** Counts one way in which what was done to the log should have been found. */
  expectFound: (what: string, found: boolean) => void;
};

const ROUNDS = { short: 2, full: 40 };
const MAX_LINES = 5;

/** A proof of some rounds, each from a fresh copy on; all copies are removed at the end. */
export const overCopies =
  (play: (round: CopyRound) => Promise<void>): Proof =>
  async ({ short, planted, seed, log }) => {
    const home = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
    try {
      const common = {
        home,
        base: join(home, "base"),
        sealer: testSealer(),
        random: mulberry32(seed),
        planted,
      };
      await (await startCopy(common.base, common.sealer)).stop();
      let [cases, failed] = [0, 0];
      const expectFound = (what: string, found: boolean) => {
        cases += 1;
        if (!found && ++failed <= MAX_LINES) log(`${what}: not found`);
      };
      const rounds = short ? ROUNDS.short : ROUNDS.full;
      for (let number = 0; number < rounds; number += 1) await play({ ...common, number, expectFound });
      log(`${rounds} rounds, ${cases} ways to find it: ${failed} did not`);
      return { cases, failed };
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  };

/**
 * Start the cluster of a directory; a new one gets a root trust domain.
 */
export async function startCopy(dir: string, sealer: CopyRound["sealer"]): Promise<Copy> {
  const postgres: EmbeddedPostgres = await startPostgres(dir);
  await migrate(postgres.url);
  const db = openDb(postgres.url, 2);
  await dropDurability(db.$client);
  await ensureAdmin(db, { password: "a password for the proof", now: new Date(Date.UTC(2026, 0, 1)) });
  const root = await trustDomainRoot(db);
  if (!root) throw new Error("no root trust domain");
  const world = await makeAuditWorld(db, root.id, Date.now(), { dataDir: dir, sealer });
  return {
    db,
    domain: root.id,
    world,
    stop: async () => {
      await db.$client.end();
      await postgres.stop();
    },
  };
}

/** Copy a stopped cluster with everything in its directory. */
export async function copyStopped(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, preserveTimestamps: true });
}

/** The newest checkpoint of a copy, as anybody can read it. */
export async function noteOf({ db, domain }: Copy): Promise<string> {
  const last = await checkpointLatest(db, domain);
  if (!last) throw new Error("no checkpoint");
  return last.note;
}

/** A witness that knows the log of a copy by its keys. */
export async function openWitness(path: string, { db, domain }: Copy): Promise<Witness> {
  const vkeys = (await logKeys(db, domain)).map(({ vkey }) => vkey);
  return Witness.open(path, { name: "example.com/w", vkeys, now: () => new Date() });
}

/** Show the newest checkpoint of a copy to a witness, with the best proof that the copy can give. @returns its status */
export async function show(witness: Witness, copy: Copy): Promise<number> {
  const known = witness.sizeOf(originOf(copy.domain));
  const note = await noteOf(copy);
  const size = checkpointOf(note)?.size ?? 0;
  const proof = await readProof(copy.db, copy.domain, consistencyRanges(known, size));
  const body = `old ${known}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${note}`;
  return (await witness.add(body)).status;
}
