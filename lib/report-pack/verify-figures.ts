/** Computes the figures of a report again from its rows, by the rules that made them. Pure. */
import { canonicalJson } from "#lib/domain/audit/canonical-json";
import { MEASURE_CATALOGUE_VERSION, measureById } from "#lib/domain/measure/catalogue";
import { controlStatus, kindsFor } from "#lib/domain/measure/control";
import { frameworkById, MAPPING_VERSION } from "#lib/domain/measure/frameworks";
import { judge, type Measure } from "#lib/domain/measure/measure";
import { addUp, openLimitOf } from "#lib/domain/report/add-up";
import {
  type ReportControl,
  type ReportMeasure,
  type ReportSnapshot,
  reportTotals,
} from "#lib/domain/report/snapshot";
import { counted, type Finding, failed, hasFailed, notProven, proven } from "./finding.ts";

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

export function checkMeasures(snapshot: ReportSnapshot): Finding[] {
  const { measures, rows } = snapshot;
  const findings = measures.flatMap((measure) => faultsOf(snapshot, measure));
  const size = Object.values(rows).reduce((sum, ofMeasure) => sum + ofMeasure.length, 0);
  if (!hasFailed(findings)) {
    const text = `The totals and results of ${counted(measures.length, "measure")} follow from the ${counted(size, "row")} enclosed.`;
    findings.push(proven("measures", text));
  }
  findings.push(...definitionFindings(snapshot));
  const unseen = measures.filter(({ id, totals }) => totals.basis !== (rows[id]?.length ?? 0));
  if (unseen.length > 0) {
    const figures = unseen.map(({ id, totals }) => `${id} ${totals.basis}`).join(", ");
    const text = `How much was looked at has no rows where nothing was found or where rows are of something else: ${figures}.`;
    findings.push(notProven("basis", text));
  }
  return findings;
}

function faultsOf({ rows }: ReportSnapshot, measure: ReportMeasure): Finding[] {
  const { id, totals, previous, result, reason } = measure;
  const part = `measure ${id}`;
  const again = reportTotals(addUp(rows[id] ?? [], totals.basis, openLimitOf(measure)));
  if (!same(again, totals)) return [failed(part, "Its totals do not follow from its rows.")];
  if (previous && !same(reportTotals(previous), previous))
    return [failed(part, "Its earlier totals contradict themselves.")];
  if (judge(measureOf(measure), totals) !== result)
    return [failed(part, "Its result does not follow from its totals.")];
  if ((result === "no_data") !== (reason !== null)) {
    return [failed(part, "It must say why there is no data where there is none, and nowhere else.")];
  }
  return [];
}

/** The definition as the rules take it. */
function measureOf({ kind, threshold, reason, ...measure }: ReportMeasure): Measure {
  const { id, title, question, unit, better, how, notCovered } = measure;
  const said = { id, title, question, unit, better, how, notCovered };
  return kind === "unavailable" ? { ...said, kind, reason: reason ?? "" } : { ...said, kind, threshold };
}

/** Definitions of a version that is known must be the known ones: a threshold of one's own would pass anything. */
function definitionFindings({ measures, catalogueVersion }: ReportSnapshot): Finding[] {
  if (catalogueVersion !== MEASURE_CATALOGUE_VERSION) {
    const text = `Measures are defined by version ${catalogueVersion} of the catalogue; this command knows version ${MEASURE_CATALOGUE_VERSION}. What the report says of them was taken as it stands.`;
    return [notProven("definitions", text)];
  }
  const changed = measures.filter((measure) => {
    const known = measureById(measure.id);
    const said = measureOf(measure);
    // Why there is no data is told apart from the definition.
    return !known || !same(said.kind === "unavailable" ? { ...said, reason: reasonOf(known) } : said, known);
  });
  if (changed.length === 0) {
    const text = `Questions, thresholds and the way of computing are those of version ${catalogueVersion} of the catalogue.`;
    return [proven("definitions", text)];
  }
  return changed.map(({ id }) =>
    failed(`measure ${id}`, "It is not defined as its version of the catalogue has it."),
  );
}

const reasonOf = (known: Measure) => (known.kind === "unavailable" ? known.reason : "");

export function checkControls(snapshot: ReportSnapshot): Finding[] {
  const { framework, controls, period } = snapshot;
  if (!framework) {
    return controls.length === 0
      ? []
      : [failed("controls", "There are controls, and no framework that they are of.")];
  }
  const findings: Finding[] = [];
  for (const control of controls) {
    const part = `control ${control.id}`;
    if (!notesInForce(control, period.to)) {
      findings.push(failed(part, "It has a note that was not in force at the end of the period."));
    }
    if (control.own && !mappedAsSaid(control)) {
      findings.push(failed(part, "What it is mapped to contradicts the measures that it names."));
    }
    if (statusOf(snapshot, control) !== control.status) {
      findings.push(failed(part, "Its status does not follow from its measures and notes."));
    }
  }
  if (!hasFailed(findings)) {
    const text = `The status of each of ${counted(controls.length, "control")} follows from its measures and notes.`;
    findings.push(proven("controls", text));
  }
  findings.push(mappingFinding(snapshot));
  findings.push(
    notProven(
      "period before",
      "Figures and statuses of the period before are stated; their rows are not enclosed.",
    ),
  );
  return findings;
}

/** `null` when the report lacks a measure of the control. */
function statusOf({ measures }: ReportSnapshot, control: ReportControl) {
  const outcomes = control.measures.map((id) => measures.find((measure) => measure.id === id));
  const found = outcomes.filter((measure) => measure !== undefined);
  if (found.length < outcomes.length) return null;
  return controlStatus(
    found.map(({ result, kind }) => ({ result, unavailable: kind === "unavailable" })),
    kindsFor(
      control.own,
      control.notes.map(({ kind }) => kind),
    ),
  );
}

/** Who maps a control to measures names some, and nobody else does. */
function mappedAsSaid({ own, measures }: ReportControl): boolean {
  return (own?.mapping?.kind === "measures") === measures.length > 0;
}

function notesInForce({ notes }: ReportControl, to: string): boolean {
  const end = Date.parse(to);
  return notes.every(({ madeAt, expiresAt }) => Date.parse(madeAt) <= end && end < Date.parse(expiresAt));
}

function mappingFinding({ framework, controls }: ReportSnapshot): Finding {
  const known = framework && frameworkById(framework.id);
  if (!framework || !known || framework.mappingVersion !== MAPPING_VERSION) {
    const text =
      "This command does not know this version of the framework's mapping. It was taken as it stands.";
    return notProven("mapping", text);
  }
  const said = controls.map(({ id, line, notCovered, measures }) => ({ id, line, notCovered, measures }));
  return same(said, known.controls)
    ? proven("mapping", `Controls are measured by what version ${MAPPING_VERSION} of the mapping says.`)
    : failed("mapping", `Controls are not measured by what version ${MAPPING_VERSION} of the mapping says.`);
}
