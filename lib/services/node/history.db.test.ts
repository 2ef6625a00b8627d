import { beforeAll, describe, expect, it } from "vitest";
import { EvidenceQuery, NodeEventsQuery } from "#lib/contracts/node";
import { unattributedEvents } from "#lib/services/bootstrap/unattributed";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase } from "#tests/pg";
import { addVerdict, ago, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { nodeEvents } from "./events.ts";
import { nodeEvidence } from "./evidence.ts";
import { nodeGet } from "./get.ts";
import { nodeRaw } from "./raw.ts";
import { nodeTimeline } from "./timeline.ts";
import { nodeVerdict } from "./verdict.ts";

const { pool } = useDatabase();
let world: World;
let nodeId = "";
let silentId = "";
let foreignId = "";
beforeAll(async () => {
  world = await makeWorld(pool);
  nodeId = await world.addNode({
    name: "n",
    status: "failed",
    since: ago(5),
    before: [{ status: "trusted", from: ago(60) }],
  });
  silentId = await world.addNode({ name: "silent", since: ago(60), lastAt: ago(30) });
  foreignId = await world.addNode({
    name: "foreign",
    domain: world.away,
    sourceId: await world.addSource("Far", { domain: world.away }),
  });
});
const window = { from: ago(100).toISOString(), to: NOW.toISOString() };
const viewer = () => world.as("viewer");
const analyst = () => world.as("analyst");

describe("the timeline", () => {
  it("shows the node's own line first and its lanes after, clipped by the window", async () => {
    const { lanes } = await nodeTimeline(viewer(), { nodeId, ...window });
    expect(lanes.map(({ key, kind }) => [kind, key.split("/").length])).toEqual([
      ["trust", 1],
      ["source", 2],
    ]);
    expect(lanes[0]?.intervals.map(({ state, from, to }) => [state, from, to])).toEqual([
      ["trusted", ago(60).toISOString(), ago(5).toISOString()],
      ["failed", ago(5).toISOString(), null],
    ]);
    const part = await nodeTimeline(viewer(), {
      nodeId,
      from: ago(50).toISOString(),
      to: ago(10).toISOString(),
    });
    expect(part.lanes[0]?.intervals.map(({ state }) => state)).toEqual(["trusted"]);
  });

  it("counts the open interval of a lane in the hot row", async () => {
    const { lanes } = await nodeTimeline(viewer(), { nodeId, ...window });
    expect(lanes[1]?.intervals.at(-1)).toMatchObject({ verdicts: 7, lastAt: ago(1).toISOString() });
  });

  it("splits silence off before the worker has written it down, on the lane and on the node's line", async () => {
    const { lanes } = await nodeTimeline(viewer(), { nodeId: silentId, ...window });
    for (const lane of lanes) {
      expect(lane.intervals.map(({ state, from, to }) => [state, from, to])).toEqual([
        ["trusted", ago(60).toISOString(), ago(20).toISOString()],
        ["stale", ago(20).toISOString(), null],
      ]);
    }
    expect(await nodeGet(viewer(), { nodeId: silentId })).toMatchObject({
      status: "stale",
      since: ago(20).toISOString(),
      lastTrustedAt: ago(20).toISOString(),
    });
  });

  it("keeps the newest of too long a history, cuts every lane at one instant and says where", async () => {
    const busyId = await world.addNode({ name: "busy", status: "trusted", since: ago(60) });
    await pool.query(
      `INSERT INTO bootstrap_event (trust_domain_id, source_id, external_id, id, node_id, type, phase, outcome,
         occurred_at, received_at, identities, actor, redactions, raw_sha256, raw_media_type)
       SELECT $1, $2, 'e' || n, gen_random_uuid(), $3, 'node.ready', 'operation', 'info',
         $4::timestamptz - n * interval '1 second', $4, '[]', '{"kind":"node","id":null,"address":null}', '{}', '', 'x'
       FROM generate_series(1, 2500) n`,
      [world.home, world.lab, busyId, ago(1)],
    );
    const { completeFrom, lanes, events } = await nodeTimeline(viewer(), { nodeId: busyId, ...window });
    expect(events).toHaveLength(2_000);
    expect(events.every(({ occurredAt }) => occurredAt >= completeFrom)).toBe(true);
    // What began before the cut and still held then is not lost.
    expect(lanes.map(({ intervals }) => intervals.length > 0)).toEqual([true, true]);
    const whole = await nodeTimeline(viewer(), { nodeId, ...window });
    expect(whole.completeFrom).toBe(window.from);
  });

  it("shows what was believed at an earlier instant", async () => {
    const knownAt = ago(30).toISOString();
    await pool.query(
      "UPDATE trust_interval SET recorded_to = $2 WHERE node_id = $1 AND state = 'trusted' AND source_id = $3",
      [nodeId, ago(2), "00000000-0000-0000-0000-000000000000"],
    );
    const states = async (query: object) =>
      (await nodeTimeline(viewer(), { nodeId, ...window, ...query })).lanes[0]?.intervals.map(
        ({ state }) => state,
      );
    expect(await states({})).toEqual(["failed"]);
    expect(await states({ knownAt })).toEqual(["trusted"]);
    expect(await states({ knownAt: ago(3).toISOString() })).toEqual(["trusted", "failed"]);
  });

  it("refuses a window that runs backwards", async () => {
    const backwards = nodeTimeline(viewer(), { nodeId, from: window.to, to: window.from });
    expect(await refusalOf(backwards)).toBe("request/invalid");
  });
});

describe("evidence", () => {
  it("pages newest first without loss among verdicts of the same millisecond", async () => {
    const hashes = new Set<string>();
    for (let i = 0; i < 5; i += 1)
      hashes.add(await addVerdict(world, { nodeId, at: ago(10), raw: `{"i":${i}}` }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await nodeEvidence(analyst(), { nodeId, ...EvidenceQuery.parse({ limit: 2, cursor }) });
      seen.push(...page.items.map((item) => item.eventHash));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toHaveLength(5);
    expect(new Set(seen)).toEqual(hashes);
    const before = EvidenceQuery.parse({ before: ago(11).toISOString() });
    expect((await nodeEvidence(analyst(), { nodeId, ...before })).items).toEqual([]);
  });

  it("opens a token into header and claims, and gives the exact bytes back", async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "ES256" })}.${part({ eat: 1 })}.c2ln`;
    const eventHash = await addVerdict(world, {
      nodeId,
      at: ago(9),
      raw: token,
      mediaType: "application/eat+jwt",
    });
    const detail = await nodeVerdict(analyst(), { nodeId, eventHash });
    expect(detail).toMatchObject({ header: { alg: "ES256" }, claims: { eat: 1 }, measurements: {} });
    const raw = await nodeRaw(analyst(), { nodeId, eventHash });
    expect(Buffer.from(raw.bytes).toString()).toBe(token);
    expect(raw.mediaType).toBe("application/eat+jwt");
  });

  it("says that bytes past their retention are gone, and keeps the rest", async () => {
    const eventHash = await addVerdict(world, { nodeId, at: ago(8), raw: "old", keepRaw: false });
    expect(await refusalOf(nodeRaw(analyst(), { nodeId, eventHash }))).toBe("evidence/not-found");
    expect((await nodeVerdict(analyst(), { nodeId, eventHash })).verdict.rawAvailable).toBe(false);
  });

  it("is closed to viewers, and is nobody's of another trust domain", async () => {
    const eventHash = await addVerdict(world, { nodeId, at: ago(7), raw: "seven" });
    expect(await refusalOf(nodeEvidence(viewer(), { nodeId, limit: 1 }))).toBe("auth/forbidden");
    expect(await refusalOf(nodeRaw(viewer(), { nodeId, eventHash }))).toBe("auth/forbidden");
    const away = world.as("analyst", [world.away]);
    expect(await refusalOf(nodeEvidence(away, { nodeId, limit: 1 }))).toBe("node/not-found");
    expect(await refusalOf(nodeVerdict(away, { nodeId, eventHash }))).toBe("evidence/not-found");
    expect(await refusalOf(nodeTimeline(away, { nodeId, ...window }))).toBe("node/not-found");
    expect(await refusalOf(nodeVerdict(analyst(), { nodeId: foreignId, eventHash }))).toBe(
      "evidence/not-found",
    );
  });
});

describe("bootstrap events", () => {
  const store = (node: string | null, domain: string, source: string, n: number) =>
    pool.query(
      `INSERT INTO bootstrap_event (trust_domain_id, source_id, external_id, id, node_id, type, phase, outcome, occurred_at,
        received_at, identities, actor, redactions, raw_sha256, raw_media_type)
       VALUES ($1, $2, $3, $4, $5, 'enrollment.failed', 'enrollment', 'failure', $6, $6, '[]', '{"address":"10.0.0.9"}', '{}', '', 'x')`,
      [domain, source, `e${n}${domain}`, uuidv7(NOW), node, ago(4)],
    );

  it("page without loss among events of the same millisecond; those of no node have a list of their own", async () => {
    for (let n = 0; n < 3; n += 1) await store(nodeId, world.home, world.lab, n);
    for (let n = 3; n < 6; n += 1) await store(null, world.home, world.lab, n);
    await store(
      null,
      world.away,
      (await pool.query("SELECT id FROM source WHERE name = 'Far'")).rows[0].id,
      7,
    );
    const collect = async (read: (query: NodeEventsQuery) => ReturnType<typeof unattributedEvents>) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await read(NodeEventsQuery.parse({ limit: 1, cursor }));
        seen.push(...page.items.map((item) => item.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      return seen;
    };
    const own = await collect((query) => nodeEvents(viewer(), { nodeId, ...query }));
    const nobodys = await collect((query) => unattributedEvents(viewer(), query));
    expect([own.length, nobodys.length, new Set([...own, ...nobodys]).size]).toEqual([3, 3, 6]);
  });

  it("stand on the timeline", async () => {
    const { events } = await nodeTimeline(viewer(), { nodeId, ...window });
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({ actorAddress: "10.0.0.9", sourceName: "Lab" });
  });
});
