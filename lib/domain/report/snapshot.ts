/**
 * What a compliance report says, frozen. A plain JSON value; its canonical text ({@link snapshotText}) is what is
 * kept, and the SHA-256 of that text is the report's digest. Every other form of the report is made from it alone.
 *
 * Instants are ISO 8601 in UTC with milliseconds; lengths and weights are whole milliseconds or whole things.
 */
import { canonicalJson } from "#lib/domain/audit/canonical-json";
import type { ControlStatus, NoteKind, NoteVerdict } from "#lib/domain/measure/control";
import {
  denominatorOf,
  type Measure,
  type MeasureResult,
  type MeasureTotals,
  type RowKind,
  type RowVerdict,
} from "#lib/domain/measure/measure";
import type { FrameworkSource, OwnControl } from "#lib/domain/measure/own-control";

export const REPORT_FORMAT = "touchstone-report/1";

/** `denominator` is what {@link denominatorOf} makes of the rest. */
export type ReportTotals = MeasureTotals & { denominator: number };

/** One thing that a figure rests on, as the API of measures gives it. */
export type ReportRow = {
  kind: RowKind;
  /** Names what the row is about; for nodes see `nodeId`. */
  key: string;
  nodeId: string | null;
  name: string;
  verdict: RowVerdict;
  /** What it adds to the part of its verdict. */
  weight: number;
  /** Milliseconds; `null` = the row is no length. */
  value: number | null;
  at: string | null;
  detail: string;
};

export type ReportMeasure = {
  id: string;
  title: string;
  question: string;
  kind: Measure["kind"];
  unit: Measure["unit"];
  better: Measure["better"];
  /** See `Measure`; `null` = nobody judges it, or nothing could. */
  threshold: number | null;
  how: string;
  notCovered: string;
  /** `null` = a figure to watch. */
  result: MeasureResult | null;
  /** Why there is no data; `null` when there is. */
  reason: string | null;
  totals: ReportTotals;
  /** Over the period of equal length right before, whose rows are not in the report; `null` = it keeps to its period. */
  previous: ReportTotals | null;
};

export type ReportNote = {
  id: string;
  kind: NoteKind;
  /** Of a manual check. */
  verdict: NoteVerdict | null;
  reason: string;
  madeAt: string;
  /** Address of the account; `null` = it is gone. */
  madeBy: string | null;
  expiresAt: string;
};

export type ReportControl = {
  id: string;
  line: string;
  notCovered: string;
  status: ControlStatus;
  /** Of the period before; `null` = the report keeps to its period. */
  previousStatus: ControlStatus | null;
  /** Ids of measures of this report. */
  measures: readonly string[];
  /** Those that were in force at the end of the period, the newest first. */
  notes: readonly ReportNote[];
  /** Of an imported framework only. */
  own?: OwnControl | undefined;
};

export type ReportFramework = {
  id: string;
  title: string;
  edition: string;
  caution: string | null;
  /** Version of the mapping from controls to measures. */
  mappingVersion: string;
  /** The document that it was imported from; absent = it is built in. */
  source?: FrameworkSource | undefined;
};

/** A version that counted for some nodes during some of the period. `to` null = it still did when this was known. */
export type ReportVersion = {
  domainId: string;
  name: string;
  version: number;
  /** SHA-256, hex. */
  digest: string;
  /** CEL over the node; empty = every node. */
  selector: string;
  percent: number;
  from: string;
  to: string | null;
};

export type ReportSnapshot = {
  format: typeof REPORT_FORMAT;
  id: string;
  title: string;
  /** `null` = every measure, and no controls. */
  framework: ReportFramework | null;
  scope: {
    domains: readonly { id: string; name: string }[];
    /** Which nodes counted, by the labels that they had when this was made; empty = every node. */
    q: string;
  };
  /** Half-open, `[from, to)`. */
  period: { from: string; to: string };
  /** What was known then was believed. */
  knownAt: string;
  generatedAt: string;
  productVersion: string;
  /** Version of the definitions of measures. */
  catalogueVersion: string;
  /** Enforced ones. Where none was, the one that ships with the product decided. */
  policies: readonly ReportVersion[];
  baselines: readonly ReportVersion[];
  measures: readonly ReportMeasure[];
  controls: readonly ReportControl[];
  /** By measure, for each of `measures`: all the rows that its totals add up from. */
  rows: Readonly<Record<string, readonly ReportRow[]>>;
};

/** The frozen form (RFC 8785). */
export function snapshotText(snapshot: ReportSnapshot): string {
  return canonicalJson(snapshot);
}

export function reportTotals(totals: MeasureTotals): ReportTotals {
  return { ...totals, denominator: denominatorOf(totals) };
}

/** Whether the report says nothing of the time before its period. */
export function keepsToPeriod({ measures }: Pick<ReportSnapshot, "measures">): boolean {
  return measures.some(({ previous }) => previous === null);
}
