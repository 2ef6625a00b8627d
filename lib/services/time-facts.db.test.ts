/** Facts besides the status in questions about the past: coverage, silence limits, findings, aliases of events. */
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { admissionNodesById } from "#db/queries/admission";
import { NodeListQuery } from "#lib/contracts/node";
import { rederiveNext } from "#lib/jobs/rederive";
import { addKeyedSource, distrust, store } from "#tests/distrust-world";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { runReconcilers, say } from "#tests/watch-world";
import type { ServiceContext } from "./context.ts";
import { fleetSummary } from "./fleet/summary.ts";
import { nodeGet } from "./node/get.ts";
import { nodeList } from "./node/list.ts";
import { sourceFindings } from "./source/findings.ts";
import { sourceKeys } from "./source/keys.ts";
import { sourceList } from "./source/list.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FULL = { coverage: ["measured_boot", "runtime_integrity"] };
const LESS = { coverage: ["measured_boot"] };
const NODES = ["a", "b", "c"];
const iso = (ms: number) => new Date(ms).toISOString();

let clock: Clock;
let world: World;
let lab: { id: string; bearer: string };
let ctx: ServiceContext;

beforeEach(async () => {
  await resetWorld(pool);
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: 24 * HOUR });
  ctx = {
    db,
    actor: { kind: "system", id: "test", trustDomainIds: [world.trustDomainId] },
    requestId: "r",
    address: null,
    now: () => clock.now,
  };
});

const said = (atMs: number, more: object, nodes = NODES) => nodes.map((node) => ({ node, atMs, ...more }));
const idOf = async (name: string) =>
  (await pool.query("SELECT id FROM node WHERE display_name = $1", [name])).rows[0].id as string;

describe("lost coverage and findings", () => {
  beforeEach(async () => {
    await say(world, lab.bearer, [
      ...said(NOW - 9 * HOUR, FULL),
      ...said(NOW - 6 * HOUR, LESS),
      ...said(NOW - 2 * HOUR, FULL),
    ]);
    clock.now = new Date(NOW + 10 * MINUTE);
    await runReconcilers(db, clock);
    clock.now = new Date(NOW + 20 * MINUTE);
  });

  it.each([
    ["before", { asOf: iso(NOW - 7 * HOUR) }, false],
    ["while it lasted", { asOf: iso(NOW - 5 * HOUR) }, true],
    [
      "while it lasted, before it was found",
      { asOf: iso(NOW - 5 * HOUR), knownAt: iso(NOW + 5 * MINUTE) },
      false,
    ],
    [
      "while it lasted, once it was found",
      { asOf: iso(NOW - 5 * HOUR), knownAt: iso(NOW + 15 * MINUTE) },
      true,
    ],
    ["after", { asOf: iso(NOW - HOUR) }, false],
    ["now", {}, false],
  ])("%s: the node, the list, the counts and the findings agree", async (_, query, reduced) => {
    const node = await nodeGet(ctx, { nodeId: await idOf("a"), ...query });
    expect(node).toMatchObject({ status: "trusted", reduced });
    expect(node.lanes[0]?.coverageLoss !== null).toBe(reduced);
    const list = await nodeList(ctx, NodeListQuery.parse({ q: "coverage:reduced", ...query }));
    expect(list.total).toBe(reduced ? 3 : 0);
    const summary = await fleetSummary(ctx, query);
    expect(summary.trustedReduced).toBe(reduced ? 3 : 0);
    expect(summary.findings.some(({ kind }) => kind === "weakened")).toBe(reduced);
    const found = await sourceFindings(ctx, { sourceId: lab.id, ...query });
    // Without a time the findings are all that ever were.
    expect(found.items.some(({ kind }) => kind === "weakened")).toBe(reduced || !("asOf" in query));
  });

  it("of a source are those that were known then", async () => {
    const findingsAt = async (ms: number) =>
      (await sourceList(ctx, [], { asOf: iso(ms) })).items.flatMap(({ findings }) => findings);
    expect(await findingsAt(NOW - 5 * HOUR)).toEqual([]);
  });
});

describe("a silence limit that changed", () => {
  it("judges the past by what held then", async () => {
    await say(world, lab.bearer, said(NOW - 10 * HOUR, FULL));
    // Two hours until eleven hours ago, then half a day.
    const setLimit = (fromMs: number[], ms: number[]) =>
      pool.query("UPDATE source SET limit_from_ms = $1, limit_ms = $2", [fromMs, ms]);
    const question = { asOf: iso(NOW - 7 * HOUR) };
    await setLimit([0], [2 * HOUR]);
    expect((await fleetSummary(ctx, question)).counts).toMatchObject({ stale: 3, trusted: 0 });
    await setLimit([0, NOW - 11 * HOUR], [2 * HOUR, 12 * HOUR]);
    expect((await fleetSummary(ctx, question)).counts).toMatchObject({ stale: 0, trusted: 3 });
    expect(await nodeGet(ctx, { nodeId: await idOf("a"), ...question })).toMatchObject({
      status: "trusted",
      lanes: [{ staleAt: iso(NOW + 2 * HOUR) }],
    });
    await setLimit([0, NOW - 9 * HOUR], [2 * HOUR, 12 * HOUR]);
    for (const knownAt of [undefined, iso(NOW)]) {
      expect((await fleetSummary(ctx, { ...question, knownAt })).counts).toMatchObject({
        stale: 3,
        trusted: 0,
      });
      expect(await nodeGet(ctx, { nodeId: await idOf("a"), ...question, knownAt })).toMatchObject({
        status: "stale",
        since: iso(NOW - 8 * HOUR),
      });
    }
  });
});

describe("a key that was distrusted later", () => {
  it("counts in what was known before the decision, and in nothing after it", async () => {
    const { trustDomainId } = world;
    const kid = "k1";
    const source = {
      name: "signed",
      staleAfterMs: 60 * MINUTE,
      kids: [kid, "k2"],
      now: new Date(NOW - 3 * HOUR),
    };
    const id = await addKeyedSource(pool, trustDomainId, source);
    const sign = (key: string, minute: number, serial: number) =>
      store(
        db,
        { trustDomainId, id },
        [{ node: "signed", says: "good", atMs: NOW + minute * MINUTE, kid: key, serial }],
        new Date(NOW + minute * MINUTE),
      );
    await sign("k2", 0, 1);
    await sign(kid, 20, 2);
    await sign(kid, 50, 3);
    clock.now = new Date(NOW + 70 * MINUTE);
    await distrust(pool, { trustDomainId, sourceId: id, kid }, new Date(NOW + 10 * MINUTE), clock.now);
    while (await rederiveNext(pool, () => clock.now));
    clock.now = new Date(NOW + 80 * MINUTE);
    const asOf = iso(NOW + 65 * MINUTE);
    const nodeId = await idOf("signed");
    const known = async (knownAt?: string) => {
      const node = await nodeGet(ctx, { nodeId, asOf, knownAt });
      const { counts, oldestEvidenceAt } = await fleetSummary(ctx, { asOf, knownAt });
      expect(counts[node.status]).toBe(1);
      return { status: node.status, lastAt: node.lanes[0]?.lastAt, oldestEvidenceAt };
    };
    const before = {
      status: "trusted",
      lastAt: iso(NOW + 50 * MINUTE),
      oldestEvidenceAt: iso(NOW + 50 * MINUTE),
    };
    const after = { status: "stale", lastAt: iso(NOW), oldestEvidenceAt: iso(NOW) };
    expect(await known(asOf)).toEqual(before);
    expect(await known(iso(NOW + 75 * MINUTE))).toEqual(after);
    expect(await known()).toEqual(after);
    const keyStates = async (ms: number) =>
      (await sourceKeys(ctx, { sourceId: id, asOf: iso(ms) })).items.map((key) => [key.kid, key.state]);
    expect(await keyStates(NOW + 65 * MINUTE)).not.toContainEqual([kid, "distrusted"]);
    expect(await keyStates(NOW + 75 * MINUTE)).toContainEqual([kid, "distrusted"]);
  });

  it("leaves the lines that rest on it alone without a time at which they were heard", async () => {
    const { trustDomainId } = world;
    const now = new Date(NOW - 3 * HOUR);
    const lane = async (name: string, staleAfterMs: number | null, minute: number) => {
      const id = await addKeyedSource(pool, trustDomainId, { name, staleAfterMs, kids: [name], now });
      const at = NOW + minute * MINUTE;
      const said = [{ node: "signed", says: "good" as const, atMs: at, kid: name, serial: minute }];
      await store(db, { trustDomainId, id }, said, new Date(at));
      return id;
    };
    await lane("old", null, 0);
    const sourceId = await lane("new", 60 * MINUTE, 50);
    clock.now = new Date(NOW + 55 * MINUTE);
    const heard = async () => {
      const [facts] = await admissionNodesById(db, [trustDomainId], [await idOf("signed")]);
      const { oldestEvidenceAt } = await fleetSummary(ctx, {});
      return { admission: facts && iso(facts.evidenceAt ?? 0), oldestEvidenceAt };
    };
    const [newest, oldest] = [iso(NOW + 50 * MINUTE), iso(NOW)];
    expect(await heard()).toMatchObject({ admission: newest, oldestEvidenceAt: newest });
    await distrust(pool, { trustDomainId, sourceId, kid: "new" }, new Date(NOW + 10 * MINUTE), clock.now);
    while (await rederiveNext(pool, () => clock.now));
    expect(await heard()).toMatchObject({ admission: oldest, oldestEvidenceAt: oldest });
  });
});
