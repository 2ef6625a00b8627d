import { and, eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { node } from "#db/schema/fleet";
import { appUser, auditEntry, roleGrant } from "#db/schema/people";
import { execution, remediationRequest, remediationReview, remediationVote } from "#db/schema/remediation";
import { useDatabase, whileLocked } from "#tests/pg";
import { makeRemediationWorld, REASON, type RemediationWorld } from "#tests/remediation-world";
import { NOW, refusalOf } from "#tests/world";
import { putApproverGroup } from "./approver-groups.ts";
import { remediationList } from "./list.ts";
import {
  abortRemediation,
  cancelRemediation,
  claimRemediation,
  retryRemediation,
  reviewRemediation,
} from "./operate.ts";
import { endPause, pauseList, pauseRemediation } from "./pause.ts";
import { breakGlass, previewRemediation } from "./request.ts";
import { delegateRemediation, narrowRemediation } from "./vote.ts";

const { pool } = useDatabase();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let world: RemediationWorld;
type Person = Awaited<ReturnType<RemediationWorld["person"]>>;
let asker: Person;
let approver: Person;
let admin: Person;

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeRemediationWorld(pool);
  asker = await world.person("analyst");
  approver = await world.person("approver");
  admin = await world.person("admin");
});

const audits = async (id: string) =>
  (await world.db.select().from(auditEntry).where(eq(auditEntry.entityId, id)))
    .filter(({ outcome }) => outcome === "done")
    .map(({ action }) => action);
const executions = () => world.db.select().from(execution);

describe("asking", () => {
  it("stores a frozen plan, waits for an hour, and does nothing else", async () => {
    const [a, b] = [await world.addNode("a"), await world.addNode("b")];
    const made = await world.request(asker.ctx, [b, a]);
    expect(made).toMatchObject({
      state: "pending",
      mine: true,
      waitingOnMe: false,
      requestedBy: asker.email,
      nodes: { total: 2, names: ["a", "b"] },
      approvals: { have: 0, need: 1 },
      execution: null,
      expiresAt: new Date(NOW.getTime() + HOUR).toISOString(),
    });
    expect(made.may.approve).toBe("Your role does not allow this.");
    expect(made.may.cancel).toBeNull();
    expect(await audits(made.id)).toEqual(["remediation.request"]);
    expect(await executions()).toEqual([]);
  });

  it("names the figures of the blast radius", async () => {
    const labels = { pool: "gpu" };
    const nodes = [];
    for (let at = 0; at < 5; at += 1) nodes.push(await world.addNode(`n${at}`, { labels }));
    await world.db
      .update(node)
      .set({ disposition: "no_schedule" })
      .where(eq(node.id, nodes[4] ?? ""));
    const { checks } = await world.request(asker.ctx, nodes.slice(0, 2));
    expect(checks.find(({ rule }) => rule === "pool_health")?.sentence).toBe(
      "This would leave 2 of 5 nodes of gpu serving; 3 must.",
    );
    expect(checks.find(({ rule }) => rule === "pool_share")?.ok).toBe(false);
  });

  it("asks two people about a member of a quorum", async () => {
    const id = await world.addNode("cp", { labels: { role: "control-plane", cluster: "one" } });
    const { meter, targets } = await world.request(asker.ctx, [id]);
    expect(meter.map(({ groups, min }) => ({ groups, min }))).toEqual([
      { groups: ["security"], min: 1 },
      { groups: ["on_call"], min: 1 },
    ]);
    expect(targets[0]?.quorum).toBe("the control plane of one");
  });

  it("is refused where the life cycle does not allow it, and for what it cannot name", async () => {
    const gone = await world.addNode("gone", { lifecycle: "decommissioned" });
    expect(await refusalOf(world.request(asker.ctx, [gone]))).toBe("remediation/not-possible");
    const fine = await world.addNode("fine");
    expect(await refusalOf(world.request(asker.ctx, [fine], { action: "release" }))).toBe(
      "remediation/not-possible",
    );
    expect(await refusalOf(world.request(asker.ctx, ["00000000-0000-4000-8000-000000000000"]))).toBe(
      "node/not-found",
    );
    const past = new Date(NOW.getTime() - 1).toISOString();
    expect(await refusalOf(world.request(asker.ctx, [fine], { startAt: past }))).toBe("request/invalid");
    world.book.recipe = null;
    expect(await refusalOf(world.request(asker.ctx, [fine]))).toBe("request/invalid");
  });

  it("calls nodes of another trust domain missing", async () => {
    const foreign = await world.addNode("foreign", { domain: world.away });
    expect(await refusalOf(world.request(asker.ctx, [foreign]))).toBe("node/not-found");
  });

  it.each(["viewer", "auditor"] as const)("is refused to the role %s", async (role) => {
    const nodeId = await world.addNode("n");
    const { ctx } = await world.person(role);
    expect(await refusalOf(world.request(ctx, [nodeId]))).toBe("auth/forbidden");
  });

  it("resolves a query once, and refuses it when other nodes match than were seen", async () => {
    await world.addNode("a", { labels: { pool: "x" } });
    await world.addNode("b", { labels: { pool: "x" } });
    const asked = (expected: number) =>
      previewRemediation(
        asker.ctx,
        { action: "quarantine", targets: { query: "label:pool=x", expected }, params: {} },
        world.tools,
      );
    expect((await asked(2)).targets.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(await refusalOf(asked(1))).toBe("remediation/selection-moved");
    expect(await refusalOf(asked(3))).toBe("remediation/selection-moved");
    expect(await world.db.select().from(remediationRequest)).toEqual([]);
  });
});

describe("voting", () => {
  it("approves with the last vote that is needed; the worker starts it once", async () => {
    const made = await world.request(asker.ctx, [await world.addNode("n")]);
    expect(await world.vote(approver.ctx, made)).toMatchObject({ state: "approved", approvals: { have: 1 } });
    await world.runDue();
    await world.runDue();
    expect(await world.stored(made)).toMatchObject({ state: "executing" });
    expect(await executions()).toMatchObject([{ requestId: made.id, state: "executing", endedAt: null }]);
    expect(await audits(made.id)).toEqual(["remediation.request", "remediation.vote", "remediation.start"]);
  });

  it("takes nobody's vote on their own request, whatever address they use", async () => {
    const nodeId = await world.addNode("n");
    const made = await world.request(approver.ctx, [nodeId]);
    expect(made.may.approve).toBe("Somebody else must decide what you asked for.");
    expect(await refusalOf(world.vote(approver.ctx, made))).toBe("remediation/own-request");
    const alias = await world.person("approver", { email: approver.email.replace("@", "+2@") });
    expect(await refusalOf(world.vote(alias.ctx, made))).toBe("remediation/own-request");
    // The account is renamed meanwhile: it is the same account, and its old person's alias is still one.
    await world.db.update(appUser).set({ email: "new@example.org" }).where(eq(appUser.id, approver.id));
    const renamed = { ...approver.ctx, actor: { ...approver.ctx.actor, email: "new@example.org" } };
    expect(await refusalOf(world.vote(renamed as typeof approver.ctx, made))).toBe("remediation/own-request");
    const other = await world.person("approver", { email: "new+2@example.org" });
    expect(await refusalOf(world.vote(other.ctx, made))).toBe("remediation/own-request");
  });

  it("is stopped by the database itself when the same person votes", async () => {
    const made = await world.request(asker.ctx, [await world.addNode("n")]);
    const row = await world.stored(made);
    const { trustDomainId, planHash, requester } = row;
    const own = { trustDomainId, requestId: made.id, person: requester, requester, userId: asker.id };
    await expect(
      world.db
        .insert(remediationVote)
        .values({ ...own, decision: "approve", reason: REASON, planHash, at: NOW }),
    ).rejects.toThrow();
  });

  it("counts a person once, and different people for different groups", async () => {
    await putApproverGroup(admin.ctx, { group: "security", members: [approver.id] });
    const nodeId = await world.addNode("cp", { labels: { role: "etcd" } });
    const made = await world.request(asker.ctx, [nodeId]);
    expect(await world.vote(approver.ctx, made)).toMatchObject({ state: "pending", approvals: { have: 1 } });
    expect(await refusalOf(world.vote(approver.ctx, made))).toBe("remediation/voted");
    const alias = await world.person("approver", { email: approver.email.replace("@", "+x@") });
    expect(await refusalOf(world.vote(alias.ctx, made))).toBe("remediation/voted");
    expect(await world.vote(admin.ctx, made)).toMatchObject({ state: "approved", approvals: { have: 2 } });
  });

  it("asks only those whose group is asked", async () => {
    const other = await world.person("approver");
    await putApproverGroup(admin.ctx, { group: "security", members: [approver.id] });
    await putApproverGroup(admin.ctx, { group: "on_call", members: [approver.id] });
    const made = await world.request(asker.ctx, [await world.addNode("n")]);
    expect(await refusalOf(world.vote(other.ctx, made))).toBe("remediation/not-asked");
    const tab = async (ctx: typeof other.ctx) =>
      (await remediationList(ctx, { tab: "waiting_on_me", limit: 10 })).items.map(({ id }) => id);
    expect(await tab(other.ctx)).toEqual([]);
    expect(await tab(approver.ctx)).toEqual([made.id]);
    await delegateRemediation(approver.ctx, { requestId: made.id, to: other.id, reason: REASON });
    expect(await tab(approver.ctx)).toEqual([]);
    expect(await tab(other.ctx)).toEqual([made.id]);
    expect(await refusalOf(world.vote(approver.ctx, made))).toBe("remediation/not-asked");
    expect(await world.vote(other.ctx, made)).toMatchObject({ state: "approved" });
  });

  it("hands a say to nobody who asked for it themselves, and to nobody twice", async () => {
    const made = await world.request(admin.ctx, [await world.addNode("n")]);
    const give = (to: string) =>
      delegateRemediation(approver.ctx, { requestId: made.id, to, reason: REASON });
    expect(await refusalOf(give(admin.id))).toBe("remediation/not-asked");
    expect(await refusalOf(give(asker.id))).toBe("user/not-found");
    const other = await world.person("approver");
    await give(other.id);
    expect(await refusalOf(give(other.id))).toBe("remediation/not-asked");
  });

  it("ends with any denial, also after it was approved", async () => {
    const made = await world.request(asker.ctx, [await world.addNode("n")]);
    await world.vote(approver.ctx, made);
    const denied = await world.vote(admin.ctx, made, "deny");
    expect(denied).toMatchObject({ state: "denied", outcome: `${admin.email} denied it: ${REASON}` });
    await world.runDue();
    expect(await executions()).toEqual([]);
    expect(await refusalOf(world.vote(approver.ctx, made))).toBe("remediation/wrong-state");
  });

  it("counts for the plan that was seen and no other", async () => {
    const [a, b] = [await world.addNode("a"), await world.addNode("b")];
    const made = await world.request(asker.ctx, [a, b], { action: "reprovision" });
    await world.vote(approver.ctx, made);
    const narrowed = await narrowRemediation(
      admin.ctx,
      { requestId: made.id, planHash: made.planHash, nodeIds: [a], reason: REASON },
      world.tools,
    );
    expect(narrowed).toMatchObject({
      state: "pending",
      nodes: { total: 1 },
      approvals: { have: 0, need: 2 },
    });
    expect(narrowed.planHash).not.toBe(made.planHash);
    expect(narrowed.votes).toMatchObject([{ void: "It was given for another plan." }]);
    expect(narrowed.plan.expiresAt).toBe(made.plan.expiresAt);
    const refused = world.vote(admin.ctx, made);
    await expect(refused).rejects.toMatchObject({
      code: "remediation/plan-changed",
      pointers: [{ pointer: "#/planHash", detail: narrowed.planHash }],
    });
    await world.vote(approver.ctx, narrowed);
    expect(await world.vote(admin.ctx, narrowed)).toMatchObject({ state: "approved" });
  });

  it("is of no effect once its time is over", async () => {
    const made = await world.request(asker.ctx, [await world.addNode("n")]);
    world.later(HOUR);
    expect(await world.get(asker.ctx, made)).toMatchObject({ state: "expired" });
    expect(await refusalOf(world.vote(approver.ctx, made))).toBe("remediation/expired");
    await world.runDue();
    expect(await world.stored(made)).toMatchObject({
      state: "expired",
      outcome: "Not enough people agreed to it in time.",
      endedAt: new Date(NOW.getTime() + HOUR),
    });
  });

  it("waits for the request's lock, so the last two of a race start it once", async () => {
    const made = await world.request(asker.ctx, [await world.addNode("n")]);
    const settled = await whileLocked(
      pool,
      "remediation_request",
      "id = $1",
      [made.id],
      { blocked: 3 },
      () => [world.vote(approver.ctx, made), world.vote(admin.ctx, made), world.vote(approver.ctx, made)],
    );
    const states = settled.map((one) => (one.status === "fulfilled" ? one.value.state : one.reason.code));
    expect(states.filter((state) => state === "approved")).toHaveLength(1);
    expect(states.filter((state) => state === "remediation/wrong-state")).toHaveLength(2);
    await Promise.all([world.runDue(), world.runDue(), world.runDue()]);
    expect(await executions()).toHaveLength(1);
  });
});

describe("between the approval and the start", () => {
  const approved = async () => {
    const nodeId = await world.addNode("n", { labels: { pool: "one" } });
    const made = await world.request(asker.ctx, [nodeId]);
    await world.vote(approver.ctx, made);
    return { ...made, nodeId };
  };

  it("a voter who loses the role voids the vote", async () => {
    const made = await approved();
    await world.db.delete(roleGrant).where(eq(roleGrant.userId, approver.id));
    await world.runDue();
    expect(await world.stored(made)).toMatchObject({
      state: "superseded",
      outcome: `The approval of ${approver.email} does not count any more.`,
    });
    expect(await executions()).toEqual([]);
  });

  it("holds while the blast radius is exceeded, says why, and starts when it is not", async () => {
    const made = await approved();
    const others = [];
    for (let at = 0; at < 3; at += 1) others.push(await world.addNode(`o${at}`, { labels: { pool: "one" } }));
    await world.db
      .update(node)
      .set({ disposition: "quarantine" })
      .where(eq(node.id, others[0] ?? ""));
    await world.runDue();
    const held = await world.stored(made);
    expect(held.state).toBe("approved");
    expect(held.held).toContain("2 of 4 nodes of one would be away, 1 of them for other reasons; 1 may be.");
    await world.runDue();
    expect(await audits(made.id)).toEqual(["remediation.request", "remediation.vote", "remediation.hold"]);
    await world.db
      .update(node)
      .set({ disposition: "in_service" })
      .where(eq(node.id, others[0] ?? ""));
    await world.runDue();
    expect(await world.stored(made)).toMatchObject({ state: "executing", held: null });
  });

  it("expires when it was held back for too long", async () => {
    const made = await approved();
    const pause = await pauseRemediation(admin.ctx, {
      scope: "all",
      reason: REASON,
      until: new Date(NOW.getTime() + 2 * HOUR).toISOString(),
    });
    await world.runDue();
    expect((await world.stored(made)).held).toContain(
      `holds back everything until ${pause.until}: ${REASON}`,
    );
    world.later(31 * MINUTE);
    await world.runDue();
    expect((await world.stored(made)).outcome).toMatch(/^It was held back until its time was over: /);
    await endPause(admin.ctx, { pauseId: pause.id, reason: REASON });
    expect((await pauseList(admin.ctx)).items).toMatchObject([{ id: pause.id, active: false }]);
    expect(await refusalOf(endPause(admin.ctx, { pauseId: pause.id, reason: REASON }))).toBe(
      "remediation/pause-over",
    );
  });

  it("asks the live targets again, and holds while they say no", async () => {
    const made = await approved();
    const no = { rule: "kubernetes/ready", source: "target", about: "n", ok: false, blocking: true } as const;
    world.live.push({ ...no, sentence: "The node is not there." });
    await world.runDue();
    expect(await world.stored(made)).toMatchObject({ state: "approved", held: "The node is not there." });
    world.live.pop();
    await world.runDue();
    expect(await world.stored(made)).toMatchObject({ state: "executing" });
  });

  it("waits for the instant that was asked for", async () => {
    const startAt = new Date(NOW.getTime() + 3 * HOUR).toISOString();
    const made = await world.request(asker.ctx, [await world.addNode("n")], { startAt });
    await world.vote(approver.ctx, made);
    await world.runDue();
    expect(await world.stored(made)).toMatchObject({
      state: "scheduled",
      held: `It is to be started at ${startAt}.`,
      expiresAt: new Date(NOW.getTime() + 3 * HOUR + 30 * MINUTE),
    });
    world.later(3 * HOUR);
    await world.runDue();
    expect(await world.stored(made)).toMatchObject({ state: "executing" });
  });

  it("can be taken back by who asked, and by nobody else", async () => {
    const made = await approved();
    expect(await refusalOf(cancelRemediation(admin.ctx, { requestId: made.id, reason: REASON }))).toBe(
      "remediation/not-yours",
    );
    expect(await cancelRemediation(asker.ctx, { requestId: made.id, reason: REASON })).toMatchObject({
      state: "cancelled",
    });
    await world.runDue();
    expect(await executions()).toEqual([]);
  });
});

describe("breaking the glass", () => {
  const body = (nodeId: string) => ({
    action: "quarantine" as const,
    targets: { nodeIds: [nodeId] },
    params: {},
    reason: REASON,
  });

  it("executes at once, whatever the blast radius says, and opens a review for somebody else", async () => {
    const nodeId = await world.addNode("cp", { labels: { role: "etcd", cluster: "c" } });
    const made = await breakGlass(approver.ctx, body(nodeId), world.tools);
    expect(made).toMatchObject({ state: "executing", origin: "break_glass", review: { state: "open" } });
    expect(made.checks.some(({ ok, blocking }) => !ok && blocking)).toBe(true);
    expect(await executions()).toHaveLength(1);
    const [review] = await world.db.select().from(remediationReview);
    expect(review?.dueAt).toEqual(new Date(NOW.getTime() + 24 * HOUR));
    const reviewing = (who: Person, decision: "ratified" | "disputed" = "ratified") =>
      reviewRemediation(who.ctx, { requestId: made.id, decision, note: REASON });
    expect(await refusalOf(reviewing(approver))).toBe("remediation/own-request");
    expect(await reviewing(admin, "disputed")).toMatchObject({
      review: { state: "disputed", by: admin.email },
    });
    expect(await refusalOf(reviewing(await world.person("approver")))).toBe("remediation/reviewed");
  });

  it("is refused while everything is held back, to analysts, and for nodes that cannot be quarantined", async () => {
    const nodeId = await world.addNode("n");
    expect(await refusalOf(breakGlass(asker.ctx, body(nodeId), world.tools))).toBe("auth/forbidden");
    const gone = await world.addNode("gone", { lifecycle: "quarantined" });
    expect(await refusalOf(breakGlass(approver.ctx, body(gone), world.tools))).toBe(
      "remediation/not-possible",
    );
    const until = new Date(NOW.getTime() + HOUR).toISOString();
    await pauseRemediation(admin.ctx, { scope: "all", reason: REASON, until });
    expect(await refusalOf(breakGlass(approver.ctx, body(nodeId), world.tools))).toBe("remediation/paused");
    expect(await executions()).toEqual([]);
  });
});

describe("what goes on", () => {
  it("is claimed, stopped and let go on by people whose role allows it", async () => {
    const made = await world.request(asker.ctx, [await world.addNode("n")]);
    const requestId = made.id;
    expect(await claimRemediation(approver.ctx, { requestId, claim: true })).toMatchObject({
      claimedBy: { email: approver.email, mine: true },
    });
    expect(await refusalOf(abortRemediation(approver.ctx, { requestId, reason: REASON }))).toBe(
      "remediation/wrong-state",
    );
    await world.vote(approver.ctx, made);
    await world.runDue();
    expect(await refusalOf(abortRemediation(asker.ctx, { requestId, reason: REASON }))).toBe(
      "auth/forbidden",
    );
    expect(await refusalOf(cancelRemediation(asker.ctx, { requestId, reason: REASON }))).toBe(
      "remediation/wrong-state",
    );
    expect(await abortRemediation(admin.ctx, { requestId, reason: REASON })).toMatchObject({
      state: "aborting",
      execution: { state: "aborting" },
    });
    const stopped = and(eq(remediationRequest.id, requestId));
    await world.db.update(remediationRequest).set({ state: "partially_failed" }).where(stopped);
    expect(await retryRemediation(admin.ctx, { requestId, reason: REASON })).toMatchObject({
      state: "executing",
      execution: { state: "executing" },
    });
  });

  it("is listed where it belongs, with counts, page by page, and hidden from other domains", async () => {
    const made = [];
    for (let at = 0; at < 3; at += 1) {
      world.later(1_000);
      made.push(await world.request(asker.ctx, [await world.addNode(`n${at}`)]));
    }
    await cancelRemediation(asker.ctx, { requestId: made[0]?.id ?? "", reason: REASON });
    const page = await remediationList(approver.ctx, { tab: "in_progress", limit: 1 });
    expect(page.counts).toEqual({ waiting_on_me: 2, requested_by_me: 0, in_progress: 2, done: 1 });
    expect(page.items.map(({ id }) => id)).toEqual([made[2]?.id]);
    const cursor = page.nextCursor ?? "";
    const rest = await remediationList(approver.ctx, { tab: "in_progress", limit: 1, cursor });
    expect(rest.items.map(({ id }) => id)).toEqual([made[1]?.id]);
    expect(rest.nextCursor).toBeNull();
    const stranger = await world.person("admin", { domain: world.away });
    expect(await refusalOf(world.get(stranger.ctx, made[1] ?? { id: "" }))).toBe("remediation/not-found");
    expect((await remediationList(stranger.ctx, { tab: "in_progress", limit: 9 })).items).toEqual([]);
    expect(await refusalOf(world.vote(stranger.ctx, made[1] ?? { id: "", planHash: "" }))).toBe(
      "remediation/not-found",
    );
  });
});
