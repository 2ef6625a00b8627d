import { and, eq } from "drizzle-orm";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectorFind } from "#db/queries/connector";
import { connector } from "#db/schema/connector";
import { auditEntry } from "#db/schema/people";
import { CONNECTORS } from "#lib/connectors/registry";
import { signWebhook } from "#lib/connectors/webhook/signature";
import { readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { outboundRpcTo } from "#lib/outbound/rpc";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { kubernetesRig } from "#tests/stubs/connectors/kubernetes";
import { CANARY, type Rig } from "#tests/stubs/connectors/rig";
import { makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { changeConnector } from "./change.ts";
import { createConnector } from "./create.ts";
import { fieldsOf } from "./fields.ts";
import { connectorGet, connectorList } from "./list.ts";
import { openConnector } from "./open.ts";
import { receiveReport } from "./receive.ts";
import { disableConnector, enableConnector, removeConnector } from "./set-disabled.ts";
import { testConnector } from "./test.ts";
import type { ConnectorTools } from "./tools.ts";

const { pool } = useDatabase();
const never = new AbortController().signal;
const bounds = { now: () => NOW, signal: never };
const tools: ConnectorTools = {
  kinds: CONNECTORS,
  sealer: testSealer(),
  outbound: outboundTo(readAllowed("127.0.0.1")),
  rpc: outboundRpcTo(readAllowed("127.0.0.1")),
  origin: "https://touchstone.example",
  sleep: async () => {},
};
const SHARED = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
let world: World;
let rig: Rig;
let made = 0;

beforeAll(async () => {
  world = await makeWorld(pool);
});
beforeEach(async () => {
  rig = await kubernetesRig.start();
});
afterEach(() => rig.fake.close());

const admin = () => world.as("admin");
const create = (overrides: object = {}) => {
  made += 1;
  const { settings, secrets } = rig;
  return createConnector(admin(), tools, {
    kind: "kubernetes",
    name: `cluster ${made}`,
    settings,
    secrets,
    ...overrides,
  });
};
const change = (connectorId: string, body: object) =>
  changeConnector(admin(), tools, { connectorId, ...body });
const entries = (entityId: string, action: string) =>
  world.db
    .select()
    .from(auditEntry)
    .where(and(eq(auditEntry.entityId, entityId), eq(auditEntry.action, action)));

describe("adding a connector", () => {
  it("keeps its settings with defaults, seals its secrets and shows them to nobody", async () => {
    const view = await create({ selector: 'node.labels.cluster == "prod"' });
    expect(view).toMatchObject({
      settings: { mode: "soft" },
      selectorWords: "Nodes with cluster prod",
      test: null,
    });
    const stored = await connectorFind(world.db, { trustDomainId: world.home, id: view.id });
    expect(stored?.sealedSecrets?.includes(CANARY)).toBe(false);
    const [entry] = await entries(view.id, "connector.create");
    const listed = await connectorList(world.as("auditor"), tools);
    const one = await connectorGet(world.as("auditor"), tools, { connectorId: view.id });
    expect(one).toEqual(view);
    expect(JSON.stringify([view, entry, listed])).not.toContain(CANARY);
    const { ctx } = await openConnector(world.db, tools, { trustDomainId: world.home, id: view.id }, bounds);
    expect(ctx.secrets).toEqual({ token: CANARY });
  });

  it.each([
    ["an unknown kind", { kind: "abacus" }, "#/kind"],
    ["a bad address", { settings: { url: "ftp://x" } }, "#/settings/url"],
    [
      "a setting that there is not",
      { settings: { url: "https://x.example", secret: "x" } },
      "#/settings/secret",
    ],
    ["a missing secret", { secrets: {} }, "#/secrets/token"],
    ["a selector that cannot be read", { selector: "node.(" }, "#/selector"],
  ])("is refused for %s, with a pointer to it", async (_, overrides, pointer) => {
    const error = await create(overrides).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "request/invalid", pointers: [{ pointer }] });
    expect(String(error)).not.toContain(CANARY);
  });

  it("is refused for a name that is taken, and to everybody but administrators", async () => {
    const { name } = await create();
    expect(await refusalOf(create({ name }))).toBe("connector/name-taken");
    for (const role of ["viewer", "auditor", "analyst", "approver"] as const) {
      const body = { kind: "kubernetes", name: "x", settings: rig.settings, secrets: rig.secrets };
      expect(await refusalOf(createConnector(world.as(role), tools, body))).toBe("auth/forbidden");
    }
    expect(await refusalOf(create({ trustDomainId: world.away }))).toBe("domain/not-found");
    expect(await refusalOf(connectorList(world.as("viewer"), tools))).toBe("auth/forbidden");
  });
});

describe("changing a connector", () => {
  it("keeps the secrets unless new ones are given, and forgets a test of other settings", async () => {
    const { id } = await create();
    await testConnector(admin(), tools, { connectorId: id }, never);
    const renamed = await change(id, { name: `renamed ${id.slice(-6)}` });
    expect(renamed.test?.ok).toBe(true);
    const harder = await change(id, { settings: { ...rig.settings, mode: "hard" } });
    expect(harder).toMatchObject({ settings: { mode: "hard" }, test: null });
    const key = { trustDomainId: world.home, id };
    expect((await openConnector(world.db, tools, key, bounds)).ctx.secrets).toEqual({ token: CANARY });
    await change(id, { secrets: { token: "another-token" } });
    expect((await openConnector(world.db, tools, key, bounds)).ctx.secrets).toEqual({
      token: "another-token",
    });
    const [entry] = (await entries(id, "connector.change")).slice(-1);
    expect(JSON.stringify(entry)).not.toContain("another-token");
  });

  it("never shows secrets to another system: with another address or authority they are wanted again", async () => {
    const { id } = await create();
    const ca = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    for (const settings of [{ url: "https://evil.example" }, { ...rig.settings, ca }]) {
      expect(await refusalOf(change(id, { settings }))).toBe("connector/secrets-wanted");
    }
    const secrets = { token: "for-the-other-one" };
    const moved = await change(id, { settings: { url: "https://other.example" }, secrets });
    expect(moved.settings.url).toBe("https://other.example");
  });

  it("does not find one of another domain", async () => {
    const { id } = await create();
    const stranger = world.as("admin", [world.away]);
    expect(await refusalOf(changeConnector(stranger, tools, { connectorId: id, name: "mine" }))).toBe(
      "connector/not-found",
    );
    expect(await refusalOf(testConnector(stranger, tools, { connectorId: id }, never))).toBe(
      "connector/not-found",
    );
    expect(rig.fake.requests).toEqual([]);
  });
});

describe("testing a connector", () => {
  it("keeps how it went, with the checks, and changes nothing over there", async () => {
    const { id } = await create();
    const result = await testConnector(admin(), tools, { connectorId: id }, never);
    expect(result.ok).toBe(true);
    expect(result.checks.length).toBeGreaterThan(3);
    expect((await connectorGet(admin(), tools, { connectorId: id })).test).toEqual(result);
    expect(rig.fake.effects).toEqual([]);
    expect(await entries(id, "connector.test")).toHaveLength(1);
  });

  it("keeps a failure as a result, in clear words and without what the system echoed", async () => {
    const { id } = await create();
    rig.fake.conduct = { status: 401 };
    const result = await testConnector(admin(), tools, { connectorId: id }, never);
    expect(result).toMatchObject({ ok: false, checks: [{ name: "The system answers", ok: false }] });
    expect(JSON.stringify(result)).not.toContain(CANARY);
  });

  it("reaches no address that the installation does not open", async () => {
    const { id } = await create({ settings: { url: "http://169.254.169.254/" } });
    const closed = { ...tools, outbound: outboundTo(readAllowed("")) };
    const result = await testConnector(admin(), closed, { connectorId: id }, never);
    expect(result.checks[0]?.detail).toContain("TOUCHSTONE_OUTBOUND_ALLOW");
  });

  it("says nothing about settings that were changed while it ran", async () => {
    const { id } = await create();
    const later = { ...admin(), now: () => new Date(NOW.getTime() + 1_000) };
    const slow: ConnectorTools = {
      ...tools,
      async outbound(init, signal) {
        await changeConnector(later, tools, { connectorId: id, settings: { ...rig.settings, mode: "hard" } });
        return tools.outbound(init, signal);
      },
    };
    expect(await refusalOf(testConnector(admin(), slow, { connectorId: id }, never))).toBe(
      "connector/changed",
    );
    expect((await connectorGet(admin(), tools, { connectorId: id })).test).toBeNull();
  });
});

describe("taking a connector out of use", () => {
  it("refuses its calls until it is put back", async () => {
    const { id } = await create();
    const key = { trustDomainId: world.home, id };
    await disableConnector(admin(), { connectorId: id });
    await expect(openConnector(world.db, tools, key, bounds)).rejects.toMatchObject({ kind: "refused" });
    await enableConnector(admin(), { connectorId: id });
    expect((await openConnector(world.db, tools, key, bounds)).id).toBe(id);
  });

  it("removes its secrets with it and frees its name, but not while a step waits for it", async () => {
    const { id, name } = await create();
    await addOpenStep(id);
    expect(await refusalOf(removeConnector(admin(), { connectorId: id }))).toBe("connector/in-use");
    await pool.query("UPDATE execution_step SET state = 'done' WHERE connector_id = $1", [id]);
    await removeConnector(admin(), { connectorId: id });
    const [row] = await world.db.select().from(connector).where(eq(connector.id, id));
    expect(row?.sealedSecrets).toBeNull();
    expect(await refusalOf(connectorGet(admin(), tools, { connectorId: id }))).toBe("connector/not-found");
    expect((await create({ name })).name).toBe(name);
  });
});

describe("a report of the other side", () => {
  const body = (data: object) => JSON.stringify({ type: "touchstone.remediation.result", data });
  const edge = () => ({ db: world.db, requestId: "r", address: "192.0.2.7", now: () => NOW });
  const addReceiver = async () => {
    const settings = { url: "https://receiver.example/hook" };
    const secrets = { signing: SHARED, callback: SHARED };
    const view = await create({ kind: "webhook", settings, secrets });
    expect(view.callbackUrl).toBe(`https://touchstone.example/api/v1/connectors/${view.id}/callbacks`);
    const { ctx } = await openConnector(world.db, tools, { trustDomainId: world.home, id: view.id }, bounds);
    await ctx.memory.put("report:k", { state: "sent" });
    return { id: view.id, memory: ctx.memory };
  };
  const report = (connectorId: string, text: string, { key = SHARED, atMs = NOW.getTime() } = {}) =>
    receiveReport(
      edge(),
      tools,
      { connectorId, body: text, headers: signWebhook(key, "m1", atMs, text) },
      never,
    );

  it("is taken when it is signed, once, and goes on record", async () => {
    const { id, memory } = await addReceiver();
    await report(id, body({ id: "k", state: "running" }));
    await report(id, body({ id: "k", state: "done", detail: "port 12" }));
    await report(id, body({ id: "k", state: "done", detail: "port 12" }));
    expect(await memory.get("report:k")).toEqual({ state: "done", detail: "port 12" });
    expect(await entries(id, "connector.report")).toHaveLength(3);
    expect(await refusalOf(report(id, body({ id: "k", state: "failed" })))).toBe("connector/report-over");
    expect(await memory.get("report:k")).toMatchObject({ state: "done" });
  });

  it("is refused when it is signed by another, too old, or about nothing that was asked", async () => {
    const { id, memory } = await addReceiver();
    const text = body({ id: "k", state: "done" });
    const key = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
    expect(await refusalOf(report(id, text, { key }))).toBe("connector/report-refused");
    expect(await refusalOf(report(id, text, { atMs: NOW.getTime() - 400_000 }))).toBe(
      "connector/report-refused",
    );
    expect(await refusalOf(report(id, body({ id: "other", state: "done" })))).toBe(
      "connector/report-unknown",
    );
    expect(await refusalOf(report(id, "not json"))).toBe("request/invalid");
    expect(await memory.get("report:k")).toEqual({ state: "sent" });
    const refused = (await entries(id, "connector.report")).filter(({ outcome }) => outcome === "refused");
    expect(refused).toHaveLength(4);
  });

  it("is answered alike for a connector that does not exist, is disabled or takes none", async () => {
    const { id } = await addReceiver();
    await disableConnector(admin(), { connectorId: id });
    const { id: deaf } = await create();
    const nobody = "01a20000-0000-7000-8000-000000000000";
    for (const one of [id, deaf, nobody]) {
      expect(await refusalOf(report(one, body({ id: "k", state: "done" })))).toBe("connector/report-refused");
    }
  });
});

describe("the form of a kind", () => {
  it("has a titled field for every setting and secret of every kind", () => {
    for (const { kind, settings, secrets } of CONNECTORS) {
      const fields = [...fieldsOf(settings), ...fieldsOf(secrets)];
      expect(fields.length).toBeGreaterThan(0);
      for (const { name, title } of fields) expect(title, `${kind} ${name}`).not.toBe(name);
    }
  });
});

async function addOpenStep(connectorId: string): Promise<void> {
  const request = "01a20000-0000-7000-8000-000000000001";
  await pool.query(
    `INSERT INTO remediation_request (trust_domain_id, id, action, recipe, recipe_version, params, reason, origin,
       state, revision, requester, requested_at, plan, plan_hash, rules, checks, expires_at)
     VALUES ($1, $2, 'quarantine', 'r', 1, '{}', 'a reason', 'person', 'executing', 1, 'p', now(), '{}', '\\x00',
       '{}', '[]', now())`,
    [world.home, request],
  );
  await pool.query(
    "INSERT INTO execution (trust_domain_id, request_id, state, started_at) VALUES ($1, $2, 'running', now())",
    [world.home, request],
  );
  await pool.query(
    `INSERT INTO execution_step (trust_domain_id, request_id, node_id, ordinal, connector_id, connector_kind, verb,
       mandatory, state, idempotency_key, attempts)
     VALUES ($1, $2, $2, 0, $3, 'kubernetes', 'taint', true, 'unknown', 'k', 1)`,
    [world.home, request, connectorId],
  );
}
