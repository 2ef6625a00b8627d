import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { recipeById } from "#lib/domain/recipe";
import type { RemediationAction } from "#lib/domain/remediation";
import { measures } from "#lib/services/compliance/measures";
import type { ServiceContext } from "#lib/services/context";
import {
  begunRequest,
  executionTools,
  type FakeSystem,
  fakeSystem,
  nodeAt,
  refuse,
  standingClock,
  useSystem,
  workOff,
} from "#tests/execution-world";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { drillBook } from "./drill-book.ts";

const { pool } = useDatabase();
const DAY_MS = 86_400_000;
let world: World;
let system: FakeSystem;
let round = 0;

beforeAll(async () => {
  world = await makeWorld(pool);
  await useSystem(world, fakeSystem());
});
beforeEach(async () => {
  system = fakeSystem();
  await pool.query("TRUNCATE remediation_request CASCADE");
});

async function run(action: RemediationAction, origin: string, others: FakeSystem[] = []): Promise<string> {
  const clock = standingClock();
  round += 1;
  const name = `w${round}`;
  const node = { name, id: await nodeAt(world, name, "trusted") };
  await pool.query("UPDATE node SET labels = jsonb_build_object('pool', display_name)");
  const id = await begunRequest(world, [node], { action, origin });
  system.hook = () => clock.pass(1_500);
  await workOff(world, executionTools([system, ...others]), clock, 2);
  return id;
}

const at = (ms: number, ctx = world.as("admin")): ServiceContext => ({
  ...ctx,
  now: () => new Date(NOW.getTime() + ms),
});
const of = async (recipe: string, ms = DAY_MS) =>
  (await drillBook(at(ms))).recipes.find((entry) => entry.recipe === recipe);

describe("the book of drills", () => {
  it("names every recipe, due until it succeeded once", async () => {
    const { recipes, dueAfterDays } = await drillBook(at(0));
    expect(dueAfterDays).toBe(90);
    expect(recipes).toHaveLength(6);
    for (const entry of recipes)
      expect(entry).toMatchObject({ drill: null, real: null, provenAt: null, dueAt: null, due: true });
  });

  it("keeps each step of the last rehearsal with its result and how long it took, apart from the real thing", async () => {
    const id = await run("quarantine", "drill");
    const entry = await of("compromise-suspected");
    expect(entry).toMatchObject({ due: false, real: null });
    expect(entry?.drill).toMatchObject({
      ...{ requestId: id, state: "succeeded", recipeVersion: recipeById("compromise-suspected")?.version },
      nodes: { total: 1, names: [`w${round}`] },
    });
    const steps = entry?.drill?.steps ?? [];
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(["skipped"]));
    const took = (verb: string) => steps.find((step) => step.verb === verb)?.durationMs ?? 0;
    expect(took("taint")).toBeGreaterThanOrEqual(1_500);
    const real = await run("quarantine", "person");
    expect(await of("compromise-suspected")).toMatchObject({
      drill: { requestId: id },
      real: { requestId: real },
    });
  });

  it("says what could not be done, and does not count it", async () => {
    round += 1;
    const node = { name: `w${round}`, id: await nodeAt(world, `w${round}`, "trusted") };
    await begunRequest(world, [node], { origin: "drill" });
    system.hook = ({ verb }) => {
      if (verb === "deny_requests") refuse("unauthorized");
    };
    await workOff(world, executionTools([system]), standingClock(), 2);
    const entry = await of("compromise-suspected");
    expect(entry).toMatchObject({ due: true, provenAt: null, drill: { state: "failed" } });
    expect(entry?.drill?.steps.find(({ verb }) => verb === "deny_requests")?.problem).not.toBeNull();
  });

  it("says what is missing before the steps, and of each step only what is so of it", async () => {
    await run("reprovision", "drill");
    const steps = (await of("reprovision-after-compromise"))?.drill?.steps ?? [];
    expect(steps[0]).toMatchObject({ verb: "requirements", state: "failed" });
    expect(steps[0]?.problem).toContain("rebuilds the node");
    expect(steps.slice(1).map(({ state }) => state)).toEqual(steps.slice(1).map(() => "skipped"));
    expect(steps[1]).toMatchObject({ verb: "snapshot", problem: null });
  });

  it("is read by who may, and of their own domains", async () => {
    await run("quarantine", "drill");
    expect(await refusalOf(drillBook(at(0, world.as("viewer"))))).toBe("auth/forbidden");
    const { recipes } = await drillBook(at(0, world.as("analyst", [world.away])));
    expect(recipes.every(({ drill }) => drill === null)).toBe(true);
  });

  it("is due again after the limit of measure M25, which counts the same rehearsal", async () => {
    const rebuilder = fakeSystem("webhook", { rebuild: null });
    await useSystem(world, rebuilder);
    await run("reprovision", "drill", [rebuilder]);
    const id = "reprovision-after-compromise";
    const entry = await of(id);
    const endedMs = Date.parse(entry?.provenAt ?? "") - NOW.getTime();
    const m25 = async (ms: number) => {
      const to = new Date(NOW.getTime() + ms);
      const from = new Date(to.getTime() - DAY_MS);
      const { items } = await measures(at(ms), { from: from.toISOString(), to: to.toISOString() });
      return items.find((item) => item.id === "M25")?.result;
    };
    const last = endedMs + 90 * DAY_MS;
    expect([(await of(id, last - 1))?.due, await m25(last - 1)]).toEqual([false, "satisfied"]);
    expect([(await of(id, last))?.due, await m25(last)]).toEqual([true, "no_data"]);
  });
});
