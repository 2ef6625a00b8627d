import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ReportSnapshotSchema } from "#lib/contracts/report-snapshot";
import type { ControlFact } from "#lib/domain/feed/fact";
import { measureById } from "#lib/domain/measure/catalogue";
import { judge, type Measure, NO_TOTALS } from "#lib/domain/measure/measure";
import { addUp, openLimitOf } from "#lib/domain/report/add-up";
import { REPORT_FORMATS, type ReportFormatId } from "#lib/domain/report/report";
import { type ReportSnapshot, reportTotals } from "#lib/domain/report/snapshot";
import { rederiveNext } from "#lib/jobs/rederive";
import { type ReportFormat, ReportFormatError, type ReportTools } from "#lib/report/contract";
import { REPORT_FILES } from "#lib/report/formats/registry";
import { verifyPack } from "#lib/report-pack/verify";
import { readKeys } from "#lib/report-pack/verify-signature";
import { installationKeys } from "#lib/services/baseline/installation-keys";
import { controls } from "#lib/services/compliance/controls";
import { measure } from "#lib/services/compliance/measure";
import type { ServiceContext } from "#lib/services/context";
import { uuidv7 } from "#lib/services/uuidv7";
import { addKeyedSource, distrust, store } from "#tests/distrust-world";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { say } from "#tests/watch-world";
import { refusalOf } from "#tests/world";
import { askReport } from "./ask.ts";
import { cancelReport } from "./cancel.ts";
import { compareTwoReports } from "./compare.ts";
import { downloadReport } from "./download.ts";
import { report, reports } from "./list.ts";
import { packFormat } from "./pack.ts";
import { prepareNext } from "./prepare.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const GOOD = { "kernel/release": "6.8.1", "secure-boot/enabled": "true" };
const BAD = { ...GOOD, "kernel/release": "6.9.0" };
const FRAMEWORK = "nist-800-53-r5";
const tools: ReportTools = { formats: REPORT_FILES, productVersion: "1.2.3" };

let lab: DriftLab;
let auditor: ServiceContext;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, GOOD);
  auditor = await lab.person("auditor");
  for (const node of ["web-1", "web-2"]) await lab.report(0, node, GOOD);
  await lab.report(10, "web-1", BAD);
  await lab.run(60);
  await pool.query("UPDATE baseline_rollout SET created_at = valid_from");
});

const asked = (more: Partial<Parameters<typeof askReport>[1]> = {}) => ({
  ...{ title: "First hour", framework: FRAMEWORK, from: lab.isoAt(0), to: lab.isoAt(60) },
  ...more,
});
const ask = async (more: Partial<Parameters<typeof askReport>[1]> = {}) =>
  (await askReport(auditor, asked(more))).id;
const prepare = (
  more: { formats?: readonly ReportFormat[]; signal?: AbortSignal; now?: () => Date } = {},
) => {
  const pack = packFormat({ db: lab.db, sealer: testSealer(), now: auditor.now });
  const {
    formats = [...REPORT_FILES, pack],
    signal = new AbortController().signal,
    now = auditor.now,
  } = more;
  return prepareNext({ db: lab.db, tools: { ...tools, formats }, now, signal });
};

async function fileOf(reportId: string, format: ReportFormatId): Promise<Buffer> {
  const { pieces, digest } = await downloadReport(auditor, { reportId, format });
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  const bytes = Buffer.concat(parts);
  expect(createHash("sha256").update(bytes).digest()).toEqual(digest);
  return bytes;
}
const snapshotOf = async (reportId: string): Promise<ReportSnapshot> =>
  ReportSnapshotSchema.parse(JSON.parse((await fileOf(reportId, "json")).toString("utf8")));
const stateOf = async (reportId: string) => (await report(auditor, { reportId })).state;
const toldOf = async (reportId: string) =>
  (
    await pool.query<{ node_id: string | null; fact: ControlFact }>(
      "SELECT node_id, fact FROM feed_fact WHERE kind = 'control' AND fact ->> 'reportId' = $1 ORDER BY id",
      [reportId],
    )
  ).rows;

/** Evidence about web-2 that is received late: it failed half an hour into the period. */
async function lateEvidence(): Promise<void> {
  const { bearer } = await lab.addSource({ kind: "generic", name: "late", staleAfterMs: null });
  await say(lab, bearer, [
    { node: "web-2", atMs: lab.at(30).getTime(), status: "contraindicated", measurements: GOOD },
  ]);
  await lab.run(70);
}

/** Another source whose key is found out to have been stolen before anything was signed with it. */
async function keyedSource(): Promise<{ distrustKey: () => Promise<void> }> {
  const { trustDomainId } = lab;
  const id = await addKeyedSource(pool, trustDomainId, {
    ...{ name: "keyed", staleAfterMs: null, kids: ["k1"], now: lab.at(0) },
  });
  const said = { node: "web-3", says: "good", atMs: lab.at(20).getTime(), kid: "k1", serial: 1 } as const;
  await store(lab.db, { trustDomainId, id }, [said], lab.at(20));
  return {
    async distrustKey() {
      await distrust(pool, { trustDomainId, sourceId: id, kid: "k1" }, lab.at(0), lab.at(71));
      lab.clock.now = lab.at(72);
      while (await rederiveNext(pool, () => lab.clock.now));
    },
  };
}

describe("a report", () => {
  it("says what the measures and controls of its period said, and its rows add up to every figure", async () => {
    const id = await ask();
    expect(await stateOf(id)).toBe("WAITING");
    expect(await prepare()).toBe(true);
    expect(await prepare()).toBe(false);
    const snapshot = await snapshotOf(id);
    const detail = await report(auditor, { reportId: id });
    const { rows, ...head } = snapshot;
    expect(detail).toMatchObject({ state: "READY", problem: null, says: head });
    expect(detail.progress.done).toBe(detail.progress.total);
    expect(detail.digest).toBe(detail.files.find(({ format }) => format === "json")?.digest);
    expect(snapshot).toMatchObject({
      ...{ id, title: "First hour", productVersion: "1.2.3", knownAt: lab.isoAt(60) },
      baselines: [{ name: "workers", version: 1, domainId: lab.trustDomainId }],
    });
    const asPage = { from: lab.isoAt(0), to: lab.isoAt(60) };
    const page = await controls(auditor, { frameworkId: FRAMEWORK, ...asPage });
    expect(snapshot.controls.map(({ id: control, status }) => [control, status])).toEqual(
      page.items.map(({ id: control, status }) => [control, status]),
    );
    expect(snapshot.measures.map(({ id: measureId }) => measureId).sort()).toEqual(
      [...new Set(page.items.flatMap((item) => item.measures.map((one) => one.id)))].sort(),
    );
    for (const said of snapshot.measures) {
      const { measure: shown } = await measure(auditor, { measureId: said.id, ...asPage });
      const { ratio: _, ...totals } = shown.totals;
      expect(said.totals, said.id).toEqual(totals);
      const found = rows[said.id] ?? [];
      expect(reportTotals(addUp(found, totals.basis, openLimitOf(said))), said.id).toEqual(said.totals);
      const known = measureById(said.id) as Measure;
      expect(said.result, said.id).toBe(judge(known, { ...NO_TOTALS, ...totals }));
    }
  });

  it("stays the same to the byte after late evidence and a distrust, while a new one differs", async () => {
    const { distrustKey } = await keyedSource();
    const id = await ask();
    await prepare();
    const files = () => Promise.all(REPORT_FORMATS.map((format) => fileOf(id, format)));
    const before = await files();
    const rowsOfNew = async () => {
      const next = await ask({ to: lab.isoAt(60) });
      await prepare();
      return (await snapshotOf(next)).rows.M02;
    };
    const first = (await snapshotOf(id)).rows.M02;
    await lab.run(70);
    await lateEvidence();
    const second = await rowsOfNew();
    expect(second).not.toEqual(first);
    await distrustKey();
    expect(await rowsOfNew()).not.toEqual(second);
    expect(await files()).toEqual(before);
  });

  it("believes what was known when it was asked for, however late it is prepared", async () => {
    const id = await ask();
    await lab.run(70);
    await lateEvidence();
    const asKnown = await ask({ knownAt: lab.isoAt(60) });
    await prepare();
    await prepare();
    const [first, second] = [await snapshotOf(id), await snapshotOf(asKnown)];
    expect(second.rows).toEqual(first.rows);
    expect(second.measures).toEqual(first.measures);
  });

  it("is every measure without a framework, and only of the nodes that are chosen", async () => {
    const id = await ask({ framework: null, q: "label:role=web" });
    await prepare();
    const snapshot = await snapshotOf(id);
    expect(snapshot).toMatchObject({ framework: null, controls: [], scope: { q: "label:role=web" } });
    expect(snapshot.measures.length).toBeGreaterThan(25);
    expect(snapshot.rows.M02).toEqual([]);
  });

  it("puts each download on the record, and hands out nothing that is not ready", async () => {
    const id = await ask();
    expect(await refusalOf(downloadReport(auditor, { reportId: id, format: "json" }))).toBe("report/no-file");
    await prepare();
    await fileOf(id, "csv");
    const { rows } = await pool.query(
      "SELECT action, actor_id FROM audit_entry WHERE entity_id = $1 AND outcome = 'done' ORDER BY action",
      [id],
    );
    expect(rows).toEqual([
      { action: "report.ask", actor_id: auditor.actor.id },
      { action: "report.download", actor_id: auditor.actor.id },
      { action: "report.pack", actor_id: "reports" },
    ]);
  });
});

describe("other systems", () => {
  it("are told what a report says of each control, once it is ready and once only", async () => {
    const id = await ask();
    expect(await toldOf(id)).toEqual([]);
    await prepare();
    const snapshot = await snapshotOf(id);
    const told = await toldOf(id);
    expect(told.map(({ fact }) => [fact.control.id, fact.status, fact.previousStatus])).toEqual(
      snapshot.controls.map((control) => [control.id, control.status, control.previousStatus]),
    );
    expect(told.length).toBeGreaterThan(3);
    const results = new Map(snapshot.measures.map((one) => [one.id, one.result]));
    for (const { node_id, fact } of told) {
      expect(node_id).toBeNull();
      expect(fact).toMatchObject({ framework: { id: FRAMEWORK }, reportTitle: "First hour" });
      expect([fact.fromMs, fact.toMs]).toEqual([snapshot.period.from, snapshot.period.to].map(Date.parse));
      for (const { id: measureId, result } of fact.measures) expect(result).toBe(results.get(measureId));
    }
    expect(await prepare()).toBe(false);
    expect(await toldOf(id)).toHaveLength(told.length);
  });

  it("are told nothing of a report without a framework, and of one that failed or was cancelled", async () => {
    const without = await ask({ framework: null });
    await prepare();
    const cancelled = await ask();
    await cancelReport(auditor, { reportId: cancelled });
    await prepare();
    const failed = await ask();
    await pool.query("UPDATE report SET attempts = 3 WHERE id = $1", [failed]);
    await prepare();
    expect(await stateOf(failed)).toBe("FAILED");
    for (const id of [without, cancelled, failed]) expect(await toldOf(id)).toEqual([]);
  });
});

describe("two reports", () => {
  it("tell from the earlier one to the later one, however they are named", async () => {
    const first = await ask({ to: lab.isoAt(9) });
    await prepare();
    const second = await ask();
    expect(await refusalOf(compareTwoReports(auditor, { reportId: second, otherId: first }))).toBe(
      "report/no-file",
    );
    await prepare();
    const compared = await compareTwoReports(auditor, { reportId: second, otherId: first });
    expect(await compareTwoReports(auditor, { reportId: first, otherId: second })).toEqual(compared);
    expect([compared.earlier.id, compared.later.id]).toEqual([first, second]);
    const rate = compared.measures.find(({ id }) => id === "M02");
    expect(rate).toMatchObject({ resolved: { count: 0 }, stillOpen: { count: 0 } });
    expect(rate?.appeared.items.map(({ name }) => name)).toEqual(["web-1"]);
    const unknown = { reportId: first, otherId: uuidv7(auditor.now()) };
    expect(await refusalOf(compareTwoReports(auditor, unknown))).toBe("report/not-found");
  });
});

describe("the evidence pack", () => {
  it("is proven by the keys that the installation publishes, and is of the same report as its JSON", async () => {
    const id = await ask();
    await prepare();
    const keys = readKeys(JSON.stringify(await installationKeys(lab)));
    const { standing, report: about, findings } = verifyPack(await fileOf(id, "zip"), { keys, vkeys: [] });
    expect(findings.filter((finding) => finding.standing === "failed")).toEqual([]);
    expect(standing).toBe("proven");
    const digest = createHash("sha256")
      .update(await fileOf(id, "json"))
      .digest("hex");
    expect(about).toMatchObject({ id, digest });
    const raw = findings.find(({ part, standing: shown }) => part === "evidence" && shown === "proven");
    expect(raw?.text).toContain("2 raw documents");
  });
});

describe("preparing", () => {
  it("goes on after a worker died, from the beginning, and gives up after the third", async () => {
    const id = await ask();
    const dies: ReportFormat = { ...jsonLike(), write: () => new Promise(() => {}) };
    const [first] = REPORT_FILES;
    void prepare({ formats: first ? [first, dies] : [dies] });
    await vi.waitUntil(async () => (await pool.query("SELECT FROM report_file")).rowCount === 1, 30_000);
    expect(await refusalOf(downloadReport(auditor, { reportId: id, format: "json" }))).toBe("report/no-file");
    expect(await prepare()).toBe(false);
    lab.clock.now = lab.at(66);
    expect(await prepare()).toBe(true);
    expect(await stateOf(id)).toBe("READY");
    const { rows } = await pool.query("SELECT attempts FROM report");
    expect(rows).toEqual([{ attempts: 2 }]);

    const hopeless = await ask();
    await pool.query("UPDATE report SET attempts = 3 WHERE id = $1", [hopeless]);
    await prepare();
    expect(await report(auditor, { reportId: hopeless })).toMatchObject({ state: "FAILED", says: null });
  });

  it("stops when the report is cancelled, and nothing of it can be read", async () => {
    const id = await ask();
    const cancels: ReportFormat = {
      ...jsonLike(),
      write: async ({ text }) => {
        await cancelReport(auditor, { reportId: id });
        return Buffer.from(text);
      },
    };
    await prepare({ formats: [cancels] });
    expect(await report(auditor, { reportId: id })).toMatchObject({
      state: "CANCELLED",
      files: [],
      says: null,
    });
    expect(await refusalOf(downloadReport(auditor, { reportId: id, format: "json" }))).toBe("report/no-file");
    expect(await refusalOf(cancelReport(auditor, { reportId: id }))).toBe("report/over");
    expect(await prepare()).toBe(false);
  });

  it("gives the report back when the process ends", async () => {
    const id = await ask();
    const ends = new AbortController();
    ends.abort();
    await prepare({ signal: ends.signal });
    expect(await report(auditor, { reportId: id })).toMatchObject({
      state: "WAITING",
      progress: { done: 0 },
    });
    await prepare();
    expect(await stateOf(id)).toBe("READY");
  });

  it("leaves a partial report when a form fails, says which, and tells the log what was not foreseen", async () => {
    const [json, csv] = ["json", "csv"].map((id) => REPORT_FILES.find((format) => format.id === id));
    if (!json || !csv) throw new Error("no formats");
    const id = await ask();
    const tooLarge = { ...csv, write: () => Promise.reject(new ReportFormatError("Too many rows for it.")) };
    await prepare({ formats: [json, tooLarge] });
    const detail = await report(auditor, { reportId: id });
    expect(detail).toMatchObject({ state: "PARTIAL", problem: expect.stringContaining("CSV") });
    expect(detail.files).toMatchObject([
      { format: "json", problem: null },
      { format: "csv", digest: null, problem: "Too many rows for it." },
    ]);
    await fileOf(id, "json");
    const next = await ask();
    const breaks = { ...csv, write: () => Promise.reject(new Error("secret")) };
    await expect(prepare({ formats: [json, breaks] })).rejects.toThrow();
    const shown = await report(auditor, { reportId: next });
    expect(shown.state).toBe("PARTIAL");
    expect(JSON.stringify(shown)).not.toContain("secret");
  });
});

describe("who may", () => {
  it("read a report, may read in every domain that it is about", async () => {
    const id = await ask();
    await prepare();
    const below = uuidv7(auditor.now());
    await pool.query(
      "INSERT INTO trust_domain (id, name, parent_id, created_at) VALUES ($1, 'below', $2, $3)",
      [below, lab.trustDomainId, auditor.now()],
    );
    const both = await lab.person("auditor", [lab.trustDomainId, below]);
    const { id: wide } = await askReport(both, asked());
    await prepare();
    expect((await reports(both, {})).items.map((item) => item.id)).toEqual([wide, id]);
    expect((await reports(auditor, {})).items.map((item) => item.id)).toEqual([id]);
    for (const refused of [
      () => report(auditor, { reportId: wide }),
      () => downloadReport(auditor, { reportId: wide, format: "json" }),
      () => cancelReport(auditor, { reportId: wide }),
    ]) {
      expect(await refusalOf(refused())).toBe("report/not-found");
    }
  });

  it("download a pack: whoever may read the audit log and raw documents, too", async () => {
    const id = await ask();
    await prepare();
    const analyst = await lab.person("analyst");
    await downloadReport(analyst, { reportId: id, format: "json" });
    expect(await refusalOf(downloadReport(analyst, { reportId: id, format: "zip" }))).toBe("auth/forbidden");
  });

  it("ask for one: people who export, at most twenty at a time, about a period that has begun", async () => {
    const viewer = await lab.person("viewer");
    expect(await refusalOf(askReport(viewer, asked()))).toBe("auth/forbidden");
    expect(await refusalOf(reports(viewer, {}))).toBe("auth/forbidden");
    expect(await refusalOf(ask({ framework: "nope" }))).toBe("compliance/unknown-framework");
    expect(await refusalOf(ask({ from: lab.isoAt(90), to: lab.isoAt(99) }))).toBe("request/invalid");
    for (let count = 0; count < 20; count += 1) await ask();
    expect(await refusalOf(ask())).toBe("report/too-many");
    const first = await reports(auditor, { limit: "15" });
    const rest = await reports(auditor, { limit: "15", cursor: first.nextCursor ?? "" });
    expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(20);
  });
});

function jsonLike(): ReportFormat {
  const [first] = REPORT_FILES;
  if (!first) throw new Error("no format");
  return first;
}
