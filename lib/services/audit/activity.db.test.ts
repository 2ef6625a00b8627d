import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { auditInsert } from "#db/queries/audit";
import { appUser } from "#db/schema/people";
import { AuditQuery } from "#lib/contracts/audit";
import { changeKind } from "#lib/services/change-request/kinds";
import { proposeChange } from "#lib/services/change-request/propose";
import type { ServiceContext } from "#lib/services/context";
import { labelNode } from "#lib/services/node/label";
import { makeException } from "#lib/services/policy/exceptions";
import { startShadow } from "#lib/services/policy/stage";
import { createApiKey } from "#lib/services/source/create-api-key";
import { disableSource } from "#lib/services/source/disable";
import { useDatabase } from "#tests/pg";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { auditEntries } from "./list.ts";

const { pool } = useDatabase();
let world: World;
let admin: ServiceContext;
let nodeId: string;
beforeAll(async () => {
  world = await makeWorld(pool);
  admin = world.as("admin");
  const id = admin.actor.id;
  await world.db.insert(appUser).values({
    id,
    email: "admin@example.org",
    passwordHash: "x",
    mustChangePassword: false,
    failedSignIns: 0,
    createdAt: NOW,
  });
  nodeId = await world.addNode({ name: "one", identity: "serial-one" });
  await labelNode(admin, { nodeId, labels: { rack: "7" } });
  await labelNode(admin, { nodeId: await world.addNode({ name: "other" }), labels: { rack: "8" } });
});

const ERASE = changeKind({
  kind: "node.erase",
  label: "Erase a node",
  schema: z.strictObject({ nodeId: z.uuid() }),
  permissionToPropose: "change:propose",
  permissionToDecide: "change:decide",
  plan: async (_conn, _ctx, { nodeId: subject }) => ({
    trustDomainId: world.home,
    subject,
    summary: "Erase it",
    facts: {},
  }),
  preview: async () => ({
    facts: [],
    warnings: [],
    moves: [],
    nodes: { total: 0, items: [] },
    reliedOn: { total: 0, items: [] },
  }),
  apply: async () => ({ entity: "node", entityId: nodeId, before: null, after: null }),
});

const activity = async (object: string, ctx = world.as("auditor")) =>
  (await auditEntries(ctx, AuditQuery.parse({ object }))).items.map(({ action }) => action).sort();

describe("the activity of an object", () => {
  it("of a node holds what was done to it and the requests about it, and nothing of another node", async () => {
    const body = { kind: ERASE.kind, payload: { nodeId }, reason: "its board was replaced" };
    const { id } = await proposeChange(admin, body, [ERASE]);
    expect(await activity(`node:${nodeId}`)).toEqual(["change.propose", "node.label"]);
    expect(await activity(`change:${id}`)).toEqual(["change.propose"]);
  });

  it("of a source holds its API keys, and attempts that were refused", async () => {
    await createApiKey(admin, { sourceId: world.lab, scopes: ["ingest:write"], expiresInDays: 1 });
    expect(await refusalOf(disableSource(world.as("viewer"), { sourceId: world.lab }))).toBe(
      "auth/forbidden",
    );
    expect(await activity(`source:${world.lab}`)).toEqual(["api_key.create", "source.disable"]);
  });

  it("of a policy holds its exceptions, and attempts that name it", async () => {
    const until = new Date(NOW.getTime() + 86_400_000).toISOString();
    const rule = {
      policy: "default",
      ruleId: "lane-failed",
      selector: 'node.name == "one"',
      reason: "known and harmless",
      until,
    };
    await makeException(admin, rule);
    expect(await refusalOf(startShadow(world.as("viewer"), { name: "default", version: 1 }))).toBe(
      "auth/forbidden",
    );
    expect(await activity("policy:default")).toEqual(["policy.except", "policy.shadow"]);
  });

  it.each(["baseline", "incident"] as const)("of one %s holds what names it", async (kind) => {
    const [entityId, at] = [randomUUID(), NOW];
    const who = { actorKind: "user", actorId: admin.actor.id, requestId: "r", outcome: "done" };
    const entry = { trustDomainId: world.home, id: randomUUID(), at, entity: kind, entityId };
    await auditInsert(world.db, { ...who, ...entry, action: `${kind}.create` });
    expect(await activity(`${kind}:${entityId}`)).toEqual([`${kind}.create`]);
  });

  it("tells nothing of another trust domain, and nothing to a role that may not read entries", async () => {
    expect(await activity(`node:${nodeId}`, world.as("auditor", [world.away]))).toEqual([]);
    for (const role of ["viewer", "analyst", "approver"] as const) {
      expect(await refusalOf(activity(`node:${nodeId}`, world.as(role)))).toBe("auth/forbidden");
    }
  });

  it("is asked for in one way only", () => {
    for (const object of ["node", "node:1", `user:${nodeId}`, `node:${nodeId} `, "policy:A", "policy:a'b"]) {
      expect(AuditQuery.safeParse({ object }).success, object).toBe(false);
    }
  });
});

describe("with many entries", () => {
  beforeAll(async () => {
    await pool.query(
      `INSERT INTO audit_entry (trust_domain_id, id, at, actor_kind, actor_id, action, entity, entity_id, outcome, request_id)
       SELECT $1, gen_random_uuid(), $2::timestamptz - make_interval(secs => n), 'system', 'worker', 'node.transition',
         'node', 'node-' || n % 1000, 'done', 'r' FROM generate_series(1, 20000) n`,
      [world.home, NOW],
    );
    await pool.query("ANALYZE audit_entry");
  }, 60_000);

  it("the entries about an object are found by its id, not by reading the log", async () => {
    const { rows } = await pool.query<{ "QUERY PLAN": string }>(
      `EXPLAIN SELECT * FROM audit_entry WHERE trust_domain_id = ANY ($1) AND entity_id = ANY ($2)
       ORDER BY at DESC, id LIMIT 51`,
      [
        [world.home, world.away],
        [nodeId, world.lab, randomUUID()],
      ],
    );
    expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("audit_entry_object");
  });

  it("pages follow one another without a gap", async () => {
    const ctx = world.as("auditor");
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await auditEntries(ctx, AuditQuery.parse({ object: `node:${nodeId}`, limit: 1, cursor }));
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(2);
    const [entry = ""] = seen;
    expect((await auditEntries(ctx, AuditQuery.parse({ entry }))).items.map(({ id }) => id)).toEqual([entry]);
  });
});
