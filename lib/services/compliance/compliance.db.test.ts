import { beforeEach, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { ALL_MEASURES, measureById } from "#lib/domain/measure/catalogue";
import { denominatorOf } from "#lib/domain/measure/measure";
import { groupDrift } from "#lib/jobs/group-drift";
import type { ServiceContext } from "#lib/services/context";
import { labelNode } from "#lib/services/node/label";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { addControlNote } from "./add-note.ts";
import { control, controls } from "./controls.ts";
import { endControlNote } from "./end-note.ts";
import { frameworks } from "./frameworks.ts";
import { measure } from "./measure.ts";
import { measures } from "./measures.ts";
import { RELATIONS } from "./relations.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const GOOD = { "kernel/release": "6.8.1", "secure-boot/enabled": "true" };
const REASON = "The board is replaced in spring.";
const FRAMEWORK = "nist-800-53-r5";

let lab: DriftLab;
let admin: ServiceContext;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, GOOD);
  admin = await lab.person("admin");
  for (const node of ["web-1", "web-2"]) await lab.report(0, node, GOOD);
});

const period = (more: Record<string, string> = {}) => ({ from: lab.isoAt(0), to: lab.isoAt(60), ...more });
const one = (id: string, more: Record<string, string> = {}) =>
  measure(admin, { measureId: id, ...period(more) });

describe("measures", () => {
  it("are all computed, and the rows of each add up to its totals", async () => {
    await lab.report(10, "web-1", { ...GOOD, "kernel/release": "6.9.0" });
    await lab.run(60);
    const { items } = await measures(admin, period());
    expect(items.map(({ id }) => id)).toEqual(ALL_MEASURES.map(({ id }) => id));
    for (const { id, totals, kind, result, reason } of items) {
      const { rows } = await one(id, { limit: "200" });
      const weight = rows
        .filter(({ verdict }) => verdict !== "open")
        .reduce((sum, row) => sum + row.weight, 0);
      expect(weight, id).toBe(denominatorOf(totals));
      if (kind === "unavailable")
        expect([result, rows.length, id in RELATIONS]).toEqual(["no_data", 0, false]);
      expect(reason === null, id).toBe(result !== "no_data");
    }
  });

  it("count the time for which nodes were trusted, not how often something was said", async () => {
    await lab.report(10, "web-1", { ...GOOD, "kernel/release": "6.9.0" });
    await lab.report(40, "web-1", GOOD);
    await lab.run(60);
    const { measure: rate, rows } = await one("M02");
    expect(rate.totals).toMatchObject({ met: 90 * MINUTE, missed: 30 * MINUTE, denominator: 120 * MINUTE });
    expect(rate).toMatchObject({ result: "not_satisfied", totals: { ratio: 0.75 } });
    expect(rows[0]).toMatchObject({ name: "web-1", verdict: "missed", weight: 30 * MINUTE });
    expect((await one("M02", { verdict: "met" })).rows.map(({ name }) => name).sort()).toEqual([
      "web-1",
      "web-2",
    ]);
  });

  it("are of nothing when there was nothing, which is no pass", async () => {
    const before = { from: lab.isoAt(-200), to: lab.isoAt(-100) };
    const { items } = await measures(admin, before);
    for (const id of ["M02", "M12", "M13", "M25"]) {
      expect(items.find((item) => item.id === id)?.result, id).toBe("no_data");
    }
  });

  it("are narrowed by labels, and by nothing that is measured", async () => {
    await labelNode(admin, { nodeId: await lab.nodeId("web-2"), labels: { role: "web" } });
    await lab.run(60);
    expect((await one("M02", { q: "label:role=web" })).rows.map(({ name }) => name)).toEqual(["web-2"]);
    expect((await one("M01", { q: "label:role=db" })).measure.result).toBe("no_data");
    await expect(one("M02", { q: "status:trusted" })).rejects.toMatchObject({
      code: "request/invalid",
      pointers: [{ pointer: "#/query/q" }],
    });
  });

  it("page through their rows, each once", async () => {
    await lab.run(60);
    const first = await one("M01", { limit: "1" });
    const second = await one("M01", { limit: "1", cursor: first.nextCursor ?? "" });
    expect([...first.rows, ...second.rows].map(({ name }) => name).sort()).toEqual(["web-1", "web-2"]);
    expect(second.nextCursor).toBeNull();
    expect(await refusalOf(one("M02", { cursor: first.nextCursor ?? "" }))).toBe("request/invalid");
  });

  it("end now when their period lies ahead, and know nothing of a time that has not begun", async () => {
    await lab.run(30);
    const { period: used } = await measures(admin, period({ to: lab.isoAt(600) }), [
      measureById("M02") ?? ALL_MEASURES[0] ?? raise(),
    ]);
    expect(used.to).toBe(lab.isoAt(30));
    expect(await refusalOf(one("M02", { from: lab.isoAt(40) }))).toBe("request/invalid");
    expect(await refusalOf(one("M99"))).toBe("compliance/unknown-measure");
  });

  it("find a change that nobody decided about for a day", async () => {
    await lab.report(10, "web-1", { ...GOOD, "kernel/release": "6.9.0" });
    await lab.run(20);
    await groupDrift.run({ db: lab.db, now: admin.now }, new AbortController().signal);
    await lab.run(2_000);
    const { measure: open, rows } = await one("M09", { to: lab.isoAt(2_000) });
    expect(open).toMatchObject({ result: "not_satisfied", totals: { missed: 1 } });
    expect(rows[0]).toMatchObject({ kind: "drift_group", name: "kernel/release", verdict: "missed" });
  });

  it("are not for viewers", async () => {
    const viewer = await lab.person("viewer");
    expect(await refusalOf(measures(viewer, period()))).toBe("auth/forbidden");
    expect(await refusalOf(controls(viewer, { frameworkId: FRAMEWORK, ...period() }))).toBe("auth/forbidden");
  });
});

function raise(): never {
  throw new Error("no measure");
}

const note = (more: Record<string, unknown> = {}) => ({
  ...{ frameworkId: FRAMEWORK, control: "SI-7", kind: "exception" as const, reason: REASON },
  expiresAt: lab.isoAt(10_000),
  ...more,
});
const statusOf = async (id: string) => {
  const { items } = await controls(admin, { frameworkId: FRAMEWORK, ...period() });
  return items.find((item) => item.id === id)?.status;
};

describe("controls", () => {
  it("fail with one of their measures, and lack evidence without data", async () => {
    await lab.report(10, "web-1", { ...GOOD, "kernel/release": "6.9.0" });
    await lab.run(60);
    const { items, counts } = await controls(admin, { frameworkId: FRAMEWORK, ...period() });
    const status = (id: string) => items.find((item) => item.id === id)?.status;
    expect(status("SI-6")).toBe("fail");
    expect(status("CP-10")).toBe("no_evidence");
    expect(status("AU-11")).toBe("no_evidence");
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(items.length);
  });

  it("are those of a framework that is known", async () => {
    await lab.run(60);
    expect((await frameworks(admin)).items.map(({ id }) => id)).toContain("pci-dss-4.0.1");
    expect(await refusalOf(controls(admin, { frameworkId: "nope", ...period() }))).toBe(
      "compliance/unknown-framework",
    );
    const wanted = { frameworkId: FRAMEWORK, controlId: "XX-1", ...period() };
    expect(await refusalOf(control(admin, wanted))).toBe("compliance/unknown-control");
  });
});

describe("a note about a control", () => {
  beforeEach(() => lab.run(60));

  it("stands beside the status and does not change it, and goes on record", async () => {
    const before = await statusOf("SI-7");
    const { id } = await addControlNote(admin, note());
    await lab.run(61);
    const detail = await control(admin, {
      frameworkId: FRAMEWORK,
      controlId: "SI-7",
      ...period({ to: lab.isoAt(61) }),
    });
    expect(detail.notes).toMatchObject([
      { id, kind: "exception", reason: REASON, inForce: true, ended: null },
    ]);
    expect(detail.control).toMatchObject({ status: before, exceptions: 1 });
    const actions = (await lab.db.select().from(auditEntry)).filter(({ entityId }) => entityId === id);
    expect(actions).toMatchObject([{ action: "control_note.add", outcome: "done" }]);
  });

  it("takes a control out only when it says that the control does not apply, and only while it is in force", async () => {
    const { id } = await addControlNote(admin, note({ kind: "not_applicable" }));
    expect(await statusOf("SI-7")).toBe("not_applicable");
    await lab.run(70);
    await endControlNote(admin, { noteId: id, reason: REASON });
    const later = { frameworkId: FRAMEWORK, ...period({ to: lab.isoAt(71) }) };
    await lab.run(71);
    const { items } = await controls(admin, later);
    expect(items.find((item) => item.id === "SI-7")?.status).not.toBe("not_applicable");
    // For a period that had ended before, it still stands.
    expect(await statusOf("SI-7")).toBe("not_applicable");
    expect(await refusalOf(endControlNote(admin, { noteId: id, reason: REASON }))).toBe(
      "compliance/note-over",
    );
  });

  it("ends within a year, says why, and judges only what was checked by hand", async () => {
    for (const [more, pointer] of [
      [{ expiresAt: lab.isoAt(0) }, "#/expiresAt"],
      [{ expiresAt: lab.isoAt(367 * 1_440 + 61) }, "#/expiresAt"],
      [{ reason: "because" }, "#/reason"],
      [{ kind: "manual" }, "#/verdict"],
      [{ verdict: "pass" }, "#/verdict"],
    ] as const) {
      const added = addControlNote(admin, note(more) as Parameters<typeof addControlNote>[1]);
      await expect(added).rejects.toMatchObject({ pointers: [{ pointer }] });
    }
    expect(await refusalOf(addControlNote(admin, note({ control: "XX-1" })))).toBe(
      "compliance/unknown-control",
    );
  });

  it("is for approvers, who are people", async () => {
    const analyst = await lab.person("analyst");
    expect(await refusalOf(addControlNote(analyst, note()))).toBe("auth/forbidden");
    expect(await refusalOf(endControlNote(admin, { noteId: crypto.randomUUID(), reason: REASON }))).toBe(
      "compliance/note-not-found",
    );
  });
});
