import { beforeEach, describe, expect, it } from "vitest";
import type { ServiceContext } from "#lib/services/context";
import { nodeEvents } from "#lib/services/node/events";
import { bootstrapAbout, id, personIn, sendTo, verdictAbout } from "#tests/identity-world";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { readState } from "#tests/state-digest";
import { refusalOf } from "#tests/world";
import { linkEvents, undoEventLink } from "./link.ts";
import { unattributedOverview } from "./overview.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const clock: Clock = { now: new Date(NOW) };
const reason = "its address in the rack plan";

let world: World;
let spire: { id: string; bearer: string };
let analyst: ServiceContext;
let nodeId: string;

beforeEach(async () => {
  await pool.query("TRUNCATE app_user CASCADE");
  await resetWorld(pool);
  clock.now = new Date(NOW);
  world = await makeWorld(pool, clock);
  spire = await world.addSource({ kind: "generic", name: "spire", staleAfterMs: null });
  analyst = await personIn(pool, world, "analyst");
  await sendTo(world, spire.bearer, [verdictAbout([id("serial", "s1")], NOW - MINUTE)]);
  nodeId = (await pool.query("SELECT id FROM node")).rows[0]?.id;
});

const failure = (minutesAgo: number, address: string, text = "token expired") =>
  bootstrapAbout([id("hostname", "h")], NOW - minutesAgo * MINUTE, {
    type: "enrollment.failed",
    outcome: "failure",
    reasonText: text,
    method: "join_token",
    actor: { kind: "unknown", address },
  });
const send = (...events: unknown[]) => sendTo(world, spire.bearer, events);
const group = (caller: string, follow = false) => ({
  nodeId,
  target: { sourceId: spire.id, caller, method: "join_token", follow },
  reason,
});
const eventsOfNode = async () => (await nodeEvents(analyst, { nodeId, limit: 50 })).items.length;

describe("unattributed events", () => {
  beforeEach(() =>
    send(
      failure(9, "10.0.0.7:40001"),
      failure(8, "10.0.0.7:40002"),
      failure(7, "10.0.0.7:40003", "banned"),
      failure(6, "10.0.0.8:1"),
    ),
  );

  it("are grouped by source, caller without its port, and method, with counts, times and reasons", async () => {
    const { groups } = await unattributedOverview(analyst);
    expect(groups).toMatchObject([
      { caller: "10.0.0.8", events: 1 },
      {
        caller: "10.0.0.7",
        method: "join_token",
        events: 3,
        failures: 3,
        firstAt: new Date(NOW - 9 * MINUTE).toISOString(),
        lastAt: new Date(NOW - 7 * MINUTE).toISOString(),
        reasons: [
          { text: "token expired", events: 2 },
          { text: "banned", events: 1 },
        ],
      },
    ]);
  });

  it("of a linked group show on the node and change nothing else about it", async () => {
    const before = await readState(pool);
    expect((await linkEvents(analyst, group("10.0.0.7"))).events).toBe(3);
    expect(await eventsOfNode()).toBe(3);
    const { bootstrap: _, ...after } = await readState(pool);
    const { bootstrap: __, ...same } = before;
    expect(after).toEqual(same);
  });

  it("that come later follow only when the person said so", async () => {
    await linkEvents(analyst, group("10.0.0.7"));
    await linkEvents(analyst, group("10.0.0.8", true));
    await send(failure(1, "10.0.0.7:5"), failure(1, "10.0.0.8:5"));
    const { groups, links } = await unattributedOverview(analyst);
    expect(groups).toMatchObject([{ caller: "10.0.0.7", events: 1 }]);
    expect(links.map(({ caller, events }) => [caller, events]).sort()).toEqual([
      ["10.0.0.7", 3],
      ["10.0.0.8", 2],
    ]);
  });

  it("belong to nobody again when the link is undone, and later ones do not follow any more", async () => {
    const { id: linkId } = await linkEvents(analyst, group("10.0.0.7", true));
    expect((await undoEventLink(analyst, { linkId, reason })).events).toBe(3);
    expect(await eventsOfNode()).toBe(0);
    await send(failure(1, "10.0.0.7:5"));
    expect((await unattributedOverview(analyst)).groups).toMatchObject([
      { caller: "10.0.0.7", events: 4 },
      {},
    ]);
    expect(await refusalOf(undoEventLink(analyst, { linkId, reason }))).toBe("event-link/not-found");
    const { rows } = await pool.query(
      "SELECT action FROM audit_entry WHERE outcome = 'done' ORDER BY at, id",
    );
    expect(rows.map(({ action }) => action)).toEqual(["event.link", "event.unlink"]);
  });

  it("can be linked one by one", async () => {
    const { rows } = await pool.query("SELECT id FROM bootstrap_event WHERE caller = '10.0.0.8'");
    const single = { nodeId, target: { eventId: rows[0]?.id }, reason };
    expect((await linkEvents(analyst, single)).events).toBe(1);
    expect(await refusalOf(linkEvents(analyst, single))).toBe("event-link/no-events");
    expect((await pool.query("SELECT 1 FROM event_link")).rowCount).toBe(1);
  });

  it("are linked once when two people do it at the same time", async () => {
    const both = await Promise.all([
      refusalOf(linkEvents(analyst, group("10.0.0.7"))),
      refusalOf(linkEvents(analyst, group("10.0.0.7"))),
    ]);
    expect(both.sort()).toEqual(["event-link/no-events", "not refused"]);
  });

  it("cannot be linked to a node that is not visible, nor by those who only read", async () => {
    const stranger = { ...analyst, actor: { ...analyst.actor, trustDomainIds: [] } };
    expect(await refusalOf(linkEvents(stranger, group("10.0.0.7")))).toBe("node/not-found");
    const viewer = await personIn(pool, world, "viewer");
    expect(await refusalOf(linkEvents(viewer, group("10.0.0.7")))).toBe("auth/forbidden");
  });
});
