import { eq } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { changeRequest, changeRequestVote } from "#db/schema/change-request";
import { appUser, auditEntry, roleGrant } from "#db/schema/people";
import { source } from "#db/schema/source";
import type { ChangePreview } from "#lib/contracts/change-request";
import type { Role } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import { expireChangeRequests } from "#lib/jobs/expire-changes";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase, whileLocked } from "#tests/pg";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { cancelChange } from "./cancel.ts";
import { decideChange } from "./decide.ts";
import { changeGet } from "./get.ts";
import { changeKind } from "./kinds.ts";
import { changeRequests } from "./list.ts";
import { previewChange, proposeChange } from "./propose.ts";

const { pool } = useDatabase();
const HOUR = 3_600_000;
const REASON = "because it is needed";
const preview: ChangePreview = {
  facts: [{ label: "Name", value: "x" }],
  warnings: [],
  moves: [],
  nodes: { total: 0, items: [] },
  reliedOn: { total: 0, items: [] },
};

/** Renames a source; the plan names what it was called before. */
const RENAME = changeKind({
  kind: "source.rename",
  label: "Rename a source",
  schema: z.strictObject({ sourceId: z.uuid(), name: z.string() }),
  permissionToPropose: "change:propose",
  permissionToDecide: "change:decide",
  async plan(conn, _ctx, { sourceId, name }) {
    const [row] = await conn.select().from(source).where(eq(source.id, sourceId));
    if (!row) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
    return {
      trustDomainId: row.trustDomainId,
      subject: sourceId,
      summary: `Call ${row.name} ${name}`,
      facts: { before: row.name },
    };
  },
  preview: async () => preview,
  async apply(tx, _ctx, { sourceId, name }) {
    if (name === "explode") throw new ProblemError("source/name-taken", "taken");
    await tx.update(source).set({ name }).where(eq(source.id, sourceId));
    return { entity: "source", entityId: sourceId, before: null, after: { name } };
  },
});
const KINDS = [RENAME];

let world: World;
let clock: Date;
let people = 0;
beforeAll(async () => {
  world = await makeWorld(pool);
});
beforeEach(() => {
  clock = NOW;
});

/** A person in the database with a role, and the context of a request of theirs. */
async function person(role: Role, { email, domain = world.home }: { email?: string; domain?: string } = {}) {
  people += 1;
  const id = uuidv7(NOW);
  const address = email ?? `${role}${people}@example.org`;
  await world.db.insert(appUser).values({
    id,
    email: address,
    passwordHash: "x",
    mustChangePassword: false,
    failedSignIns: 0,
    createdAt: NOW,
  });
  await world.db.insert(roleGrant).values({ userId: id, trustDomainId: domain, role, createdAt: NOW });
  const base = world.as(role, [domain]);
  if (base.actor.kind !== "user") throw new Error("not a person");
  const ctx: ServiceContext = {
    ...base,
    actor: { ...base.actor, id, email: address },
    now: () => clock,
  };
  return { id, ctx, email: address };
}

async function pending(proposer?: ServiceContext, name = `name ${people}`) {
  const sourceId = await world.addSource(`source ${uuidv7(NOW)}`);
  const ctx = proposer ?? (await person("analyst")).ctx;
  const payload = { sourceId, name };
  const view = await proposeChange(ctx, { kind: "source.rename", payload, reason: REASON }, KINDS);
  return { ...view, sourceId, name };
}

const vote = (
  ctx: ServiceContext,
  { id, planHash }: { id: string; planHash: string },
  decision = "approve",
) => decideChange(ctx, { requestId: id, planHash, decision: decision as "approve", reason: REASON }, KINDS);
const nameOf = async (id: string) => (await world.db.select().from(source).where(eq(source.id, id)))[0]?.name;
const stateOf = async (id: string) =>
  (await world.db.select().from(changeRequest).where(eq(changeRequest.id, id)))[0]?.state;

describe("proposing", () => {
  it("stores the plan, does nothing else and is on the record", async () => {
    const made = await pending();
    expect(made).toMatchObject({ state: "pending", mine: true, waitingOnMe: false, planCurrent: true });
    expect(made.expiresAt).toBe(new Date(NOW.getTime() + HOUR).toISOString());
    expect(await nameOf(made.sourceId)).not.toBe(made.name);
    const entries = await world.db.select().from(auditEntry).where(eq(auditEntry.entityId, made.id));
    expect(entries).toMatchObject([{ action: "change.propose", outcome: "done" }]);
  });

  it.each(["viewer", "auditor"] as const)("is refused to the role %s", async (role) => {
    const { ctx } = await person(role);
    expect(await refusalOf(pending(ctx))).toBe("auth/forbidden");
  });

  it("is refused to whoever is no person, even our own processes", async () => {
    const actor = { kind: "system", id: "worker", trustDomainIds: [world.home] } as const;
    expect(await refusalOf(pending({ ...world.as("admin"), actor }))).toBe("auth/forbidden");
  });

  it.each([
    ["a short reason", { reason: "too short" }],
    ["an unknown kind", { kind: "node.erase" }],
    ["a payload that does not match", { payload: { sourceId: "x" } }],
  ])("refuses %s", async (_what, more) => {
    const { ctx } = await person("analyst");
    const payload = { sourceId: world.lab, name: "n" };
    const body = { kind: "source.rename", payload, reason: REASON, ...more };
    expect(await refusalOf(proposeChange(ctx, body, KINDS))).toBe("request/invalid");
  });

  it("can be tried without storing anything", async () => {
    const { ctx } = await person("analyst");
    const before = await world.db.$count(changeRequest);
    const payload = { sourceId: world.lab, name: "n" };
    const planned = await previewChange(ctx, { kind: "source.rename", payload }, KINDS);
    expect(planned).toMatchObject({ summary: "Call Lab n", preview });
    expect(await world.db.$count(changeRequest)).toBe(before);
    const viewer = (await person("viewer")).ctx;
    expect(await refusalOf(previewChange(viewer, { kind: "source.rename", payload }, KINDS))).toBe(
      "auth/forbidden",
    );
  });
});

describe("deciding", () => {
  it("carries an approved change out at once, with two entries on the record", async () => {
    const made = await pending();
    const { ctx, email } = await person("approver");
    const after = await vote(ctx, made);
    expect(after).toMatchObject({ state: "applied", votes: [{ email, decision: "approve" }] });
    expect(await nameOf(made.sourceId)).toBe(made.name);
    const { rows } = await pool.query(
      `SELECT action, a.xmin = s.xmin AS together FROM audit_entry a, source s
       WHERE s.id = $2 AND a.entity_id IN ($1, $2::text) AND action <> 'change.propose' ORDER BY action`,
      [made.id, made.sourceId],
    );
    expect(rows).toEqual([
      { action: "change.decide", together: true },
      { action: "source.rename", together: true },
    ]);
  });

  it("does nothing when it is denied", async () => {
    const made = await pending();
    const after = await vote((await person("approver")).ctx, made, "deny");
    expect(after).toMatchObject({ state: "denied", votes: [{ reason: REASON }] });
    expect(await nameOf(made.sourceId)).not.toBe(made.name);
  });

  it("needs a reason to deny", async () => {
    const made = await pending();
    const { ctx } = await person("approver");
    const body = { requestId: made.id, planHash: made.planHash, decision: "deny" } as const;
    expect(await refusalOf(decideChange(ctx, body, KINDS))).toBe("request/invalid");
  });

  it("refuses one's own request, also with another account of the same mailbox", async () => {
    const own = await person("admin", { email: "kim@example.org" });
    const made = await pending(own.ctx);
    expect(await refusalOf(vote(own.ctx, made))).toBe("change/own-request");
    const other = await person("approver", { email: "kim+second@example.org" });
    expect(await refusalOf(vote(other.ctx, made))).toBe("change/own-request");
    expect(await refusalOf(vote(other.ctx, made, "deny"))).toBe("change/own-request");
    expect(await stateOf(made.id)).toBe("pending");
  });

  it("is refused by the database itself when a person votes on their own request", async () => {
    const made = await pending();
    const [row] = await world.db.select().from(changeRequest).where(eq(changeRequest.id, made.id));
    const proposer = row?.proposer ?? "";
    const insert = world.db.insert(changeRequestVote).values({
      trustDomainId: world.home,
      requestId: made.id,
      person: proposer,
      proposer,
      userId: row?.proposedBy ?? "",
      decision: "approve",
      reason: null,
      planHash: Buffer.alloc(32),
      at: NOW,
    });
    await expect(insert).rejects.toMatchObject({ cause: { code: "23514" } });
  });

  it("is refused to a role that may not, and to whoever lost the role since the request came in", async () => {
    const made = await pending();
    expect(await refusalOf(vote((await person("analyst")).ctx, made))).toBe("auth/forbidden");
    const demoted = await person("approver");
    await world.db.update(roleGrant).set({ role: "analyst" }).where(eq(roleGrant.userId, demoted.id));
    expect(await refusalOf(vote(demoted.ctx, made))).toBe("auth/forbidden");
    const disabled = await person("approver");
    await world.db.update(appUser).set({ disabledAt: NOW }).where(eq(appUser.id, disabled.id));
    expect(await refusalOf(vote(disabled.ctx, made))).toBe("auth/forbidden");
    const away = await person("approver", { domain: world.away });
    const elsewhere = { ...away.ctx.actor, trustDomainIds: [world.home] } as ServiceContext["actor"];
    const { db } = world.as("approver");
    expect(await refusalOf(vote({ ...away.ctx, db, actor: elsewhere }, made))).toBe("auth/forbidden");
    expect(await stateOf(made.id)).toBe("pending");
  });

  it("is refused when the role is lost while the vote waits", async () => {
    const made = await pending();
    const { id, ctx } = await person("approver");
    // The revocation queues first; the vote behind it must read the grant anew.
    const [, voted] = await whileLocked<unknown>(
      pool,
      "role_grant",
      "user_id = $1",
      [id],
      { blocked: 2 },
      (whenWaiting) => [
        pool.query("UPDATE role_grant SET role = 'viewer' WHERE user_id = $1", [id]),
        whenWaiting(1).then(() => vote(ctx, made)),
      ],
    );
    expect(voted).toMatchObject({ status: "rejected", reason: { code: "auth/forbidden" } });
    expect(await stateOf(made.id)).toBe("pending");
  });

  it("hides requests of other trust domains", async () => {
    const made = await pending();
    const away = await person("approver", { domain: world.away });
    expect(await refusalOf(vote(away.ctx, made))).toBe("change/not-found");
    expect(await refusalOf(changeGet(away.ctx, { requestId: made.id }, KINDS))).toBe("change/not-found");
    const { ctx } = await person("approver");
    expect(await refusalOf(vote(ctx, { id: uuidv7(NOW), planHash: made.planHash }))).toBe("change/not-found");
  });

  it("is refused from the last instant on", async () => {
    const made = await pending();
    clock = new Date(NOW.getTime() + HOUR);
    expect(await refusalOf(vote((await person("approver")).ctx, made))).toBe("change/expired");
    expect(await refusalOf(vote((await person("approver")).ctx, made, "deny"))).toBe("change/expired");
  });

  it("is refused when the plan is another one than was proposed, or than was seen", async () => {
    const made = await pending();
    const { ctx } = await person("approver");
    expect(await refusalOf(vote(ctx, { ...made, planHash: "0".repeat(64) }))).toBe("change/plan-changed");
    await world.db
      .update(source)
      .set({ name: `moved ${made.id}` })
      .where(eq(source.id, made.sourceId));
    expect(await changeGet(ctx, { requestId: made.id }, KINDS)).toMatchObject({ planCurrent: false });
    expect(await refusalOf(vote(ctx, made))).toBe("change/plan-changed");
    expect(await nameOf(made.sourceId)).toBe(`moved ${made.id}`);
    expect(await vote(ctx, made, "deny")).toMatchObject({ state: "denied" });
  });

  it("counts nothing when it cannot be carried out", async () => {
    const made = await pending(undefined, "explode");
    expect(await refusalOf(vote((await person("approver")).ctx, made))).toBe("source/name-taken");
    expect(await stateOf(made.id)).toBe("pending");
    expect(await world.db.$count(changeRequestVote, eq(changeRequestVote.requestId, made.id))).toBe(0);
  });

  it.each([
    ["two approvals", ["approve", "approve"]],
    ["an approval and a denial", ["approve", "deny"]],
    ["two denials", ["deny", "deny"]],
  ] as const)("lets exactly one of %s that race count", async (_what, decisions) => {
    const made = await pending();
    const voters = await Promise.all(decisions.map(() => person("approver")));
    const results = await whileLocked(pool, "change_request", "id = $1", [made.id], { blocked: 2 }, () =>
      voters.map(({ ctx }, index) => vote(ctx, made, decisions[index])),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "change/decided" },
    });
    expect(await world.db.$count(changeRequestVote, eq(changeRequestVote.requestId, made.id))).toBe(1);
  });

  it("lets exactly one of a vote and a cancellation that race count", async () => {
    const own = await person("analyst");
    const made = await pending(own.ctx);
    const { ctx } = await person("approver");
    const results = await whileLocked(pool, "change_request", "id = $1", [made.id], { blocked: 2 }, () => [
      vote(ctx, made),
      cancelChange(own.ctx, { requestId: made.id, reason: REASON }, KINDS),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const renamed = (await nameOf(made.sourceId)) === made.name;
    expect(await stateOf(made.id)).toBe(renamed ? "applied" : "cancelled");
  });
});

describe("cancelling", () => {
  it("is for the person who proposed it, with any account, while it is open", async () => {
    const own = await person("analyst", { email: "lee@example.org" });
    const made = await pending(own.ctx);
    const stranger = (await person("admin")).ctx;
    const body = { requestId: made.id, reason: REASON };
    expect(await refusalOf(cancelChange(stranger, body, KINDS))).toBe("change/not-yours");
    const other = await person("analyst", { email: "lee+2@example.org" });
    expect(await cancelChange(other.ctx, body, KINDS)).toMatchObject({ state: "cancelled" });
    expect(await refusalOf(cancelChange(own.ctx, body, KINDS))).toBe("change/decided");
  });

  it("is refused once it has expired", async () => {
    const own = await person("analyst");
    const made = await pending(own.ctx);
    clock = new Date(NOW.getTime() + HOUR);
    const body = { requestId: made.id, reason: REASON };
    expect(await refusalOf(cancelChange(own.ctx, body, KINDS))).toBe("change/expired");
  });
});

describe("expiry", () => {
  it("is written down by the worker, once, with an entry on the record", async () => {
    const made = await pending();
    const run = () =>
      expireChangeRequests.run({ db: world.db, now: () => clock }, new AbortController().signal);
    await run();
    expect(await stateOf(made.id)).toBe("pending");
    clock = new Date(NOW.getTime() + HOUR);
    await run();
    await run();
    expect(await stateOf(made.id)).toBe("expired");
    const entries = await world.db
      .select()
      .from(auditEntry)
      .where(eq(auditEntry.entityId, made.id))
      .orderBy(auditEntry.at);
    expect(entries.map(({ action, actorKind }) => [action, actorKind])).toEqual([
      ["change.propose", "user"],
      ["change.expire", "system"],
    ]);
  });
});

describe("the list", () => {
  it("tells what waits for me, what is mine and what is over, and pages through it", async () => {
    await world.db
      .update(changeRequest)
      .set({ state: "cancelled" })
      .where(eq(changeRequest.state, "pending"));
    const own = await person("approver");
    const mine = await pending(own.ctx);
    const theirs = await pending();
    const list = (name: "all" | "waiting" | "mine" | "done", more = {}) =>
      changeRequests(own.ctx, { list: name, limit: 50, ...more }, KINDS);
    const ids = async (name: "waiting" | "mine") => (await list(name)).items.map(({ id }) => id);
    expect(await ids("waiting")).toEqual([theirs.id]);
    expect(await ids("mine")).toEqual([mine.id]);
    expect((await list("all")).waitingOnMe).toBe(1);
    const before = (await list("done")).items.length;
    clock = new Date(NOW.getTime() + HOUR);
    expect(await ids("waiting")).toEqual([]);
    expect((await list("done", { limit: 200 })).items.length).toBe(before + 2);
    const first = await list("all", { limit: 1 });
    const second = await list("all", { limit: 1, cursor: first.nextCursor ?? "" });
    const both = await list("all", { limit: 2 });
    expect([...first.items, ...second.items]).toEqual(both.items);
  });

  it("lets nothing wait for whoever may not decide", async () => {
    await pending();
    const { ctx } = await person("analyst");
    const { items, waitingOnMe } = await changeRequests(ctx, { list: "waiting", limit: 50 }, KINDS);
    expect([items, waitingOnMe]).toEqual([[], 0]);
    const viewer = (await person("viewer")).ctx;
    expect(await refusalOf(changeRequests(viewer, { list: "all", limit: 50 }, KINDS))).toBe("auth/forbidden");
  });
});
