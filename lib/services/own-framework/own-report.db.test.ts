import { beforeEach, expect, it } from "vitest";
import type { MappingTarget } from "#lib/contracts/own-framework";
import { ReportSnapshotSchema } from "#lib/contracts/report-snapshot";
import { REPORT_FILES } from "#lib/report/formats/registry";
import { verifyPack } from "#lib/report-pack/verify";
import { readKeys } from "#lib/report-pack/verify-signature";
import { readOscalJson } from "#lib/server/oscal-reader";
import { installationKeys } from "#lib/services/baseline/installation-keys";
import type { ServiceContext } from "#lib/services/context";
import { askReport } from "#lib/services/report/ask";
import { downloadReport } from "#lib/services/report/download";
import { reports } from "#lib/services/report/list";
import { packFormat } from "#lib/services/report/pack";
import { prepareNext } from "#lib/services/report/prepare";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { catalogueDocument } from "#tests/oscal-documents";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { importFramework } from "./import.ts";
import { mapControl } from "./map-control.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const GOOD = { "kernel/release": "6.8.1" };
const REASON = "There is none of it here.";
const document = (...ids: string[]) =>
  JSON.stringify(catalogueDocument({ controls: ids.map((id) => ({ id, title: `Title of ${id}` })) }));
const MEASURED: MappingTarget = {
  ...{ kind: "measures", measures: ["M02"], covers: "Whether nodes were trusted." },
  notCovered: "What is no node at all.",
};

let lab: DriftLab;
let admin: ServiceContext;
let id: string;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, GOOD);
  admin = await lab.person("admin");
  await lab.report(0, "web-1", GOOD);
  await lab.run(60);
  ({ id } = await importFramework(admin, { document: document("a-1", "a-2"), version: 0 }, readOscalJson));
  await mapControl(admin, { frameworkId: id, control: "a-1", to: MEASURED });
  await mapControl(admin, {
    frameworkId: id,
    control: "a-2",
    to: { kind: "not_applicable", reason: REASON },
  });
});

const ask = async (more: object = {}) =>
  (
    await askReport(admin, {
      ...{ title: "First hour", framework: id, from: lab.isoAt(0), to: lab.isoAt(60) },
      ...more,
    })
  ).id;

async function prepared(reportId: string): Promise<{ json: string; pack: Buffer }> {
  const formats = [...REPORT_FILES, packFormat({ db: lab.db, sealer: testSealer(), now: admin.now })];
  const { signal } = new AbortController();
  await prepareNext({ db: lab.db, tools: { formats, productVersion: "1" }, now: admin.now, signal });
  const read = async (format: "json" | "zip") => {
    const parts: Uint8Array[] = [];
    for await (const piece of (await downloadReport(admin, { reportId, format })).pieces) parts.push(piece);
    return Buffer.concat(parts);
  };
  return { json: (await read("json")).toString("utf8"), pack: await read("zip") };
}

it("A report of an imported framework says which document it was, and a stranger can check it", async () => {
  const { json, pack } = await prepared(await ask());
  const snapshot = ReportSnapshotSchema.parse(JSON.parse(json));
  expect(snapshot.framework).toMatchObject({ id, mappingVersion: "1.2", source: { version: 1 } });
  expect(snapshot.controls).toMatchObject([
    {
      id: "a-1",
      measures: ["M02"],
      own: { mapping: { kind: "measures", covers: "Whether nodes were trusted." } },
    },
    { id: "a-2", status: "not_applicable", own: { mapping: { reason: REASON } } },
  ]);
  const keys = readKeys(JSON.stringify(await installationKeys({ db: lab.db })));
  const { findings } = verifyPack(pack, { keys, vkeys: [] });
  expect(findings.filter(({ standing }) => standing === "failed")).toEqual([]);
  expect((await reports(admin, {})).items).toMatchObject([
    { framework: { id, title: "A catalogue of our own" } },
  ]);
});

it("A report says what was mapped when it was asked for, however late it is prepared", async () => {
  const reportId = await ask();
  await lab.run(70);
  await importFramework(
    admin,
    { document: document("a-9"), framework: id, version: 1, validFrom: lab.isoAt(0) },
    readOscalJson,
  );
  await lab.run(80);
  const { json } = await prepared(reportId);
  expect(ReportSnapshotSchema.parse(JSON.parse(json)).controls.map((control) => control.id)).toEqual([
    "a-1",
    "a-2",
  ]);
  const later = ReportSnapshotSchema.parse(JSON.parse((await prepared(await ask())).json));
  expect(later.controls.map((control) => control.id)).toEqual(["a-9"]);
  // What was written once is the same now.
  const parts: Uint8Array[] = [];
  for await (const piece of (await downloadReport(admin, { reportId, format: "json" })).pieces)
    parts.push(piece);
  expect(Buffer.concat(parts).toString("utf8")).toBe(json);
});
