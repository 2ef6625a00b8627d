import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { assessDrift } from "#lib/jobs/assess-drift";
import { decideNext } from "#lib/jobs/decide-again";
import type { ServiceContext } from "#lib/services/context";
import { labelNode } from "#lib/services/node/label";
import { type Clock, makeWorld, resetWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import {
  enforce,
  impactOf,
  policyPerson,
  policyText,
  replayOf,
  saved,
  settle,
  trialOf,
  verdictOf,
} from "#tests/policy-world";
import { refusalOf } from "#tests/world";
import { endException, makeException, policyExceptions } from "./exceptions.ts";
import { policies, policyGet } from "./list.ts";
import { savePolicy } from "./save.ts";
import { endShadow, rollbackPolicy, startShadow } from "./stage.ts";
import { backtestPolicy, impactOfPolicy, testOnNode } from "./trial.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const DAY = 86_400_000;
const REASON = "Because the test says so";
const ALL = "lanes.size() > 0";

let clock: Clock;
let world: World;
let lab: { id: string; bearer: string };
let author: ServiceContext;
let proposer: ServiceContext;
let approver: ServiceContext;

beforeEach(async () => {
  await resetWorld(pool);
  clock = { now: new Date(NOW) };
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
  author = await policyPerson(db, world, "analyst");
  proposer = await policyPerson(db, world, "analyst");
  approver = await policyPerson(db, world, "approver");
});

const say = (node: string, status = "affirming", atMs = clock.now.getTime()) =>
  verdictOf(world, lab.bearer, node, atMs, status);

const later = (minutes: number) => {
  clock.now = new Date(clock.now.getTime() + minutes * MINUTE);
};

/** What is believed about a node's own line: `[minutes since NOW, state, policy]`. */
async function lineOf(name: string): Promise<[number, string, string][]> {
  const { rows } = await pool.query<{ at: Date; state: string; policy: string }>(
    `SELECT valid_from AS at, state, policy_version AS policy FROM trust_interval i JOIN node n ON n.id = i.node_id
     WHERE n.display_name = $1 AND source_id = '00000000-0000-0000-0000-000000000000' AND recorded_to IS NULL
     ORDER BY valid_from`,
    [name],
  );
  return rows.map(({ at, state, policy }) => [(at.getTime() - NOW) / MINUTE, state, policy]);
}

async function nodeOf(name: string): Promise<{ id: string; status: string; reason: string }> {
  const { rows } = await pool.query(
    "SELECT n.id, s.status, s.reason FROM node n JOIN node_state s ON s.node_id = n.id WHERE n.display_name = $1",
    [name],
  );
  return rows[0];
}

async function inForce(when = ALL, part: { selector?: string; percent?: number } = {}, name = "strict") {
  const { version } = await saved(author, policyText(name, when));
  await enforce(proposer, approver, { name, version, ...part });
  await settle(db, world);
  return version;
}

describe("a policy", () => {
  it("decides nothing until two people enforce it, and then only from that instant on", async () => {
    await say("n1");
    const { version } = await saved(author, policyText("strict", ALL));
    await settle(db, world);
    expect(await nodeOf("n1")).toMatchObject({ status: "trusted" });
    later(10);
    await enforce(proposer, approver, { name: "strict", version });
    await settle(db, world);
    expect(await nodeOf("n1")).toMatchObject({ status: "failed", reason: "Ours says so" });
    expect(await lineOf("n1")).toEqual([
      [0, "trusted", "default@1"],
      [10, "failed", "strict@1"],
    ]);
    expect(await policyGet(author, { name: "strict" })).toMatchObject({
      versions: [{ version: 1, stage: "enforced" }],
      active: [{ stage: "enforced", percent: 100 }],
    });
  });

  it("is not approved by who wrote it, whoever proposed it", async () => {
    const writer = await policyPerson(db, world, "approver");
    await say("n1");
    const { version } = await saved(writer, policyText("strict", ALL));
    expect(await refusalOf(enforce(proposer, writer, { name: "strict", version }))).toBe("auth/forbidden");
    await settle(db, world);
    expect(await nodeOf("n1")).toMatchObject({ status: "trusted" });
    expect((await policyGet(author, { name: "strict" })).active).toEqual([]);
  });

  it("decides about new evidence as it comes in, and about late evidence as it was then", async () => {
    later(10);
    await inForce(`lanes.exists(l, l.state == "degraded")`);
    later(10);
    await say("n1", "warning", NOW + 15 * MINUTE);
    expect(await lineOf("n1")).toEqual([[15, "failed", "strict@1"]]);
    await say("n1", "warning", NOW + 5 * MINUTE);
    expect(await lineOf("n1")).toEqual([
      [5, "degraded", "default@1"],
      [10, "failed", "strict@1"],
    ]);
  });

  it("holds for the part of the nodes that it was enforced for", async () => {
    for (let index = 0; index < 40; index += 1) await say(`n${index}`);
    await inForce(ALL, { percent: 50 });
    const { rows } = await pool.query("SELECT count(*)::int AS n FROM node_state WHERE status = 'failed'");
    const canary = rows[0].n;
    expect(canary).toBeGreaterThan(5);
    expect(canary).toBeLessThan(35);
    const before = (await pool.query("SELECT node_id FROM node_state WHERE status = 'failed'")).rows;
    await enforce(proposer, approver, { name: "strict", version: 1, percent: 80 });
    await settle(db, world);
    const after = new Set(
      (await pool.query("SELECT node_id FROM node_state WHERE status = 'failed'")).rows.map(
        (row) => row.node_id,
      ),
    );
    expect(before.every((row) => after.has(row.node_id))).toBe(true);
    // The newest decides, and within one instant nothing is newer.
    later(10);
    await inForce(ALL, { selector: `node.name == "n1"` }, "second");
    expect((await lineOf("n1")).at(-1)?.[2]).toBe("second@1");
  });

  it("decides about a node from the label on that brings it under the policy, without new evidence", async () => {
    await say("n1");
    const { version } = await saved(author, policyText("strict", ALL));
    const selector = 'node.labels.tier == "strict"';
    await enforce(proposer, approver, { name: "strict", version, selector });
    await settle(db, world);
    const assess = () => assessDrift.run({ db, now: () => clock.now }, new AbortController().signal);
    await assess();
    expect((await nodeOf("n1")).status).toBe("trusted");
    const { id: nodeId } = await nodeOf("n1");
    later(10);
    await labelNode(author, { nodeId, labels: { tier: "strict" } });
    await assess();
    expect((await nodeOf("n1")).status).toBe("failed");
    later(10);
    await labelNode(author, { nodeId, labels: { tier: null } });
    await assess();
    expect((await nodeOf("n1")).status).toBe("trusted");
  });

  it("keeps its versions: the newest text again is no new version, a changed one is", async () => {
    expect(await saved(author, policyText("strict", ALL))).toEqual({ name: "strict", version: 1 });
    expect(await saved(author, policyText("strict", ALL))).toEqual({ name: "strict", version: 1 });
    expect(await saved(author, policyText("strict", "false"))).toEqual({ name: "strict", version: 2 });
    expect((await policyGet(author, { name: "strict" })).versions.map(({ version }) => version)).toEqual([
      2, 1,
    ]);
  });

  it.each([
    ["does not check", policyText("strict", "lanes.exists(l, l.nope)"), "policy/invalid"],
    ["takes the name of the built-in one", policyText("default", ALL), "policy/built-in"],
    [
      "fails its own test",
      `${policyText("strict", ALL)}tests:\n  - { name: t, facts: {}, expect: { status: failed } }\n`,
      "policy/invalid",
    ],
  ])("is refused when it %s", async (_, text, code) => {
    expect(await refusalOf(savePolicy(author, { text }))).toBe(code);
    expect((await policies(author)).items.map(({ name }) => name)).toEqual(["default"]);
  });

  it("tells how many nodes' present status is its word, whichever version said so", async () => {
    for (const name of ["n1", "n2", "n3"]) await say(name);
    const decided = async (actor = author) =>
      (await policies(actor)).items.map(({ name, decides }) => [name, decides]);
    expect(await decided()).toEqual([["default", 3]]);
    await inForce(ALL, { selector: `node.name == "n1"` });
    later(5);
    await inForce("false", { selector: `node.name == "n2"` });
    expect(await decided()).toEqual([
      ["default", 1],
      ["strict", 2],
    ]);
    expect(await policyGet(author, { name: "strict" })).toMatchObject({ decides: 2 });
    const other = await policyPerson(db, await makeWorld(pool, clock), "admin");
    expect(await decided(other)).toEqual([["default", 0]]);
  });

  it("gives its newest text, the built-in one too, so that another can be started from it", async () => {
    await saved(author, policyText("strict", ALL));
    await saved(author, policyText("strict", "false"));
    expect((await policyGet(author, { name: "strict" })).text).toBe(policyText("strict", "false"));
    const { text, builtIn } = await policyGet(author, { name: "default" });
    expect(builtIn).toBe(true);
    expect(await saved(author, text.replace("name: default", "name: mine"))).toEqual({
      name: "mine",
      version: 1,
    });
  });

  it("is hidden from other trust domains", async () => {
    await saved(author, policyText("strict", ALL));
    const other = await policyPerson(db, await makeWorld(pool, clock), "admin");
    expect(await refusalOf(policyGet(other, { name: "strict" }))).toBe("policy/not-found");
    expect(await refusalOf(enforce(other, other, { name: "strict", version: 1 }))).toBe("policy/not-found");
  });

  it("is saved and staged only by those who may", async () => {
    const viewer = await policyPerson(db, world, "viewer");
    expect(await refusalOf(savePolicy(viewer, { text: policyText("strict", ALL) }))).toBe("auth/forbidden");
    await saved(author, policyText("strict", ALL));
    expect(await refusalOf(startShadow(viewer, { name: "strict", version: 1 }))).toBe("auth/forbidden");
    const back = { name: "strict", toVersion: null, reason: REASON };
    expect(await refusalOf(rollbackPolicy(author, back))).toBe("auth/forbidden");
  });
});

describe("deciding again", () => {
  it("goes on after a crash where it stopped, and does nothing twice", async () => {
    for (const name of ["n1", "n2", "n3"]) await say(name);
    const { version } = await saved(author, policyText("strict", ALL));
    await enforce(proposer, approver, { name: "strict", version });
    expect(await decideNext(pool, () => clock.now, 2)).toBe(true);
    expect((await policies(author)).deciding).toEqual({ done: 2, total: 3 });
    await settle(db, world);
    expect((await policies(author)).deciding).toBeNull();
    for (const name of ["n1", "n2", "n3"]) expect(await lineOf(name)).toHaveLength(1);
    const { rows } = await pool.query(
      "SELECT count(*)::int AS n FROM trust_interval WHERE policy_version = 'strict@1'",
    );
    expect(rows[0].n).toBe(3);
  });
});

describe("rolling back", () => {
  it("takes one action and one person, gives back what was enforced before, and is on the record", async () => {
    await say("n1");
    await inForce("false");
    later(5);
    await inForce(ALL);
    expect(await nodeOf("n1")).toMatchObject({ status: "failed" });
    later(5);
    await rollbackPolicy(approver, { name: "strict", toVersion: 1, reason: REASON });
    await settle(db, world);
    expect(await lineOf("n1")).toEqual([
      [0, "trusted", "strict@1"],
      [5, "failed", "strict@2"],
      [10, "trusted", "strict@1"],
    ]);
    const { rows } = await pool.query("SELECT outcome FROM audit_entry WHERE action = 'policy.rollback'");
    expect(rows).toEqual([{ outcome: "done" }]);
  });

  it("to nothing lets the built-in policy decide, and a version that was ended can come back", async () => {
    await say("n1");
    await inForce();
    later(5);
    await rollbackPolicy(approver, { name: "strict", toVersion: null, reason: REASON });
    await settle(db, world);
    expect((await lineOf("n1")).at(-1)).toEqual([5, "trusted", "default@1"]);
    later(5);
    await inForce("false");
    later(5);
    await rollbackPolicy(approver, { name: "strict", toVersion: 1, reason: REASON });
    await settle(db, world);
    expect((await lineOf("n1")).at(-1)).toEqual([15, "failed", "strict@1"]);
  });

  it("never goes to what two people have not approved", async () => {
    await inForce();
    await saved(author, policyText("strict", "false"));
    const to = (toVersion: number) => rollbackPolicy(approver, { name: "strict", toVersion, reason: REASON });
    expect(await refusalOf(to(2))).toBe("policy/unchanged");
    expect(await refusalOf(to(1))).toBe("policy/unchanged");
  });
});

describe("an exception", () => {
  const except = (over: object = {}) =>
    makeException(approver, {
      ...{ policy: "strict", ruleId: "ours", selector: `node.name == "n1"`, reason: "Board is replaced" },
      until: new Date(clock.now.getTime() + 60 * MINUTE).toISOString(),
      ...over,
    });

  it("makes its nodes exempt until it ends, and counts what it kept from counting", async () => {
    await say("n1");
    await say("n2");
    await inForce();
    later(5);
    await except();
    await settle(db, world);
    expect(await nodeOf("n1")).toMatchObject({
      status: "exempt",
      reason: "Exempt from ours: Board is replaced",
    });
    expect(await nodeOf("n2")).toMatchObject({ status: "failed" });
    expect((await policyExceptions(author)).items).toMatchObject([{ matches: 1, state: "in_force" }]);
    later(90);
    await settle(db, world);
    expect(await lineOf("n1")).toEqual([
      [0, "failed", "strict@1"],
      [5, "exempt", "strict@1"],
      [65, "failed", "strict@1"],
    ]);
    expect((await policyExceptions(author)).items).toMatchObject([{ state: "expired" }]);
  });

  it("can be ended early, once", async () => {
    await say("n1");
    await inForce();
    const { id: exceptionId } = await except();
    later(5);
    await endException(approver, { exceptionId, reason: REASON });
    await settle(db, world);
    expect(await nodeOf("n1")).toMatchObject({ status: "failed" });
    expect(await refusalOf(endException(approver, { exceptionId, reason: REASON }))).toBe(
      "policy-exception/not-found",
    );
  });

  it("that nothing comes of is reported", async () => {
    await inForce();
    await except({ selector: `node.name == "nobody"`, until: new Date(NOW + 30 * DAY).toISOString() });
    later(8 * 24 * 60);
    expect((await policyExceptions(author)).items).toMatchObject([{ matches: 0, state: "unused" }]);
  });

  it.each([
    ["an end in the past", { until: new Date(NOW - MINUTE).toISOString() }],
    ["an end out of sight", { until: new Date(NOW + 400 * DAY).toISOString() }],
    ["a selector that does not check", { selector: "node.nope" }],
    ["a rule that does not exist", { ruleId: "nope" }],
  ])("is refused with %s", async (_, over) => {
    await inForce();
    expect(await refusalOf(except(over))).toBe("request/invalid");
  });
});

describe("shadow", () => {
  it("decides nothing and lists the nodes about which it would decide otherwise", async () => {
    await say("n1");
    await say("n2");
    const { version } = await saved(author, policyText("strict", `node.name == "n1"`));
    await startShadow(author, { name: "strict", version });
    await settle(db, world);
    expect(await nodeOf("n1")).toMatchObject({ status: "trusted" });
    const view = await policyGet(author, { name: "strict" });
    expect(view.versions).toMatchObject([{ stage: "shadow" }]);
    expect(view.active).toMatchObject([{ comparedNodes: 2 }]);
    expect(view.shadow).toMatchObject({
      total: 1,
      items: [{ name: "n1", from: "trusted", to: "failed", ruleId: "ours" }],
    });
    await endShadow(author, { name: "strict" });
    await settle(db, world);
    expect((await policyGet(author, { name: "strict" })).shadow.total).toBe(0);
  });
});

describe("trying a policy", () => {
  it("shows beforehand exactly what enforcing then moves, and which rules would be gone", async () => {
    await say("n1");
    await say("n2", "warning");
    await say("n3", "contraindicated");
    const text = policyText("strict", `node.name == "n1"`);
    const impact = await impactOfPolicy(author, { text }, impactOf);
    expect(impact).toMatchObject({ nodes: 3, movedTotal: 3 });
    const { version } = await saved(author, text);
    await enforce(proposer, approver, { name: "strict", version });
    await settle(db, world);
    for (const { name, to, reason } of impact.named) {
      expect(await nodeOf(name)).toMatchObject({ status: to, reason });
    }
    expect(impact.removedRules.map(({ ruleId }) => ruleId).sort()).toEqual([
      ...["all-affirm", "lane-degraded", "lane-failed"],
    ]);
  });

  it("tells on one node what every rule says", async () => {
    await say("n1");
    const { id: nodeId } = await nodeOf("n1");
    const trial = await testOnNode(author, { text: policyText("strict", "false"), nodeId }, trialOf);
    expect(trial).toMatchObject({
      current: { status: "trusted", policyVersion: "default@1" },
      decision: { status: "trusted", ruleId: "fine" },
      trace: [{ matched: false }, { matched: true }, { matched: true }],
    });
    const nobody = randomUUID();
    expect(
      await refusalOf(testOnNode(author, { text: policyText("strict", "false"), nodeId: nobody }, trialOf)),
    ).toBe("node/not-found");
  });

  it("replays what was stored: what would have fired when, and how much earlier failures would show", async () => {
    await say("n1", "affirming", NOW - 3 * 60 * MINUTE);
    await say("n1", "warning", NOW - 2 * 60 * MINUTE);
    await say("n1", "contraindicated", NOW - 60 * MINUTE);
    await say("n2");
    const text = policyText("strict", `lanes.exists(l, l.state in ["degraded", "failed"])`);
    const told: { nodes: number; states: number }[] = [];
    const replay = await backtestPolicy(author, { text, days: 7 }, replayOf);
    const result = await replay((progress) => void told.push(progress), new AbortController().signal);
    expect(result).toMatchObject({
      nodes: 2,
      states: 4,
      failing: { both: 1, onlyCurrent: 0, onlyProposed: 0 },
      detection: { earlier: 1, medianMs: -60 * MINUTE },
    });
    expect(result?.rules.find(({ ruleId }) => ruleId === "ours")).toMatchObject({
      ...{ fired: 1, nodes: 1, days: [{ day: "2026-03-01", fired: 1 }] },
    });
    expect(told.at(-1)).toEqual({ nodes: 2, states: 4 });
    const ended = await replay(() => {}, AbortSignal.abort());
    expect(ended).toBeNull();
  });
});
