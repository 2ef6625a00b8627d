import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { appUser } from "#db/schema/people";
import { recipeFor } from "#lib/domain/recipe";
import { BUILT_IN_LIMITS } from "#lib/domain/remediation-limits";
import type { ServiceContext } from "#lib/services/context";
import { setRemediationLimits } from "#lib/services/remediation/set-limits";
import {
  executionTools,
  fakeSystem,
  lifeOf,
  nodeAt,
  standingClock,
  useSystem,
  workOff,
} from "#tests/execution-world";
import { useDatabase } from "#tests/pg";
import { addVerdict, ago, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { judgeFailures } from "./judge.ts";
import { automaticReport } from "./report.ts";
import { setAutomatic } from "./set.ts";

const { pool } = useDatabase();
const system = fakeSystem();
const execution = executionTools([system]);
const quarantine = recipeFor("quarantine");
const tools = {
  connectors: execution.connectors,
  remediation: {
    recipe: () => ({ name: quarantine.id, version: quarantine.version, params: z.strictObject({}) }),
    previewTargets: async () => [],
  },
};
let world: World;
let admin: ServiceContext;
let count = 0;

const judge = () => judgeFailures(world.db, tools, () => NOW, new AbortController().signal);
const report = () => automaticReport(admin);
const set = async (mode: "off" | "shadow" | "request" | "execute", at = ago(30)) => {
  const { revision } = (await report()).setting;
  await setAutomatic({ ...admin, now: () => at }, { mode, revision, reason: "we tried it long enough" });
};

/** A node that failed some minutes ago, on evidence of its own. */
async function failedNode(
  options: { since?: number; coverage?: string[]; labels?: Record<string, string> } = {},
) {
  const { since = 5, coverage = ["measured_boot"], labels = {} } = options;
  count += 1;
  const name = `n${count}`;
  const id = await nodeAt(world, name, "suspect");
  const hash = await addVerdict(world, { nodeId: id, at: ago(since), raw: `bad ${name}` });
  await pool.query("UPDATE node SET labels = $2 WHERE id = $1", [id, { pool: name, ...labels }]);
  await pool.query(
    `UPDATE verdict SET tier = 'contraindicated', state = 'failed', vector = '{0,0,96,0,0,0,0,0}', coverage = $2
     WHERE node_id = $1`,
    [id, coverage],
  );
  await pool.query("UPDATE node_state SET status = 'failed' WHERE node_id = $1", [id]);
  await pool.query(
    "UPDATE trust_interval SET state = 'failed', valid_from = $2, reason = $3 WHERE node_id = $1",
    [id, ago(since), `bad in its own way: ${name}`],
  );
  await pool.query(
    "UPDATE lane SET state = 'failed', opening_hash = $2, first_at = $3, last_at = $3 WHERE node_id = $1",
    [id, Buffer.from(hash, "hex"), ago(since)],
  );
  return { id, name };
}

const of = async (nodeId: string) => (await report()).items.find((item) => item.nodeId === nodeId);

beforeAll(async () => {
  world = await makeWorld(pool);
  await useSystem(world, system);
  admin = world.as("admin");
  await world.db.insert(appUser).values({
    ...{ id: admin.actor.id, email: "admin@example.org", passwordHash: "-" },
    ...{ mustChangePassword: false, failedSignIns: 0, createdAt: NOW },
  });
});

beforeEach(async () => {
  await pool.query("DELETE FROM automatic_judgement");
  await pool.query("UPDATE trust_interval SET valid_to = now() WHERE state = 'failed' AND valid_to IS NULL");
  await pool.query("DELETE FROM automatic_containment");
});

describe("containment without a person", () => {
  it("is off until somebody turns it on, and then leaves older failures alone", async () => {
    const { id } = await failedNode({ since: 40 });
    expect(await judge()).toBe(0);
    await set("execute");
    expect(await judge()).toBe(0);
    expect(await of(id)).toBeUndefined();
  });

  it("says who set it and why, in whose domain, and what came of it since", async () => {
    expect((await report()).setting).toEqual({
      ...{ mode: "off", revision: 0, since: null, changedBy: null, reason: null },
    });
    await set("shadow");
    await failedNode();
    await failedNode({ coverage: ["runtime_integrity"] });
    await judge();
    expect(await report()).toMatchObject({
      setting: { mode: "shadow", changedBy: "admin@example.org", reason: "we tried it long enough" },
      domain: { id: world.home, name: "home" },
      sums: { acts: 1, held: 1 },
      breaker: { storm: null, pauses: [], budget: { left: 2, perWindow: 3 } },
    });
    const { setting } = await report();
    await set("request", new Date(NOW.getTime() + 1));
    expect((await report()).sums).toEqual({ acts: 0, held: 0 });
    expect(setting.revision).toBe(1);
  });

  it("takes no more than the limits of the domain allow, and shows how many are left", async () => {
    const limits = {
      ...BUILT_IN_LIMITS,
      autoPerWindow: 1,
      poolLabels: [...BUILT_IN_LIMITS.poolLabels],
      failureDomainLabels: [...BUILT_IN_LIMITS.failureDomainLabels],
      controlPlaneLabels: [],
    };
    await setRemediationLimits(admin, {
      ...{ trustDomainId: world.home, version: 0, limits },
      reason: "one at a time until it is tried",
    });
    await set("shadow");
    const [first, second] = [await failedNode(), await failedNode()];
    await judge();
    expect([(await of(first.id))?.outcome, (await of(second.id))?.heldBy]).toEqual(["acts", "budget"]);
    expect((await of(second.id))?.why).toBe("1 node was taken within ten minutes already.");
    expect((await report()).breaker.budget).toEqual({ left: 0, perWindow: 1 });
    await pool.query("DELETE FROM remediation_limits");
  });

  it("only says in shadow what it would do, once per failure", async () => {
    await set("shadow");
    const { id } = await failedNode();
    expect([await judge(), await judge()]).toEqual([1, 0]);
    expect(await of(id)).toMatchObject({ mode: "shadow", outcome: "acts", heldBy: null, requestId: null });
    expect(await lifeOf(world, id)).toBe("suspect in_service");
  });

  it("asks people, or has it done at once, as it was set", async () => {
    await set("request");
    const asked = await failedNode();
    await judge();
    const { requestId } = (await of(asked.id)) ?? {};
    const states = () =>
      pool.query<{ state: string; origin: string }>(
        "SELECT state, origin FROM remediation_request WHERE id = $1",
        [requestId],
      );
    expect((await states()).rows).toEqual([{ state: "pending", origin: "policy" }]);
    await pool.query("DELETE FROM automatic_judgement");
    await set("execute", ago(4));
    const done = await failedNode({ since: 3 });
    await judge();
    await workOff(world, execution, standingClock(), 2);
    expect(await lifeOf(world, done.id)).toBe("quarantined quarantine");
    expect(await lifeOf(world, asked.id)).toBe("suspect in_service");
  });

  it.each([
    ["not_hardware", { coverage: ["runtime_integrity"] }],
    ["critical", { labels: { role: "control-plane" } }],
  ])("is held by %s", async (heldBy, options) => {
    await set("execute");
    const { id } = await failedNode(options);
    await judge();
    expect(await of(id)).toMatchObject({ outcome: "held", heldBy, requestId: null });
  });

  it("is held by a pause, also one of what is automatic alone", async () => {
    await set("execute");
    await pool.query(
      `INSERT INTO pause_request (trust_domain_id, id, scope, reason, made_at, expires_at)
       VALUES ($1, gen_random_uuid(), 'automatic', 'we look at the verifier', $2, $3)`,
      [world.home, NOW, new Date(NOW.getTime() + 60_000)],
    );
    const { id } = await failedNode();
    await judge();
    await pool.query("DELETE FROM pause_request");
    expect(await of(id)).toMatchObject({ outcome: "held", heldBy: "paused" });
  });

  it("is held by the breaker of an incident until somebody resolves it", async () => {
    await set("execute");
    await pool.query(
      `INSERT INTO incident (trust_domain_id, id, kind, subject, title, cause, state, breaker, opened_at, last_at,
         seen_at, nodes)
       SELECT $1, gen_random_uuid(), 'outlier', state || breaker, state || breaker, '-', state, breaker, $2, $2, $2, 1
       FROM (VALUES ('open', true), ('open', false), ('resolved', true)) AS one (state, breaker)`,
      [world.home, ago(300)],
    );
    const { id } = await failedNode();
    await judge();
    expect((await report()).breaker.incident?.title).toBe("opentrue");
    await pool.query("UPDATE incident SET state = 'resolved'");
    expect((await report()).breaker.incident).toBeNull();
    const later = await failedNode();
    await judge();
    expect(await of(id)).toMatchObject({ outcome: "held", heldBy: "breaker", requestId: null });
    expect((await of(later.id))?.heldBy).not.toBe("breaker");
  });

  it("takes three nodes within ten minutes and no more", async () => {
    await set("shadow");
    for (let one = 0; one < 5; one += 1) await failedNode();
    expect(await judge()).toBe(5);
    const { items } = await report();
    expect(items.map(({ heldBy }) => heldBy ?? "acts").sort()).toEqual([
      "acts",
      "acts",
      "acts",
      "budget",
      "budget",
    ]);
  });

  it("does nothing while many nodes fail alike", async () => {
    await set("execute");
    for (let one = 0; one < 4; one += 1) await failedNode();
    await pool.query(
      "UPDATE trust_interval SET reason = 'all alike' WHERE state = 'failed' AND valid_to IS NULL",
    );
    await judge();
    expect(new Set((await report()).items.map(({ heldBy }) => heldBy))).toEqual(new Set(["storm"]));
  });

  it("is set by who may, and only as it was seen", async () => {
    const body = { mode: "execute", revision: 7, reason: "because I say so now" } as const;
    expect(await refusalOf(setAutomatic(admin, body))).toBe("remediation/automatic-moved");
    expect(await refusalOf(setAutomatic(world.as("approver"), { ...body, revision: 0 }))).toBe(
      "auth/forbidden",
    );
  });
});
