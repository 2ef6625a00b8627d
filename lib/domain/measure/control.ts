/** Controls: clauses of frameworks, which measures speak to each, and what becomes of that. Pure. */
import type { MeasureResult } from "./measure.ts";
import type { FrameworkSource, OwnControl } from "./own-control.ts";

/** The five never stand for one another; there is no sum of them. */
export const CONTROL_STATUSES = ["fail", "no_evidence", "manual", "not_applicable", "pass"] as const;
export type ControlStatus = (typeof CONTROL_STATUSES)[number];

export const NOTE_KINDS = ["exception", "compensating", "not_applicable", "manual"] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];
export const NOTE_VERDICTS = ["pass", "fail"] as const;
export type NoteVerdict = (typeof NOTE_VERDICTS)[number];

/** Longest time that a note holds for. Milliseconds. */
export const NOTE_MAX_MS = 366 * 86_400_000;

export type Control = {
  /** As the framework spells it. */
  id: string;
  /** What it asks for, in one line of our own. */
  line: string;
  /** Measures that speak to it. */
  measures: readonly string[];
  /** What the control asks for and no measure speaks to. */
  notCovered: string;
  /** Of an imported framework only. */
  own?: OwnControl | undefined;
};

export type Framework = {
  id: string;
  title: string;
  /** Edition that the ids are of. */
  edition: string;
  /** What has not been checked about the mapping; `null` = it was made with the text at hand. */
  caution: string | null;
  controls: readonly Control[];
  /** The document that it was imported from; absent = it is built in. */
  source?: FrameworkSource | undefined;
  /** Version of what its controls are mapped to; absent = that of the built-in ones. */
  mappingVersion?: string | undefined;
};

/** A row of a framework's file. */
export type ControlRow = readonly [id: string, line: string, measures: readonly string[], notCovered: string];

export function controlsOf(rows: readonly ControlRow[]): Control[] {
  return rows.map(([id, line, measures, notCovered]) => ({ id, line, measures, notCovered }));
}

/** What measures of a control came to: `unavailable` ones can never be computed, `null` ones judge nothing. */
export type MeasureOutcome = { result: MeasureResult | null; unavailable: boolean };

/** The kinds that decide about a control: those of its notes, and that somebody mapped it as not applicable. */
export function kindsFor(own: OwnControl | undefined, notes: readonly NoteKind[]): readonly NoteKind[] {
  return own?.mapping?.kind === "not_applicable" ? [...notes, "not_applicable"] : notes;
}

/**
 * The status of a control.
 *
 * One measure that is not satisfied fails it, whatever the others say. A measure without data leaves it without
 * evidence, unless nothing that is recorded could ever answer it: then it is a part that is not covered. A
 * control to which no measure speaks is for people. An exception or a compensating note stands beside the
 * status and never changes it.
 *
 * @param notes kinds of the notes that are in force, as {@link kindsFor} has them
 */
export function controlStatus(
  measures: readonly MeasureOutcome[],
  notes: readonly NoteKind[],
): ControlStatus {
  if (notes.includes("not_applicable")) return "not_applicable";
  if (measures.some(({ result }) => result === "not_satisfied")) return "fail";
  const speaking = measures.filter(({ result, unavailable }) => !unavailable && result !== null);
  if (speaking.length === 0) return measures.length === 0 ? "manual" : "no_evidence";
  return speaking.some(({ result }) => result === "no_data") ? "no_evidence" : "pass";
}
