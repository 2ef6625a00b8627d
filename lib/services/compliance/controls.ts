/** Controls of a framework: what the measures of a period make of each. */
import type { Conn } from "#db/client";
import { type ListedNote, noteList } from "#db/queries/control-note";
import type { MeasureWindow } from "#db/queries/measure-sql";
import {
  type ControlDetail,
  type ControlList,
  type ControlListInput,
  ControlListQuery,
  type ControlView,
  type NoteView,
} from "#lib/contracts/control";
import { reviewOf } from "#lib/domain/access";
import { MEASURE_CATALOGUE_VERSION, measureById } from "#lib/domain/measure/catalogue";
import {
  CONTROL_STATUSES,
  type Control,
  type ControlStatus,
  controlStatus,
  type Framework,
  kindsFor,
  type NoteKind,
  type NoteVerdict,
} from "#lib/domain/measure/control";
import { MAPPING_VERSION } from "#lib/domain/measure/frameworks";
import { judge, type Measure, type MeasureResult } from "#lib/domain/measure/measure";
import { statementOf } from "#lib/domain/measure/own-framework";
import type { ServiceContext } from "#lib/services/context";
import { parseInput } from "#lib/services/input";
import { type ComputedMeasure, computeMeasures, measureView } from "./compute.ts";
import { controlOf, frameworkView, loadFramework, type OwnFramework, timeOfWindow } from "./framework-of.ts";
import { type ReadPeriod, readPeriod } from "./period.ts";

/** Notes that are read of one control, and of a framework. */
const NOTES = 100;
const NOTES_IN_FORCE = 2_000;

/** @throws {ProblemError} `compliance/unknown-framework`, `request/invalid` */
export async function controls(
  ctx: ServiceContext,
  input: { frameworkId: string } & ControlListInput,
): Promise<ControlList> {
  const { frameworkId, ...query } = input;
  const period = readPeriod(ctx, parseInput(ControlListQuery, query));
  const { scope, window } = period;
  const loaded = await loadFramework(ctx.db, scope, frameworkId, timeOfWindow(window));
  const { framework } = loaded;
  const computed = await computeAll(ctx, framework.controls, period);
  const notes = await notesAtBothEnds(ctx, period, framework);
  const items = framework.controls.map((control) => controlView(control, computed, notes));
  const counts = Object.fromEntries(
    CONTROL_STATUSES.map((status) => [status, items.filter((item) => item.status === status).length]),
  ) as Record<ControlStatus, number>;
  return {
    period: period.view,
    catalogueVersion: MEASURE_CATALOGUE_VERSION,
    mappingVersion: framework.mappingVersion ?? MAPPING_VERSION,
    framework: frameworkView(loaded),
    counts,
    items,
  };
}

/** @throws {ProblemError} `compliance/unknown-framework`, `compliance/unknown-control`, `request/invalid` */
export async function control(
  ctx: ServiceContext,
  input: { frameworkId: string; controlId: string } & ControlListInput,
): Promise<ControlDetail> {
  const { frameworkId, controlId, ...query } = input;
  const period = readPeriod(ctx, parseInput(ControlListQuery, query));
  const { scope, window } = period;
  const loaded = await loadFramework(ctx.db, scope, frameworkId, timeOfWindow(window));
  const { framework, own } = loaded;
  const found = controlOf(framework, controlId);
  const computed = await computeAll(ctx, [found], period);
  const notes = await notesAtBothEnds(ctx, period, framework);
  const all = await noteList(ctx.db, scope, {
    framework: framework.id,
    control: found.id,
    inForceAt: null,
    limit: NOTES,
  });
  return {
    period: period.view,
    framework: frameworkView(loaded),
    control: controlView(found, computed, notes),
    document: documentOf(own, found),
    measures: [...computed.values()].map(measureView),
    notes: all
      .filter((note) => reviewOf(ctx.actor) === null || wasInForce(note, window))
      .map((note) => noteView(note, window.to)),
  };
}

/** Whether a note held at some instant of the period. */
function wasInForce({ madeAt, expiresAt, endedAt }: ListedNote, { from, to }: MeasureWindow): boolean {
  return madeAt < to && (endedAt ?? expiresAt) > from;
}

/** What the document says of a control; `null` = the framework is built in. */
function documentOf(own: OwnFramework | null, { id }: Control): ControlDetail["document"] {
  const said = own?.controls.find((one) => one.id === id);
  return said ? { group: said.group, parent: said.parent, statement: statementOf(said) } : null;
}

/** Every measure that some of the controls need, once. */
async function computeAll(
  ctx: ServiceContext,
  wanted: readonly Control[],
  period: ReadPeriod,
): Promise<Map<string, ComputedMeasure>> {
  const ids = new Set(wanted.flatMap(({ measures }) => measures));
  const measures = [...ids].flatMap((id) => measureById(id) ?? []);
  const computed = await computeMeasures([ctx.db, ctx.db], period, measures);
  return new Map(computed.map((one) => [one.measure.id, one]));
}

/** Notes that were in force at the end of a period and of the one before; `null` = that one may not be looked at. */
export type ControlNotes = { now: readonly ListedNote[]; before: readonly ListedNote[] | null };

export async function notesAtBothEnds(
  { db }: { db: Conn },
  { scope, window, before }: Pick<ReadPeriod, "scope" | "window" | "before">,
  framework: Framework,
): Promise<ControlNotes> {
  const args = { framework: framework.id, control: null, limit: NOTES_IN_FORCE };
  return {
    now: await noteList(db, scope, { ...args, inForceAt: window.to }),
    before: before && (await noteList(db, scope, { ...args, inForceAt: before.to })),
  };
}

export function controlView(
  found: Control,
  computed: ReadonlyMap<string, ComputedMeasure>,
  notes: ControlNotes,
): ControlView {
  const { id, line, notCovered, own } = found;
  const mapped = found.measures.flatMap((one) => computed.get(one) ?? []);
  const kinds = (list: readonly ListedNote[]) =>
    list.filter((note) => note.control === id).map((note) => note.kind as NoteKind);
  const outcome = (measure: Measure, result: MeasureResult | null) => ({
    result,
    unavailable: measure.kind === "unavailable",
  });
  const results = mapped.map(({ measure, totals }) => outcome(measure, judge(measure, totals)));
  const earlier = mapped.flatMap(({ measure, before }) =>
    before ? [outcome(measure, judge(measure, before))] : [],
  );
  const inForce = kinds(notes.now);
  return {
    id,
    line,
    notCovered,
    status: controlStatus(results, kindsFor(own, inForce)),
    previousStatus: notes.before && controlStatus(earlier, kindsFor(own, kinds(notes.before))),
    measures: mapped.map(({ measure, totals }) => ({
      id: measure.id,
      title: measure.title,
      result: judge(measure, totals),
      unavailable: measure.kind === "unavailable",
    })),
    evidence: mapped.reduce((sum, { totals }) => sum + totals.basis, 0),
    exceptions: inForce.filter((kind) => kind === "exception" || kind === "compensating").length,
    own: own ?? null,
  };
}

function noteView(note: ListedNote, at: Date): NoteView {
  const { id, control: about, kind, verdict, reason, madeAt, expiresAt, endedAt } = note;
  const over = endedAt !== null && endedAt <= at;
  return {
    id,
    control: about,
    kind: kind as NoteKind,
    verdict: verdict as NoteVerdict | null,
    reason,
    madeAt: madeAt.toISOString(),
    madeBy: note.madeByEmail,
    expiresAt: expiresAt.toISOString(),
    ended: endedAt && { at: endedAt.toISOString(), by: note.endedByEmail },
    inForce: madeAt <= at && expiresAt > at && !over,
  };
}
