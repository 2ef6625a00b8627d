/**
 * A15: a source's keys rotate without a gap.
 *
 * Senders post signed events over HTTP to the real ingest without a pause, while an operator rotates
 * the key through the services: prepare, switch the senders one by one, activate, retire. Every event
 * that is signed by a key within its life must be accepted, also when it was signed before the end of
 * its key and arrives after it. Once the grace period is over, whatever the old key signs must be
 * refused. One source signs tokens with a private key, the other its headers with a shared secret.
 *
 * The clock is virtual and moves by hand, so that a grace period of a minute costs no minute.
 *
 * Planted bugs, in turn: the old key is deleted where it should be retired; it is retired and stays active.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Db, openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { trustDomainRoot } from "#db/queries/trust-domain";
import type { ApiKeyScope } from "#lib/domain/access";
import { ingestHandler } from "#lib/ingest/http";
import { createIngest } from "#lib/ingest/ingest";
import { authenticateApiKey } from "#lib/server/api-key";
import { answerIngest } from "#lib/server/http/plain";
import type { ServiceContext } from "#lib/services/context";
import { activateKey } from "#lib/services/source/activate-key";
import { createSource } from "#lib/services/source/create";
import { createApiKey } from "#lib/services/source/create-api-key";
import { prepareKeys } from "#lib/services/source/prepare-keys";
import { retireKey } from "#lib/services/source/retire-key";
import { ensureAdmin } from "#lib/services/user/ensure-admin";
import { SOURCES } from "#lib/sources/registry";
import { startPostgres } from "#tests/prove/postgres";
import { testSealer } from "#tests/sealer";
import { newSigningKey, sign } from "#tests/source-testing";
import { SENDERS } from "#tests/webhook-senders";
import type { Proof } from "./proof.ts";

const ROTATIONS = { short: 6, full: 100 };
const SENDERS_PER_SOURCE = 2;
const GRACE_SECONDS = 60;
/** Events that each sender must get through between two steps, so that every step is taken under load. */
const EVENTS_PER_STEP = 2;
const SECOND_MS = 1_000;
const LATE_EVENTS = 3;
/** Failures that are told one by one; all are counted. */
const MAX_LINES = 5;

/** What a sender holds: its id at the source, and how it signs. */
type Signer = { kid: string; sign: (id: string, atMs: number) => Promise<Post> };
type Post = { body: string; headers: Record<string, string> };
/** A kind of source as this proof drives it: a new key, and how the source is told of it. */
type Rotating = {
  kind: string;
  newSigner: () => Promise<{ keys: object; signerOf: (kid: string) => Signer }>;
};

const KINDS: readonly Rotating[] = [
  {
    kind: "ear",
    async newSigner() {
      const key = await newSigningKey(randomUUID());
      const signerOf = (kid: string): Signer => ({
        kid,
        async sign(id, atMs) {
          const payload = earPayload(id, atMs);
          return {
            body: await sign(key, payload, { kid }),
            headers: { "content-type": "application/eat+jwt" },
          };
        },
      });
      return { keys: { jwks: { keys: [{ ...key.jwk, kid: key.pinned.kid }] } }, signerOf };
    },
  },
  {
    kind: "tailscale",
    async newSigner() {
      const secret = randomBytes(24).toString("hex");
      const signerOf = (kid: string): Signer => ({
        kid,
        sign: async (id, atMs) => signDelivery(id, atMs, secret),
      });
      return { keys: { secrets: [secret] }, signerOf };
    },
  },
];

export const keysRotateWithoutGap: Proof = async ({ short, planted, seed, log }) => {
  const rotations = short ? ROTATIONS.short : ROTATIONS.full;
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const db = openDb(postgres.url, 10);
  try {
    const totals = { valid: 0, refusedValid: 0, late: 0, acceptedLate: 0 };
    const startMs = Date.UTC(2026, 2, 1, 12) + seed * SECOND_MS;
    await ensureAdmin(db, { password: "a password for the proof", now: new Date(startMs) });
    const world = { db, startMs, rotations, planted, totals, log };
    await Promise.all(KINDS.map((kind) => rotate(kind, world)));
    log(
      `${rotations} rotations of ${KINDS.length} sources: ${totals.refusedValid} of ${totals.valid} valid events refused, ` +
        `${totals.acceptedLate} of ${totals.late} late ones accepted`,
    );
    const proven = totals.valid > 0 && totals.late === rotations * KINDS.length * LATE_EVENTS;
    return { cases: proven ? rotations : 0, failed: totals.refusedValid + totals.acceptedLate };
  } finally {
    await db.$client.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

type Totals = { valid: number; refusedValid: number; late: number; acceptedLate: number };
type ProofWorld = {
  db: Db;
  startMs: number;
  rotations: number;
  planted: boolean;
  totals: Totals;
  log: (line: string) => void;
};

/** One source with a clock of its own, so that nobody else's grace period runs out under it. */
async function rotate({ kind, newSigner }: Rotating, world: ProofWorld): Promise<void> {
  const { db, rotations, planted, totals, log } = world;
  const clock = { ms: world.startMs };
  const now = () => new Date(clock.ms);
  const sealer = testSealer();
  const ctx = await operator(db, now);
  const begin = await newSigner();
  const body = { kind, name: kind, nodeIdPointer: "/ueid", ...begin.keys };
  const { id: sourceId, keys } = await createSource(ctx, body, SOURCES, sealer);
  const scopes: ApiKeyScope[] = ["ingest:write"];
  const { secret } = await createApiKey(ctx, { sourceId, scopes, expiresInDays: 1 });
  const server = await listen(db, now, sealer);
  let current = begin.signerOf(keys[0]?.kid ?? "");
  const load = new Load(poster(server.port, sourceId, secret), now, current, totals, log);
  try {
    for (let round = 0; round < rotations; round += 1) {
      const next = await newSigner();
      const prepared = await prepareKeys(ctx, { sourceId, ...next.keys }, { kinds: SOURCES, sealer });
      const signer = next.signerOf(prepared.items[0]?.kid ?? "");
      await load.pass(EVENTS_PER_STEP);
      for (let index = 0; index < SENDERS_PER_SOURCE; index += 1) {
        load.switchTo(index, signer);
        await load.pass(1);
      }
      await activateKey(ctx, { sourceId, kid: signer.kid });
      await load.pass(EVENTS_PER_STEP);
      // Signed before the end of its key, on the way while that key is retired.
      const underWay = await load.sign(current);
      await retireKey(ctx, { sourceId, kid: current.kid, graceSeconds: GRACE_SECONDS });
      if (planted) await spoil(db, current.kid, round % 2 === 0);
      await load.pass(EVENTS_PER_STEP);
      // A sender that hangs behind still signs within the grace period, and is heard.
      const lagging = await load.sign(current);
      clock.ms += (GRACE_SECONDS + 1) * SECOND_MS;
      await load.deliver(underWay, true);
      await load.deliver(lagging, true);
      for (let n = 0; n < LATE_EVENTS; n += 1) await load.deliver(await load.sign(current), false);
      await load.pass(EVENTS_PER_STEP);
      current = signer;
    }
  } finally {
    await load.stop();
    await server.close();
  }
}

/** Senders that post without a pause until they are stopped. */
class Load {
  #post: (post: Post) => Promise<string | null>;
  #now: () => Date;
  #totals: Totals;
  #log: (line: string) => void;
  #signers: Signer[];
  /** Events that each sender got through. */
  #done: number[];
  #waiting: (() => void)[] = [];
  #running = true;
  #work: Promise<unknown>;
  #number = 0;

  constructor(
    post: (post: Post) => Promise<string | null>,
    now: () => Date,
    first: Signer,
    totals: Totals,
    log: (line: string) => void,
  ) {
    this.#post = post;
    this.#now = now;
    this.#totals = totals;
    this.#log = log;
    this.#signers = Array.from({ length: SENDERS_PER_SOURCE }, () => first);
    this.#done = this.#signers.map(() => 0);
    this.#work = Promise.all(this.#signers.map((_, index) => this.#run(index)));
  }

  switchTo(index: number, signer: Signer): void {
    this.#signers[index] = signer;
  }

  /** Resolves when every sender got that many more events through, one of them signed after now at least. */
  async pass(events: number): Promise<void> {
    const goals = this.#done.map((done) => done + events + 1);
    while (this.#done.some((done, index) => done < (goals[index] ?? 0))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  sign(signer: Signer): Promise<Post> {
    return signer.sign(`event-${this.#number++}`, this.#now().getTime());
  }

  /** Post one event and count what came of it. */
  async deliver(post: Post, valid: boolean): Promise<void> {
    const refusal = await this.#post(post);
    if (valid) this.#totals.valid += 1;
    else this.#totals.late += 1;
    if (valid && refusal !== null && ++this.#totals.refusedValid <= MAX_LINES) {
      this.#log(`a valid event was refused: ${refusal}`);
    }
    if (!valid && refusal === null && ++this.#totals.acceptedLate <= MAX_LINES) {
      this.#log("an event of a retired key was accepted");
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#work;
  }

  async #run(index: number): Promise<void> {
    while (this.#running) {
      await this.deliver(await this.sign(this.#signers[index] as Signer), true);
      this.#done[index] = (this.#done[index] ?? 0) + 1;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }
}

/** The planted bugs: a rotation that throws the old key away, and one that forgets to end it. */
async function spoil(db: Db, kid: string, deleted: boolean): Promise<void> {
  const sql = deleted
    ? "DELETE FROM source_key WHERE kid = $1"
    : "UPDATE source_key SET state = 'active', valid_to = NULL WHERE kid = $1";
  await db.$client.query(sql, [kid]);
}

function earPayload(id: string, atMs: number) {
  return {
    iat: Math.floor(atMs / SECOND_MS),
    eat_profile: "tag:github.com,2023:veraison/ear",
    "ear.verifier-id": { developer: "https://example.com/prove", build: "1" },
    ueid: Buffer.from(`prove-${id}`).toString("base64url"),
    submods: {
      machine: { "ear.status": "affirming", "ear.trustworthiness-vector": { "instance-identity": 2 } },
    },
  };
}

function signDelivery(id: string, atMs: number, secret: string): Post {
  const sender = SENDERS.find(({ kind }) => kind === "tailscale");
  if (!sender) throw new Error("no sender of kind tailscale");
  return sender.sign({ id, atMs, secret });
}

/** Posts to a source. @returns `null` when it was accepted, else the answer */
function poster(port: number, sourceId: string, secret: string) {
  return async ({ body, headers }: Post): Promise<string | null> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/sources/${sourceId}/deliver`, {
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${secret}` },
      body,
    });
    const text = await response.text();
    return response.status === 202 ? null : text;
  };
}

async function operator(db: Db, now: () => Date): Promise<ServiceContext> {
  const root = await trustDomainRoot(db);
  if (!root) throw new Error("no root trust domain");
  const actor = { kind: "system" as const, id: "prove", trustDomainIds: [root.id] };
  return { db, actor, requestId: "prove", address: null, now };
}

/** The ingest endpoints behind the same plain HTTP code as the product's, with a clock of our own. */
async function listen(db: Db, now: () => Date, sealer: ReturnType<typeof testSealer>) {
  const handle = ingestHandler(
    createIngest({
      db,
      sealer,
      authenticate: (header) => authenticateApiKey(db, header, now()),
      now,
      observe: () => {},
    }),
    (error) => process.stderr.write(`${String(error)}\n`),
  );
  const server = createServer((request, response) => void answerIngest(handle, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, close };
}
