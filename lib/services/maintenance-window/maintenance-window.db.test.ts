import { beforeEach, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { DriftListQuery } from "#lib/contracts/drift-group";
import type { PlanWindowBody } from "#lib/contracts/maintenance-window";
import { WINDOW_LIMITS } from "#lib/domain/maintenance";
import { groupDrift } from "#lib/jobs/group-drift";
import type { ServiceContext } from "#lib/services/context";
import { driftGet } from "#lib/services/drift-group/get";
import { driftList } from "#lib/services/drift-group/list";
import { nodeDrift } from "#lib/services/node/drift";
import { labelNode } from "#lib/services/node/label";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { endWindow } from "./end.ts";
import { maintenanceWindow, maintenanceWindows } from "./list.ts";
import { planWindow } from "./plan.ts";
import { previewWindow } from "./preview.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const GOOD = { "kernel/release": "6.8.1", "secure-boot/enabled": "true" };
const UPGRADED = { ...GOOD, "kernel/release": "6.9.0" };
const reason = "The kernel of the web nodes is upgraded.";

let lab: DriftLab;
let admin: ServiceContext;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, GOOD);
  admin = await lab.person("admin");
  for (const node of ["web-1", "web-2", "db-1"]) await lab.report(0, node, GOOD);
});

const body = (more: Partial<PlanWindowBody> = {}): PlanWindowBody => ({
  name: "Kernel of web",
  selector: 'node.name.startsWith("web-")',
  layers: ["kernel"],
  from: null,
  until: lab.isoAt(60),
  reason,
  ...more,
});
const all = { state: "all" } as const;

describe("a window that begins at once", () => {
  it("authorises what its nodes change in its layers until it ends, and names itself on them", async () => {
    const { id, nodes } = await planWindow(admin, body());
    expect(nodes).toBe(2);
    await lab.report(10, "web-1", UPGRADED);
    await lab.report(10, "db-1", UPGRADED);
    expect(await lab.worst()).toMatchObject({
      "web-1": [10, "authorised"],
      "web-2": [0, null],
      "db-1": [10, "unexplained"],
    });
    const drift = await nodeDrift(admin, { nodeId: await lab.nodeId("web-1") });
    const [finding] = drift.lanes[0]?.layers[0]?.findings ?? [];
    expect(finding).toMatchObject({
      rule: "maintenance-window",
      window: { id, name: "Kernel of web", until: lab.isoAt(60) },
    });
    const [window] = (await maintenanceWindows(admin, all)).items;
    expect(window).toMatchObject({ state: "running", nodes: 2, allowed: { changes: 1, nodes: 1 } });
    expect((await maintenanceWindow(admin, { windowId: id })).changes).toMatchObject([
      { path: "kernel/release", actual: "6.9.0", nodes: 1, firstAt: lab.isoAt(10) },
    ]);

    await lab.run(60);
    expect(await lab.worst()).toMatchObject({ "web-1": [60, "unexplained"] });
    expect(await maintenanceWindows(admin, all)).toMatchObject({
      items: [{ state: "past", nodes: null, allowed: { changes: 1, nodes: 1 } }],
      counts: { running: 0, planned: 0, past: 1 },
      nextChangeAt: null,
    });
    const before = await nodeDrift(admin, { nodeId: await lab.nodeId("web-1"), asOf: lab.isoAt(30) });
    expect(before.lanes[0]?.layers[0]?.findings[0]?.window?.id).toBe(id);
  });

  it("opens no group for what it authorises, and a group says on which nodes one does", async () => {
    const { id } = await planWindow(admin, body());
    const groups = async () => {
      await groupDrift.run({ db: lab.db, now: () => lab.clock.now }, new AbortController().signal);
      return (await driftList(admin, DriftListQuery.parse({}))).items;
    };
    await lab.report(10, "web-1", UPGRADED);
    expect(await groups()).toEqual([]);
    await lab.report(11, "db-1", UPGRADED);
    const [group] = await groups();
    expect(group).toMatchObject({ path: "kernel/release", nodes: 1 });
    const { windows, nodeList } = await driftGet(admin, { groupId: group?.id ?? "" });
    expect(windows).toEqual([{ id, name: "Kernel of web", until: lab.isoAt(60), nodes: 1 }]);
    expect(nodeList.map(({ name, class: cls }) => [name, cls])).toEqual([
      ["web-1", "authorised"],
      ["db-1", "unexplained"],
    ]);
  });

  it("allows neither another layer nor the loss of a protection", async () => {
    await planWindow(admin, body({ layers: undefined }));
    await lab.report(5, "web-1", { ...GOOD, "secure-boot/enabled": "false" });
    expect(await lab.worst()).toMatchObject({ "web-1": [5, "malicious_like"] });
    await endWindow(admin, { windowId: (await maintenanceWindows(admin, all)).items[0]?.id ?? "", reason });
    await planWindow(admin, body({ layers: ["firmware"] }));
    await lab.report(6, "web-2", UPGRADED);
    expect(await lab.worst()).toMatchObject({ "web-2": [6, "unexplained"] });
  });

  it("stops to allow anything as soon as it is ended early, and what it allowed stays allowed", async () => {
    const { id: windowId } = await planWindow(admin, body());
    await lab.report(10, "web-1", UPGRADED);
    lab.clock.now = lab.at(20);
    await endWindow(admin, { windowId, reason });
    expect((await lab.due()).map(([node]) => node)).toEqual(["web-1", "web-2"]);
    await lab.run(20);
    expect(await lab.worst()).toMatchObject({ "web-1": [20, "unexplained"] });
    const asOf = await nodeDrift(admin, { nodeId: await lab.nodeId("web-1"), asOf: lab.isoAt(15) });
    expect(asOf.lanes[0]).toMatchObject({ worst: "authorised" });
    expect(asOf.lanes[0]?.layers[0]?.findings[0]?.window?.until).toBe(lab.isoAt(20));
    expect(await refusalOf(endWindow(admin, { windowId, reason }))).toBe("window/over");
    const [window] = (await maintenanceWindows(admin, { state: "past" })).items;
    expect(window).toMatchObject({ until: lab.isoAt(60), ended: { at: lab.isoAt(20) } });
  });

  it("is ended once, however many end it at the same time", async () => {
    const { id: windowId } = await planWindow(admin, body());
    lab.clock.now = lab.at(1);
    const ends = await Promise.all([1, 2, 3].map(() => refusalOf(endWindow(admin, { windowId, reason }))));
    expect(ends.sort()).toEqual(["not refused", "window/over", "window/over"]);
  });
});

describe("a window that is planned ahead", () => {
  it("is followed when it begins and when it ends, without anything else happening", async () => {
    await lab.report(1, "web-1", UPGRADED);
    expect(await lab.worst()).toMatchObject({ "web-1": [1, "unexplained"] });
    lab.clock.now = lab.at(2);
    await planWindow(admin, body({ from: lab.isoAt(30), until: lab.isoAt(40) }));
    expect(await maintenanceWindows(admin, all)).toMatchObject({
      items: [{ state: "planned", nodes: 2 }],
      nextChangeAt: lab.isoAt(30),
    });
    await lab.run(2);
    // The other one shows nothing that a window could allow.
    expect(await lab.due()).toEqual([["web-1", 30]]);
    await lab.run(29);
    expect(await lab.worst()).toMatchObject({ "web-1": [1, "unexplained"] });
    await lab.run(31);
    expect(await lab.worst()).toMatchObject({ "web-1": [30, "authorised"] });
    expect((await maintenanceWindows(admin, all)).nextChangeAt).toBe(lab.isoAt(40));
    await lab.run(41);
    expect(await lab.worst()).toMatchObject({ "web-1": [40, "unexplained"] });
  });

  it("reaches a node that is labelled into it later", async () => {
    await planWindow(
      admin,
      body({ selector: 'node.labels.rack == "b"', from: lab.isoAt(30), until: lab.isoAt(40) }),
    );
    await lab.run(1);
    await labelNode(admin, { nodeId: await lab.nodeId("db-1"), labels: { rack: "b" } });
    await lab.report(2, "db-1", UPGRADED);
    await lab.run(31);
    expect(await lab.worst()).toMatchObject({ "db-1": [30, "authorised"] });
  });

  it("never begins when it is withdrawn before", async () => {
    const { id: windowId } = await planWindow(admin, body({ from: lab.isoAt(30), until: lab.isoAt(40) }));
    lab.clock.now = lab.at(5);
    await endWindow(admin, { windowId, reason });
    await lab.report(31, "web-1", UPGRADED);
    expect(await lab.worst()).toMatchObject({ "web-1": [31, "unexplained"] });
    expect((await maintenanceWindows(admin, all)).counts).toEqual({ running: 0, planned: 0, past: 1 });
  });
});

describe("planning", () => {
  it("refuses what cannot be, and changes nothing then", async () => {
    const longest = WINDOW_LIMITS.lengthMs / 60_000;
    const ahead = WINDOW_LIMITS.aheadMs / 60_000;
    for (const wrong of [
      body({ from: lab.isoAt(-1) }),
      body({ until: lab.isoAt(0) }),
      body({ until: lab.isoAt(longest + 1) }),
      body({ from: lab.isoAt(ahead + 1), until: lab.isoAt(ahead + 2) }),
      body({ selector: "node.name ==" }),
      body({ selector: "node.name" }),
      body({ name: " " }),
      body({ reason: "short" }),
      body({ layers: [] }),
      { ...body(), layers: ["fan"] } as unknown as PlanWindowBody,
    ]) {
      expect(await refusalOf(planWindow(admin, wrong)), JSON.stringify(wrong)).toBe("request/invalid");
    }
    expect(await lab.due()).toEqual([]);
    expect((await maintenanceWindows(admin, all)).items).toEqual([]);
  });

  it("refuses a window that would allow what looks like an attack already", async () => {
    await lab.report(1, "web-2", { ...GOOD, "kernel/release": "6.1.0" });
    expect(await lab.worst()).toMatchObject({ "web-2": [1, "malicious_like"] });
    expect(await previewWindow(admin, { selector: "", layers: ["kernel"] })).toMatchObject({
      nodes: 3,
      of: 3,
      names: ["db-1", "web-1", "web-2"],
      unexplained: null,
      maliciousLike: { changes: 1, nodes: 1, path: "kernel/release" },
    });
    expect(await refusalOf(planWindow(admin, body()))).toBe("window/too-broad");
    await planWindow(admin, body({ selector: 'node.name == "web-1"' }));
    await planWindow(admin, body({ layers: ["firmware"] }));
  });

  it("tells beforehand which nodes it reaches and what they show already", async () => {
    await lab.report(1, "web-1", UPGRADED);
    expect(await previewWindow(admin, { selector: 'node.name.startsWith("web-")' })).toEqual({
      trustDomain: `domain ${lab.trustDomainId}`,
      nodes: 2,
      of: 3,
      names: ["web-1", "web-2"],
      unexplained: { changes: 1, nodes: 1, path: "kernel/release" },
      maliciousLike: null,
    });
    expect(await previewWindow(admin, { selector: "", layers: ["firmware"] })).toMatchObject({
      unexplained: null,
    });
    expect(await refusalOf(previewWindow(admin, { selector: "no selector" }))).toBe("request/invalid");
  });

  it("ends at a hundred windows, however many plan at the same time", async () => {
    const { live } = WINDOW_LIMITS;
    await pool.query(
      `INSERT INTO maintenance_window (trust_domain_id, id, name, selector, layers, from_at, to_at, reason, created_at)
       SELECT $1, gen_random_uuid(), 'w', 'false', '{kernel}', $2, $3, '', $2 FROM generate_series(1, $4)`,
      [lab.trustDomainId, lab.at(10), lab.at(20), live - 1],
    );
    const two = await Promise.all([1, 2].map(() => refusalOf(planWindow(admin, body()))));
    expect(two.sort()).toEqual(["not refused", "window/too-many"]);
  });

  it("is on record in the same transaction, and so is ending", async () => {
    const { id: windowId } = await planWindow(admin, body());
    await endWindow(admin, { windowId, reason });
    const trail = await lab.db.select().from(auditEntry);
    expect(trail).toMatchObject([
      { action: "window.plan", entityId: windowId, outcome: "done", after: { reason, nodes: 2 } },
      { action: "window.end", entityId: windowId, outcome: "done", before: { state: "running" } },
    ]);
  });

  it("is for approvers and administrators; others are refused, and strangers see nothing", async () => {
    const { id: windowId } = await planWindow(await lab.person("approver"), body());
    for (const role of ["viewer", "auditor", "analyst"] as const) {
      const ctx = await lab.person(role);
      expect(await refusalOf(planWindow(ctx, body())), role).toBe("auth/forbidden");
      expect(await refusalOf(endWindow(ctx, { windowId, reason })), role).toBe("auth/forbidden");
      expect(await refusalOf(previewWindow(ctx, { selector: "" })), role).toBe("auth/forbidden");
    }
    expect(await refusalOf(maintenanceWindows(await lab.person("viewer"), all))).toBe("auth/forbidden");
    expect((await maintenanceWindows(await lab.person("auditor"), all)).items).toHaveLength(1);
    const away = "01a20000-0000-7000-8000-00000000aaaa";
    await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'away', now())", [away]);
    const stranger = await lab.person("admin", [away]);
    expect((await maintenanceWindows(stranger, all)).items).toEqual([]);
    expect(await refusalOf(maintenanceWindow(stranger, { windowId }))).toBe("window/not-found");
    expect(await refusalOf(endWindow(stranger, { windowId, reason }))).toBe("window/not-found");
    expect(await previewWindow(stranger, { selector: "" })).toMatchObject({ nodes: 0, of: 0 });
  });
});
