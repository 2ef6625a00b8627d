/** Frameworks by their ids: built-in ones, and those that people imported. */
import type { Conn } from "#db/client";
import type { MeasureWindow } from "#db/queries/measure-sql";
import {
  type FrameworkRow,
  frameworkControls,
  frameworkVersions,
  type ListedVersion,
  type MappingRow,
  mappingCount,
  mappingsAt,
  ownFrameworkFind,
} from "#db/queries/own-framework";
import type { FrameworkView } from "#lib/contracts/control";
import type { Control, Framework } from "#lib/domain/measure/control";
import { controlById, frameworkById } from "#lib/domain/measure/frameworks";
import {
  frameworkOfDocument,
  type KeptMapping,
  storedFrameworkId,
  versionAt,
} from "#lib/domain/measure/own-framework";
import type { OscalControl } from "#lib/domain/oscal/catalogue";
import { ProblemError } from "#lib/domain/problems";

/** For which instant a framework is asked, and by what was known when. Built-in ones are the same at any. */
export type FrameworkTime = { at: Date; knownAt: Date };

export const presently = (now: Date): FrameworkTime => ({ at: now, knownAt: now });

/** The version that counts at the end of a period counts for all of it. */
export function timeOfWindow({ to, knownAt, now }: MeasureWindow): FrameworkTime {
  return { at: new Date(to.getTime() - 1), knownAt: knownAt ?? now };
}

/** An imported framework in one of its versions. */
export type OwnFramework = { row: FrameworkRow; version: ListedVersion; controls: readonly OscalControl[] };

/** `own` is `null` for a built-in one. */
export type LoadedFramework = { framework: Framework; own: OwnFramework | null };

/**
 * @throws {ProblemError} `compliance/unknown-framework`, also for one of which no version counted then, or of which
 *   nobody knew then
 */
export async function loadFramework(
  conn: Conn,
  scope: readonly string[],
  id: string,
  { at, knownAt }: FrameworkTime,
): Promise<LoadedFramework> {
  const builtIn = frameworkById(id);
  if (builtIn) return { framework: builtIn, own: null };
  const row = await ownRow(conn, scope, id);
  const version = versionAt((await frameworkVersions(conn, row, knownAt)).map(inMs), {
    atMs: at.getTime(),
    knownAtMs: knownAt.getTime(),
  });
  if (!version) {
    const detail = "No version of the framework counted at that time, by what was known then.";
    throw new ProblemError("compliance/unknown-framework", detail);
  }
  const controls = await frameworkControls(conn, version);
  const mappings = (await mappingsAt(conn, row, knownAt)).flatMap(keptMapping);
  const revision = await mappingCount(conn, row, knownAt);
  const framework = frameworkOfDocument(
    {
      ...{ id, title: version.title, edition: version.edition, revision },
      source: {
        ...{ kind: version.kind, uuid: version.documentUuid, oscalVersion: version.oscalVersion },
        ...{ digest: version.digest.toString("hex"), version: version.version },
      },
    },
    controls,
    mappings,
  );
  return { framework, own: { row, version, controls } };
}

const inMs = (version: ListedVersion) => ({
  ...version,
  validFromMs: version.validFrom.getTime(),
  recordedAtMs: version.recordedAt.getTime(),
});

/** @throws {ProblemError} as {@link loadFramework} */
export async function frameworkOf(
  conn: Conn,
  scope: readonly string[],
  id: string,
  time: FrameworkTime,
): Promise<Framework> {
  return (await loadFramework(conn, scope, id, time)).framework;
}

/** For what is new. @throws {ProblemError} `compliance/framework-retired`, and as {@link loadFramework} */
export async function frameworkInUse(
  conn: Conn,
  scope: readonly string[],
  id: string,
  time: FrameworkTime,
): Promise<Framework> {
  const { framework, own } = await loadFramework(conn, scope, id, time);
  if (own) requireInUse(own.row);
  return framework;
}

/** @throws {ProblemError} `compliance/framework-retired` */
export function requireInUse({ retiredAt }: FrameworkRow): void {
  if (retiredAt) throw new ProblemError("compliance/framework-retired", "It can be read and nothing more.");
}

/** @throws {ProblemError} `compliance/unknown-framework`, also for a built-in one */
export async function ownRow(conn: Conn, scope: readonly string[], id: string): Promise<FrameworkRow> {
  const stored = storedFrameworkId(id);
  const row = stored === null ? undefined : await ownFrameworkFind(conn, scope, stored);
  if (!row) throw unknownFramework(id);
  return row;
}

export function unknownFramework(id: string): ProblemError {
  return new ProblemError("compliance/unknown-framework", `There is no framework ${id}.`);
}

function keptMapping({ kind, ...row }: MappingRow): KeptMapping[] {
  if (kind === "cleared") return [];
  const { control, measures, covers, notCovered, reason, recordedAt, recordedByEmail } = row;
  const made = { madeAt: recordedAt.toISOString(), madeBy: recordedByEmail };
  return [{ kind, control, measures, covers, notCovered, reason, ...made }];
}

/** @throws {ProblemError} `compliance/unknown-control` */
export function controlOf(framework: Framework, id: string): Control {
  const found = controlById(framework, id);
  if (!found)
    throw new ProblemError("compliance/unknown-control", `${framework.title} has no control ${id}.`);
  return found;
}

export function frameworkView({ framework, own }: LoadedFramework): FrameworkView {
  const { id, title, edition, caution, controls } = framework;
  return { id, title, edition, caution, controls: controls.length, own: own && ownView(own) };
}

/** What is told of the document of an imported framework. */
export function ownView({ row, version }: Pick<OwnFramework, "row" | "version">): FrameworkView["own"] {
  return {
    ...{ version: version.version, kind: version.kind, oscalVersion: version.oscalVersion },
    ...{ documentUuid: version.documentUuid, digest: version.digest.toString("hex"), base: version.base },
    ...{ importedBy: version.recordedByEmail, importedAt: version.recordedAt.toISOString() },
    validFrom: version.validFrom.toISOString(),
    retiredAt: row.retiredAt?.toISOString() ?? null,
  };
}
