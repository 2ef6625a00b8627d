import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import type { Role } from "#lib/domain/access";
import { foldLifecycle, runLifecycleTimers } from "#lib/jobs/fold-lifecycle";
import type { ServiceContext } from "#lib/services/context";
import { nodeGet } from "#lib/services/node/get";
import { nodeList } from "#lib/services/node/list";
import { nodeTimeline } from "#lib/services/node/timeline";
import {
  BATCH,
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  verdictDocument,
  type World,
} from "#tests/ingest-world";
import { bootstrapDocument } from "#tests/lifecycle-world";
import { useDatabase } from "#tests/pg";
import { onboardingBoard } from "./board.ts";
import { lifecycleGet } from "./get.ts";
import { retryNode } from "./retry.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const START = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const signal = new AbortController().signal;
const clock: Clock = { now: new Date(START) };

let world: World;
let lab: { id: string; bearer: string };

beforeEach(async () => {
  await resetWorld(pool);
  clock.now = new Date(START);
  world = await makeWorld(pool, clock);
  lab = await world.addSource({
    kind: "generic",
    name: "lab",
    staleAfterMs: 600 * MINUTE,
    scopes: ["ingest:write", "ingest:backfill"],
  });
});

const at = (minute: number) => START + minute * MINUTE;
const iso = (minute: number) => new Date(at(minute)).toISOString();
const run = async () => {
  await foldLifecycle.run({ db, now: () => clock.now }, signal);
  return runLifecycleTimers.run({ db, now: () => clock.now }, signal);
};

async function send(events: unknown[], path = "/api/v1/events") {
  const body = JSON.stringify(events);
  const { json } = await world.send({ bearer: lab.bearer, path, headers: BATCH, body });
  expect(json.rejected).toEqual([]);
}

const enrolling = (node: string) => [
  bootstrapDocument(node, at(-30), "provisioning.registered"),
  bootstrapDocument(node, at(-2), "provisioning.image_completed"),
];
const trusted = (node: string) => [
  ...enrolling(node),
  bootstrapDocument(node, at(-1), "enrollment.credential_issued"),
  cloudEvent("verdict", verdictDocument(node, at(0), "affirming", { freshness: "evidence" })),
];

const as = (role: Role): ServiceContext => ({
  db,
  actor: {
    kind: "user",
    id: randomUUID(),
    sessionId: "s",
    email: `${role}@example.test`,
    role,
    trustDomainIds: [world.trustDomainId],
    mustChangePassword: false,
  },
  requestId: "test",
  address: null,
  now: () => clock.now,
});
const idOf = async (name: string) =>
  (await pool.query("SELECT id FROM node WHERE display_name = $1", [name])).rows[0].id as string;

describe("timers", () => {
  it("speak once, at their deadline, and not before it", async () => {
    await send(enrolling("late"));
    clock.now = new Date(at(8));
    await run();
    const nodeId = await idOf("late");
    expect(await lifecycleGet(as("viewer"), { nodeId })).toMatchObject({
      state: "enrolling",
      timeoutAt: iso(8),
    });
    clock.now = new Date(at(90));
    await run();
    const failed = await lifecycleGet(as("viewer"), { nodeId });
    expect(failed).toMatchObject({ state: "failed", since: iso(8), timeoutAt: null });
    expect(failed.history[0]).toMatchObject({
      rule: "T06",
      event: "timer.enroll_timeout",
      afterMs: 10 * MINUTE,
    });
    const before = await pool.query("SELECT * FROM node_transition");
    await run();
    await run();
    expect((await pool.query("SELECT * FROM node_transition")).rows).toEqual(before.rows);
  });

  it("are taken back when a late event shows that the node was in time", async () => {
    await send(enrolling("n"));
    clock.now = new Date(at(20));
    await run();
    await send([bootstrapDocument("n", at(5), "enrollment.credential_issued")]);
    await run();
    const { rows } = await pool.query("SELECT lifecycle_state FROM node_state");
    expect(rows).toEqual([{ lifecycle_state: "attesting" }]);
    expect(
      (
        await pool.query(
          "SELECT 1 FROM node_transition WHERE transition_id = 'T06' AND superseded_at IS NOT NULL",
        )
      ).rowCount,
    ).toBe(1);
  });

  it("wait while history is being imported, and so does the fold of what is imported", async () => {
    await send(enrolling("old"), "/api/v1/events?backfill=true");
    await run();
    expect((await pool.query("SELECT 1 FROM node_transition")).rowCount).toBe(0);
    clock.now = new Date(at(0) + 6_000);
    await run();
    expect((await pool.query("SELECT lifecycle_state FROM node_state")).rows).toEqual([
      { lifecycle_state: "enrolling" },
    ]);
    clock.now = new Date(at(30));
    await run();
    expect((await pool.query("SELECT lifecycle_state FROM node_state")).rows).toEqual([
      { lifecycle_state: "failed" },
    ]);
  });
});

describe("reading lives", () => {
  it("tells the state as of any instant, in the life, the list and the timeline alike", async () => {
    await send([...trusted("a"), ...enrolling("b")]);
    await run();
    const [a, viewer] = [await idOf("a"), as("viewer")];
    for (const [minute, state] of [
      [-31, "discovered"],
      [-30, "provisioning"],
      [-1.5, "enrolling"],
      [-0.5, "attesting"],
      [0, "trusted"],
    ] as const) {
      expect((await lifecycleGet(viewer, { nodeId: a, asOf: iso(minute) })).state).toBe(state);
      if (minute >= -30) {
        expect((await nodeGet(viewer, { nodeId: a, asOf: iso(minute) })).lifecycle.state).toBe(state);
      }
      const q = { q: `lifecycle:${state} a`, sort: "name", limit: 10 } as const;
      if (minute >= -30)
        expect((await nodeList(viewer, { ...q, asOf: iso(minute) })).items).toMatchObject([
          { id: a, lifecycle: state },
        ]);
    }
    expect(
      (await nodeList(viewer, { q: "lifecycle:enrolling", sort: "name", limit: 10 })).items,
    ).toMatchObject([{ displayName: "b", lifecycle: "enrolling" }]);
    const timeline = await nodeTimeline(viewer, { nodeId: a, from: iso(-60), to: iso(10) });
    expect(timeline.lifecycle.map(({ state, from, to }) => [state, from, to])).toEqual([
      ["provisioning", iso(-30), iso(-2)],
      ["enrolling", iso(-2), iso(-1)],
      ["attesting", iso(-1), iso(0)],
      ["trusted", iso(0), null],
    ]);
  });

  it("puts everybody on the board, with how long each stage took", async () => {
    await send([...trusted("a"), ...trusted("b"), ...enrolling("c"), ...enrolling("d")]);
    await run();
    clock.now = new Date(at(5));
    await send([
      bootstrapDocument("d", at(4), "enrollment.denied", { outcome: "denied", reasonCode: "banned" }),
    ]);
    await run();
    const board = await onboardingBoard(as("viewer"));
    expect(board.stages.map(({ stage, nodes, p50Ms, n }) => [stage, nodes, p50Ms, n])).toEqual([
      ["discovered", 0, 0, 4],
      ["provisioning", 0, 28 * MINUTE, 4],
      ["enrolling", 1, MINUTE, 2],
      ["attesting", 0, MINUTE, 2],
    ]);
    expect(board.trusted.nodes).toBe(2);
    const then = await onboardingBoard(as("viewer"), { asOf: iso(3) });
    expect(then.stages.map(({ stage, nodes }) => [stage, nodes])).toContainEqual(["enrolling", 2]);
    expect(then.trusted.nodes).toBe(2);
    expect(then.failed.nodes).toBe(0);
    const before = await onboardingBoard(as("viewer"), { asOf: iso(4), knownAt: iso(4.5) });
    expect(before.failed.nodes).toBe(0);
    expect(board.failed.items).toMatchObject([
      { displayName: "d", failedFrom: "enrolling", event: "enrollment.denied", reasonCode: "banned" },
    ]);
  });
});

describe("a retry", () => {
  it("begins a failed node's step again, on record under who asked", async () => {
    await send([...enrolling("n"), bootstrapDocument("n", at(-1), "enrollment.denied")]);
    await run();
    const nodeId = await idOf("n");
    expect(await retryNode(as("analyst"), { nodeId, step: "enroll" })).toEqual({ state: "enrolling" });
    await run();
    const life = await lifecycleGet(as("viewer"), { nodeId });
    expect(life).toMatchObject({ state: "enrolling" });
    expect(life.history[0]).toMatchObject({
      rule: "T20",
      actor: { kind: "user", id: "analyst@example.test" },
    });
    const { rows } = await pool.query("SELECT action, outcome FROM audit_entry");
    expect(rows).toEqual([{ action: "node.retry", outcome: "done" }]);
  });

  it.each([
    ["viewer", "enroll", "auth/forbidden"],
    ["analyst", "provision", null],
    ["analyst", "enroll", "lifecycle/refused"],
  ] as const)(
    "by a %s of %s ends in %s for a node that failed while provisioning",
    async (role, step, code) => {
      await send([
        bootstrapDocument("n", at(-30), "provisioning.registered"),
        bootstrapDocument("n", at(-20), "provisioning.image_failed"),
      ]);
      await run();
      const attempt = retryNode(as(role), { nodeId: await idOf("n"), step });
      if (code) await expect(attempt).rejects.toMatchObject({ code });
      else expect(await attempt).toEqual({ state: "provisioning" });
    },
  );

  it("of a node elsewhere, or of one that did not fail, is refused", async () => {
    await send(trusted("n"));
    await run();
    const nodeId = await idOf("n");
    await expect(retryNode(as("admin"), { nodeId, step: "enroll" })).rejects.toMatchObject({
      code: "lifecycle/refused",
    });
    const admin = as("admin");
    const stranger = { ...admin, actor: { ...admin.actor, trustDomainIds: [randomUUID()] } };
    await expect(lifecycleGet(stranger, { nodeId })).rejects.toMatchObject({ code: "node/not-found" });
  });
});
