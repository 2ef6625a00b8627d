import { beforeEach, describe, expect, it } from "vitest";
import { roleGrantPut } from "#db/queries/access";
import type { CreateReportScheduleBody } from "#lib/contracts/report-schedule";
import type { Role } from "#lib/domain/access";
import { scheduleReports } from "#lib/jobs/schedule-reports";
import { webhook } from "#lib/notify/webhook/index";
import { REPORT_FILES } from "#lib/report/formats/registry";
import type { ServiceContext } from "#lib/services/context";
import { routeEvents } from "#lib/services/notification/route-events";
import { cancelReport } from "#lib/services/report/cancel";
import { report } from "#lib/services/report/list";
import { prepareNext } from "#lib/services/report/prepare";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { changeReportSchedule } from "./change.ts";
import { createReportSchedule } from "./create.ts";
import { reportNotices, reportSchedule, reportSchedules } from "./list.ts";
import { makeDueReports } from "./make-due.ts";
import { pauseReportSchedule, removeReportSchedule } from "./pause.ts";
import { runReportSchedule } from "./run-now.ts";

const { pool } = useDatabase();
/** A Sunday. */
const NOW = Date.parse("2026-03-01T12:00:00Z");
const DAY = 24 * 60;
/** Minutes until Monday, 06:00 UTC. */
const DUE = 18 * 60;
const WEEK = 7 * DAY;
const never = new AbortController().signal;

let lab: DriftLab;
let owner: ServiceContext;

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  lab = await makeDriftLab(pool, NOW, { "kernel/release": "6.8.1" });
  owner = await someone("auditor");
});

/** With a grant that the database knows, as the worker looks at nothing else. */
async function someone(role: Role): Promise<ServiceContext> {
  const ctx = await lab.person(role);
  const { trustDomainId } = lab;
  const grant = { userId: ctx.actor.id, trustDomainId, role, createdAt: lab.at(0) };
  await lab.db.transaction((tx) => roleGrantPut(tx, grant));
  return ctx;
}
const emailOf = ({ actor }: ServiceContext) => (actor.kind === "user" ? actor.email : "");

const body = (more: Partial<CreateReportScheduleBody> = {}): CreateReportScheduleBody => ({
  ...{ name: "Weekly", framework: "soc-2", every: "week", dueDays: 0, dueHour: 6 },
  ...{ formats: ["csv"], recipients: [] },
  ...more,
});
const create = async (more: Partial<CreateReportScheduleBody> = {}, ctx = owner) =>
  (await createReportSchedule(ctx, body(more))).id;

/** The worker looks at a minute. */
async function work(minute: number): Promise<void> {
  lab.clock.now = lab.at(minute);
  while ((await scheduleReports.run({ db: lab.db, now: () => lab.clock.now }, never)) === "more");
}
async function prepareAll(): Promise<void> {
  const tools = { formats: REPORT_FILES, productVersion: "1.2.3" };
  while (await prepareNext({ db: lab.db, tools, now: () => lab.clock.now, signal: never }));
}
const runsOf = async (scheduleId: string) => (await reportSchedule(owner, { scheduleId })).runs;
const events = async () =>
  (await pool.query("SELECT kind, title, summary, link, labels FROM announcement ORDER BY id")).rows;

describe("a schedule of reports", () => {
  it("makes the report of each period once, when it is due, and not before", async () => {
    const scheduleId = await create();
    await work(DUE - 1);
    expect(await runsOf(scheduleId)).toEqual([]);
    await work(DUE);
    await work(DUE + 1);
    const [run, ...more] = await runsOf(scheduleId);
    expect(more).toEqual([]);
    expect(run).toMatchObject({
      ...{ state: "WAITING", askedBy: null, problem: null },
      period: { from: "2026-02-23T00:00:00.000Z", to: "2026-03-02T00:00:00.000Z" },
    });
    const made = await report(owner, { reportId: run?.reportId ?? "" });
    expect(made).toMatchObject({
      ...{ title: "Weekly: 2026-02-23 to 2026-03-01", framework: { id: "soc-2" } },
      ...{ period: run?.period, knownAt: lab.isoAt(DUE), askedBy: emailOf(owner) },
    });
    await work(DUE + WEEK);
    expect((await runsOf(scheduleId)).map(({ period }) => period.from.slice(0, 10))).toEqual([
      "2026-03-02",
      "2026-02-23",
    ]);
  });

  it("says what comes next", async () => {
    const view = await reportSchedule(owner, { scheduleId: await create({ every: "quarter", dueDays: 3 }) });
    expect(view.next.map(({ to, dueAt }) => [to.slice(0, 10), dueAt.slice(0, 16)])).toEqual([
      ["2026-04-01", "2026-04-04T06:00"],
      ["2026-07-01", "2026-07-04T06:00"],
      ["2026-10-01", "2026-10-04T06:00"],
    ]);
  });

  it("is handled by one of several workers, and wholly or not at all", async () => {
    const scheduleId = await create();
    lab.clock.now = lab.at(DUE);
    const found = await Promise.all([1, 2, 3].map(() => makeDueReports(lab.db, lab.clock.now)));
    expect(found.filter(Boolean)).toHaveLength(1);
    expect(await runsOf(scheduleId)).toHaveLength(1);

    await pool.query("ALTER TABLE audit_entry ADD CONSTRAINT no_room CHECK (false) NOT VALID");
    try {
      await expect(makeDueReports(lab.db, lab.at(DUE + WEEK))).rejects.toThrow();
    } finally {
      await pool.query("ALTER TABLE audit_entry DROP CONSTRAINT no_room");
    }
    expect(await runsOf(scheduleId)).toHaveLength(1);
    await work(DUE + WEEK);
    expect(await runsOf(scheduleId)).toHaveLength(2);
  });

  it("never has a period twice that was due, whatever writes it", async () => {
    const scheduleId = await create();
    await work(DUE);
    await pool.query("UPDATE report_schedule SET handled_to = handled_to - interval '7 days', next_at = $1", [
      lab.at(DUE),
    ]);
    await expect(makeDueReports(lab.db, lab.at(DUE))).rejects.toThrow();
    expect(await runsOf(scheduleId)).toHaveLength(1);
  });

  it("makes up for the last three after the worker was away, and lists and announces the rest as missed", async () => {
    const scheduleId = await create();
    await work(DUE + 5 * WEEK);
    const runs = await runsOf(scheduleId);
    expect(runs.map(({ state }) => state)).toEqual([
      ...["WAITING", "WAITING", "WAITING"],
      ...["MISSED", "MISSED", "MISSED"],
    ]);
    expect(await events()).toMatchObject([
      { kind: "report.missed", title: "Missed of Weekly: 3 reports", labels: { schedule: "Weekly" } },
    ]);
  });

  it("waits where many reports are under way, and others do not wait for it", async () => {
    const scheduleId = await create();
    const other = await create({ name: "Other" });
    for (let n = 0; n < 19; n += 1) await runReportSchedule(owner, { scheduleId: other });
    await work(DUE);
    const dueOnes = async (id: string) => (await runsOf(id)).filter(({ askedBy }) => askedBy === null).length;
    expect((await dueOnes(scheduleId)) + (await dueOnes(other))).toBe(1);
    expect(await refusalOf(runReportSchedule(owner, { scheduleId }))).toBe("report/too-many");
    await pool.query("UPDATE report SET state = 'CANCELLED'");
    await work(DUE + 2);
    expect([await dueOnes(scheduleId), await dueOnes(other)]).toEqual([1, 1]);
  });

  it("writes the files that are wanted and the snapshot, and no other", async () => {
    const scheduleId = await create({ formats: ["csv"] });
    await work(DUE);
    await prepareAll();
    const [run] = await runsOf(scheduleId);
    const { files } = await report(owner, { reportId: run?.reportId ?? "" });
    expect(files.map(({ format }) => format)).toEqual(["json", "csv"]);
  });
});

describe("whoever a schedule belongs to", () => {
  const lose = (ctx: ServiceContext) =>
    pool.query("DELETE FROM role_grant WHERE user_id = $1", [ctx.actor.id]);

  it("must still be allowed to make reports there when one is due; else it is refused, seen and announced", async () => {
    const reader = await someone("auditor");
    const scheduleId = await create();
    await lose(owner);
    await work(DUE);
    const { runs } = await reportSchedule(reader, { scheduleId });
    const problem = `${emailOf(owner)} may not make reports in this trust domain any more.`;
    expect(runs).toMatchObject([{ state: "REFUSED", problem, reportId: null }]);
    expect(await events()).toMatchObject([
      { kind: "report.refused", summary: problem, link: "/compliance/reports/schedules" },
    ]);
    const { rows } = await pool.query(
      "SELECT actor_kind, outcome FROM audit_entry WHERE action = 'report_schedule.run'",
    );
    expect(rows).toEqual([{ actor_kind: "system", outcome: "refused" }]);
    expect((await pool.query("SELECT FROM report")).rowCount).toBe(0);
  });

  it("counts as not allowed once the account is out of use, or the grant has ended", async () => {
    const reader = await someone("auditor");
    const scheduleId = await create();
    await pool.query("UPDATE app_user SET disabled_at = now() WHERE id = $1", [owner.actor.id]);
    await work(DUE);
    await pool.query("UPDATE app_user SET disabled_at = NULL");
    await pool.query("UPDATE role_grant SET expires_at = $1 WHERE user_id = $2", [
      lab.at(WEEK),
      owner.actor.id,
    ]);
    await work(DUE + WEEK);
    const { runs } = await reportSchedule(reader, { scheduleId });
    expect(runs.map(({ state }) => state)).toEqual(["REFUSED", "REFUSED"]);
  });

  it("may change it, as may those who manage compliance there, and nobody else", async () => {
    const [stranger, manager, analyst] = [
      await someone("auditor"),
      await someone("approver"),
      await someone("analyst"),
    ];
    const scheduleId = await create();
    const acts = [
      (ctx: ServiceContext) => changeReportSchedule(ctx, { ...body(), scheduleId, revision: 1 }),
      (ctx: ServiceContext) => pauseReportSchedule(ctx, { scheduleId, paused: true }),
      (ctx: ServiceContext) => runReportSchedule(ctx, { scheduleId }),
      (ctx: ServiceContext) => removeReportSchedule(ctx, { scheduleId }),
    ];
    for (const act of acts) {
      for (const ctx of [stranger, analyst]) expect(await refusalOf(act(ctx))).toBe("auth/forbidden");
    }
    const seen = async (ctx: ServiceContext) => (await reportSchedule(ctx, { scheduleId })).mayChange;
    expect([await seen(owner), await seen(stranger), await seen(manager)]).toEqual([true, false, true]);
    await changeReportSchedule(manager, { ...body(), scheduleId, revision: 1, takeOver: true });
    expect((await reportSchedule(owner, { scheduleId })).owner.id).toBe(manager.actor.id);
    expect(await refusalOf(removeReportSchedule(owner, { scheduleId }))).toBe("auth/forbidden");
    await removeReportSchedule(manager, { scheduleId });
    expect((await reportSchedules(owner)).items).toEqual([]);
  });
});

describe("people who are told", () => {
  it("have the report in what was made for them once it is ready, and channels hear of the digest and a link", async () => {
    const reader = await someone("analyst");
    await create({ recipients: [emailOf(reader)] });
    await work(DUE);
    expect((await reportNotices(reader)).items).toEqual([]);
    expect(await events()).toEqual([]);
    await prepareAll();
    await work(DUE + 1);
    await work(DUE + 2);
    const [notice, ...more] = (await reportNotices(reader)).items;
    expect(more).toEqual([]);
    expect(notice).toMatchObject({ schedule: "Weekly", toldAt: lab.isoAt(DUE + 1) });
    expect((await reportNotices(owner)).items).toEqual([]);
    const { digest, title } = await report(reader, { reportId: notice?.reportId ?? "" });
    expect(await events()).toEqual([
      {
        kind: "report.ready",
        title: `The report ${title} is ready`,
        summary: `SHA-256 of the JSON file: ${digest}`,
        link: `/compliance/reports/${notice?.reportId}`,
        labels: { schedule: "Weekly", period: "week", framework: "soc-2" },
      },
    ]);
    const [run] = (await reportSchedules(reader)).items[0]?.runs ?? [];
    expect(run).toMatchObject({ state: "READY", told: [emailOf(reader)], notTold: [] });
  });

  it("are not told once they may not read it any more, and that is seen", async () => {
    const reader = await someone("analyst");
    const scheduleId = await create({ recipients: [emailOf(reader)] });
    await work(DUE);
    await prepareAll();
    await pool.query("DELETE FROM role_grant WHERE user_id = $1", [reader.actor.id]);
    await work(DUE + 1);
    expect((await reportNotices(reader)).items).toEqual([]);
    expect(await runsOf(scheduleId)).toMatchObject([{ told: [], notTold: [emailOf(reader)] }]);
  });

  it("are those who may read compliance there; whom else an address belongs to is not told apart", async () => {
    const viewer = await someone("viewer");
    const messages: string[] = [];
    for (const email of [emailOf(viewer), "nobody@example.test"]) {
      const refused = await create({ recipients: [emailOf(owner), email] }).catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: "request/invalid",
        pointers: [{ pointer: "#/recipients/1" }],
      });
      messages.push((refused as Error).message.replace(email, "X"));
    }
    expect(new Set(messages).size).toBe(1);
  });

  it("are not told of a report that was cancelled; one that failed is announced", async () => {
    const scheduleId = await create({ recipients: [emailOf(owner)] });
    await work(DUE);
    const [first] = await runsOf(scheduleId);
    await cancelReport(owner, { reportId: first?.reportId ?? "" });
    await work(DUE + WEEK);
    await pool.query("UPDATE report SET state = 'FAILED', problem = 'Too large.' WHERE state = 'WAITING'");
    await work(DUE + WEEK + 1);
    expect((await reportNotices(owner)).items).toEqual([]);
    expect(await events()).toMatchObject([{ kind: "report.refused", summary: "Too large." }]);
    expect((await runsOf(scheduleId)).map(({ state, problem }) => [state, problem])).toEqual([
      ["FAILED", "Too large."],
      ["CANCELLED", null],
    ]);
  });

  it("are reached over routes that ask for the topic and the schedule", async () => {
    const { trustDomainId } = lab;
    const route = (name: string, match: object, channelIds: string[], routes: unknown[] = []) => ({
      ...{ name, match, continue: false, channelIds, groupBy: [], digestMinutes: 0, quiet: null },
      ...{ escalation: [], routes },
    });
    const channel = "01a20000-0000-7000-8000-00000000c0de";
    await pool.query(
      `INSERT INTO notification_channel (trust_domain_id, id, kind, name, settings, sealed_secrets, created_at)
       VALUES ($1, $2, 'webhook', 'auditors', '{}', '\\x00', now())`,
      [trustDomainId, channel],
    );
    const labels = { schedule: "Weekly" };
    const tree = route("everything", {}, [], [route("reports", { kinds: ["report.*"], labels }, [channel])]);
    await pool.query(
      `INSERT INTO notification_routes (trust_domain_id, revision, tree, saved_at, saved_by) VALUES ($1, 1, $2, now(), 'a')`,
      [trustDomainId, tree],
    );
    await create();
    await create({ name: "Unheard" });
    await work(DUE);
    await prepareAll();
    await work(DUE + 1);
    await routeEvents(pool, [webhook], lab.at(DUE + 1));
    const { rows } = await pool.query("SELECT message FROM notification_delivery");
    expect(rows).toHaveLength(1);
    expect(rows[0].message.title).toMatch(/^The report Weekly: /);
    expect(JSON.stringify(rows[0].message)).not.toContain("CC7.1");
  });
});

describe("changing a schedule", () => {
  it("neither makes again what was made, nor makes what is from before", async () => {
    const scheduleId = await create();
    await work(DUE);
    await changeReportSchedule(owner, { ...body({ dueHour: 9 }), scheduleId, revision: 1 });
    await work(DUE + 4 * 60);
    expect(await runsOf(scheduleId)).toHaveLength(1);
    await changeReportSchedule(owner, { ...body({ every: "month" }), scheduleId, revision: 2 });
    await work(DUE + 5 * 60);
    expect(await runsOf(scheduleId)).toHaveLength(1);
    const { next } = await reportSchedule(owner, { scheduleId });
    expect(next[0]).toMatchObject({ from: "2026-03-01T00:00:00.000Z", dueAt: "2026-04-01T06:00:00.000Z" });
    const late = () => changeReportSchedule(owner, { ...body(), scheduleId, revision: 2 });
    expect(await refusalOf(late())).toBe("report-schedule/changed");
  });

  it("pauses it, and takes it up with what comes due next", async () => {
    const scheduleId = await create();
    await pauseReportSchedule(owner, { scheduleId, paused: true });
    await work(DUE + WEEK);
    expect(await reportSchedule(owner, { scheduleId })).toMatchObject({ runs: [], next: [] });
    await pauseReportSchedule(owner, { scheduleId, paused: false });
    await work(DUE + WEEK + 1);
    expect(await runsOf(scheduleId)).toEqual([]);
    await work(DUE + 2 * WEEK);
    expect(await runsOf(scheduleId)).toHaveLength(1);
  });

  it("refuses a name that is taken, and frees that of one that was removed", async () => {
    const first = await create();
    const taken = "report-schedule/name-taken";
    expect(await refusalOf(create())).toBe(taken);
    const second = await create({ name: "Other" });
    const rename = () => changeReportSchedule(owner, { ...body(), scheduleId: second, revision: 1 });
    expect(await refusalOf(rename())).toBe(taken);
    await removeReportSchedule(owner, { scheduleId: first });
    await rename();
    await work(DUE);
    expect(
      (await pool.query("SELECT FROM report_schedule_run WHERE schedule_id = $1", [first])).rowCount,
    ).toBe(0);
  });

  it("refuses what no report can be made of", async () => {
    const codes = [];
    for (const wrong of [{ framework: "none-such" }, { q: "status:failed" }])
      codes.push(await refusalOf(create(wrong)));
    expect(codes).toEqual(["compliance/unknown-framework", "request/invalid"]);
  });

  it("has the report of the last whole period made out of turn, which is due all the same", async () => {
    const scheduleId = await create();
    const { reportId } = await runReportSchedule(owner, { scheduleId });
    expect((await report(owner, { reportId })).period.to).toBe("2026-02-23T00:00:00.000Z");
    await work(DUE);
    expect((await runsOf(scheduleId)).map(({ askedBy }) => askedBy)).toEqual([null, emailOf(owner)]);
  });
});
