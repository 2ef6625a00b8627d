import { beforeEach, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import { FRAMEWORKS } from "#lib/domain/measure/frameworks";
import { readOscalJson } from "#lib/server/oscal-reader";
import { addControlNote } from "#lib/services/compliance/add-note";
import { control, controls } from "#lib/services/compliance/controls";
import { frameworks } from "#lib/services/compliance/frameworks";
import type { ServiceContext } from "#lib/services/context";
import { askReport } from "#lib/services/report/ask";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { catalogueDocument, profileDocument } from "#tests/oscal-documents";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { clearMapping } from "./clear-mapping.ts";
import { exportMappings } from "./export-mappings.ts";
import { importFramework } from "./import.ts";
import { mapControl } from "./map-control.ts";
import { previewFramework } from "./preview.ts";
import { retireFramework } from "./retire.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const GOOD = { "kernel/release": "6.8.1" };
const REASON = "It is looked at by hand each quarter.";
const COVERS = "Whether nodes were trusted over the period.";
const NOT_COVERED = "What is no node at all.";

const text = (...ids: string[]) =>
  JSON.stringify(
    catalogueDocument({
      controls: ids.map((id) => ({
        id,
        title: `Title of ${id}`,
        parts: [{ name: "statement", id: `${id}_stmt`, prose: `Do ${id}.` }],
      })),
    }),
  );

let lab: DriftLab;
let admin: ServiceContext;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, GOOD);
  admin = await lab.person("admin");
  await lab.report(0, "web-1", GOOD);
  await lab.run(60);
});

const bring = (document: string, more: Partial<Parameters<typeof importFramework>[1]> = {}) =>
  importFramework(admin, { document, version: 0, ...more }, readOscalJson);
const look = (document: string, more: object = {}) =>
  previewFramework(admin, { document, ...more }, readOscalJson);
const measured = (measures: string[]) =>
  ({ kind: "measures", measures, covers: COVERS, notCovered: NOT_COVERED }) as const;
const period = (more: object = {}) => ({ from: lab.isoAt(0), to: lab.isoAt(60), ...more });
const said = async (id: string, more: object = {}) => {
  const { items } = await controls(admin, { frameworkId: id, ...period(more) });
  return Object.fromEntries(items.map((item) => [item.id, item.status]));
};

describe("importing", () => {
  it("makes a framework of a document, whose controls are for people until they are mapped", async () => {
    const { id, version } = await bring(text("a-1", "a-2"));
    expect(version).toBe(1);
    const listed = (await frameworks(admin)).items.at(-1);
    expect(listed).toMatchObject({ id, title: "A catalogue of our own", edition: "1.0", controls: 2 });
    expect(listed?.own).toMatchObject({ version: 1, kind: "catalog", retiredAt: null });
    expect(await said(id)).toEqual({ "a-1": "manual", "a-2": "manual" });
    const detail = await control(admin, { frameworkId: id, controlId: "a-1", ...period() });
    expect(detail).toMatchObject({
      document: { statement: "Do a-1.", parent: null },
      control: { own: { mapping: null, statementId: "a-1_stmt" } },
    });
    const actions = (await lab.db.select().from(auditEntry)).filter(({ entityId }) => entityId === id);
    expect(actions).toMatchObject([{ action: "framework.import", outcome: "done" }]);
  });

  it("says beforehand what would be new, changed and gone, and which mappings would speak to nothing", async () => {
    const { id } = await bring(text("a-1", "a-2"));
    await mapControl(admin, { frameworkId: id, control: "a-1", to: measured(["M02"]) });
    const other = text("a-2", "a-3").replace("Title of a-2", "Another title");
    const preview = await look(other, { framework: id });
    expect(preview).toMatchObject({ version: 1, same: false, controls: 2 });
    const ids = ({ items }: { items: readonly { id: string }[] }) => items.map((item) => item.id);
    expect([preview.added, preview.changed, preview.gone, preview.lost].map(ids)).toEqual([
      ["a-3"],
      ["a-2"],
      ["a-1"],
      ["a-1"],
    ]);
    expect(await look(text("a-1", "a-2"), { framework: id })).toMatchObject({ same: true });
    expect((await frameworks(admin)).items.at(-1)?.own?.version).toBe(1);
  });

  it("again makes a version, which counts from its time on, and only as far as it was known", async () => {
    const { id } = await bring(text("a-1"));
    await lab.run(100);
    await bring(text("a-2"), { framework: id, version: 1, validFrom: lab.isoAt(30) });
    expect(Object.keys(await said(id, { to: lab.isoAt(20) }))).toEqual(["a-1"]);
    expect(Object.keys(await said(id))).toEqual(["a-2"]);
    expect(Object.keys(await said(id, { knownAt: lab.isoAt(90) }))).toEqual(["a-1"]);
    const before = controls(admin, {
      frameworkId: id,
      ...period({ to: lab.isoAt(20) }),
      knownAt: lab.isoAt(30),
    });
    expect(await refusalOf(before)).toBe("compliance/unknown-framework");
  });

  it("is refused when somebody else imported meanwhile", async () => {
    const { id } = await bring(text("a-1"));
    await bring(text("a-2"), { framework: id, version: 1 });
    expect(await refusalOf(bring(text("a-3"), { framework: id, version: 1 }))).toBe(
      "compliance/framework-changed",
    );
  });

  it("reads a profile against a document that is given with it, or a framework that was imported before", async () => {
    const profile = JSON.stringify(profileDocument([{ "include-controls": [{ "with-ids": ["a-2"] }] }]));
    const { id } = await bring(text("a-1", "a-2"));
    for (const more of [{ catalogue: text("a-1", "a-2") }, { catalogueOf: id }]) {
      const own = await bring(profile, more);
      expect(Object.keys(await said(own.id))).toEqual(["a-2"]);
    }
    expect((await frameworks(admin)).items.at(-1)?.own).toMatchObject({
      kind: "profile",
      base: { title: "A catalogue of our own" },
    });
  });

  it("refuses what it cannot read with the place and the reason, and changes nothing", async () => {
    for (const [document, more, field, detail] of [
      ["[]", {}, "document", "object"],
      ['{"catalog":{},"catalog":{}}', {}, "document", "JSON"],
      [text("a-1", "a-1"), {}, "document", "/catalog/controls/1/id"],
      [text("a-1"), { catalogue: "{{" }, "catalogue", "JSON"],
      [text("a-1"), { catalogue: text("a-1") }, "document", "/catalog"],
      [text("a-1"), { catalogue: text("a-1"), catalogueOf: "own-x" }, "catalogueOf", "one catalogue"],
    ] as const) {
      const refused = { pointers: [{ pointer: `#/${field}`, detail: expect.stringContaining(detail) }] };
      await expect(bring(document, more)).rejects.toMatchObject(refused);
      await expect(look(document, more)).rejects.toMatchObject(refused);
    }
    expect((await frameworks(admin)).items.filter(({ own }) => own)).toEqual([]);
  });

  it("is for approvers, who are people, and seen in its trust domain alone", async () => {
    const { id } = await bring(text("a-1"));
    const analyst = await lab.person("analyst");
    expect(
      await refusalOf(importFramework(analyst, { document: text("a-1"), version: 0 }, readOscalJson)),
    ).toBe("auth/forbidden");
    const body = { frameworkId: id, control: "a-1", to: { kind: "manual", reason: REASON } } as const;
    expect(await refusalOf(mapControl(analyst, body))).toBe("auth/forbidden");
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO trust_domain (id, name, created_at) VALUES (gen_random_uuid(), 'elsewhere', now()) RETURNING id`,
    );
    const stranger = await lab.person("admin", [rows[0]?.id ?? ""]);
    for (const refused of [
      () => controls(stranger, { frameworkId: id, ...period() }),
      () => mapControl(stranger, body),
      () => exportMappings(stranger, { frameworkId: id }),
      () => retireFramework(stranger, { frameworkId: id, reason: REASON }),
      () => importFramework(stranger, { document: text("a-1"), framework: id, version: 1 }, readOscalJson),
    ]) {
      expect(await refusalOf(refused())).toBe("compliance/unknown-framework");
    }
    expect((await frameworks(stranger)).items.filter(({ own }) => own)).toEqual([]);
  });
});

describe("mapping a control", () => {
  let id: string;
  beforeEach(async () => {
    ({ id } = await bring(text("a-1", "a-2", "a-3", "a-4", "a-5")));
    await lab.run(61);
  });
  const map = (about: string, to: Parameters<typeof mapControl>[1]["to"]) =>
    mapControl(admin, { frameworkId: id, control: about, to });

  it("gives it the status that its measures have, which five never merge", async () => {
    await map("a-1", measured(["M02"]));
    await map("a-2", measured(["M12"]));
    await map("a-3", { kind: "manual", reason: REASON });
    await map("a-4", { kind: "not_applicable", reason: REASON });
    await map("a-5", measured(["M02", "M01"]));
    expect(await said(id)).toMatchObject({
      "a-2": "no_evidence",
      "a-3": "manual",
      "a-4": "not_applicable",
    });
    await lab.report(70, "web-1", { "kernel/release": "6.9.0" });
    await lab.run(120);
    expect(await said(id, { from: lab.isoAt(70), to: lab.isoAt(120) })).toMatchObject({
      "a-1": "fail",
      "a-5": "fail",
      "a-4": "not_applicable",
    });
  });

  it("gives every control the status that a built-in one with its measures has", async () => {
    const builtIn = FRAMEWORKS.flatMap(({ id: framework, controls: all }) =>
      all.map((one) => ({ framework, ...one })),
    ).filter(({ measures }) => measures.length > 0);
    const own = await bring(text(...builtIn.map((_, n) => `c-${n}`)));
    for (const [n, { measures }] of builtIn.entries()) {
      await mapControl(admin, { frameworkId: own.id, control: `c-${n}`, to: measured([...measures]) });
    }
    const statuses = await said(own.id);
    const expected: Record<string, string | undefined> = {};
    for (const { id: framework } of FRAMEWORKS) {
      const known = await said(framework);
      for (const [n, one] of builtIn.entries())
        if (one.framework === framework) expected[`c-${n}`] = known[one.id];
    }
    expect(statuses).toEqual(expected);
    expect(new Set(Object.values(statuses)).size).toBeGreaterThan(1);
  });

  it("needs both sentences, known measures and a control of the document", async () => {
    const bad = (to: object, about = "a-1") => refusalOf(map(about, to as Parameters<typeof map>[1]));
    expect(await bad({ ...measured(["M02"]), covers: "" })).toBe("request/invalid");
    expect(await bad({ kind: "measures", measures: ["M02"], covers: COVERS })).toBe("request/invalid");
    expect(await bad(measured(["M99"]))).toBe("request/invalid");
    expect(await bad(measured(["M02", "M02"]))).toBe("request/invalid");
    expect(await bad({ kind: "manual", reason: "no" })).toBe("request/invalid");
    expect(await bad(measured(["M02"]), "a-9")).toBe("compliance/unknown-control");
    expect(
      await refusalOf(mapControl(admin, { frameworkId: "soc-2", control: "CC7.1", to: measured(["M02"]) })),
    ).toBe("compliance/unknown-framework");
  });

  it("is taken back, kept as it was known, and exported with who and when", async () => {
    await map("a-4", { kind: "not_applicable", reason: REASON });
    await lab.run(70);
    await clearMapping(admin, { frameworkId: id, control: "a-4", reason: REASON });
    expect((await said(id))["a-4"]).toBe("manual");
    expect((await said(id, { knownAt: lab.isoAt(65) }))["a-4"]).toBe("not_applicable");
    expect(await refusalOf(clearMapping(admin, { frameworkId: id, control: "a-4", reason: REASON }))).toBe(
      "compliance/not-mapped",
    );
    await map("a-1", measured(["M02"]));
    const exported = await exportMappings(admin, { frameworkId: id });
    expect(exported.mappings).toMatchObject([
      { control: "a-1", present: true, kind: "measures", measures: ["M02"], covers: COVERS },
    ]);
    expect(exported.mappings[0]?.madeBy).toContain("admin-");
    const rows = (await lab.db.select().from(auditEntry)).filter(
      ({ entity, outcome }) => entity === "control_mapping" && outcome === "done",
    );
    expect(rows.map(({ action }) => action).sort()).toEqual([
      "control_mapping.clear",
      "control_mapping.set",
      "control_mapping.set",
    ]);
  });

  it("takes exceptions and notes beside its status", async () => {
    await map("a-1", measured(["M02"]));
    const before = (await said(id))["a-1"];
    const note = { control: "a-1", kind: "exception", reason: REASON, expiresAt: lab.isoAt(1_000) } as const;
    await addControlNote(admin, { frameworkId: id, ...note, verdict: null });
    await lab.run(62);
    const { items } = await controls(admin, { frameworkId: id, ...period({ to: lab.isoAt(62) }) });
    expect(items.find((item) => item.id === "a-1")).toMatchObject({ status: before, exceptions: 1 });
  });
});

describe("a retired framework", () => {
  it("is read as before, and nothing new is done with it", async () => {
    const { id } = await bring(text("a-1"));
    await retireFramework(admin, { frameworkId: id, reason: REASON });
    expect(await said(id)).toEqual({ "a-1": "manual" });
    expect((await frameworks(admin)).items.at(-1)?.own?.retiredAt).toBe(lab.isoAt(60));
    const note = { control: "a-1", kind: "exception", reason: REASON, expiresAt: lab.isoAt(1_000) } as const;
    for (const refused of [
      () => retireFramework(admin, { frameworkId: id, reason: REASON }),
      () => mapControl(admin, { frameworkId: id, control: "a-1", to: { kind: "manual", reason: REASON } }),
      () => addControlNote(admin, { frameworkId: id, ...note, verdict: null }),
      () => bring(text("a-1"), { framework: id, version: 1 }),
      () => look(text("a-1"), { framework: id }),
      () => askReport(admin, { title: "Of a retired one", framework: id, ...period() }),
    ]) {
      expect(await refusalOf(refused())).toBe("compliance/framework-retired");
    }
  });
});
