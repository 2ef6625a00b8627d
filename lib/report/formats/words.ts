/** A report in words and lines, for forms that people read. Times are UTC; nothing depends on a locale. */
import type { ControlStatus, NoteKind } from "#lib/domain/measure/control";
import type { MeasureResult, RowVerdict } from "#lib/domain/measure/measure";
import type { ReportMeasure, ReportSnapshot, ReportTotals, ReportVersion } from "#lib/domain/report/snapshot";

export const STATUS_NAMES: Readonly<Record<ControlStatus, string>> = {
  pass: "Pass",
  fail: "Fail",
  manual: "Manual",
  not_applicable: "N/A",
  no_evidence: "No evidence",
};

export const NOTE_NAMES: Readonly<Record<NoteKind, string>> = {
  exception: "Exception",
  compensating: "Compensating control",
  not_applicable: "Does not apply",
  manual: "Manual check",
};

export const VERDICT_NAMES: Readonly<Record<RowVerdict, string>> = {
  missed: "missed",
  open: "not over",
  stale: "stale",
  not_covered: "not covered",
  exempt: "exempt",
  met: "met",
};

export function resultName(result: MeasureResult | null): string {
  if (result === null) return "Watched";
  return { satisfied: "Satisfied", not_satisfied: "Not satisfied", no_data: "No data" }[result];
}

/** `2026-03-01 12:00:00 UTC`; milliseconds only where there are some. */
export function utc(instant: string): string {
  return `${instant.replace("T", " ").replace("Z", "").replace(".000", "")} UTC`;
}

export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Days, hours, minutes, seconds, milliseconds, from the largest one that there is; nothing is rounded away. */
export function length(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [size, unit] of [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
    [1, "ms"],
  ] as const) {
    const whole = Math.floor(rest / size);
    if (whole > 0) parts.push(`${count(whole)} ${unit}`);
    rest -= whole * size;
  }
  return parts.length === 0 ? "0" : parts.join(" ");
}

/** A weight in the unit of its measure. */
export function weight(value: number, unit: ReportMeasure["unit"]): string {
  return unit === "node time" ? length(value) : count(value);
}

/** Rounded down: nothing is shown as whole that is not. */
function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${(Math.floor((part / whole) * 10_000) / 100).toFixed(2)} %`;
}

/** The figure itself. */
export function figure({ kind, result }: ReportMeasure, totals: ReportTotals): string {
  if (kind === "unavailable" || (result === "no_data" && kind !== "share")) return "–";
  if (kind === "share") return percent(totals.met, totals.denominator);
  if (kind === "none") return `${count(totals.missed)} found`;
  return totals.p50 === null ? "–" : `median ${length(totals.p50)}`;
}

/** Numerator, denominator and every part that is no pass, each by its name. */
export function parts(measure: ReportMeasure, totals: ReportTotals): string {
  const { kind, unit } = measure;
  const said = (value: number) => weight(value, unit);
  switch (kind) {
    case "unavailable":
      return "not computed";
    case "share":
      return `${said(totals.met)} met of ${said(totals.denominator)} ${unit}; missed ${said(totals.missed)}; stale ${said(totals.stale)}; not covered ${said(totals.notCovered)}; exempt ${said(totals.exempt)}`;
    case "none":
      return `${count(totals.missed)} found; ${count(totals.basis)} looked at; stale ${said(totals.stale)}; not covered ${said(totals.notCovered)}; exempt ${said(totals.exempt)}`;
    case "duration":
      return `n ${count(totals.n)}; median ${optional(totals.p50)}; 90th percentile ${optional(totals.p90)}; 95th percentile ${optional(totals.p95)}; not over ${count(totals.open)}, longer than allowed ${count(totals.openOver)}; not covered ${said(totals.notCovered)}`;
  }
}

const optional = (ms: number | null) => (ms === null ? "–" : length(ms));

export function wanted({ kind, threshold }: ReportMeasure): string {
  if (threshold === null || kind === "unavailable") return "no threshold";
  if (kind === "share") return `at least ${Math.round(threshold * 10_000) / 100} %`;
  if (kind === "duration") return `95th percentile within ${length(threshold)}`;
  return threshold === 0 ? "none" : `at most ${count(threshold)}`;
}

/** What a report is about, line by line. */
export function facts(snapshot: ReportSnapshot, digest: string): [name: string, value: string][] {
  const { framework, scope, period, knownAt, generatedAt, productVersion, catalogueVersion } = snapshot;
  return [
    ["Title", snapshot.title],
    ["Report", snapshot.id],
    ["SHA-256 of its JSON file", digest],
    ["Framework", framework ? `${framework.title}, ${framework.edition}` : "none: every measure"],
    ...(framework?.caution ? [["Caution", framework.caution] as [string, string]] : []),
    ["Trust domains", scope.domains.map(({ name }) => name).join(", ")],
    ["Nodes", scope.q === "" ? "all" : scope.q],
    ["Period", `${utc(period.from)} to ${utc(period.to)}, exclusive`],
    ["By what was known at", utc(knownAt)],
    ["Prepared", utc(generatedAt)],
    ["Touchstone", productVersion],
    ["Definitions of measures", `version ${catalogueVersion}`],
    ...(framework
      ? [["Mapping of controls", `version ${framework.mappingVersion}`] as [string, string]]
      : []),
  ];
}

/** A version that counted, with the nodes and the time for which it did. */
export function version({
  name,
  version: number,
  digest,
  selector,
  percent: part,
  from,
  to,
}: ReportVersion): string {
  const nodes = selector === "" ? "every node" : selector;
  const until = to === null ? "still in force" : `to ${utc(to)}`;
  return `${name} version ${number}, ${nodes}, ${part} %, from ${utc(from)} ${until}, SHA-256 ${digest}`;
}
