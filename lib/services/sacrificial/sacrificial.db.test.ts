/** Drills for real: only on nodes that are marked, as long as they are, and by the way of everything else. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { measures } from "#lib/services/compliance/measures";
import { drillBook } from "#lib/services/execution/drill-book";
import { idleChecks } from "#lib/services/execution/idle-checks";
import { runDueRemediations } from "#lib/services/remediation/due";
import { requestRemediation } from "#lib/services/remediation/request";
import { voteRemediation } from "#lib/services/remediation/vote";
import { became } from "#tests/execution-world";
import { useDatabase, whileLocked } from "#tests/pg";
import { REASON } from "#tests/remediation-world";
import { makeStoryWorld, type StoryWorld } from "#tests/story-world";
import { refusalOf, type World } from "#tests/world";
import { endSacrificial } from "./end.ts";
import { sacrificialGet } from "./get.ts";
import { type AskIdle, markSacrificial } from "./mark.ts";

const { pool } = useDatabase();
const DAY_MS = 86_400_000;
const PODS = "/api/v1/pods";
let story: StoryWorld;
let admin: StoryWorld["root"];
let node: { id: string; name: string };
let round = 0;

beforeAll(async () => {
  story = await makeStoryWorld(pool);
  admin = story.root;
});
afterAll(() => story.close());
beforeEach(async () => {
  round += 1;
  const name = `w${round}`;
  node = { name, id: await story.trustedNode(name) };
  story.kube.objects.set(PODS, []);
});

const askIdle: AskIdle = (db, question) =>
  idleChecks(db, story.execution.connectors, question, {
    now: story.now,
    signal: AbortSignal.timeout(5_000),
  });
const until = (ms = DAY_MS) => new Date(story.clock.now.getTime() + ms).toISOString();
const marked = (ms = DAY_MS, by = admin) =>
  markSacrificial(by, { nodeId: node.id, reason: REASON, until: until(ms) }, askIdle);
const ended = () => endSacrificial(admin, { nodeId: node.id, reason: REASON });
const markOf = async () => (await sacrificialGet(admin, { nodeId: node.id })).mark;
const addPod = (owner: string) =>
  story.kube.add(PODS, `pod-${round}`, {
    metadata: { namespace: "shop", ownerReferences: [{ kind: owner, name: "x", controller: true }] },
    spec: { nodeName: node.name },
  });
const asked = (more: { startAt?: string } = {}) =>
  requestRemediation(story.ann, { ...story.body("quarantine", node.id), drill: true, ...more }, story.tools);
type Asked = Awaited<ReturnType<typeof asked>>;
const agreed = ({ id, planHash }: Asked) =>
  voteRemediation(story.bob, { requestId: id, planHash, decision: "approve", reason: REASON }, story.tools);
/** What was done to the node on the cluster. */
const effects = () => story.kube.effects.filter((effect) => effect.includes(`/${node.name} `));
const toldOf = async ({ id }: Asked) =>
  (
    await pool.query<{ told: string }>(
      "SELECT kind || ' ' || severity || ' ' || title AS told FROM announcement WHERE link LIKE '%' || $1",
      [id],
    )
  ).rows
    .map(({ told }) => told)
    .toSorted();
const outcomeOf = ({ id }: Asked) => became(story as unknown as World, id);

describe("a sacrificial mark", () => {
  it("says who made it and why, is on the record, and ends by itself or by hand", async () => {
    expect(await markOf()).toBeNull();
    await marked();
    expect(await markOf()).toMatchObject({ reason: REASON, by: "root@example.org", until: until() });
    await marked(2 * DAY_MS);
    expect(await markOf()).toMatchObject({ until: until(2 * DAY_MS) });
    await ended();
    expect(await markOf()).toBeNull();
    await marked(60_000);
    story.pass(60_000);
    expect(await markOf()).toBeNull();
    const { rows } = await pool.query<{ action: string; after: { reason: string } }>(
      "SELECT action, after FROM audit_entry WHERE entity_id = $1 AND action LIKE '%sacrificial' ORDER BY at, id",
      [node.id],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      "node.mark_sacrificial",
      "node.mark_sacrificial",
      "node.end_sacrificial",
      "node.mark_sacrificial",
    ]);
    expect(rows.every(({ after }) => after.reason === REASON)).toBe(true);
  });

  it("is listed with the drills while it holds, to whoever sees its node", async () => {
    const listed = async (ctx = admin) =>
      (await drillBook(ctx)).marks.filter(({ nodeId }) => nodeId === node.id);
    expect(await listed()).toEqual([]);
    await marked();
    expect(await listed()).toMatchObject([
      { nodeName: node.name, reason: REASON, by: "root@example.org", until: until() },
    ]);
    expect(await listed({ ...admin, actor: { ...admin.actor, trustDomainIds: [] } })).toEqual([]);
    story.pass(DAY_MS);
    expect(await listed()).toEqual([]);
    await marked();
    await ended();
    expect(await listed()).toEqual([]);
  });

  it("is refused to who may not configure, for more than 30 days, and by the database as well", async () => {
    expect(await refusalOf(marked(DAY_MS, story.ann))).toBe("auth/forbidden");
    expect(await refusalOf(marked(30 * DAY_MS + 1))).toBe("request/invalid");
    expect(await refusalOf(marked(0))).toBe("request/invalid");
    await marked(30 * DAY_MS);
    const longer = pool.query("UPDATE sacrificial_mark SET expires_at = expires_at + interval '1 second'");
    await expect(longer).rejects.toThrow("check constraint");
  });

  it("is refused for a member of a control plane", async () => {
    await pool.query(
      `UPDATE node SET labels = labels || '{"node-role.kubernetes.io/control-plane": ""}' WHERE id = $1`,
      [node.id],
    );
    expect(await refusalOf(marked())).toBe("remediation/not-sacrificial");
  });

  it("is refused while something runs there, or while nobody can say; what every node has does not count", async () => {
    addPod("DaemonSet");
    await marked();
    await ended();
    addPod("ReplicaSet");
    expect(await refusalOf(marked())).toBe("remediation/not-sacrificial");
    story.kube.objects.set(PODS, []);
    const silent: AskIdle = (db, question) =>
      idleChecks(db, story.execution.connectors, question, { now: story.now, signal: AbortSignal.abort() });
    const refused = markSacrificial(admin, { nodeId: node.id, reason: REASON, until: until() }, silent);
    expect(await refusalOf(refused)).toBe("remediation/not-sacrificial");
    expect(await markOf()).toBeNull();
  });
});

describe("a drill for real", () => {
  it("is carried out wholly, on the votes of other people, and says what it is", async () => {
    await marked();
    const drill = await asked();
    expect(drill.origin).toBe("real_drill");
    await story.work();
    expect((await outcomeOf(drill)).state).toBe("pending");
    await agreed(drill);
    await story.work();
    expect(await outcomeOf(drill)).toMatchObject({ state: "succeeded", alarms: [] });
    expect(story.taintsOf(node.name)).toContain("touchstone.dev/quarantine");
    const { rows } = await pool.query<{ action: string }>(
      "SELECT action FROM audit_entry WHERE entity_id = $1 AND after ->> 'realDrill' = 'true' ORDER BY at, id",
      [drill.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["remediation.request", "remediation.executed"]),
    );
  });

  it("is told as what it is, and pages nobody; what is meant is told with its own severity", async () => {
    await marked();
    const drill = await asked();
    await agreed(drill);
    await story.work();
    expect(await toldOf(drill)).toEqual([
      `remediation.approved info Drill: quarantine of ${node.name} is approved`,
      `remediation.executing info Drill: quarantine of ${node.name} is carried out`,
      `remediation.requested info Drill: quarantine of ${node.name} waits for approval`,
      `remediation.succeeded info Drill: quarantine of ${node.name} is done and verified`,
    ]);
    node = { name: `${node.name}m`, id: await story.trustedNode(`${node.name}m`) };
    const meant = await requestRemediation(story.ann, story.body("quarantine", node.id), story.tools);
    expect(await toldOf(meant)).toEqual([
      `remediation.requested warning quarantine of ${node.name} waits for approval`,
    ]);
  });

  it("stands in the book with its steps, apart from what was needed, and is due again after 90 days", async () => {
    story.pass(1_000);
    await marked();
    const drill = await asked();
    await agreed(drill);
    const inBook = async (ms = 0) => {
      const now = () => new Date(story.clock.now.getTime() + ms);
      const { recipes } = await drillBook({ ...admin, now });
      return recipes.find(({ recipe }) => recipe === "compromise-suspected");
    };
    await story.work();
    const entry = await inBook();
    expect(entry).toMatchObject({ drillDue: false, realDrill: { requestId: drill.id, state: "succeeded" } });
    expect(entry?.real?.requestId).not.toBe(drill.id);
    expect(entry?.drill).toBeNull();
    const taint = entry?.realDrill?.steps.find(({ verb }) => verb === "taint");
    expect(taint).toMatchObject({ state: "done", startedAt: story.clock.now.toISOString(), durationMs: 0 });
    expect(taint?.observed).not.toBeNull();
    expect((await inBook(90 * DAY_MS - 1))?.drillDue).toBe(false);
    expect((await inBook(90 * DAY_MS))?.drillDue).toBe(true);
  });

  it("is left out of the measures of what people did because they had to", async () => {
    await marked();
    const drill = await asked();
    await agreed(drill);
    story.pass(1_000);
    await story.work();
    const to = new Date(story.clock.now.getTime() + 1_000);
    const span = { from: new Date(to.getTime() - 2_000).toISOString(), to: to.toISOString() };
    const m13 = async () =>
      (await measures({ ...admin, now: () => to }, span)).items.find(({ id }) => id === "M13")?.result;
    expect(await m13()).toBe("no_data");
    await pool.query("UPDATE remediation_request SET origin = 'person' WHERE id = $1", [drill.id]);
    expect(await m13()).toBe("satisfied");
  });

  it("is refused for a node that is not marked, or not until it would begin", async () => {
    expect(await refusalOf(asked())).toBe("remediation/not-sacrificial");
    await marked(60_000);
    expect(await refusalOf(asked({ startAt: until(120_000) }))).toBe("remediation/not-sacrificial");
  });

  it("has another plan than the same without drilling", async () => {
    await marked();
    const drill = await asked();
    const { planHash } = await requestRemediation(story.ann, story.body("quarantine", node.id), story.tools);
    expect(planHash).not.toBe(drill.planHash);
  });

  it.each([
    ["was ended", () => ended()],
    ["was made anew", () => marked()],
    ["is over", async () => story.pass(60_000)],
  ])("cannot be agreed to when the mark %s", async (_, happens) => {
    await marked(60_000);
    const drill = await asked();
    await happens();
    expect(await refusalOf(agreed(drill))).toBe("remediation/plan-changed");
    expect((await outcomeOf(drill)).state).toBe("superseded");
  });

  it.each([
    ["was ended", () => ended()],
    ["was made anew", () => marked()],
    ["is over", async () => story.pass(60_000)],
  ])("is not begun when the mark %s between the last vote and the start", async (_, happens) => {
    await marked(60_000);
    const drill = await asked();
    await agreed(drill);
    await happens();
    await story.work();
    expect((await outcomeOf(drill)).state).toBe("superseded");
    expect(effects()).toEqual([]);
  });

  it("is not agreed to while somebody is ending the mark", async () => {
    await marked();
    const drill = await asked();
    const both = { blocked: 1 };
    const [vote] = await whileLocked(pool, "sacrificial_mark", "node_id = $1", [node.id], both, () => [
      agreed(drill),
    ]);
    expect(vote?.status).toBe("fulfilled");
  });

  it("is not begun while something runs there, which came after the mark", async () => {
    await marked();
    const drill = await asked();
    await agreed(drill);
    addPod("ReplicaSet");
    await story.work();
    expect((await outcomeOf(drill)).state).toBe("approved");
    const { rows } = await pool.query("SELECT held FROM remediation_request WHERE id = $1", [drill.id]);
    expect(rows[0].held).toContain("no recipe is drilled on it");
  });

  it("does nothing when the mark ended after it was begun and before its first step", async () => {
    await marked();
    const drill = await asked();
    await agreed(drill);
    await runDueRemediations(story.db, story.tools, story.now);
    expect((await outcomeOf(drill)).state).toBe("executing");
    await ended();
    await story.work();
    const { state, outcome } = await outcomeOf(drill);
    expect([state, effects()]).toEqual(["failed", []]);
    expect(outcome).toContain("not marked as sacrificial any more");
  });

  it("cannot be called something else where it is stored", async () => {
    await marked();
    const drill = await asked();
    await agreed(drill);
    await pool.query("UPDATE remediation_request SET origin = 'person' WHERE id = $1", [drill.id]);
    await story.work();
    expect((await outcomeOf(drill)).state).toBe("superseded");
  });

  it("counts for what others may take away", async () => {
    await pool.query(`UPDATE node SET labels = '{"pool": "shared"}' WHERE id = $1`, [node.id]);
    const other = { id: await story.trustedNode(`${node.name}b`) };
    await pool.query(`UPDATE node SET labels = '{"pool": "shared"}' WHERE id = $1`, [other.id]);
    await marked();
    const drill = await asked();
    await agreed(drill);
    await story.work();
    const { checks } = await requestRemediation(story.ann, story.body("quarantine", other.id), story.tools);
    expect(checks.some(({ ok, blocking, source }) => source === "fleet" && blocking && !ok)).toBe(true);
  });
});
