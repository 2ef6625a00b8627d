/** Frameworks that people import: which version counts when, and what a control comes to by what it is mapped to. Pure. */

import type { OscalControl } from "#lib/domain/oscal/catalogue";
import { lineOf, renderText } from "#lib/domain/oscal/param";
import type { Control, Framework } from "./control.ts";
import type { ControlMapping, FrameworkSource } from "./own-control.ts";

/** A mapping with the measures, as it is kept. */
export type KeptMapping = ControlMapping & {
  control: string;
  measures: readonly string[];
  notCovered: string | null;
};

/** What stands beside every imported framework. */
export const OWN_CAUTION =
  "Imported on this installation from a document of its own; what its controls are mapped to was decided here.";

/** Ids of imported frameworks begin like this, and no built-in one does. */
const PREFIX = "own-";

export const ownFrameworkId = (id: string): string => `${PREFIX}${id}`;

/** The stored id; `null` = it names no imported framework. */
export function storedFrameworkId(id: string): string | null {
  const found = /^own-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/.exec(id);
  return found?.[1] ?? null;
}

type Course = { version: number; validFromMs: number; recordedAtMs: number };

/**
 * The version that counts at an instant, by what was known at one: of those that count from then or before, the one
 * that does so last; of two from the same instant, the one that was imported last.
 */
export function versionAt<T extends Course>(
  versions: readonly T[],
  { atMs, knownAtMs }: { atMs: number; knownAtMs: number },
): T | undefined {
  return versions
    .filter(({ validFromMs, recordedAtMs }) => validFromMs <= atMs && recordedAtMs <= knownAtMs)
    .sort((a, b) => b.validFromMs - a.validFromMs || b.version - a.version)[0];
}

const NOT_COVERED: Readonly<Record<"none" | "manual" | "not_applicable", string>> = {
  none: "Everything: nobody has mapped it to measures.",
  manual: "Everything: people check it.",
  not_applicable: "Everything: it does not apply.",
};

/**
 * An imported framework as the built-in ones are, so that the same code computes both.
 *
 * @param revision how many times mappings had been changed
 */
export function frameworkOfDocument(
  framework: { id: string; title: string; edition: string; source: FrameworkSource; revision: number },
  controls: readonly OscalControl[],
  mappings: readonly KeptMapping[],
): Framework {
  const { id, title, edition, source, revision } = framework;
  const byControl = new Map(mappings.map((mapping) => [mapping.control, mapping]));
  return {
    ...{ id, title, edition, caution: OWN_CAUTION, source },
    mappingVersion: `${source.version}.${revision}`,
    controls: controls.map((control) => controlOfDocument(control, byControl.get(control.id))),
  };
}

function controlOfDocument(control: OscalControl, mapped: KeptMapping | undefined): Control {
  const { id, statementId } = control;
  return {
    id,
    line: lineOf(control),
    measures: mapped?.measures ?? [],
    notCovered: mapped?.notCovered ?? NOT_COVERED[notMeasured(mapped)],
    own: { statementId, mapping: mapped ? mappingOf(mapped) : null },
  };
}

function notMeasured(mapped: KeptMapping | undefined): keyof typeof NOT_COVERED {
  return mapped === undefined || mapped.kind === "measures" ? "none" : mapped.kind;
}

function mappingOf({ kind, covers, reason, madeAt, madeBy }: KeptMapping): ControlMapping {
  return { kind, covers, reason, madeAt, madeBy };
}

/** What a control asks for, as people read it; `null` = the document does not say. */
export function statementOf({ statement, params }: OscalControl): string | null {
  return statement === "" ? null : renderText(statement, params);
}
