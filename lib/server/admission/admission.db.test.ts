/** Admission over real HTTP, on the listener that runs without the console. */
import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { AdmissionView, KubernetesReviewAnswer, StepCaAnswer } from "#lib/contracts/admission";
import type { Permission } from "#lib/domain/access";
import { DEFAULT_ADMISSION_RULE } from "#lib/domain/admission";
import { createConnector } from "#lib/services/connector/create";
import type { ServiceContext } from "#lib/services/context";
import { createServiceAccount } from "#lib/services/service-account/create";
import { createServiceKey } from "#lib/services/service-account/keys";
import { createUser } from "#lib/services/user/create";
import { useDatabase } from "#tests/pg";
import { makeWorld, type World } from "#tests/world";
import type { Listener } from "../ingest-listener.ts";

const { pool, url } = useDatabase();
let world: World;
let root: ServiceContext;
let listener: Listener;
let key: string;
const nodes: Record<string, string> = {};

beforeAll(async () => {
  for (const [name, value] of Object.entries({ DATABASE_URL: url, LOG_LEVEL: "silent" }))
    vi.stubEnv(name, value);
  world = await makeWorld(pool);
  const admin = world.as("admin", [world.home, world.away]);
  const { user } = await createUser(admin, {
    email: "o@example.org",
    role: "admin",
    password: "correct horse battery",
  });
  root = { ...admin, actor: { ...admin.actor, id: user.id }, now: () => new Date() };
  nodes.good = await world.addNode({ name: "good", identity: "S-GOOD" });
  nodes.failed = await world.addNode({ name: "failed", status: "failed" });
  nodes.away = await world.addNode({ name: "elsewhere", domain: world.away });
  nodes.twin = await world.addNode({ name: "twin" });
  await world.addNode({ name: "twin" });
  key = await keyOf("gatekeeper", ["admission:ask"]);
  const { startIngestListener } = await import("../ingest-listener.ts");
  const { admission } = await import("./admission.ts");
  const { ingest } = await import("../ingest.ts");
  listener = await startIngestListener({
    host: "127.0.0.1",
    port: 0,
    sharePort: false,
    hostsOf: (port) => new Set([`127.0.0.1:${port}`]),
    handler: ingest(),
    admission: admission(),
  });
}, 120_000);
afterAll(async () => {
  await listener.stop();
  const { closeDatabases, closers } = await import("../runtime.ts");
  for (const close of closers()) close();
  await follower().then((own) => own.look().catch(() => {}));
  await closeDatabases();
});

/** The one of this process, as the handler made it. */
const follower = async () => {
  const { admissionFollower } = await import("./admission.ts");
  return admissionFollower();
};

async function keyOf(name: string, scopes: Permission[], domain = world.home): Promise<string> {
  const { id } = await createServiceAccount(root, { trustDomainId: domain, name, role: "viewer" });
  return (await createServiceKey(root, { serviceAccountId: id, scopes })).secret;
}

const ask = (path: string, init: RequestInit = {}, secret: string | null = key) =>
  fetch(`http://127.0.0.1:${listener.port}/api/v1/admission/${path}`, {
    ...init,
    headers: { ...(secret === null ? {} : { authorization: `Bearer ${secret}` }), ...init.headers },
  });
const nodeAnswer = async (reference: string, query = "") =>
  (await (await ask(`nodes/${encodeURIComponent(reference)}${query}`)).json()) as AdmissionView;
const json = { "content-type": "application/json" };
const review = async (request: Record<string, unknown>) => {
  const body = JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "u-1", ...request },
  });
  const response = await ask("kubernetes", { method: "POST", headers: json, body });
  expect(response.status).toBe(200);
  return ((await response.json()) as KubernetesReviewAnswer).response;
};
const binding = (name: string) => ({
  operation: "CREATE",
  resource: { group: "", version: "v1", resource: "pods" },
  subResource: "binding",
  object: { kind: "Binding", target: { kind: "Node", name } },
});

describe("GET /api/v1/admission/nodes/{reference}", () => {
  it("answers by id, by name and by strong identity, with the rule and how old the knowledge is", async () => {
    for (const reference of [nodes.good ?? "", "good", "serial:S-GOOD"]) {
      expect(await nodeAnswer(reference)).toMatchObject({
        asked: reference,
        decision: "allow",
        admitted: true,
        node: { id: nodes.good, name: "good", trustDomainId: world.home },
        rule: { origin: "built_in", outage: "closed", maxStateAgeMs: 30_000 },
      });
    }
    const { knownAt, decidedAt } = await nodeAnswer("good");
    expect(Date.parse(decidedAt) - Date.parse(knownAt)).toBeLessThan(30_000);
  });

  it("denies in words what is failed, unknown, ambiguous or in a domain that the caller does not see", async () => {
    const said = async (reference: string) => {
      const { decision, reasons, node } = await nodeAnswer(reference);
      return [decision, reasons[0]?.text, node === null];
    };
    expect(await said("failed")).toEqual(["deny", "Its trust status is failed: is failed", false]);
    expect(await said("nobody")).toEqual(["deny", "No node with this identity is known here", true]);
    expect(await said("twin")).toEqual(["deny", "2 nodes have this name", true]);
    const narrow = await keyOf("away only", ["admission:ask"], world.away);
    const hidden = await ask(`nodes/${nodes.good}`, {}, narrow);
    expect(((await hidden.json()) as AdmissionView).reasons[0]?.code).toBe("unknown_node");
    expect((await nodeAnswer("elsewhere")).node?.id).toBe(nodes.away);
  });

  it("notices within one look that people shut a node out, let it in again, or that its status changed", async () => {
    const id = await world.addNode({ name: "changing" });
    const decisionAfter = async (statement: string) => {
      await pool.query(statement, [id]);
      await (await follower()).look();
      return (await nodeAnswer("changing")).reasons.map(({ code }) => code);
    };
    expect(await decisionAfter("UPDATE node SET disposition = 'quarantine' WHERE id = $1")).toEqual([
      "disposition",
    ]);
    expect(await decisionAfter("UPDATE node SET disposition = 'in_service' WHERE id = $1")).toEqual(["met"]);
    const life = (state: string) => `UPDATE node_state SET lifecycle_state = '${state}' WHERE node_id = $1`;
    expect(await decisionAfter(life("suspect"))).toEqual(["lifecycle"]);
    expect((await nodeAnswer("changing", "?purpose=join")).decision).toBe("warn");
    expect(await decisionAfter(life("quarantined"))).toEqual(["lifecycle"]);
    expect((await nodeAnswer("changing", "?purpose=join")).decision).toBe("deny");
    await decisionAfter(life("trusted"));
    expect(
      await decisionAfter("UPDATE node_state SET status = 'stale', changed_at = now() WHERE node_id = $1"),
    ).toEqual(["evidence_stale"]);
  });

  it("follows a rule as soon as it is saved, the domain's own before that of the domain above", async () => {
    const { setAdmissionRule } = await import("#lib/services/admission/set-rule");
    const set = (trustDomainId: string, rule: Partial<typeof DEFAULT_ADMISSION_RULE>, version = 0) =>
      setAdmissionRule(root, {
        ...{ trustDomainId, version },
        rule: { ...DEFAULT_ADMISSION_RULE, ...rule },
        reason: "Because the test asks for it",
      });
    const id = await world.addNode({ name: "degraded far", status: "degraded", domain: world.away });
    const open = { ...DEFAULT_ADMISSION_RULE.work, require: "not_quarantined" as const };
    await set(world.home, { work: open });
    await (await follower()).look();
    const inherited = await nodeAnswer(id);
    expect(inherited).toMatchObject({
      decision: "warn",
      rule: { origin: "inherited", trustDomainId: world.home },
    });
    await set(world.away, {});
    await (await follower()).look();
    expect(await nodeAnswer(id)).toMatchObject({ decision: "deny", rule: { origin: "own" } });
    expect((await nodeAnswer("nobody")).rule.origin).toBe("strictest");
    await set(world.home, {}, 1);
    await (await follower()).look();
  });
});

describe("POST /api/v1/admission/kubernetes", () => {
  it("echoes the uid and allows or forbids the binding of a pod by its node", async () => {
    expect(await review({ ...binding("good"), uid: "abc" })).toEqual({ uid: "abc", allowed: true });
    expect(await review(binding("failed"))).toEqual({
      uid: "u-1",
      allowed: false,
      status: {
        code: 403,
        reason: "Forbidden",
        message: "Touchstone denies failed: Its trust status is failed: is failed",
      },
    });
  });

  it("warns where it admits with reservations", async () => {
    await world.addNode({ name: "exempt", status: "exempt" });
    await (await follower()).look();
    expect(await review(binding("exempt"))).toEqual({
      uid: "u-1",
      allowed: true,
      warnings: ["Touchstone: Its trust status is exempt: is exempt"],
    });
  });

  it("forbids what it does not decide about, and says that the webhook is set up wrongly", async () => {
    const { allowed, status } = await review({
      operation: "DELETE",
      resource: { group: "", version: "v1", resource: "nodes" },
    });
    expect([allowed, status?.code, status?.message]).toEqual([
      false,
      400,
      "Touchstone: DELETE of nodes is not decided here: narrow the webhook's rules",
    ]);
  });

  it("answers hostile bodies with 4xx, and never with a fault of its own", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const cases: [body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>, status: number][] =
      [
        ["", json, 400],
        ["{", json, 400],
        ["[]", json, 422],
        ["null", json, 422],
        [deep, json, 400],
        ['{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{}}', json, 422],
        ['{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', json, 422],
        [new Uint8Array([0xff, 0xfe]), json, 400],
        ['{"kind":"\\u0000"}', json, 400],
        ["{}", {}, 415],
        ["x".repeat(1_100_000), json, 413],
      ];
    for (const [body, headers, status] of cases) {
      const response = await ask("kubernetes", { method: "POST", headers, body });
      expect([response.status, response.headers.get("content-type")], String(body).slice(0, 40)).toEqual([
        status,
        "application/problem+json",
      ]);
    }
    for (const name of ["a\r\nx: y", "../..", "__proto__", "ünï\u202e", "x".repeat(5_000)]) {
      const { allowed, status } = await review(binding(name));
      expect(allowed).toBe(false);
      expect(status?.message).toMatch(/^[\x20-\x7e]*$/);
    }
  });
});

describe("whoever asks", () => {
  it("must be known and hold the right to ask", async () => {
    expect((await ask("nodes/good", {}, null)).status).toBe(401);
    expect((await ask("nodes/good", {}, "ts_nobody")).status).toBe(401);
    const other = await keyOf("reader", ["fleet:read"]);
    expect((await ask("nodes/good", {}, other)).status).toBe(403);
    expect((await ask("kubernetes", { method: "POST", headers: json, body: "{}" }, other)).status).toBe(403);
  });

  it("asks with the right method, one purpose and one scope", async () => {
    expect((await ask("nodes/good", { method: "POST" })).status).toBe(405);
    expect((await ask("kubernetes")).status).toBe(405);
    expect((await ask("nodes/good?purpose=work&purpose=join")).status).toBe(422);
    expect((await ask("nodes/good?purpose=play")).status).toBe(422);
    expect((await ask("nodes/good?other=1")).status).toBe(422);
    expect((await ask(`nodes/good?scope=${randomUUID()}`)).status).toBe(404);
    expect((await ask("nodes/%ff")).status).toBe(400);
    const inAway = await ask(`nodes/good?scope=${world.away}`);
    expect(((await inAway.json()) as AdmissionView).reasons[0]?.code).toBe("unknown_node");
    const below = await ask(`nodes/elsewhere?scope=${world.home}`);
    expect(((await below.json()) as AdmissionView).node?.id).toBe(nodes.away);
  });
});

describe("the record", () => {
  it("holds the first refusal of its kind, counts its repeats, and nothing about dry runs or plain admissions", async () => {
    const { admissionRecorder } = await import("./admission.ts");
    await admissionRecorder().flush();
    await pool.query("DELETE FROM admission_record");
    for (let time = 0; time < 3; time += 1) await review(binding("failed"));
    await review(binding("good"));
    await review({ ...binding("nobody"), dryRun: true });
    await admissionRecorder().flush();
    await review(binding("failed"));
    await admissionRecorder().flush();
    const { listAdmissionRecords } = await import("#lib/services/admission/records");
    const { items } = await listAdmissionRecords(root, { limit: 50 });
    expect(items.reduce((sum, { n }) => sum + n, 0)).toBe(4);
    expect(items[0]).toMatchObject({
      nodeId: nodes.failed,
      subject: "failed",
      operation: "pod binding",
      decision: "deny",
      reasons: ["Its trust status is failed: is failed"],
      askedBy: { kind: "service" },
    });
    const elsewhere = { ...root, actor: { ...root.actor, trustDomainIds: [world.away] } };
    expect((await listAdmissionRecords(elsewhere, { limit: 50 })).items).toEqual([]);
  });
});

describe("step-ca", () => {
  const signing = Buffer.alloc(32, 7).toString("base64");
  let webhook: string;
  beforeAll(async () => {
    webhook = await webhookIn(world.home);
    nodes.shut = await world.addNode({ name: "shut", identity: "S-SHUT" });
    await pool.query("UPDATE node SET disposition = 'quarantine' WHERE id = $1", [nodes.shut]);
    await (await follower()).look();
  });

  async function webhookIn(domain: string, strangers = "pass"): Promise<string> {
    const { connectorTools } = await import("../connectors.ts");
    const { id } = await createConnector(root, connectorTools(), {
      ...{ trustDomainId: domain, kind: "step-ca", name: `${domain} ${strangers}`, selector: "" },
      ...{ settings: { strangers }, secrets: { signing } },
    });
    return id;
  }

  type Asking = { id?: string; secret?: string | null; signed?: string; sign?: string; timestamp?: string };
  async function sign(certificate: object, more: Asking & { attested?: string } = {}): Promise<Response> {
    const { id = webhook, timestamp = new Date().toISOString(), attested } = more;
    const body = JSON.stringify({
      ...{ timestamp, provisionerName: "devices", x509Certificate: certificate },
      ...(attested && { attestationData: { permanentIdentifier: attested } }),
    });
    const hmac = createHmac("sha256", Buffer.from(more.sign ?? signing, "base64"));
    const headers = { ...json, "x-smallstep-signature": hmac.update(more.signed ?? body).digest("hex") };
    return ask(
      `step-ca/${id}`,
      { method: "POST", headers, body },
      more.secret === undefined ? key : more.secret,
    );
  }
  const allows = async (certificate: object, more?: Parameters<typeof sign>[1]) => {
    const answer = await sign(certificate, more);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as StepCaAnswer).allow;
  };

  it("is told no for a contained node, under whatever name it hides, and yes for others", async () => {
    expect(await allows({ subject: { commonName: "good" } })).toBe(true);
    expect(await allows({ subject: { commonName: "someone-else.example" } })).toBe(true);
    for (const certificate of [
      { subject: { commonName: "shut" } },
      { subject: { commonName: "SHUT." } },
      { subject: { commonName: "good" }, dnsNames: ["good", "shut"] },
      { subject: "shut" },
      { subject: {}, sans: [{ type: "dns", value: "shut" }] },
      { keyID: "host", principals: "shut" },
    ])
      expect(await allows(certificate), JSON.stringify(certificate)).toBe(false);
    expect(await allows({ subject: { commonName: "good" } }, { attested: "shut" })).toBe(false);
    expect(await allows({ subject: { commonName: "twin" } })).toBe(false);
  });

  it("is told what the rule says about strangers, where the connector asks for it", async () => {
    const strict = await webhookIn(world.home, "rule");
    expect(await allows({ subject: { commonName: "someone-else.example" } }, { id: strict })).toBe(false);
    expect(await allows({ subject: { commonName: "GOOD" } }, { id: strict })).toBe(true);
  });

  it("is answered from its connector's domain alone", async () => {
    const away = await webhookIn(world.away);
    expect(await allows({ subject: { commonName: "shut" } }, { id: away })).toBe(true);
    const stranger = await keyOf("gatekeeper of another", ["admission:ask"], world.away);
    expect((await sign({}, { secret: stranger, id: away })).status).toBe(200);
    expect((await sign({}, { secret: stranger })).status).toBe(404);
    expect((await sign({}, { id: randomUUID() })).status).toBe(404);
  });

  it("must sign the bytes that it sends, with the right secret, now", async () => {
    const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
    const other = Buffer.alloc(32, 8).toString("base64");
    for (const wrong of [
      { sign: other },
      { signed: "{}" },
      { timestamp: ago(301_000) },
      { timestamp: ago(-301_000) },
    ]) {
      const answer = await sign({ subject: { commonName: "good" } }, wrong);
      expect(
        [answer.status, ((await answer.json()) as { code: string }).code],
        JSON.stringify(wrong),
      ).toEqual([401, "connector/report-refused"]);
    }
    expect((await sign({}, { timestamp: ago(290_000) })).status).toBe(200);
    expect((await sign({}, { secret: null })).status).toBe(401);
    expect((await sign({ dnsNames: 7 })).status).toBe(422);
  });

  it("is on record with what it was told no about", async () => {
    await allows({ subject: { commonName: "shut" } });
    const { admissionRecorder } = await import("./admission.ts");
    await admissionRecorder().flush();
    const { rows } = await pool.query(
      "SELECT subject, operation, purpose, decision FROM admission_record WHERE node_id = $1 AND subject = 'shut'",
      [nodes.shut],
    );
    expect(rows).toMatchObject([
      { subject: "shut", operation: "step-ca", purpose: "join", decision: "deny" },
    ]);
  });
});
