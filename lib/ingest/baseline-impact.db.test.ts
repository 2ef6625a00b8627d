import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { driftMarkAll } from "#db/queries/drift-dirty";
import { inTransaction } from "#db/transaction";
import type { ChangePreview } from "#lib/contracts/change-request";
import { assessDrift } from "#lib/jobs/assess-drift";
import { decideAgain } from "#lib/jobs/decide-again";
import { movesOf } from "#lib/server/baseline-moves";
import { readDocument } from "#lib/server/document-reader";
import { draftVersion } from "#lib/services/baseline/draft";
import { movesPreview } from "#lib/services/baseline/moves";
import { publishBaselineKind } from "#lib/services/baseline/publish";
import { rollbackBaselineKind, rolloutBaselineKind } from "#lib/services/baseline/roll";
import { decideChange } from "#lib/services/change-request/decide";
import { previewChange, proposeChange } from "#lib/services/change-request/propose";
import type { ServiceContext } from "#lib/services/context";
import { type Clock, makeWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { enforce, policyPerson, policyText, saved } from "#tests/policy-world";
import {
  at,
  buildCase,
  documentOf,
  NOW,
  type PreviewCase,
  policyOf,
  previewCases,
} from "#tests/preview-world";
import { testSealer } from "#tests/sealer";
import { say } from "#tests/watch-world";
import { baselineImpact } from "./baseline-impact.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const sealer = testSealer();
const KINDS = [
  publishBaselineKind(() => sealer, movesOf),
  rolloutBaselineKind(movesOf),
  rollbackBaselineKind(movesOf),
];
const REASON = "because it is needed";
const ALL = { part: "target", selector: "", percent: 100, to: null } as const;

type Scene = { world: World; clock: Clock; author: ServiceContext; approver: ServiceContext };
type Standing = { id: string; status: string; reason: string };
type Request = { kind: string; payload: Record<string, unknown> };

async function settle({ clock, world }: Scene, now: Date) {
  clock.now = now;
  const context = { db, now: () => clock.now };
  const { signal } = new AbortController();
  await pool.query("DELETE FROM drift_dirty WHERE trust_domain_id <> $1", [world.trustDomainId]);
  while ((await assessDrift.run(context, signal)) === "more");
  while ((await decideAgain.run(context, signal)) === "more");
}

async function standings({ world }: Scene): Promise<Map<string, Standing>> {
  const { rows } = await pool.query<Standing>(
    "SELECT node_id AS id, status, reason FROM node_state WHERE trust_domain_id = $1",
    [world.trustDomainId],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** `null` = refused, because it is what holds already. */
async function previewUnlessSo({ author }: Scene, request: Request): Promise<ChangePreview | null> {
  try {
    return (await previewChange(author, request, KINDS)).preview;
  } catch (error) {
    if ((error as { code?: string }).code === "baseline/wrong-state") return null;
    throw error;
  }
}

async function twoPeople({ author, approver }: Scene, request: Request) {
  const { id, planHash } = await proposeChange(author, { ...request, reason: REASON }, KINDS);
  await decideChange(approver, { requestId: id, planHash, decision: "approve" }, KINDS);
}

/** The request whose preview is asked for, the one that carries it out, and the minutes at which it counts. */
async function requestOf(
  { author }: Scene,
  baselineId: string,
  { change }: PreviewCase,
): Promise<{ asked: Request; done: Request; before?: Request; atMinute: number; ends: number[] }> {
  const iso = (minute: number | null) => (minute === null ? null : at(minute).toISOString());
  switch (change.kind) {
    case "publish": {
      const origin = { kind: "document", document: documentOf(change.content) } as const;
      const { version } = await draftVersion(author, { baselineId, origin }, readDocument);
      const asked = { kind: "baseline.publish", payload: { baselineId, version } };
      // Published is not in force: what the preview shows is that it holds for all nodes.
      const done = { kind: "baseline.rollback", payload: { baselineId, version } };
      return { asked, before: asked, done, atMinute: 0, ends: [] };
    }
    case "rollback": {
      const asked = { kind: "baseline.rollback", payload: { baselineId, version: change.version } };
      return { asked, done: asked, atMinute: 0, ends: [] };
    }
    case "rollout": {
      const { kind: _, from, to, ...rest } = change;
      const payload = { baselineId, ...rest, from: iso(from), to: iso(to), acceptOthersUntil: null };
      const asked = { kind: "baseline.rollout", payload };
      return { asked, done: asked, atMinute: from ?? 0, ends: to === null ? [] : [to] };
    }
    case "replace": {
      const { version, from, until } = change;
      const payload = { baselineId, version, ...ALL, from: iso(from), acceptOthersUntil: iso(until) };
      const asked = { kind: "baseline.rollout", payload };
      return { asked, done: asked, atMinute: from ?? 0, ends: until > (from ?? 0) ? [until] : [] };
    }
  }
}

async function sceneOf(made: PreviewCase) {
  const clock = { now: at(-90) };
  const world = await makeWorld(pool, clock);
  const lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
  const second = await world.addSource({ kind: "generic", name: "second", staleAfterMs: null });
  const [author, approver] = [
    await policyPerson(db, world, "analyst"),
    await policyPerson(db, world, "approver"),
  ];
  const scene: Scene = { world, clock, author, approver };
  if (made.policy) {
    const { when, status } = policyOf(made.policy);
    const text = policyText(`p-${made.policy}`, when, status);
    await enforce(author, approver, await saved(await policyPerson(db, world, "analyst"), text));
  }
  clock.now = at(-25);
  const baselineId = await buildCase({ pool, db, world, lab, second }, made);
  await inTransaction(pool, (client) => driftMarkAll(client, world.trustDomainId, 0, clock.now));
  await settle(scene, new Date(NOW));
  return { scene, baselineId };
}

type Moved = { id: string; from: string; to: string; reason: string };

function movedBetween(before: Map<string, Standing>, after: Map<string, Standing>): Moved[] {
  return [...after.values()].flatMap(({ id, status: to, reason }) => {
    const from = before.get(id)?.status ?? "";
    return from === to ? [] : [{ id, from, to, reason }];
  });
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : +(a.id > b.id));
const said = ({ nodes }: ChangePreview) =>
  nodes.items.map(({ id, from, to, reason }) => ({ id, from, to, reason })).sort(byId);

/** How many nodes the preview says to be worse at a later instant. */
function warnedAt({ warnings }: ChangePreview, minute: number): number {
  const words = warnings.find((text) => text.includes(`from ${at(minute).toISOString()} on`));
  return Number(/(\d+) nodes? would have another status/.exec(words ?? "")?.[1] ?? 0);
}

describe("What the preview says", () => {
  it("is what moves, node by node, with its reason, whatever is changed and whatever else holds", async () => {
    await fc.assert(
      fc.asyncProperty(previewCases, async (made) => {
        const { scene, baselineId } = await sceneOf(made);
        const { asked, before, done, atMinute, ends } = await requestOf(scene, baselineId, made);
        const start = await standings(scene);
        const preview = await previewUnlessSo(scene, asked);
        if (!preview) return;
        if (before) await twoPeople(scene, before);
        await twoPeople(scene, done);
        await settle(scene, at(atMinute));
        const moved = movedBetween(start, await standings(scene)).sort(byId);
        expect(said(preview)).toEqual(moved);
        expect(preview.nodes.total).toBe(moved.length);
        for (const end of ends) {
          await settle(scene, at(end));
          const then = movedBetween(start, await standings(scene));
          expect(warnedAt(preview, end)).toBe(then.filter(({ to }) => to !== "trusted").length);
        }
      }),
      { numRuns: RUNS },
    );
  }, 240_000);

  it("is told to be incomplete when the fleet measures more than one preview compares", async () => {
    const { scene, proposal } = await fleetOf(150);
    const judge = (maxCompared?: number) =>
      baselineImpact(pool, scene.world.trustDomainId, proposal, [NOW], new Date(NOW), maxCompared);
    const all = await judge();
    expect(all).toMatchObject({ nodes: 150, at: [{ judged: 150, total: 150 }] });
    expect(all.at[0]?.moves).toEqual([{ from: "trusted", to: "degraded", nodes: 150 }]);
    const some = await judge(100);
    expect(some).toMatchObject({ nodes: 150, at: [{ judged: 100, total: 100 }] });
    const [first] = some.at;
    if (!first) throw new Error("not judged");
    const { facts, warnings } = movesPreview(some.nodes, first);
    expect(facts).toContainEqual({ label: "Nodes judged", value: "100 of 150" });
    expect(warnings[0]).toMatch(/^Only 100 of 150 nodes were judged/);
    expect(movesPreview(150, { ...first, judged: 150 }).warnings).toEqual([]);
  });

  it("is the same when the clock has gone on since the change was planned", async () => {
    const { scene, proposal } = await fleetOf(2);
    const judged = baselineImpact(pool, scene.world.trustDomainId, proposal, [NOW], new Date(NOW + 5));
    expect(await judged).toMatchObject({ at: [{ total: 2 }] });
  });

  it("compares equal measurements once, however many nodes have them", async () => {
    const { scene, proposal } = await fleetOf(150, () => "same");
    const judged = await baselineImpact(pool, scene.world.trustDomainId, proposal, [NOW], new Date(NOW), 2);
    expect(judged).toMatchObject({ nodes: 150, at: [{ judged: 150, total: 150 }] });
  });
});

/** Many nodes, and a baseline that none of them would match. */
async function fleetOf(count: number, measured = (index: number) => `${index}`) {
  const clock = { now: at(-10) };
  const world = await makeWorld(pool, clock);
  const { bearer, id: sourceId } = await world.addSource({ kind: "generic", staleAfterMs: null });
  const sayings = Array.from({ length: count }, (_, index) => ({
    ...{ node: `n${index}`, atMs: at(-20).getTime(), measurements: { "config/a": measured(index) } },
  }));
  await say(world, bearer, sayings);
  const baseline = { id: randomUUID(), name: "b", selector: "", sourceId, submod: "" };
  const content = { scope: [], entries: { "config/a": ["x"] }, ignore: [], tolerances: {} };
  const rollouts = [{ version: 1, ...ALL, fromMs: NOW, toMs: null }];
  return { scene: { world }, proposal: { baseline, rollouts, content: { version: 1, content } } };
}

/** Each builds a domain and takes it through its life. */
const RUNS = 20;
