/** Compliance in words: statuses, results and figures. */
import { displayText, formatCount, formatDuration, formatShare } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { MeasureRowView, MeasureTotalsView, MeasureView } from "#lib/contracts/compliance";
import type { FrameworkView } from "#lib/contracts/control";
import type { ControlStatus, NoteKind } from "#lib/domain/measure/control";
import type { MeasureResult, RowVerdict } from "#lib/domain/measure/measure";
import type { MappingKind } from "#lib/domain/measure/own-control";

type Tone = "neutral" | "accent" | "warn" | "danger";

export const STATUS_WORDS: Readonly<Record<ControlStatus, { label: string; tone: Tone; means: string }>> = {
  pass: { label: "Pass", tone: "accent", means: "Every measure that speaks to it is satisfied" },
  fail: { label: "Fail", tone: "danger", means: "A measure that speaks to it is not satisfied" },
  manual: { label: "Manual", tone: "neutral", means: "No measure speaks to it: people check it" },
  not_applicable: { label: "N/A", tone: "neutral", means: "Somebody wrote down why it does not apply" },
  no_evidence: { label: "No evidence", tone: "warn", means: "Some measure had nothing to measure" },
};

export const RESULT_WORDS: Readonly<Record<MeasureResult | "watched", { label: string; tone: Tone }>> = {
  satisfied: { label: "Satisfied", tone: "accent" },
  not_satisfied: { label: "Not satisfied", tone: "danger" },
  no_data: { label: "No data", tone: "warn" },
  watched: { label: "Watched", tone: "neutral" },
};

export const NOTE_WORDS: Readonly<Record<NoteKind, string>> = {
  exception: "Exception",
  compensating: "Compensating control",
  not_applicable: "Does not apply",
  manual: "Manual check",
};

export const VERDICT_WORDS: Readonly<Record<RowVerdict, string>> = {
  missed: "missed",
  open: "not over",
  stale: "stale",
  not_covered: "not covered",
  exempt: "exempt",
  met: "met",
};

/** A framework in a list of choices. */
export function frameworkWords({ title, edition, own }: FrameworkView): string {
  const kind = own === null ? "" : own.retiredAt ? " (retired)" : " (imported)";
  return `${displayText(`${title}, ${edition}`).text}${kind}`;
}

export const MAPPING_WORDS: Readonly<Record<MappingKind, string>> = {
  measures: "Measured",
  manual: "For people",
  not_applicable: "Does not apply",
};

type Figure = Pick<MeasureView, "kind" | "unit" | "threshold">;

/** A weight in its unit; time of nodes is shown as a length. */
export function weightWords(weight: number, unit: string): string {
  return unit === "node time" ? formatDuration(weight) : formatCount(weight);
}

/** The figure itself, short. */
export function figureWords({ kind }: Figure, totals: MeasureTotalsView): string {
  switch (kind) {
    case "share":
      return totals.ratio === null ? "–" : formatShare(totals.ratio);
    case "none":
      return totals.basis === 0 ? "–" : formatCount(totals.missed);
    case "duration":
      return totals.p50 === null ? "–" : `${formatDuration(totals.p50)} median`;
    case "unavailable":
      return "–";
  }
}

/** What the figure is made of: numerator, denominator and the parts that are no pass. */
export function partWords({ kind, unit }: Figure, totals: MeasureTotalsView): string {
  if (kind === "unavailable") return "not computed";
  if (kind === "duration") {
    const p90 = totals.p90 === null ? "" : `, 90th percentile ${formatDuration(totals.p90)}`;
    return `n ${formatCount(totals.n)}${p90}${totals.open > 0 ? `, ${formatCount(totals.open)} not over` : ""}`;
  }
  if (kind === "none") return `${formatCount(totals.missed)} found; ${formatCount(totals.basis)} looked at`;
  const words = (weight: number) => weightWords(weight, unit);
  const parts = [
    `${words(totals.met)} of ${words(totals.denominator)}${unit === "node time" ? " of node time" : ` ${unit}`}`,
    totals.stale > 0 ? `${words(totals.stale)} stale` : "",
    totals.notCovered > 0 ? `${words(totals.notCovered)} not covered` : "",
    totals.exempt > 0 ? `${words(totals.exempt)} exempt` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** The bound that the figure is held to. */
export function thresholdWords({ kind, threshold }: Figure): string {
  if (threshold === null) return "no threshold";
  switch (kind) {
    case "share":
      return `at least ${formatShare(threshold)}`;
    case "duration":
      return `95th percentile within ${formatDuration(threshold)}`;
    case "none":
      return threshold === 0 ? "none" : `at most ${formatCount(threshold)}`;
    case "unavailable":
      return "no threshold";
  }
}

/** Where a row leads; `null` = it has no page of its own. */
export function rowHref({ kind, key, nodeId }: MeasureRowView): string | null {
  if (nodeId !== null) return paths.nodeTimeline(nodeId);
  const [id = ""] = key.split("/");
  switch (kind) {
    case "source":
    case "source_key":
      return paths.source(id);
    case "drift_group":
      return paths.drift();
    case "drift_exception":
      return paths.exceptions();
    case "policy_exception":
      return paths.policies();
    case "change_request":
      return paths.change(id);
    case "incident":
      return paths.incident(id);
    case "audit_log":
      return paths.audit();
    case "sink":
      return paths.settings("siem");
    case "expected_node":
      return paths.onboarding();
    case "role_grant":
      return paths.settings("people");
    case "node":
    case "remediation":
      return null;
  }
}
