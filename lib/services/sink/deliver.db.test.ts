import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { factInsertAll } from "#db/queries/feed";
import { inTransaction } from "#db/transaction";
import { readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { orderFacts } from "#lib/services/feed/order";
import { SINKS } from "#lib/sinks/registry";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { type HttpStub, type StubAnswer, type StubRequest, startHttp } from "#tests/stubs/http";
import { deliverNext } from "./deliver.ts";
import type { SinkTools } from "./tools.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const NODES = Array.from({ length: 5 }, () => randomUUID());
const signal = new AbortController().signal;
const guarded = outboundTo(readAllowed("127.0.0.1"));
const tools: SinkTools = {
  ...{ kinds: SINKS, sealer: testSealer(), outbound: guarded, url: null, productVersion: "1.0.0" },
  stream: () => Promise.reject(new Error("no stream here")),
};

let clock: Clock;
let world: World;
let receiver: HttpStub;
let answer: (request: StubRequest) => StubAnswer;

beforeEach(async () => {
  await resetWorld(pool);
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
  answer = () => ({ body: {} });
  receiver = await startHttp((request) => answer(request));
});
afterEach(() => receiver.close());

async function addSink(more: { name?: string; facts?: string[]; cursor?: number } = {}): Promise<string> {
  const id = randomUUID();
  const { name = id, facts = ["trust"], cursor = 0 } = more;
  await pool.query(
    `INSERT INTO sink (trust_domain_id, id, name, kind, settings, ocsf_version, facts, created_at, revision, cursor,
       delivered, missed, failures)
     VALUES ($1, $2, $3, 'ndjson', $4, '1.8.0', $5, $6, 1, $7, 0, 0, 0)`,
    [world.trustDomainId, id, name, { url: `${receiver.url}/in` }, facts, clock.now, cursor],
  );
  return id;
}

/** Add facts about the nodes in turn. */
async function addFacts(count: number): Promise<void> {
  await inTransaction(pool, (client) =>
    factInsertAll(
      client,
      world.trustDomainId,
      Array.from({ length: count }, (_, index) => ({
        id: randomUUID(),
        nodeId: NODES[index % NODES.length] ?? null,
        at: clock.now,
        fact: {
          ...{ kind: "trust", change: "entered", status: "failed", before: "trusted", policyVersion: "1" },
          ...{ reason: `fact ${index}`, fromMs: NOW },
        } as const,
      })),
    ),
  );
  while ((await orderFacts(db, world.trustDomainId))?.full);
}

type Event = { metadata: { uid: string; sequence: number }; device: { uid: string } };
const eventsIn = (request: StubRequest): Event[] =>
  request.body
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
const received = () => receiver.requests.flatMap(eventsIn);
const sequences = () => received().map(({ metadata }) => metadata.sequence);
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => index + from);
const next = (more: Partial<SinkTools> = {}, with_: Db = db) =>
  deliverNext({ db: with_, tools: { ...tools, ...more }, now: () => clock.now, signal });
const stored = async () => (await pool.query("SELECT * FROM sink")).rows[0];
const letters = async () =>
  (await pool.query("SELECT seq::int, reason, attempts, replayed_at FROM sink_dead_letter ORDER BY seq"))
    .rows;

describe("delivery", () => {
  it("tells a sink everything once and in order, and remembers how far it came", async () => {
    await addSink();
    await addFacts(250);
    while (await next());
    expect(sequences()).toEqual(upTo(250));
    expect(await stored()).toMatchObject({ cursor: "250", delivered: "250", claimed_by: null, failures: 0 });
    expect(await next()).toBeNull();
  });

  it("passes what does not concern the sink", async () => {
    await addSink({ facts: ["audit"] });
    await addFacts(3);
    await next();
    expect(received()).toEqual([]);
    expect(await stored()).toMatchObject({ cursor: "3", delivered: "0" });
  });

  it("lets a receiver that fails rest, longer each time and as long as it asks, then goes on from there", async () => {
    await addSink();
    await addFacts(2);
    answer = () => ({ status: 503, headers: { "retry-after": "60" }, body: "" });
    expect(await next()).toBe(false);
    expect(await stored()).toMatchObject({
      ...{ cursor: "0", failures: 1, last_error: "The receiver answered 503" },
      due_at: new Date(NOW + 60_000),
    });
    expect(await next()).toBeNull();
    answer = () => ({ body: {} });
    clock.now = new Date(NOW + 60_000);
    expect(await next()).toBe(true);
    expect(await stored()).toMatchObject({ cursor: "2", failures: 0, due_at: null });
    expect(received().slice(0, 2)).toEqual(received().slice(2));
  });

  it("puts aside what is refused for good, with the reason, and tells the rest in order", async () => {
    await addSink();
    await addFacts(20);
    const isPoison = ({ metadata }: Event) => metadata.sequence === 7 || metadata.sequence === 20;
    const taken: number[] = [];
    answer = (request) => {
      const events = eventsIn(request);
      if (events.some(isPoison)) return { status: 422, body: "secret words of the receiver" };
      taken.push(...events.map(({ metadata }) => metadata.sequence));
      return { body: {} };
    };
    expect(await next()).toBe(true);
    expect(taken).toEqual(upTo(20).filter((seq) => seq !== 7 && seq !== 20));
    expect(await letters()).toMatchObject([{ seq: 7 }, { seq: 20 }]);
    expect((await letters())[0].reason).toBe("The receiver answered 422: it does not take this event");
    expect(await stored()).toMatchObject({ cursor: "20", delivered: "18" });
  });

  it("sends dead letters again when somebody asks, and keeps those that are refused once more", async () => {
    await addSink();
    await addFacts(2);
    answer = () => ({ status: 400, body: "" });
    await next();
    await pool.query("UPDATE sink_dead_letter SET replay_at = $1", [clock.now]);
    answer = (request) => ({ status: eventsIn(request)[0]?.metadata.sequence === 1 ? 200 : 400, body: "" });
    await next();
    expect(await letters()).toMatchObject([
      { seq: 1, attempts: 2, replayed_at: clock.now },
      { seq: 2, attempts: 2, replayed_at: null },
    ]);
    expect(await next()).toBeNull();
  });

  it("turns a sink off whose receiver says that it is gone", async () => {
    await addSink();
    await addFacts(1);
    answer = () => ({ status: 410, body: "" });
    await next();
    expect(await stored()).toMatchObject({ disabled_at: clock.now, cursor: "0" });
    clock.now = new Date(NOW + 86_400_000);
    expect(await next()).toBeNull();
  });

  it("is done by one worker at a time", async () => {
    await addSink();
    await addFacts(10);
    const turns = await Promise.all([next(), next(), next()]);
    expect(turns.filter((turn) => turn === true)).toHaveLength(1);
    expect(sequences()).toEqual(upTo(10));
  });

  it("moves nothing when somebody changed the sink meanwhile", async () => {
    await addSink();
    await addFacts(3);
    answer = () => ({ body: {} });
    const outbound: SinkTools["outbound"] = async (request, stop) => {
      const result = await guarded(request, stop);
      await pool.query("UPDATE sink SET revision = revision + 1, claimed_by = NULL, claimed_until = NULL");
      return result;
    };
    await next({ outbound });
    expect(await stored()).toMatchObject({ cursor: "0", delivered: "0" });
    await next();
    expect(sequences()).toEqual([...upTo(3), ...upTo(3)]);
  });

  it("counts what was forgotten before it could be told", async () => {
    await addSink();
    await addFacts(5);
    await pool.query("DELETE FROM feed_fact WHERE seq <= 3");
    await next();
    expect(sequences()).toEqual([4, 5]);
    expect(await stored()).toMatchObject({ cursor: "5", missed: "3", delivered: "2" });
  });

  it("shows that it failed in an unforeseen way without saying how, and tells the log", async () => {
    await addSink();
    await addFacts(1);
    const outbound = () => Promise.reject(new Error("token hunter2"));
    await expect(next({ outbound })).rejects.toThrow("hunter2");
    expect((await stored()).last_error).toBe("It failed in a way that was not foreseen; the log says how");
  });
});

describe("what is kept of a sink by the minute", () => {
  const MINUTE = 60_000;
  const kept = async () =>
    (
      await pool.query(
        "SELECT minute, facts::int, late::int, missed::int, through::int FROM sink_delivery ORDER BY minute",
      )
    ).rows;
  const refusals = async () =>
    (await pool.query("SELECT seq::int, at, replayed_at FROM sink_refusal ORDER BY seq")).rows;
  const after = (ms: number) => {
    clock.now = new Date(NOW + ms);
  };

  it("adds up within the minute, and says how many were later than five minutes", async () => {
    await addSink();
    await addFacts(2);
    await next();
    after(59_999);
    await addFacts(1);
    await next();
    after(5 * MINUTE);
    await addFacts(1);
    after(10 * MINUTE);
    await addFacts(2);
    after(10 * MINUTE + 1);
    await next();
    expect(await kept()).toEqual([
      { minute: new Date(NOW), facts: 3, late: 0, missed: 0, through: 3 },
      { minute: new Date(NOW + 10 * MINUTE), facts: 3, late: 1, missed: 0, through: 6 },
    ]);
  });

  it("is not written when nothing was told, and not without the place that was reached", async () => {
    await addSink();
    await addFacts(1);
    answer = () => ({ status: 503, body: "" });
    await next();
    expect(await kept()).toEqual([]);
    after(MINUTE);
    answer = () => ({ body: {} });
    const outbound: SinkTools["outbound"] = async (request, stop) => {
      const result = await guarded(request, stop);
      await pool.query("UPDATE sink SET revision = revision + 1, claimed_by = NULL, claimed_until = NULL");
      return result;
    };
    await next({ outbound });
    expect(await kept()).toEqual([]);
  });

  it("counts no fact again that is told again, and none from before the sink was added", async () => {
    await addFacts(2);
    after(MINUTE);
    await addSink();
    await addFacts(1);
    await next();
    expect(await kept()).toMatchObject([{ facts: 1, through: 3 }]);
    await pool.query("UPDATE sink SET cursor = 0");
    after(20 * MINUTE);
    await next();
    expect(await stored()).toMatchObject({ cursor: "3", delivered: "6" });
    expect(await kept()).toMatchObject([{ facts: 1, late: 0 }]);
  });

  it("counts from when counting began where the sink is older", async () => {
    await addSink();
    await addFacts(1);
    await pool.query("UPDATE sink SET counted_from = $1", [new Date(NOW + 1)]);
    await next();
    expect(await kept()).toMatchObject([{ facts: 0, through: 1 }]);
  });

  it("counts what was forgotten before it could be told, once", async () => {
    await addSink();
    await addFacts(5);
    await next();
    await pool.query("DELETE FROM feed_fact");
    await pool.query("UPDATE sink SET cursor = 2");
    await addFacts(3);
    await pool.query("DELETE FROM feed_fact WHERE seq <= 6");
    await next();
    expect(await stored()).toMatchObject({ missed: "4" });
    expect(await kept()).toMatchObject([{ facts: 7, missed: 1, through: 8 }]);
  });

  it("keeps when a fact was first refused, and counts it as told when it is taken at last", async () => {
    await addSink();
    await addFacts(2);
    answer = () => ({ status: 400, body: "" });
    await next();
    const first = clock.now;
    after(10 * MINUTE);
    await pool.query("UPDATE sink_dead_letter SET replay_at = $1", [clock.now]);
    answer = (request) => ({ status: eventsIn(request)[0]?.metadata.sequence === 1 ? 200 : 400, body: "" });
    await next();
    expect(await refusals()).toEqual([
      { seq: 1, at: first, replayed_at: clock.now },
      { seq: 2, at: first, replayed_at: null },
    ]);
    expect(await kept()).toMatchObject([
      { minute: new Date(NOW), facts: 0 },
      { minute: new Date(NOW + 10 * MINUTE), facts: 1, late: 1 },
    ]);
  });

  it("is not late with a fact that was refused and taken within five minutes", async () => {
    await addSink();
    await addFacts(1);
    answer = () => ({ status: 400, body: "" });
    await next();
    after(5 * MINUTE);
    await pool.query("UPDATE sink_dead_letter SET replay_at = $1", [clock.now]);
    answer = () => ({ body: {} });
    await next();
    expect((await kept()).at(-1)).toMatchObject({ facts: 1, late: 0 });
  });

  it("keeps no refusal of a fact that is not counted", async () => {
    await addFacts(1);
    after(MINUTE);
    await addSink();
    answer = () => ({ status: 400, body: "" });
    await next();
    expect(await letters()).toHaveLength(1);
    expect(await refusals()).toEqual([]);
  });
});

describe("a worker that is killed at any moment", () => {
  /** Dies before the request, after it, or before its outcome is written. */
  type Death = "before" | "after" | "unsettled";
  class Killed extends Error {}

  /** A handle whose transactions never commit: what a killed process leaves behind. */
  const dead = Object.assign(Object.create(db) as Db, {
    transaction: () => Promise.reject(new Killed("killed")),
  });

  it("has everything told at least once under the same ids, and each node's facts in order, over 200 kills", async () => {
    await addSink();
    await addFacts(600);
    const deaths: readonly Death[] = ["before", "after", "unsettled"];
    for (let kill = 0; kill < 200; kill += 1) {
      const death = deaths[kill % deaths.length];
      const outbound: SinkTools["outbound"] = async (request, stop) => {
        if (death === "before") throw new Killed("killed");
        await guarded(request, stop);
        if (death === "after") throw new Killed("killed");
        return { status: 200, headers: {}, body: new Uint8Array() };
      };
      await next({ outbound }, dead).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      // Nobody let go of the sink: it is free again when the hold is over.
      expect(await next()).toBeNull();
      clock.now = new Date(clock.now.getTime() + 120_000);
      if (kill % 40 === 39) expect(await next()).toBe(true);
    }
    while (await next());
    const ids = new Map<number, Set<string>>();
    for (const { metadata } of received()) {
      ids.set(metadata.sequence, (ids.get(metadata.sequence) ?? new Set()).add(metadata.uid));
    }
    expect([...ids.keys()].sort((a, b) => a - b)).toEqual(upTo(600));
    expect([...ids.values()].every((known) => known.size === 1)).toBe(true);
    for (const [, events] of Map.groupBy(received(), ({ device }) => device.uid)) {
      const first = [...new Set(events.map(({ metadata }) => metadata.sequence))];
      expect(first).toEqual([...first].sort((a, b) => a - b));
    }
    expect(receiver.requests.length).toBeGreaterThan(130);
  });
});
