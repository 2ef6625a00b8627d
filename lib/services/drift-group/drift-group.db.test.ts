import { beforeEach, describe, expect, it } from "vitest";
import { DriftListQuery, type IgnoreDriftBody } from "#lib/contracts/drift-group";
import { ExceptionListQuery } from "#lib/contracts/exception";
import { DRIFT_TABS } from "#lib/domain/drift-query";
import { ProblemError } from "#lib/domain/problems";
import { endException } from "#lib/services/exception/end";
import { exceptions } from "#lib/services/exception/list";
import { type DriftWorld, makeDriftWorld } from "#tests/drift-group-world";
import { useDatabase } from "#tests/pg";
import { MINUTE, refusalOf } from "#tests/world";
import { decideDrift } from "./decide.ts";
import { driftGet } from "./get.ts";
import { ignoreDrift } from "./ignore.ts";
import { driftList } from "./list.ts";

const { pool } = useDatabase();
const reason = "we rolled out this kernel ourselves";
const DAY = 86_400_000;

let world: DriftWorld;
let nodes: string[];
const id = (index: number) => nodes[index] ?? "";
const pass = (milliseconds: number) => {
  world.clock.now = new Date(world.clock.now.getTime() + milliseconds);
};
const later = (milliseconds: number) => new Date(world.clock.now.getTime() + milliseconds).toISOString();
const ask = (query: object = {}) => DriftListQuery.parse(query);
const ignoring = (ids: string[], more: Partial<IgnoreDriftBody> = {}): IgnoreDriftBody => ({
  groups: { ids },
  scope: { kind: "baseline" },
  reason,
  expiresAt: later(30 * DAY),
  ...more,
});

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeDriftWorld(pool);
  nodes = [];
  for (const name of ["a", "b", "c"]) nodes.push(await world.addNode({ name }));
});

/** Groups of three changes: of all nodes, of one, and one that looks like an attack. */
async function threeGroups() {
  for (const nodeId of nodes) await world.addFinding({ nodeId });
  await world.addFinding({ nodeId: id(0), path: "kernel/b" });
  await world.addFinding({ nodeId: id(1), path: "boot/shim", class: "malicious_like", score: 100 });
  await world.group();
  const { items } = await driftList(await world.person("auditor"), ask());
  const byPath = (path: string) => items.find((item) => item.path === path)?.id ?? "";
  return { all: byPath("kernel/a"), one: byPath("kernel/b"), bad: byPath("boot/shim") };
}

describe("the inbox", () => {
  it("puts first what weighs most, and its counts are its rows", async () => {
    await threeGroups();
    const reader = await world.person("auditor");
    const list = await driftList(reader, ask());
    expect(list.items.map(({ path, urgency }) => [path, urgency])).toEqual([
      ["boot/shim", "urgent"],
      ["kernel/a", "medium"],
      ["kernel/b", "medium"],
    ]);
    for (const tab of DRIFT_TABS) {
      const { items, counts } = await driftList(reader, ask({ tab }));
      expect(items).toHaveLength(counts[tab]);
      expect(items.every((item) => item.tab === tab)).toBe(true);
    }
  });

  it("pages through every group once, in any order", async () => {
    for (let index = 0; index < 7; index += 1) {
      await world.addFinding({ nodeId: id(index % 3), path: `kernel/${index}` });
    }
    await world.group();
    const reader = await world.person("analyst");
    for (const sort of ["priority", "newest", "spread"]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await driftList(reader, ask({ sort, limit: 3, ...(cursor ? { cursor } : {}) }));
        seen.push(...page.items.map(({ path }) => path));
        cursor = page.nextCursor;
      } while (cursor);
      expect(seen.sort(), sort).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `kernel/${index}`));
    }
    const page = await driftList(reader, ask({ limit: 3 }));
    const foreign = driftList(reader, ask({ sort: "spread", limit: 3, cursor: page.nextCursor }));
    expect(await refusalOf(foreign)).toBe("request/invalid");
  });

  it("finds by word, layer and class, whatever characters there are", async () => {
    await threeGroups();
    const reader = await world.person("analyst");
    const found = async (q: string) => (await driftList(reader, ask({ q }))).items.map(({ path }) => path);
    expect(await found("shim")).toEqual(["boot/shim"]);
    expect(await found("class:malicious_like")).toEqual(["boot/shim"]);
    expect(await found("layer:firmware")).toEqual([]);
    expect(await found("%")).toEqual([]);
    expect(await refusalOf(driftList(reader, ask({ q: "layer:none" })))).toBe("request/invalid");
  });

  it("is closed to viewers and shows nothing of other domains", async () => {
    const { all } = await threeGroups();
    expect(await refusalOf(driftList(await world.person("viewer"), ask()))).toBe("auth/forbidden");
    const stranger = world.as("admin", [world.away]);
    expect((await driftList(stranger, ask())).items).toEqual([]);
    expect(await refusalOf(driftGet(stranger, { groupId: all }))).toBe("drift/not-found");
    const decided = decideDrift(stranger, { decision: "remediate", groups: { ids: [all] }, reason });
    expect(await refusalOf(decided)).toBe("drift/not-found");
  });

  it("shows of a group who has it, how it spreads and who was left out", async () => {
    for (const nodeId of nodes.slice(0, 2)) await world.addFinding({ nodeId });
    const more: string[] = [];
    for (const name of ["d", "e", "f"]) more.push(await world.addNode({ name }));
    pass(MINUTE);
    for (const nodeId of more) await world.addFinding({ nodeId });
    await pool.query(
      `INSERT INTO drift_interval SELECT trust_domain_id, id, $2, '', first_seen_at, first_seen_at, NULL, NULL, NULL, NULL, 0,
         '{}', '', jsonb_build_array(jsonb_build_object('id', $1::text)), '\\x00', 0 FROM node`,
      [world.baselineId, world.lab],
    );
    await world.group();
    const reader = await world.person("analyst");
    const [row] = (await driftList(reader, ask())).items;
    const view = await driftGet(reader, { groupId: row?.id ?? "" });
    expect(view).toMatchObject({ nodes: 5, nodesTotal: 5, spreadPerHour: 5, outliersTotal: 1 });
    expect(view.outliers).toMatchObject([{ name: "c" }]);
    expect(view.nodeList.map(({ name }) => name)).toEqual(["a", "b", "d", "e", "f"]);
    expect(view.spread.nodes.reduce((sum, count) => sum + count, 0)).toBe(5);
  });
});

describe("accepting", () => {
  it("puts the values of all groups into one draft that two people still have to publish", async () => {
    const { all, one } = await threeGroups();
    const analyst = await world.person("analyst");
    const done = await decideDrift(analyst, { decision: "record", groups: { ids: [all, one] }, reason });
    expect(done.drafts).toEqual([{ baselineId: world.baselineId, version: 2 }]);
    const { rows } = await pool.query(
      "SELECT content, state, origin, author, signature FROM baseline_version WHERE version = 2",
    );
    expect(rows).toMatchObject([
      {
        content: { entries: { "kernel/a": ["1", "2"], "kernel/b": ["2"] } },
        state: "draft",
        origin: "drift",
        author: analyst.actor.id,
        signature: null,
      },
    ]);
    const accepted = await driftList(analyst, ask({ tab: "accepted" }));
    expect(accepted.items).toHaveLength(2);
    // It keeps watching: the same change on another node is the same group.
    pass(MINUTE);
    const nodeId = await world.addNode({ name: "late" });
    await world.addFinding({ nodeId });
    await world.group();
    expect((await driftGet(analyst, { groupId: all })).nodes).toBe(4);
  });

  it("builds the next draft on the one before and takes its groups along; withdrawing it brings them back", async () => {
    const { all, one } = await threeGroups();
    const analyst = await world.person("analyst");
    await decideDrift(analyst, { decision: "record", groups: { ids: [all] }, reason });
    await decideDrift(analyst, { decision: "record", groups: { ids: [one] }, reason });
    const { rows } = await pool.query(
      "SELECT version, state, content FROM baseline_version ORDER BY version",
    );
    expect(rows.map(({ version, state }) => [version, state])).toEqual([
      [1, "published"],
      [2, "withdrawn"],
      [3, "draft"],
    ]);
    expect(rows[2]?.content.entries).toEqual({ "kernel/a": ["1", "2"], "kernel/b": ["2"] });
    await world.group();
    expect((await driftList(analyst, ask())).counts).toMatchObject({ accepted: 2, regressed: 0 });
    await pool.query("UPDATE baseline_version SET state = 'withdrawn' WHERE version = 3");
    await world.group();
    const { items, counts } = await driftList(analyst, ask({ tab: "regressed" }));
    expect(counts).toMatchObject({ accepted: 0, regressed: 2, over: 2 });
    expect(items[0]).toMatchObject({ link: "draft_withdrawn" });
  });
});

describe("two people who decide at once", () => {
  it("do not undo each other: the second is told who was first, and nothing of theirs is done", async () => {
    const { all } = await threeGroups();
    const [ana, bob] = [await world.person("approver", "ana"), await world.person("analyst", "bob")];
    const outcomes = await Promise.allSettled([
      ignoreDrift(ana, ignoring([all])),
      decideDrift(bob, { decision: "record", groups: { ids: [all] }, reason }),
    ]);
    const lost = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(lost).toHaveLength(1);
    expect(lost[0]).toBeInstanceOf(ProblemError);
    expect(lost[0]).toMatchObject({ code: "drift/decided" });
    expect(lost[0].message).toMatch(/^(ana-\S+ ignored|bob-\S+ accepted) it at 2026-/);
    const { rows } = await pool.query(
      `SELECT (SELECT count(*)::int FROM drift_decision) AS decisions,
         (SELECT count(*)::int FROM drift_exception) + (SELECT count(*)::int FROM baseline_version WHERE state = 'draft')
           AS effects,
         (SELECT count(*)::int FROM audit_entry WHERE outcome = 'refused' AND problem_code = 'drift/decided') AS refused`,
    );
    expect(rows).toEqual([{ decisions: 1, effects: 1, refused: 1 }]);
  });

  it("in bulk leave what the other decided alone and say so", async () => {
    const { all, one, bad } = await threeGroups();
    const analyst = await world.person("analyst");
    await decideDrift(analyst, { decision: "remediate", groups: { ids: [bad] }, reason });
    await ignoreDrift(await world.person("approver", "ana"), ignoring([one]));
    const done = await decideDrift(analyst, { decision: "record", groups: { ids: [all, one] }, reason });
    expect(done.decided).toEqual([all]);
    expect(done.left).toMatchObject([
      { id: one, path: "kernel/b", detail: expect.stringMatching(/^ana-.* ignored/) },
    ]);
  });

  it("select all that matches only while it is what they saw", async () => {
    await threeGroups();
    const analyst = await world.person("analyst");
    const all = (expected: number) =>
      decideDrift(analyst, {
        decision: "remediate",
        groups: { tab: "undecided", q: "kernel", expected },
        reason,
      });
    expect(await refusalOf(all(5))).toBe("drift/selection-moved");
    expect((await all(2)).decided).toHaveLength(2);
    expect((await driftList(analyst, ask())).counts).toMatchObject({ undecided: 1, remediating: 2 });
  });
});

describe("ignoring", () => {
  it("makes an exception of exactly this path, marks the nodes and is on record with its reason", async () => {
    const { all } = await threeGroups();
    const approver = await world.person("approver");
    const { exceptionIds } = await ignoreDrift(approver, ignoring([all]));
    const { rows } = await pool.query(
      "SELECT id, pattern, selector, baseline_id, reason FROM drift_exception",
    );
    expect(rows).toEqual([
      { id: exceptionIds[0], pattern: "kernel/a", selector: "", baseline_id: world.baselineId, reason },
    ]);
    expect((await pool.query("SELECT count(*)::int AS n FROM drift_dirty")).rows).toEqual([{ n: 3 }]);
    const view = await driftGet(approver, { groupId: all });
    expect(view).toMatchObject({ state: "ignored", decisions: [{ kind: "ignore", reason }] });
    const { rows: audited } = await pool.query(
      "SELECT after FROM audit_entry WHERE action = 'drift.ignore' AND outcome = 'done'",
    );
    expect(audited).toMatchObject([{ after: { reason, exceptionIds } }]);
  });

  it("escapes what a path has of a pattern", async () => {
    await world.addFinding({ nodeId: id(0), path: "kernel/a.b*(c)" });
    await world.group();
    const approver = await world.person("approver");
    const [row] = (await driftList(approver, ask())).items;
    await ignoreDrift(approver, ignoring([row?.id ?? ""]));
    const { rows } = await pool.query("SELECT pattern FROM drift_exception");
    expect(rows).toEqual([{ pattern: "kernel/a\\.b\\*\\(c\\)" }]);
  });

  it("for one node of three leaves the group with the others", async () => {
    const { all } = await threeGroups();
    const approver = await world.person("approver");
    await ignoreDrift(approver, ignoring([all], { scope: { kind: "node", nodeId: id(0) } }));
    expect(await driftGet(approver, { groupId: all })).toMatchObject({ state: "undecided", nodes: 3 });
    const { rows } = await pool.query("SELECT selector FROM drift_exception");
    expect(rows).toEqual([{ selector: `node.id == "${id(0)}"` }]);
  });

  it.each([
    ["a pattern that matches something else", { pattern: "boot/.*" }, "request/invalid"],
    ["no pattern at all", { pattern: "(" }, "request/invalid"],
    ["a selector that cannot be read", { scope: { kind: "selector", selector: "node." } }, "request/invalid"],
    ["a life of more than a year", { expiresAt: "2027-06-03T00:00:00Z" }, "request/invalid"],
    ["an end in the past", { expiresAt: "2026-01-01T00:00:00Z" }, "request/invalid"],
    ["a pattern that also covers what looks like an attack", { pattern: ".*" }, "drift/too-broad"],
    ["no reason", { reason: " " }, "request/invalid"],
  ])("is refused for %s, and nothing is done", async (_what, more, code) => {
    const { all } = await threeGroups();
    const asked = ignoreDrift(
      await world.person("approver"),
      ignoring([all], more as Partial<IgnoreDriftBody>),
    );
    expect(await refusalOf(asked)).toBe(code);
    expect((await pool.query("SELECT FROM drift_exception")).rowCount).toBe(0);
    expect((await pool.query("SELECT FROM drift_decision")).rowCount).toBe(0);
  });

  it("of what looks like an attack is possible by itself, never in bulk", async () => {
    const { all, bad } = await threeGroups();
    const approver = await world.person("approver");
    expect(await refusalOf(ignoreDrift(approver, ignoring([all, bad])))).toBe("drift/too-broad");
    expect((await ignoreDrift(approver, ignoring([bad]))).decided).toEqual([bad]);
  });

  it("is not an analyst's: it changes what nodes are trusted for", async () => {
    const { all } = await threeGroups();
    expect(await refusalOf(ignoreDrift(await world.person("analyst"), ignoring([all])))).toBe(
      "auth/forbidden",
    );
  });
});

describe("exceptions", () => {
  it("end once, mark the nodes again, and are told apart when unused or over", async () => {
    const { all, one } = await threeGroups();
    const approver = await world.person("approver");
    const { exceptionIds } = await ignoreDrift(approver, ignoring([all]));
    await ignoreDrift(approver, ignoring([one], { expiresAt: later(8 * DAY) }));
    pass(7 * DAY);
    const lists = async () => (await exceptions(approver, ExceptionListQuery.parse({}))).counts;
    expect(await lists()).toEqual({ live: 2, unused: 2, over: 0, all: 2 });
    await pool.query("DELETE FROM drift_dirty");
    const end = { exceptionId: exceptionIds[0] ?? "", reason: "not needed any more" };
    await endException(approver, end);
    expect((await pool.query("SELECT FROM drift_dirty")).rowCount).toBe(3);
    expect(await refusalOf(endException(approver, end))).toBe("exception/over");
    pass(DAY);
    expect(await lists()).toEqual({ live: 0, unused: 0, over: 2, all: 2 });
    const over = await exceptions(approver, ExceptionListQuery.parse({ list: "over" }));
    expect(over.items.map(({ state }) => state).sort()).toEqual(["ended", "expired"]);
    const stranger = world.as("admin", [world.away]);
    expect(await refusalOf(endException(stranger, end))).toBe("exception/not-found");
  });

  it("that are over bring the change back as a new group that is linked", async () => {
    const { all } = await threeGroups();
    const approver = await world.person("approver");
    const { exceptionIds } = await ignoreDrift(approver, ignoring([all]));
    await endException(approver, { exceptionId: exceptionIds[0] ?? "", reason: "not needed any more" });
    await pool.query("DELETE FROM drift_dirty");
    await world.group();
    const { items } = await driftList(approver, ask({ tab: "regressed" }));
    expect(items).toMatchObject([{ path: "kernel/a", link: "exception_over", previousId: all, nodes: 3 }]);
    expect(await driftGet(approver, { groupId: all })).toMatchObject({ state: "ignored", tab: "over" });
  });
});

describe("putting aside and giving away", () => {
  it("snoozes until the instant, or until the change spreads", async () => {
    const { one } = await threeGroups();
    const analyst = await world.person("analyst");
    const counts = async () => (await driftList(analyst, ask())).counts;
    const snooze = (until: string) =>
      decideDrift(analyst, { decision: "snooze", groups: { ids: [one] }, until, reason });
    expect(await refusalOf(snooze(later(31 * DAY)))).toBe("request/invalid");
    expect(await refusalOf(snooze(later(-1)))).toBe("request/invalid");
    await snooze(later(DAY));
    expect(await counts()).toMatchObject({ undecided: 2, snoozed: 1 });
    pass(DAY);
    expect(await counts()).toMatchObject({ undecided: 3, snoozed: 0 });
    await snooze(later(DAY));
    await world.addFinding({ nodeId: id(2), path: "kernel/b" });
    await world.group();
    expect(await counts()).toMatchObject({ undecided: 3, snoozed: 0 });
  });

  it("assigns only to people who may triage", async () => {
    const { one } = await threeGroups();
    const analyst = await world.person("analyst");
    const assign = (assignee: string | null) =>
      decideDrift(analyst, { decision: "assign", groups: { ids: [one] }, assignee });
    const viewer = await world.person("viewer");
    expect(await refusalOf(assign(viewer.actor.id))).toBe("user/not-found");
    await assign(analyst.actor.id);
    expect((await driftGet(analyst, { groupId: one })).assignee).toMatchObject({ id: analyst.actor.id });
    await assign(null);
    expect((await driftGet(analyst, { groupId: one })).assignee).toBeNull();
  });
});

describe("suggestions", () => {
  it("come from what people decided about the same path and layer before, with the figures", async () => {
    const approver = await world.person("approver");
    for (const actual of ["5", "6", "7"]) {
      await world.addFinding({ nodeId: id(0), actual });
      await world.group();
      const [row] = (await driftList(approver, ask())).items;
      await ignoreDrift(approver, ignoring([row?.id ?? ""]));
      pass(MINUTE);
    }
    await world.addFinding({ nodeId: id(0), actual: "8" });
    await world.group();
    const [row] = (await driftList(approver, ask())).items;
    expect((await driftGet(approver, { groupId: row?.id ?? "" })).past).toEqual({
      record: 0,
      ignore: 3,
      remediate: 0,
      suggestion: "ignore",
      sentence: "3 times ignored, 0 times accepted, 0 times remediated for this path and layer",
    });
  });
});
