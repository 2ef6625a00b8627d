import { beforeEach, describe, expect, it } from "vitest";
import { PERMISSIONS } from "#lib/domain/access";
import type { ReportSnapshot } from "#lib/domain/report/snapshot";
import type { ReportFormat, ReportTools } from "#lib/report/contract";
import { REPORT_FILES } from "#lib/report/formats/registry";
import { verifyPack } from "#lib/report-pack/verify";
import { readKeys } from "#lib/report-pack/verify-signature";
import { installationKeys } from "#lib/services/baseline/installation-keys";
import { addControlNote } from "#lib/services/compliance/add-note";
import { control, controls } from "#lib/services/compliance/controls";
import { frameworks } from "#lib/services/compliance/frameworks";
import { measure } from "#lib/services/compliance/measure";
import { measures } from "#lib/services/compliance/measures";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { refusalOf } from "#tests/world";
import { askReport } from "./ask.ts";
import { cancelReport } from "./cancel.ts";
import { downloadReport } from "./download.ts";
import { report, reports } from "./list.ts";
import { packFormat } from "./pack.ts";
import { prepareNext } from "./prepare.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const GOOD = { "kernel/release": "6.8.1", "secure-boot/enabled": "true" };
const BAD = { ...GOOD, "kernel/release": "6.9.0" };
const FRAMEWORK = "nist-800-53-r5";
const REASON = "The board is replaced in spring.";
const tools: Omit<ReportTools, "formats"> = { productVersion: "1.2.3" };

let lab: DriftLab;
let admin: ServiceContext;
let auditor: ServiceContext;
/** Reviews the second hour. */
let reviewer: ServiceContext;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, GOOD);
  admin = await lab.person("admin");
  auditor = await lab.person("auditor");
  const { actor, ...rest } = await lab.person("auditor");
  const review = { fromMs: lab.at(60).getTime(), toMs: lab.at(120).getTime() };
  reviewer = { ...rest, actor: { ...actor, review } as typeof actor };
  for (const node of ["before", "both"]) await lab.report(10, node, GOOD);
  await lab.report(70, "both", BAD);
  await lab.report(130, "both", GOOD);
  await lab.run(180);
  await pool.query("UPDATE baseline_rollout SET created_at = valid_from");
});

const between = (from: number, to: number) => ({ from: lab.isoAt(from), to: lab.isoAt(to) });
const asked = (from: number, to: number) => ({
  title: "A review",
  framework: FRAMEWORK,
  ...between(from, to),
});

async function prepareAll(): Promise<void> {
  const pack = packFormat({ db: lab.db, sealer: testSealer(), now: auditor.now });
  const formats: readonly ReportFormat[] = [...REPORT_FILES, pack];
  const { signal } = new AbortController();
  while (await prepareNext({ db: lab.db, tools: { ...tools, formats }, now: auditor.now, signal }));
}

async function bytesOf(ctx: ServiceContext, reportId: string, format: "json" | "zip"): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of (await downloadReport(ctx, { reportId, format })).pieces) parts.push(piece);
  return Buffer.concat(parts);
}

describe("whoever reviews a period", () => {
  it("is told the figures of that period and of parts of it, and refused any other", async () => {
    for (const period of [between(60, 120), between(70, 90)]) {
      expect((await measures(reviewer, period)).items.length).toBeGreaterThan(20);
      expect((await controls(reviewer, { frameworkId: FRAMEWORK, ...period })).items.length).toBeGreaterThan(
        5,
      );
    }
    for (const period of [between(0, 60), between(59, 120), between(60, 121)]) {
      const ways = [
        measures(reviewer, period),
        measure(reviewer, { measureId: "M02", ...period }),
        controls(reviewer, { frameworkId: FRAMEWORK, ...period }),
        control(reviewer, { frameworkId: FRAMEWORK, controlId: "SI-7", ...period }),
        askReport(reviewer, { title: "Too much", framework: null, ...period }),
      ];
      for (const way of ways) expect(await refusalOf(way)).toBe("auth/outside-review");
    }
  });

  it("is told nothing of the period before, where that one is not part of the review", async () => {
    const { items } = await measures(reviewer, between(60, 120));
    expect(items.every(({ previous }) => previous === null)).toBe(true);
    const listed = await controls(reviewer, { frameworkId: FRAMEWORK, ...between(60, 120) });
    expect(listed.items.every(({ previousStatus }) => previousStatus === null)).toBe(true);
    const inside = await measures(reviewer, between(90, 120));
    expect(inside.items.every(({ previous }) => previous !== null)).toBe(true);
  });

  it("is shown the notes that were in force then, and no others", async () => {
    const note = async (minute: number, kind: "exception" | "compensating", until: number) => {
      lab.clock.now = lab.at(minute);
      const body = { control: "SI-7", kind, reason: REASON, expiresAt: lab.isoAt(until) };
      return (await addControlNote(admin, { frameworkId: FRAMEWORK, ...body })).id;
    };
    await note(181, "exception", 400);
    await note(20, "exception", 50);
    const inForce = await note(50, "compensating", 100);
    lab.clock.now = lab.at(182);
    const of = (ctx: ServiceContext) =>
      control(ctx, { frameworkId: FRAMEWORK, controlId: "SI-7", ...between(60, 120) });
    expect((await of(reviewer)).notes.map(({ id }) => id)).toEqual([inForce]);
    expect((await of(auditor)).notes).toHaveLength(3);
  });

  it("reads what frameworks are, which has no time", async () => {
    expect((await frameworks(reviewer)).items.map(({ id }) => id)).toContain(FRAMEWORK);
  });

  it("is refused by every read that does not keep to the period, also where its verb is a reviewer's", () => {
    for (const permission of Object.keys(PERMISSIONS) as (keyof typeof PERMISSIONS)[]) {
      let refused = "not refused";
      try {
        readScope(reviewer, permission);
      } catch (error) {
        refused = (error as { code: string }).code;
      }
      expect(refused, permission).toMatch(/^auth\/(forbidden|outside-review)$/);
    }
  });
});

describe("a report of a review", () => {
  it("says nothing of the time before its period, and its pack proves so offline", async () => {
    const { id } = await askReport(reviewer, asked(60, 120));
    await prepareAll();
    expect((await report(reviewer, { reportId: id })).state).toBe("READY");
    const snapshot = JSON.parse((await bytesOf(reviewer, id, "json")).toString("utf8")) as ReportSnapshot;
    expect(snapshot.measures.every(({ previous }) => previous === null)).toBe(true);
    expect(snapshot.controls.every(({ previousStatus }) => previousStatus === null)).toBe(true);
    const pack = await bytesOf(reviewer, id, "zip");
    const keys = readKeys(JSON.stringify(await installationKeys({ db: lab.db }))) ?? [];
    const check = verifyPack(pack, { keys, vkeys: [] });
    expect(check.standing).toBe("proven");
    const { rows } = await pool.query(
      "SELECT after->'evidence' AS evidence FROM audit_entry WHERE action = 'report.pack'",
    );
    // The node of the hour before has rows, and none of its documents.
    expect(snapshot.rows.M01?.map(({ name }) => name).sort()).toEqual(["before", "both"]);
    expect(rows[0].evidence).toHaveLength(1);
  });

  it("is for whoever reviews its period; other reports are not there for a review", async () => {
    const other = await askReport(auditor, asked(60, 120));
    const own = await askReport(reviewer, asked(60, 120));
    await prepareAll();
    expect((await reports(reviewer, {})).items.map(({ id }) => id)).toEqual([own.id]);
    expect((await reports(auditor, {})).items).toHaveLength(2);
    expect(await refusalOf(report(reviewer, { reportId: other.id }))).toBe("report/not-found");
    expect(await refusalOf(downloadReport(reviewer, { reportId: other.id, format: "json" }))).toBe(
      "report/not-found",
    );
    const { actor } = reviewer;
    const later = { fromMs: lab.at(61).getTime(), toMs: lab.at(180).getTime() };
    const otherReview = { ...reviewer, actor: { ...actor, review: later } as typeof actor };
    expect(await refusalOf(report(otherReview, { reportId: own.id }))).toBe("report/not-found");
    expect(await refusalOf(cancelReport(otherReview, { reportId: own.id }))).toBe("report/not-found");
  });
});
