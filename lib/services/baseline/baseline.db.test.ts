import { createHash } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { baselineCourse } from "#db/queries/baseline-course";
import { baselineRollout, baselineVersion, signingKey } from "#db/schema/baseline";
import { measurementSet, trustInterval } from "#db/schema/evidence";
import { lane, node as nodeTable } from "#db/schema/fleet";
import { appUser, auditEntry, roleGrant } from "#db/schema/people";
import { openEnvelope } from "#db/signing";
import type { ChangeView } from "#lib/contracts/change-request";
import type { Role } from "#lib/domain/access";
import { STATEMENT_TYPE } from "#lib/domain/baseline-statement";
import { movesOf } from "#lib/server/baseline-moves";
import { readDocument } from "#lib/server/document-reader";
import { decideChange } from "#lib/services/change-request/decide";
import { previewChange, proposeChange } from "#lib/services/change-request/propose";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { useDatabase, whileLocked } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { MINUTE, makeWorld, NOW, refusalOf, type World } from "#tests/world";
import { createBaseline } from "./create.ts";
import { discardDraft } from "./discard.ts";
import { draftVersion } from "./draft.ts";
import { diffVersions, getBaseline, getVersion } from "./get.ts";
import { listBaselines } from "./list.ts";
import { commonStates, previewContent } from "./propose-content.ts";
import { publishBaselineKind } from "./publish.ts";
import { rollbackBaselineKind, rolloutBaselineKind } from "./roll.ts";
import { listSigningKeys } from "./signing-keys.ts";

const { pool } = useDatabase();
const sealer = testSealer();
const KINDS = [
  publishBaselineKind(() => sealer, movesOf),
  rolloutBaselineKind(movesOf),
  rollbackBaselineKind(movesOf),
];
const REASON = "because it is needed";

let world: World;
let clock: Date;
let count = 0;
beforeAll(async () => {
  world = await makeWorld(pool);
});
beforeEach(() => {
  clock = NOW;
});

async function person(role: Role, email?: string): Promise<ServiceContext> {
  count += 1;
  const id = uuidv7(NOW);
  const address = email ?? `${role}${count}@example.org`;
  const account = { id, email: address, passwordHash: "x", mustChangePassword: false, failedSignIns: 0 };
  await world.db.insert(appUser).values({ ...account, createdAt: NOW });
  await world.db.insert(roleGrant).values({ userId: id, trustDomainId: world.home, role, createdAt: NOW });
  const base = world.as(role);
  if (base.actor.kind !== "user") throw new Error("not a person");
  return { ...base, actor: { ...base.actor, id, email: address }, now: () => clock };
}

/** A node of a role of its own whose only lane says this. */
async function addNode(role: string, measurements: Record<string, string>): Promise<string> {
  count += 1;
  const id = await world.addNode({ name: `${role}-${count}`, lastAt: NOW });
  const digest = createHash("sha256").update(JSON.stringify(measurements)).digest();
  await world.db
    .insert(measurementSet)
    .values({ trustDomainId: world.home, digest, items: measurements, createdAt: NOW })
    .onConflictDoNothing();
  await world.db
    .update(lane)
    .set({
      statement: sql`jsonb_set(statement, '{measurementDigest}', to_jsonb(${digest.toString("hex")}::text))`,
    })
    .where(eq(lane.nodeId, id));
  await world.db
    .update(trustInterval)
    .set({ measurementDigest: digest })
    .where(and(eq(trustInterval.nodeId, id), eq(trustInterval.sourceId, world.lab)));
  await world.db.update(nodeTable).set({ labels: { role } }).where(eq(nodeTable.id, id));
  return id;
}

const document = (entries: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  ({ kind: "document", document: JSON.stringify({ entries, ...more }) }) as const;

async function draftOf(author: ServiceContext, role = `role${count}`, kernel = "6.8") {
  count += 1;
  const body = {
    name: `baseline ${count}`,
    selector: `node.labels.role == "${role}"`,
    sourceId: world.lab,
    submod: "",
    origin: document({ "kernel/release": kernel }),
  };
  return createBaseline(author, body, readDocument);
}

const propose = (ctx: ServiceContext, kind: string, payload: Record<string, unknown>) =>
  proposeChange(ctx, { kind, payload, reason: REASON }, KINDS);
const approve = (ctx: ServiceContext, { id, planHash }: { id: string; planHash: string }) =>
  decideChange(ctx, { requestId: id, planHash, decision: "approve" }, KINDS);
const FULL = { part: "target", selector: "", percent: 100, from: null, to: null, acceptOthersUntil: null };

async function twoPeople(kind: string, payload: Record<string, unknown>) {
  return approve(await person("approver"), await propose(await person("analyst"), kind, payload));
}
const publish = (baselineId: string, version: number) =>
  twoPeople("baseline.publish", { baselineId, version });
const rollOut = (baselineId: string, version: number, part: object = {}) =>
  twoPeople("baseline.rollout", { baselineId, version, ...FULL, ...part });

describe("from a cohort to a match", () => {
  it("a draft is made, a second person signs it, it is rolled out in stages, and the fleet matches", async () => {
    const role = "web";
    const good = { "kernel/release": "6.8", "os/image": "a", "host/id": "x" };
    await Promise.all([
      addNode(role, good),
      addNode(role, { ...good, "host/id": "y" }),
      addNode(role, { ...good, "host/id": "z" }),
      addNode(role, { "kernel/release": "6.7", "os/image": "a", "host/id": "w" }),
    ]);
    const author = await person("analyst");
    const states = await commonStates(author);
    const state = states.items.find(({ selector }) => selector === `node.labels.role == "${role}"`);
    expect(state).toMatchObject({ nodes: 4, sourceId: world.lab, submod: "" });

    const origin = { kind: "cohort", selector: state?.selector ?? "" } as const;
    const lanes = { sourceId: world.lab, submod: "" };
    const made = await previewContent(author, { origin, ...lanes }, readDocument);
    expect(made.content.entries).toEqual({ "kernel/release": ["6.8"], "os/image": ["a"] });
    expect(made.disputed.map(({ path, leftOut }) => [path, leftOut])).toEqual([
      ["host/id", "too-varied"],
      ["kernel/release", null],
    ]);

    const body = { name: "Web servers", selector: origin.selector, ...lanes, origin };
    const { id } = await createBaseline(author, body, readDocument);
    expect(await getBaseline(author, { baselineId: id })).toMatchObject({
      current: null,
      draft: 1,
      selectorWords: "Nodes with role web",
      versions: [
        {
          state: "draft",
          signature: { state: "unsigned" },
          standing: { selected: 4, covered: 4, matching: 3 },
        },
      ],
    });

    const preview = await previewChange(
      author,
      { kind: "baseline.publish", payload: { baselineId: id, version: 1 } },
      KINDS,
    );
    // Older than the cohort's kernel: drift calls it a downgrade.
    expect(preview.preview.moves).toEqual([{ from: "trusted", to: "failed", nodes: 1 }]);
    expect(preview.preview.nodes.items).toMatchObject([
      { reason: expect.stringContaining("older than 6.8") },
    ]);
    expect(preview.preview.warnings).toContain("1 node would fail.");
    await publish(id, 1);
    // Published is not in force.
    expect(await getBaseline(author, { baselineId: id })).toMatchObject({
      current: null,
      standing: { covered: 0 },
    });

    await rollOut(id, 1, { percent: 50 });
    await rollOut(id, 1);
    const view = await getBaseline(author, { baselineId: id });
    expect(view).toMatchObject({
      current: 1,
      active: [1],
      draft: null,
      standing: { selected: 4, covered: 4, matching: 3 },
      versions: [{ signature: { state: "sound" }, targetNodes: 4 }],
    });
    expect(view.rollouts.map(({ percent, state: at }) => [percent, at])).toEqual([
      [50, "active"],
      [100, "active"],
    ]);
    const { items } = await listBaselines(await person("viewer"));
    expect(items.find((item) => item.id === id)?.standing).toEqual({ selected: 4, covered: 4, matching: 3 });
    const dirty = await world.db.execute(sql`SELECT count(*)::int AS n FROM drift_dirty`);
    expect(dirty.rows[0]?.n).toBeGreaterThanOrEqual(4);
  });

  it("a golden node gives its own state; a node with no such lane is refused by name", async () => {
    const author = await person("analyst");
    const nodeId = await addNode("golden", { "kernel/release": "7.0" });
    const origin = { kind: "golden_node", nodeId } as const;
    const made = await previewContent(author, { origin, sourceId: world.lab, submod: null }, readDocument);
    expect(made.content.entries).toEqual({ "kernel/release": ["7.0"] });
    const other = previewContent(author, { origin, sourceId: world.lab, submod: "gpu0" }, readDocument);
    expect(await refusalOf(other)).toBe("request/invalid");
    const nobody = { kind: "golden_node", nodeId: uuidv7(NOW) } as const;
    expect(
      await refusalOf(previewContent(author, { origin: nobody, sourceId: null, submod: null }, readDocument)),
    ).toBe("node/not-found");
  });

  it("Keylime files are read, and what they say otherwise is told", async () => {
    const origin = {
      kind: "keylime",
      document: '{"digests":{"/bin/a":["00"]},"excludes":["/tmp"],"keyrings":{"k":[]}}',
    } as const;
    const made = await previewContent(
      await person("analyst"),
      { origin, sourceId: null, submod: null },
      readDocument,
    );
    expect(made).toMatchObject({
      content: { entries: { "ima//bin/a": ["00"] }, scope: ["ima/"], ignore: ["ima/(?:/tmp).*"] },
      left: ["keyrings are checked by the verifier and are no files"],
    });
  });
});

describe("a document", () => {
  it.each([
    ["a selector that is none", { selector: "node.labels.role ==" }],
    ["a pattern that RE2 does not know", { origin: document({ a: "1" }, { ignore: ["(?=x)"] }) }],
    [
      "a key that is given twice",
      { origin: { kind: "document" as const, document: '{"entries":{"a":"1","a":"2"}}' } },
    ],
    [
      "a key of prototypes",
      { origin: { kind: "document" as const, document: '{"entries":{"__proto__":"1"}}' } },
    ],
    ["a number", { origin: document({ a: 1 }) }],
  ])("is refused for %s, and nothing is stored", async (_, part) => {
    const author = await person("analyst");
    const body = { name: "refused", sourceId: null, submod: null, origin: document({ a: "1" }), ...part };
    expect(await refusalOf(createBaseline(author, body, readDocument))).toBe("request/invalid");
    expect((await listBaselines(author)).items.some(({ name }) => name === "refused")).toBe(false);
  });
});

describe("publishing", () => {
  it("is refused to whoever wrote the version, also by another address, and to whoever wrote an earlier draft", async () => {
    const author = await person("approver", "ana@example.org");
    const { id } = await draftOf(author);
    const bob = await person("approver");
    await draftVersion(bob, { baselineId: id, origin: document({ a: "2" }) }, readDocument);
    const request = await propose(await person("analyst"), "baseline.publish", {
      baselineId: id,
      version: 2,
    });
    expect(await refusalOf(approve(author, request))).toBe("auth/forbidden");
    expect(await refusalOf(approve(bob, request))).toBe("auth/forbidden");
    expect(await refusalOf(approve(await person("approver", "ana+2@example.org"), request))).toBe(
      "auth/forbidden",
    );
    expect((await approve(await person("approver"), request)).state).toBe("applied");
  });

  it("signs what anybody can check with the public key, and never shows the private one", async () => {
    const author = await person("analyst");
    const { id } = await draftOf(author);
    const { id: requestId } = await publish(id, 1);
    const { envelope, content } = await getVersion(author, { baselineId: id, version: 1 });
    const keys = await world.db.select().from(signingKey);
    expect(keys).toHaveLength(1);
    const statement = JSON.parse(openEnvelope(envelope, STATEMENT_TYPE, keys)?.toString() ?? "null");
    expect(statement.predicate).toMatchObject({ baselineId: id, version: 1, changeRequestId: requestId });
    expect(statement.subject[0].digest.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(content.entries).toEqual({ "kernel/release": ["6.8"] });
    const { items } = await listSigningKeys(author);
    expect(items).toMatchObject([
      { algorithm: "Ed25519", publicKeyPem: expect.stringMatching(/BEGIN PUBLIC KEY/) },
    ]);
    expect(JSON.stringify(items)).not.toContain("PRIVATE");
  });

  it("does not count for a draft that was edited or discarded meanwhile", async () => {
    const author = await person("analyst");
    const { id } = await draftOf(author);
    const edited = await propose(author, "baseline.publish", { baselineId: id, version: 1 });
    await draftVersion(author, { baselineId: id, origin: document({ a: "2" }) }, readDocument);
    expect(await refusalOf(approve(await person("approver"), edited))).toBe("baseline/wrong-state");
    const discarded = await propose(author, "baseline.publish", { baselineId: id, version: 2 });
    await discardDraft(author, { baselineId: id, version: 2 });
    expect(await refusalOf(approve(await person("approver"), discarded))).toBe("baseline/wrong-state");
    expect(await refusalOf(discardDraft(author, { baselineId: id, version: 2 }))).toBe(
      "baseline/wrong-state",
    );
  });

  it("of an edit that races with the vote, one waits for the other and the vote is void", async () => {
    const author = await person("analyst");
    const approver = await person("approver");
    const { id } = await draftOf(author);
    const request = await propose(author, "baseline.publish", { baselineId: id, version: 1 });
    const results = await whileLocked<unknown>(pool, "baseline", "id = $1", [id], { blocked: 2 }, () => [
      draftVersion(author, { baselineId: id, origin: document({ a: "2" }) }, readDocument),
      approve(approver, request),
    ]);
    const [edit, vote] = results.map(({ status }) => status);
    // Either the vote came first and version 1 is published, or it is void; never both lost.
    expect(edit).toBe("fulfilled");
    const [row] = await world.db
      .select()
      .from(baselineVersion)
      .where(and(eq(baselineVersion.baselineId, id), eq(baselineVersion.version, 1)));
    expect(row?.state).toBe(vote === "fulfilled" ? "published" : "withdrawn");
    expect(row?.signature === null).toBe(vote !== "fulfilled");
  });

  it("two first signatures make one key", async () => {
    await world.db.delete(baselineRollout);
    await world.db.delete(baselineVersion);
    await world.db.delete(signingKey);
    const author = await person("analyst");
    const made = await Promise.all([draftOf(author), draftOf(author)]);
    const requests: ChangeView[] = [];
    for (const { id } of made) {
      requests.push(await propose(author, "baseline.publish", { baselineId: id, version: 1 }));
    }
    const people = [await person("approver"), await person("approver")];
    const results = await whileLocked(pool, "trust_domain", "id = $1", [world.home], { blocked: 2 }, () =>
      requests.map((request, index) => approve(people[index] ?? author, request)),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await world.db.select().from(signingKey)).toHaveLength(1);
  });
});

describe("rolling out", () => {
  it("is refused for a draft, for what was tampered with, and for a bad selector or window", async () => {
    const author = await person("analyst");
    const { id } = await draftOf(author);
    const ask = (part: object = {}) =>
      propose(author, "baseline.rollout", { baselineId: id, version: 1, ...FULL, ...part });
    expect(await refusalOf(ask())).toBe("baseline/wrong-state");
    expect(await refusalOf(ask({ version: 9 }))).toBe("baseline/version-not-found");
    await publish(id, 1);
    expect(await refusalOf(ask({ selector: "((" }))).toBe("request/invalid");
    expect(await refusalOf(ask({ to: new Date(NOW.getTime() - 1).toISOString() }))).toBe("request/invalid");
    expect(await refusalOf(ask({ percent: 10, acceptOthersUntil: NOW.toISOString() }))).toBe(
      "request/invalid",
    );
    expect(await refusalOf(ask({ baselineId: uuidv7(NOW) }))).toBe("baseline/not-found");
    await world.db
      .update(baselineVersion)
      .set({ content: { scope: [], entries: { evil: ["1"] }, ignore: [], tolerances: {} } })
      .where(eq(baselineVersion.baselineId, id));
    expect(await refusalOf(ask())).toBe("baseline/tampered");
    expect(await getBaseline(author, { baselineId: id })).toMatchObject({
      tampered: [1],
      versions: [{ signature: { state: "tampered" } }],
    });
  });

  it("of two that were proposed at once, one wins and the other's plan is another one", async () => {
    const author = await person("analyst");
    const { id } = await draftOf(author);
    await publish(id, 1);
    const requests: ChangeView[] = [];
    for (const percent of [10, 20]) {
      requests.push(
        await propose(author, "baseline.rollout", { baselineId: id, version: 1, ...FULL, percent }),
      );
    }
    const people = [await person("approver"), await person("approver")];
    const results = await whileLocked(pool, "baseline", "id = $1", [id], { blocked: 2 }, () =>
      requests.map((request, index) => approve(people[index] ?? author, request)),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = results.find((result) => result.status === "rejected");
    expect(lost?.reason).toMatchObject({ code: "change/plan-changed" });
    expect(
      await world.db.select().from(baselineRollout).where(eq(baselineRollout.baselineId, id)),
    ).toHaveLength(1);
  });

  it("A to B to C: several versions hold within their windows, and a rollback ends C at once", async () => {
    const role = "abc";
    const [onA, onC] = [
      await addNode(role, { "kernel/release": "a" }),
      await addNode(role, { "kernel/release": "c" }),
    ];
    expect(onA).not.toBe(onC);
    const author = await person("analyst");
    const { id } = await draftOf(author, role, "a");
    await publish(id, 1);
    await rollOut(id, 1);
    const window = new Date(NOW.getTime() + 60 * MINUTE).toISOString();
    for (const [version, kernel] of [
      [2, "b"],
      [3, "c"],
    ] as const) {
      clock = new Date(clock.getTime() + MINUTE);
      await draftVersion(
        author,
        { baselineId: id, origin: document({ "kernel/release": kernel }) },
        readDocument,
      );
      await publish(id, version);
      await rollOut(id, version, { acceptOthersUntil: window });
    }
    const view = () => getBaseline(author, { baselineId: id });
    expect(await view()).toMatchObject({
      current: 3,
      active: [1, 2, 3],
      standing: { covered: 2, matching: 2 },
    });
    clock = new Date(Date.parse(window) + 1);
    expect(await view()).toMatchObject({ current: 3, active: [3], standing: { covered: 2, matching: 1 } });

    const preview = await previewChange(
      author,
      { kind: "baseline.rollback", payload: { baselineId: id, version: 1 } },
      KINDS,
    );
    expect(preview.preview.moves).toEqual([
      { from: "trusted", to: "degraded", nodes: 1 },
      { from: "degraded", to: "trusted", nodes: 1 },
    ]);
    await twoPeople("baseline.rollback", { baselineId: id, version: 1 });
    expect(await view()).toMatchObject({ current: 1, active: [1], standing: { matching: 1 } });
    const again = propose(author, "baseline.rollback", { baselineId: id, version: 1 });
    expect(await refusalOf(again)).toBe("baseline/wrong-state");
    await twoPeople("baseline.rollback", { baselineId: id, version: null });
    expect(await view()).toMatchObject({ current: null, active: [] });
    // Nothing that held before was rewritten.
    const course = (await baselineCourse(pool, world.home)).find((one) => one.id === id);
    expect(course?.rollouts.every(({ fromMs, toMs }) => toMs === null || toMs >= fromMs)).toBe(true);
    const actions = await world.db.select().from(auditEntry).where(eq(auditEntry.entityId, id));
    expect(new Set(actions.map(({ action }) => action))).toEqual(
      new Set([
        "baseline.create",
        "baseline.draft",
        "baseline.publish",
        "baseline.rollout",
        "baseline.rollback",
      ]),
    );
  });
});

it("Two versions are compared by path, layer and tolerance", async () => {
  const author = await person("analyst");
  const { id } = await draftOf(author);
  const origin = document(
    { "kernel/release": "6.9", x: "1" },
    { tolerances: { kernel: { values: "newer" } } },
  );
  await draftVersion(author, { baselineId: id, origin }, readDocument);
  expect(await diffVersions(author, { baselineId: id, a: 1, b: 2 })).toMatchObject({
    total: 3,
    entries: [
      { path: "kernel/release", layer: "kernel", kind: "changed", a: ["6.8"], b: ["6.9"] },
      { path: "x", layer: "config", kind: "added", a: null, b: ["1"] },
    ],
    tolerances: [{ layer: "kernel" }],
  });
  const { document: text } = await getVersion(author, { baselineId: id, version: 2 });
  const again = await previewContent(
    author,
    { origin: { kind: "document", document: text }, sourceId: null, submod: null },
    readDocument,
  );
  expect(again.content.tolerances).toMatchObject({ kernel: { values: "newer" } });
});

it("Another domain's baseline is not found, whatever is asked of it", async () => {
  const author = await person("analyst");
  const { id } = await draftOf(author);
  const stranger = world.as("admin", [world.away]);
  expect(await refusalOf(getBaseline(stranger, { baselineId: id }))).toBe("baseline/not-found");
  expect(await refusalOf(discardDraft(stranger, { baselineId: id, version: 1 }))).toBe("baseline/not-found");
  expect((await listBaselines(stranger)).items).toEqual([]);
  const viewer = await person("viewer");
  expect(
    await refusalOf(draftVersion(viewer, { baselineId: id, origin: document({ a: "1" }) }, readDocument)),
  ).toBe("auth/forbidden");
});
