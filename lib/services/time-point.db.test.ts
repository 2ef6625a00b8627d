/** Both times of every question, over evidence that really arrived: late, corrected, silent, refused. */
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeAll, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { CompareQuery, NodeComparison } from "#lib/contracts/compare";
import { FleetChangesQuery, FleetTrendQuery } from "#lib/contracts/fleet";
import { EvidenceQuery, NodeEventsQuery, NodeListQuery } from "#lib/contracts/node";
import { TRUST_STATUSES } from "#lib/domain/trust-status";
import { markStale } from "#lib/jobs/mark-stale";
import { BATCH, type Clock, cloudEvent, makeWorld, verdictDocument, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import type { ServiceContext } from "./context.ts";
import { fleetChanges } from "./fleet/changes.ts";
import { fleetSummary } from "./fleet/summary.ts";
import { fleetTrend } from "./fleet/trend.ts";
import { nodeCompare } from "./node/compare.ts";
import { nodeEvents } from "./node/events.ts";
import { nodeEvidence } from "./node/evidence.ts";
import { nodeGet } from "./node/get.ts";
import { nodeList } from "./node/list.ts";
import { nodeTimeline } from "./node/timeline.ts";
import { sourceList } from "./source/list.ts";
import { rejectedEvents } from "./source/rejected.ts";
import { timePoint } from "./time-point.ts";

const { pool } = useDatabase();
const NOON = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
/** An instant some minutes after noon. */
const at = (minutes: number) => new Date(NOON + minutes * MINUTE).toISOString();
const clock: Clock = { now: new Date(NOON) };

let world: World;
let lab: { id: string; bearer: string };
let ctx: ServiceContext;
let nodeId = "";
let twinId = "";

/** Send verdicts `[node, minute, tier, kernel]` at a minute of arrival. */
async function arrive(minute: number, verdicts: readonly (readonly [string, number, Tier, string])[]) {
  clock.now = new Date(at(minute));
  const events = verdicts.map(([node, when, tier, kernel]) =>
    cloudEvent(
      "verdict",
      verdictDocument(node, NOON + when * MINUTE, tier, {
        measurements: { "kernel/release": kernel, "pcr/sha256/7": "77", [`ima/${node}`]: "f" },
        policyIds: ["boot/7"],
        verifier: { id: "v1" },
      }),
    ),
  );
  const answer = await world.send({ bearer: lab.bearer, headers: BATCH, body: JSON.stringify(events) });
  expect(answer.json.rejected).toEqual([]);
}
type Tier = "affirming" | "warning" | "contraindicated";

beforeAll(async () => {
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 30 * MINUTE });
  const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
  ctx = {
    db,
    actor: { kind: "system", id: "test", trustDomainIds: [world.trustDomainId] },
    requestId: "r",
    address: null,
    now: () => clock.now,
  };
  await arrive(0, [
    ["a", 0, "affirming", "6.12"],
    ["b", 0, "affirming", "6.12"],
  ]);
  await arrive(20, [
    ["a", 20, "affirming", "6.12"],
    ["b", 20, "affirming", "6.13"],
  ]);
  await world.send({ bearer: lab.bearer, headers: BATCH, body: JSON.stringify([{ not: "an event" }]) });
  // Late: a failure at minute 10 that is heard of only at minute 40.
  await arrive(40, [
    ["a", 10, "contraindicated", "6.12"],
    ["a", 40, "affirming", "6.13"],
  ]);
  clock.now = new Date(at(60));
  await markStale.run({ db, now: () => clock.now }, new AbortController().signal);
  clock.now = new Date(at(61));
  const { rows } = await pool.query("SELECT id, display_name FROM node ORDER BY display_name");
  [nodeId, twinId] = rows.map(({ id }) => id);
});

const statusOf = async (asOf: string, knownAt?: string) =>
  (await nodeGet(ctx, { nodeId, asOf, ...(knownAt ? { knownAt } : {}) })).status;

describe("a node", () => {
  it("was what is known today, or what was known then", async () => {
    expect(await statusOf(at(15))).toBe("failed");
    expect(await statusOf(at(15), at(30))).toBe("trusted");
    expect(await statusOf(at(5), at(30))).toBe("trusted");
  });

  it("is asked about the instant of its knowledge when only that is given", async () => {
    expect(await nodeGet(ctx, { nodeId, knownAt: at(30) })).toMatchObject({
      asOf: at(30),
      knownAt: at(30),
      status: "trusted",
      lanes: [{ verdicts: 2, lastAt: at(20) }],
    });
  });

  it("counts in each line of evidence what had been observed and had arrived by then", async () => {
    const lanes = async (asOf: string, knownAt: string) =>
      (await nodeGet(ctx, { nodeId, asOf, knownAt })).lanes[0];
    expect(await lanes(at(10), at(30))).toMatchObject({
      verdicts: 1,
      firstAt: at(0),
      lastAt: at(0),
      state: "trusted",
    });
    expect(await lanes(at(20), at(41))).toMatchObject({ verdicts: 1, lastAt: at(20), since: at(20) });
  });

  it("was silent before the worker wrote it down, and never better than its evidence", async () => {
    const twin = async (asOf: string, knownAt: string) => nodeGet(ctx, { nodeId: twinId, asOf, knownAt });
    expect(await twin(at(49), at(49))).toMatchObject({ status: "trusted" });
    expect(await twin(at(55), at(55))).toMatchObject({
      status: "stale",
      since: at(50),
      lastTrustedAt: at(50),
    });
    expect(await twin(at(60.5), at(60.5))).toMatchObject({ status: "stale", since: at(50) });
  });

  it("is not there before it was known, whatever is known today", async () => {
    expect(await refusalOf(nodeGet(ctx, { nodeId, asOf: at(-5) }))).toBe("node/not-found");
    expect(await refusalOf(nodeGet(ctx, { nodeId, knownAt: at(-5) }))).toBe("node/not-found");
  });

  it("as of a moment ago is the node as it is now", async () => {
    for (const id of [nodeId, twinId]) {
      const { asOf: _, knownAt: __, ...now } = await nodeGet(ctx, { nodeId: id });
      const { asOf: ___, knownAt: ____, ...then } = await nodeGet(ctx, { nodeId: id, asOf: at(60.9) });
      // They keep no history.
      expect(then).toEqual({ ...now, disposition: null, labels: null });
    }
  });
});

describe("the fleet", () => {
  const pairs = [
    [5, 5],
    [15, 30],
    [15, 61],
    [20, 20],
    [40, 41],
    [55, 55],
    [55, 61],
    [61, 61],
    [-9, 61],
  ] as const;

  it.each(pairs)("has as many rows behind every card as it says, as of %s known at %s", async (t, k) => {
    const point = { asOf: at(t), knownAt: at(k) };
    const summary = await fleetSummary(ctx, point);
    const all = await nodeList(ctx, NodeListQuery.parse(point));
    expect(summary).toMatchObject(point);
    expect(all).toMatchObject({ ...point, total: summary.nodes, facets: summary.counts });
    for (const status of TRUST_STATUSES) {
      const page = await nodeList(ctx, NodeListQuery.parse({ q: `status:${status}`, ...point }));
      expect([status, page.total, page.items.length]).toEqual([
        status,
        summary.counts[status],
        summary.counts[status],
      ]);
    }
    for (const row of all.items) {
      const { status, since, reason } = await nodeGet(ctx, { nodeId: row.id, ...point });
      expect({ status, since, reason }).toEqual({ status: row.status, since: row.since, reason: row.reason });
    }
  });

  it.each([5, 30, 45, 55, 61])("has a trend that agrees with the cards, known at %s", async (k) => {
    const query = { from: at(0), to: at(k), points: 12, knownAt: at(k) };
    const { points } = await fleetTrend(ctx, FleetTrendQuery.parse(query));
    for (const point of points) {
      const { counts } = await fleetSummary(ctx, { asOf: point.at, knownAt: at(k) });
      expect({ at: point.at, counts: point.counts }).toEqual({ at: point.at, counts });
    }
  });

  it("changed as was known then", async () => {
    const changes = async (asOf: string, knownAt: string) =>
      (await fleetChanges(ctx, FleetChangesQuery.parse({ asOf, knownAt }))).items.map(
        ({ displayName, to }) => `${displayName} ${to}`,
      );
    expect(await changes(at(30), at(30))).toEqual(["a trusted", "b trusted"].sort());
    expect(await changes(at(30), at(61))).toEqual(["a trusted", "a failed", "a trusted", "b trusted"]);
  });

  it("counts what was refused where it was refused first", async () => {
    expect((await fleetSummary(ctx, { asOf: at(19) })).rejectedEvents).toBe(0);
    expect((await fleetSummary(ctx, { asOf: at(30) })).rejectedEvents).toBe(1);
  });
});

describe("logs", () => {
  it("hold what had arrived and was dated by then", async () => {
    const hashes = async (query: object) =>
      (await nodeEvidence(ctx, { nodeId, ...EvidenceQuery.parse(query) })).items.map(
        ({ observedAt }) => observedAt,
      );
    expect(await hashes({ knownAt: at(30) })).toEqual([at(20), at(0)]);
    expect(await hashes({ asOf: at(15) })).toEqual([at(10), at(0)]);
    expect(await hashes({ asOf: at(15), knownAt: at(30) })).toEqual([at(0)]);
    expect((await nodeEvents(ctx, { nodeId, ...NodeEventsQuery.parse({ knownAt: at(30) }) })).items).toEqual(
      [],
    );
  });

  it("of refused events leave out counters that are not kept", async () => {
    const read = (asOf?: string) => rejectedEvents(ctx, { sourceId: lab.id, limit: 10, asOf });
    expect((await read(at(19))).items).toEqual([]);
    expect((await read(at(21))).items).toMatchObject([{ times: null, lastAt: null, firstAt: at(20) }]);
    expect((await read()).items).toMatchObject([{ times: 1, lastAt: at(20) }]);
  });

  it("of sources count what had come by then", async () => {
    const [source] = (await sourceList(ctx, [], { asOf: at(30) })).items;
    expect(source).toMatchObject({ nodes: 2, last24h: { accepted: 4, rejected: 1 }, lastReceivedAt: at(20) });
    expect((await sourceList(ctx, [], { asOf: at(-1) })).items).toEqual([]);
  });

  it("of the timeline say which knowledge they show", async () => {
    const timeline = await nodeTimeline(ctx, { nodeId, from: at(-60), to: at(61), knownAt: at(30) });
    expect(timeline.knownAt).toBe(at(30));
    expect(timeline.lanes[0]?.intervals.map(({ state }) => state)).toEqual(["trusted"]);
  });
});

describe("an instant of the future", () => {
  it.each([
    [{ asOf: at(62) }, "asOf"],
    [{ knownAt: at(62) }, "knownAt"],
    [{ asOf: at(31), knownAt: at(30) }, "asOf"],
  ])("is refused: %j", (query, name) => {
    expect(() => timePoint(ctx, query)).toThrow(
      expect.objectContaining({
        code: "request/invalid",
        pointers: [{ pointer: `#/query/${name}`, detail: expect.any(String) }],
      }),
    );
  });

  it("is refused by every read", async () => {
    const future = { asOf: at(62) };
    const known = { knownAt: at(62) };
    const asked = [
      fleetSummary(ctx, future),
      fleetTrend(ctx, FleetTrendQuery.parse({ from: at(0), to: at(1), ...known })),
      fleetChanges(ctx, FleetChangesQuery.parse(future)),
      nodeList(ctx, NodeListQuery.parse(future)),
      nodeGet(ctx, { nodeId, ...future }),
      nodeTimeline(ctx, { nodeId, from: at(0), to: at(1), ...known }),
      nodeEvidence(ctx, { nodeId, ...EvidenceQuery.parse(future) }),
      nodeEvents(ctx, { nodeId, ...NodeEventsQuery.parse(future) }),
      nodeCompare(ctx, { nodeId, ...CompareQuery.parse(known) }),
      sourceList(ctx, [], future),
      rejectedEvents(ctx, { sourceId: lab.id, limit: 1, ...future }),
    ];
    expect(await Promise.all(asked.map(refusalOf))).toEqual(asked.map(() => "request/invalid"));
  });

  it("and a time that has no meaning are refused by the schema, with the reason", () => {
    for (const schema of [FleetTrendQuery, CompareQuery]) {
      const parsed = schema.safeParse({ from: at(0), to: at(1), asOf: at(0) });
      expect(parsed.error?.issues.find(({ path }) => path[0] === "asOf")?.message).toMatch(
        /^Not accepted here: /,
      );
    }
    expect(NodeListQuery.safeParse({ asOf: "0000-01-01T00:00:00Z" }).success).toBe(false);
  });
});

describe("a comparison", () => {
  const compare = async (query: object = {}, id = nodeId) =>
    NodeComparison.parse(await nodeCompare(ctx, { nodeId: id, ...CompareQuery.parse(query) }));

  it("of two instants names the paths that differ, each once, with the verdicts it rests on", async () => {
    const { counts, lanes, byLayer, a, b } = await compare({ a: at(25), b: at(45) });
    expect([a.at, b.at]).toEqual([at(25), at(45)]);
    expect(lanes[0]?.measurements).toEqual([
      { path: "kernel/release", kind: "changed", a: "6.12", b: "6.13", layer: "kernel" },
    ]);
    expect(byLayer.kernel).toBe(1);
    expect(counts).toEqual({ total: 1, added: 0, removed: 0, changed: 1 });
    expect(lanes[0]?.same).toMatchObject({ secure_boot: 1, ima_file: 1 });
    const { rows } = await pool.query(
      "SELECT encode(event_hash, 'hex') AS hash FROM verdict WHERE node_id = $1 AND observed_at = ANY($2) ORDER BY observed_at",
      [nodeId, [at(20), at(40)]],
    );
    expect([lanes[0]?.a?.eventHash, lanes[0]?.b?.eventHash]).toEqual(rows.map(({ hash }) => hash));
  });

  it("of one instant with itself finds nothing, and the same by what was known then", async () => {
    expect((await compare({ a: at(25), b: at(25) })).counts.total).toBe(0);
    const then = await compare({ a: at(5), b: at(15), knownAt: at(30) });
    expect(then).toMatchObject({ knownAt: at(30), counts: { total: 0 } });
    const today = await compare({ a: at(5), b: at(15) });
    expect(today.standing.map(({ path }) => path)).toEqual(["reason", "status"]);
  });

  it("begins at the last instant of trust", async () => {
    const twin = await compare({}, twinId);
    expect(twin.a).toMatchObject({ at: new Date(NOON + 50 * MINUTE - 1).toISOString(), status: "trusted" });
    expect(twin.b).toMatchObject({ at: at(61), status: "stale" });
    const { a, b } = await compare();
    expect([a.at, b.at]).toEqual([at(61), at(61)]);
  });

  it("of two nodes pairs their lines by source and shows what each has of its own", async () => {
    const { a, b, identities, lanes } = await compare({ a: at(45), b: `node:${twinId}@${at(45)}` });
    expect([a.ref, b.ref]).toEqual([at(45), `node:${twinId}@${at(45)}`]);
    expect(identities.map(({ path, kind }) => [path, kind])).toEqual([
      ["custom/a", "removed"],
      ["custom/b", "added"],
    ]);
    expect(lanes).toHaveLength(1);
    expect(lanes[0]?.measurements.map(({ path, kind }) => [path, kind])).toEqual([
      ["ima/a", "removed"],
      ["ima/b", "added"],
    ]);
  });

  it("resolves every word to an absolute reference that gives the same again", async () => {
    const first = await compare({ a: "lastTrusted", b: `node:${nodeId}` }, twinId);
    const again = await compare({ a: first.a.ref, b: first.b.ref, knownAt: first.knownAt }, twinId);
    expect({ ...again, knownAt: first.knownAt }).toEqual(first);
  });

  it("refuses sides that cannot be read, lie ahead or do not exist, with a pointer to the side", async () => {
    for (const a of [
      "yesterday",
      at(62),
      "baseline:v1",
      "2026-02-30T00:00:00Z",
      "node:x",
      "0000-01-01T00:00:00Z",
    ]) {
      await expect(compare({ a })).rejects.toMatchObject({
        code: "request/invalid",
        pointers: [{ pointer: "#/query/a" }],
      });
    }
    await expect(compare({ b: at(31), knownAt: at(30), a: at(1) })).rejects.toMatchObject({
      pointers: [{ pointer: "#/query/b" }],
    });
    expect(await refusalOf(compare({ a: "node:0199a0a0-0000-7000-8000-000000000001" }))).toBe(
      "node/not-found",
    );
    expect(await refusalOf(compare({ a: at(-5) }))).toBe("node/not-found");
  });

  it("is closed to viewers and to other trust domains, on either side", async () => {
    const person = (role: "viewer" | "analyst", domains: string[]): ServiceContext => ({
      ...ctx,
      actor: {
        kind: "user",
        id: "u",
        sessionId: "s",
        email: "e",
        role,
        trustDomainIds: domains,
        mustChangePassword: false,
      },
    });
    const ask = (who: ServiceContext) => refusalOf(nodeCompare(who, { nodeId, ...CompareQuery.parse({}) }));
    expect(await ask(person("viewer", [world.trustDomainId]))).toBe("auth/forbidden");
    expect(await ask(person("analyst", ["0199a0a0-0000-7000-8000-000000000009"]))).toBe("node/not-found");
  });
});
