import { beforeEach, describe, expect, it } from "vitest";
import { IncidentListQuery } from "#lib/contracts/incident";
import { incidentGet } from "#lib/services/incident/get";
import { linkIncident, noteIncident, ownIncident, resolveIncident } from "#lib/services/incident/handle";
import { incidents } from "#lib/services/incident/list";
import { type DriftWorld, makeDriftWorld } from "#tests/drift-group-world";
import { useDatabase } from "#tests/pg";
import { ago, MINUTE, refusalOf } from "#tests/world";
import { correlate } from "./correlate.ts";

const { pool } = useDatabase();
let world: DriftWorld;

const pass = (milliseconds: number) => {
  world.clock.now = new Date(world.clock.now.getTime() + milliseconds);
};
const run = () => correlate.run({ db: world.db, now: () => world.clock.now }, new AbortController().signal);
const open = async () => (await incidents(await world.person("viewer"), IncidentListQuery.parse({}))).items;
const told = async () =>
  (
    await pool.query(
      "SELECT kind, title, summary FROM announcement WHERE kind LIKE 'pause.%' ORDER BY at, id",
    )
  ).rows;
const review = "A deployment tool wrote the file; its owner rolled it back.";

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeDriftWorld(pool);
});

async function addNodes(count: number, spec: { since?: Date } = {}) {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    ids.push(await world.addNode({ name: `node-${index}`, ...spec }));
  }
  return ids;
}

describe("187 nodes that change the same file", () => {
  it("are one group and one incident with the breaker on, however often the worker looks", async () => {
    const nodes = await addNodes(200);
    for (const nodeId of nodes.slice(0, 187)) await world.addFinding({ nodeId });
    await world.group();
    await run();
    await run();
    expect(await world.groups()).toMatchObject([{ nodes: 187, state: "undecided" }]);
    const list = await open();
    expect(list).toMatchObject([
      {
        kind: "coordinated_change",
        title: "187 nodes changed kernel/a",
        nodes: 187,
        breaker: true,
        runbook: "coordinated-change",
      },
    ]);
    const view = await incidentGet(await world.person("analyst"), { incidentId: list[0]?.id ?? "" });
    expect(view.entries.map(({ kind, by }) => [kind, by])).toEqual([
      ["opened", null],
      ["breaker", null],
    ]);
    expect(view.groups).toMatchObject([{ path: "kernel/a", nodes: 187 }]);
  });
});

describe("a coordinated change", () => {
  it("of several files of the same nodes is one incident, which grows with the change", async () => {
    const nodes = await addNodes(60);
    for (const nodeId of nodes.slice(0, 6)) {
      await world.addFinding({ nodeId });
      await world.addFinding({ nodeId, path: "kernel/b" });
    }
    await world.group();
    await run();
    expect(await open()).toMatchObject([{ title: "6 nodes changed kernel/a and 1 more", breaker: false }]);
    pass(MINUTE);
    for (const nodeId of nodes.slice(6, 12)) await world.addFinding({ nodeId });
    await world.group();
    await run();
    const [grown, ...others] = await open();
    expect(others).toEqual([]);
    expect(grown).toMatchObject({ nodes: 12, breaker: true });
    const { entries } = await incidentGet(await world.person("analyst"), { incidentId: grown?.id ?? "" });
    expect(entries.map(({ kind }) => kind)).toEqual(["opened", "spread", "breaker"]);
  });

  it("that grows until the breaker goes on is told as a pause then, once", async () => {
    const nodes = await addNodes(40);
    const change = async (from: number, to: number) => {
      for (const nodeId of nodes.slice(from, to)) await world.addFinding({ nodeId });
      await world.group();
      await run();
    };
    await change(0, 5);
    expect(await told()).toEqual([]);
    pass(MINUTE);
    await change(5, 10);
    await run();
    expect(await told()).toMatchObject([{ kind: "pause.begun", summary: "10 nodes changed kernel/a" }]);
  });

  it("that came slowly, or to four nodes, is none", async () => {
    const nodes = await addNodes(9);
    for (const [index, nodeId] of nodes.slice(0, 5).entries()) {
      await world.addFinding({ nodeId, from: ago(index * 20) });
    }
    for (const nodeId of nodes.slice(5)) await world.addFinding({ nodeId, path: "kernel/b" });
    await world.group();
    await run();
    expect(await open()).toEqual([]);
  });

  it("that people resolved stays so; what comes after it is a new incident", async () => {
    const nodes = await addNodes(60);
    for (const nodeId of nodes.slice(0, 5)) await world.addFinding({ nodeId });
    await world.group();
    await run();
    const analyst = await world.person("analyst");
    const [first] = await open();
    pass(MINUTE);
    await resolveIncident(analyst, { incidentId: first?.id ?? "", review });
    await run();
    expect(await open()).toEqual([]);
    pass(MINUTE);
    for (const nodeId of nodes.slice(5, 10)) await world.addFinding({ nodeId });
    await world.group();
    await run();
    expect(await open()).toMatchObject([{ nodes: 5 }]);
  });
});

describe("most nodes of one source that fail at once", () => {
  it("make the verifier suspect, with the breaker on", async () => {
    const before = [{ status: "trusted", from: ago(300) }];
    for (let index = 0; index < 6; index += 1) {
      await world.addNode({ name: `n${index}`, status: "failed", since: ago(5), before });
    }
    await run();
    const shift = (await open()).filter(({ kind }) => kind === "verifier_shift");
    expect(shift).toMatchObject([{ title: "6 of 6 nodes of Lab failed within half an hour", breaker: true }]);
    const analyst = await world.person("analyst");
    await resolveIncident(analyst, { incidentId: shift[0]?.id ?? "", review });
    await run();
    expect((await open()).filter(({ kind }) => kind === "verifier_shift")).toEqual([]);
  });

  it("are told of as a pause of what is automatic, once, which ends when the incident is resolved", async () => {
    const before = [{ status: "trusted", from: ago(300) }];
    for (let index = 0; index < 6; index += 1) {
      await world.addNode({ name: `n${index}`, status: "failed", since: ago(5), before });
    }
    await run();
    await run();
    const summary = "6 of 6 nodes of Lab failed within half an hour";
    const begun = {
      kind: "pause.begun",
      title: "Automatic containment is held back until an incident is resolved",
      summary,
    };
    expect(await told()).toEqual([begun]);
    const [shift] = (await open()).filter(({ kind }) => kind === "verifier_shift");
    pass(MINUTE);
    await resolveIncident(await world.person("analyst"), { incidentId: shift?.id ?? "", review });
    const ended = { kind: "pause.ended", title: "The breaker of an incident is off", summary };
    expect(await told()).toEqual([begun, ended]);
  });
});

describe("nodes that failed from their first verdict on", () => {
  it("do not make the verifier suspect: they never were better", async () => {
    for (let index = 0; index < 6; index += 1) {
      await world.addNode({ name: `n${index}`, status: "failed", since: ago(5) });
    }
    await run();
    expect((await open()).filter(({ kind }) => kind === "verifier_shift")).toEqual([]);
  });
});

describe("a storm", () => {
  it("is far more failures in an hour than in the days before", async () => {
    await addNodes(60, { since: ago(3 * 1_440) });
    for (let index = 0; index < 10; index += 1) {
      await world.addNode({
        name: `f${index}`,
        status: "failed",
        since: ago(5),
        before: [{ status: "trusted", from: ago(100) }],
      });
    }
    await run();
    expect((await open()).map(({ kind, title }) => [kind, title])).toEqual([
      ["failure_storm", "10 nodes failed within an hour"],
    ]);
  });
});

describe("nodes that stand apart, or are too much alike", () => {
  const measure = (nodeId: string, digest: string, since = ago(300)) =>
    pool.query(
      `UPDATE lane SET statement = statement || jsonb_build_object('measurementDigest', $2::text), since = $3,
         opening_hash = '\\x01' WHERE node_id = $1`,
      [nodeId, digest.padStart(64, "0"), since],
    );

  it("are found after an hour, when no baseline explains them", async () => {
    const nodes = await addNodes(6);
    for (const [index, nodeId] of nodes.entries()) await measure(nodeId, index === 5 ? "b" : "a");
    await measure(nodes[5] ?? "", "b", ago(59));
    await run();
    expect(await open()).toEqual([]);
    pass(MINUTE);
    await run();
    expect(await open()).toMatchObject([
      { kind: "outlier", title: "1 of 6 nodes of Lab differ from the rest" },
    ]);
  });

  it("are left to the inbox when they drift from a baseline", async () => {
    const nodes = await addNodes(6);
    for (const [index, nodeId] of nodes.entries()) await measure(nodeId, index === 5 ? "b" : "a");
    await world.addFinding({ nodeId: nodes[5] ?? "" });
    await run();
    expect(await open()).toEqual([]);
  });

  it("are a suspected clone where every node measures something of its own", async () => {
    const nodes = await addNodes(21);
    for (const [index, nodeId] of nodes.entries()) await measure(nodeId, String(index % 20));
    await run();
    const [clone] = await open();
    expect(clone).toMatchObject({ kind: "clone", nodes: 2 });
    const { nodeList } = await incidentGet(await world.person("viewer"), { incidentId: clone?.id ?? "" });
    expect(nodeList.map(({ name }) => name).sort()).toEqual(["node-0", "node-20"]);
  });
});

describe("people", () => {
  async function incident() {
    for (const nodeId of await addNodes(60).then((nodes) => nodes.slice(0, 5))) {
      await world.addFinding({ nodeId });
    }
    await world.addFinding({ nodeId: await world.addNode({ name: "other" }), path: "kernel/z" });
    await world.group();
    await run();
    return (await open())[0]?.id ?? "";
  }

  it("own, note, link and resolve; each step is in the course and on the record", async () => {
    const incidentId = await incident();
    const analyst = await world.person("analyst", "ana");
    const other = (await world.groups()).find(({ path }) => path === "kernel/z");
    await ownIncident(analyst, { incidentId, owner: analyst.actor.id });
    pass(1);
    await noteIncident(analyst, { incidentId, text: "Asked the deployment team." });
    pass(1);
    await linkIncident(analyst, { incidentId, groupId: other.id });
    pass(1);
    await resolveIncident(analyst, { incidentId, review });
    const view = await incidentGet(analyst, { incidentId });
    expect(view.entries.map(({ kind }) => kind)).toEqual(["opened", "owner", "note", "linked", "resolved"]);
    expect(view).toMatchObject({ state: "resolved", resolved: { review }, breaker: false });
    expect(view.groups).toHaveLength(2);
    const { rows } = await pool.query("SELECT count(*)::int AS n FROM audit_entry WHERE entity = 'incident'");
    expect(rows).toEqual([{ n: 4 }]);
    expect(await refusalOf(resolveIncident(analyst, { incidentId, review }))).toBe("incident/resolved");
    expect(await told()).toEqual([]);
    await noteIncident(analyst, { incidentId, text: "Learnt later." });
  });

  it("who resolve at once do it once", async () => {
    const incidentId = await incident();
    const people = [await world.person("analyst"), await world.person("admin")];
    const answers = await Promise.all(
      people.map((ctx) => refusalOf(resolveIncident(ctx, { incidentId, review }))),
    );
    expect(answers.sort()).toEqual(["incident/resolved", "not refused"]);
  });

  it("who may only look, or see other domains, change nothing", async () => {
    const incidentId = await incident();
    const auditor = await world.person("auditor");
    expect(await refusalOf(noteIncident(auditor, { incidentId, text: "I was here" }))).toBe("auth/forbidden");
    const stranger = world.as("admin", [world.away]);
    expect(await refusalOf(incidentGet(stranger, { incidentId }))).toBe("incident/not-found");
    expect(await refusalOf(noteIncident(stranger, { incidentId, text: "I was here" }))).toBe(
      "incident/not-found",
    );
    const viewer = await world.person("viewer");
    const analyst = await world.person("analyst");
    expect(await refusalOf(ownIncident(analyst, { incidentId, owner: viewer.actor.id }))).toBe(
      "user/not-found",
    );
  });
});
