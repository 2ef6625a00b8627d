/** Computing what a report says, all of it from one view of the database. */
import type { Conn } from "#db/client";
import { type MeasureRow, measureRowsAll } from "#db/queries/measure";
import type { MeasureWindow } from "#db/queries/measure-sql";
import type { ReportRow as StoredReport } from "#db/queries/report";
import { baselinesInForce, policiesInForce } from "#db/queries/report-version";
import { trustDomainRows } from "#db/queries/trust-domain";
import { ALL_MEASURES, MEASURE_CATALOGUE_VERSION } from "#lib/domain/measure/catalogue";
import type { Framework } from "#lib/domain/measure/control";
import { MAPPING_VERSION } from "#lib/domain/measure/frameworks";
import type { Measure, MeasureTotals } from "#lib/domain/measure/measure";
import { addUp, inReportOrder, openLimitOf } from "#lib/domain/report/add-up";
import {
  REPORT_FORMAT,
  type ReportControl,
  type ReportMeasure,
  type ReportRow,
  type ReportSnapshot,
  type ReportTotals,
  reportTotals,
} from "#lib/domain/report/snapshot";
import { type ComputedMeasure, computeMeasures, measureView } from "#lib/services/compliance/compute";
import { type ControlNotes, controlView, notesAtBothEnds } from "#lib/services/compliance/controls";
import { frameworkOf, timeOfWindow } from "#lib/services/compliance/framework-of";
import { askedPeriod, periodBefore } from "#lib/services/compliance/period";
import { relationOf } from "#lib/services/compliance/relations";
import { iso, isoOrNull } from "#lib/services/instant";
import { ReportProblem } from "./report-problem.ts";

/** Most rows of one report: a hundred thousand nodes in every measure that is about nodes. */
const ROWS_MAX = 1_200_000;
const TOO_LARGE =
  "The report would have more rows than one may have. Choose fewer nodes by their labels, or a framework that rests on fewer measures.";

/** The measures of a report: those that its framework rests on, or all. */
export function measuresOf(framework: Framework | null): readonly Measure[] {
  if (!framework) return ALL_MEASURES;
  const wanted = new Set(framework.controls.flatMap(({ measures }) => measures));
  return ALL_MEASURES.filter(({ id }) => wanted.has(id));
}

export type Computing = {
  productVersion: string;
  generatedAt: Date;
  /** Called after each measure; throws to stop. */
  step: () => Promise<void>;
};

/**
 * Of two transactions that see one state of the database throughout, or figures would not belong together.
 *
 * @throws {ReportProblem} when the report is too large
 */
export async function computeSnapshot(
  [conn, beside]: readonly [Conn, Conn],
  report: StoredReport,
  { productVersion, generatedAt, step }: Computing,
): Promise<ReportSnapshot> {
  const { domains, knownAt, q } = report;
  const { window } = askedPeriod(
    { now: () => knownAt },
    {
      ...{ from: report.periodFrom.toISOString(), to: report.periodTo.toISOString() },
      ...{ q, knownAt: knownAt.toISOString() },
    },
  );
  const before = report.confined ? null : periodBefore(window);
  const framework =
    report.framework === null
      ? null
      : await frameworkOf(conn, domains, report.framework, timeOfWindow(window));
  const period = { scope: domains, window, before };
  const computed = (await computeMeasures([conn, beside], period, measuresOf(framework))).map(inWholeMs);
  const rows = await rowsOf(conn, domains, window, computed, step);
  const measures = computed.map(saidOf);
  for (const said of measures) checkSum(said, rows[said.id] ?? []);
  const notes = framework && (await notesAtBothEnds({ db: conn }, period, framework));
  const byId = new Map(computed.map((one) => [one.measure.id, one]));
  const versions = { from: window.from, to: window.to, knownAt };
  const spans = <T extends { from: number; to: number | null }>(found: readonly T[]) =>
    found.map((one) => ({ ...one, from: iso(one.from), to: isoOrNull(one.to) }));
  return {
    format: REPORT_FORMAT,
    id: report.id,
    title: report.title,
    framework: framework && {
      ...{ id: framework.id, title: framework.title, edition: framework.edition },
      ...{ caution: framework.caution, mappingVersion: framework.mappingVersion ?? MAPPING_VERSION },
      ...(framework.source && { source: framework.source }),
    },
    scope: { domains: await namesOf(conn, domains), q },
    period: { from: window.from.toISOString(), to: window.to.toISOString() },
    knownAt: knownAt.toISOString(),
    generatedAt: generatedAt.toISOString(),
    productVersion,
    catalogueVersion: MEASURE_CATALOGUE_VERSION,
    policies: spans(await policiesInForce(conn, domains, versions)),
    baselines: spans(await baselinesInForce(conn, domains, versions)),
    measures,
    controls: framework && notes ? controlsOf(framework, byId, notes) : [],
    rows,
  };
}

function saidOf(computed: ComputedMeasure): ReportMeasure {
  const { previous: _, totals: __, ...view } = measureView(computed);
  const { measure, totals, before } = computed;
  return {
    ...view,
    ...{ unit: measure.unit, totals: reportTotals(totals), previous: before && reportTotals(before) },
  };
}

/** Totals come from the database and once more from the rows: a report whose rows do not add up is not made. */
function checkSum(said: ReportMeasure, rows: readonly ReportRow[]): void {
  const again = reportTotals(addUp(rows, said.totals.basis, openLimitOf(said)));
  if ((Object.keys(again) as (keyof ReportTotals)[]).some((part) => again[part] !== said.totals[part])) {
    throw new Error(`The rows of ${said.id} do not add up to its totals`);
  }
}

/**
 * Rows by measure, in the order of reports.
 *
 * @throws {ReportProblem} when there are more than a report may have
 */
async function rowsOf(
  conn: Conn,
  scope: readonly string[],
  window: MeasureWindow,
  computed: readonly ComputedMeasure[],
  step: Computing["step"],
): Promise<Record<string, ReportRow[]>> {
  const all = Map.groupBy(computed, ({ measure }) => relationOf(measure));
  const rows = new Map<string, ReportRow[]>();
  let left = ROWS_MAX;
  const take = async (ones: readonly ComputedMeasure[], found: readonly MeasureRow[]) => {
    for (const { measure } of ones) {
      left -= found.length;
      if (left < 0) throw new ReportProblem(TOO_LARGE);
      rows.set(measure.id, inReportOrder(found.map(frozenRow)));
      await step();
    }
  };
  await take(all.get(undefined) ?? [], []);
  const relations = [...all.keys()].filter((relation) => relation !== undefined);
  for await (const ground of measureRowsAll(conn, scope, window, { relations, limit: left })) {
    for (const [relation, found] of ground) await take(all.get(relation) ?? [], found);
  }
  return Object.fromEntries(computed.map(({ measure }) => [measure.id, rows.get(measure.id) ?? []]));
}

function frozenRow({ at, weight, value, ...row }: MeasureRow): ReportRow {
  const { kind, key, nodeId, name, verdict, detail } = row;
  return {
    ...{ kind, key, nodeId, name, verdict, detail, at: isoOrNull(at) },
    weight: Math.round(weight),
    value: value === null ? null : Math.round(value),
  };
}

/** Lengths in whole milliseconds, as rows have them. */
function inWholeMs({ measure, totals, before }: ComputedMeasure): ComputedMeasure {
  const round = (length: number | null) => (length === null ? null : Math.round(length));
  const whole = (sums: MeasureTotals) => ({
    ...sums,
    ...{ p50: round(sums.p50), p90: round(sums.p90), p95: round(sums.p95) },
  });
  return { measure, totals: whole(totals), before: before && whole(before) };
}

async function namesOf(conn: Conn, domains: readonly string[]): Promise<{ id: string; name: string }[]> {
  const names = new Map((await trustDomainRows(conn, domains)).map(({ id, name }) => [id, name]));
  return [...domains].sort().map((id) => ({ id, name: names.get(id) ?? id }));
}

function controlsOf(
  framework: Framework,
  computed: ReadonlyMap<string, ComputedMeasure>,
  notes: ControlNotes,
): ReportControl[] {
  return framework.controls.map((control) => {
    const { id, line, notCovered, status, previousStatus, measures } = controlView(control, computed, notes);
    return {
      ...{ id, line, notCovered, status, previousStatus },
      ...(control.own && { own: control.own }),
      measures: measures.map((measure) => measure.id),
      notes: notes.now
        .filter((note) => note.control === id)
        .map((note) => ({
          id: note.id,
          kind: note.kind as ReportControl["notes"][number]["kind"],
          verdict: note.verdict as ReportControl["notes"][number]["verdict"],
          reason: note.reason,
          madeAt: note.madeAt.toISOString(),
          madeBy: note.madeByEmail,
          expiresAt: note.expiresAt.toISOString(),
        })),
    };
  });
}
