/** Everything that decides the drift of the nodes of one domain, made ready to be asked per lane. */
import { baselineCourse } from "#db/queries/baseline-course";
import {
  type DriftExceptionRow,
  type DriftWindowRow,
  driftAllowances,
  driftSettings,
} from "#db/queries/drift-grounds";
import type { LaneKey } from "#db/queries/ingest-history";
import type { SqlClient } from "#db/transaction";
import type { SelectorNode } from "#lib/domain/baseline";
import {
  type BaselineCourse,
  comparedWith,
  courseInstants,
  shareOf,
  speaksAbout,
  versionsFor,
} from "#lib/domain/baseline-course";
import { type Assessment, assessDrift, type Expectation, type Version } from "#lib/domain/drift-classify";
import {
  type DriftGrounds,
  type DriftState,
  type ExpectedSpan,
  type MeasuredSpan,
  stateKey,
} from "#lib/domain/drift-fold";
import { DEFAULT_SETTINGS, type DriftSettingsVersion } from "#lib/domain/drift-settings";
import type { Measurements } from "#lib/domain/verdict";
import { matcherOf } from "#lib/policy/patterns";
import { selectorMatches } from "#lib/policy/selector";

/** What is expected, allowed and tuned in a domain, over all of its time. */
export type DriftCourse = {
  trustDomainId: string;
  baselines: readonly BaselineCourse[];
  exceptions: readonly DriftExceptionRow[];
  windows: readonly DriftWindowRow[];
  settings: readonly DriftSettingsVersion[];
};

/** To be read after the domain's drift lock was taken. */
export async function driftCourse(client: SqlClient, trustDomainId: string): Promise<DriftCourse> {
  const baselines = await baselineCourse(client, trustDomainId);
  const allowances = await driftAllowances(client, trustDomainId);
  return {
    trustDomainId,
    baselines,
    ...allowances,
    settings: await driftSettings(client, trustDomainId),
  };
}

/** What one lane of a node is folded from. */
export function laneGrounds(
  { baselines, exceptions, windows, settings }: DriftCourse,
  node: SelectorNode,
  lane: Pick<LaneKey, "sourceId" | "submod">,
  measured: readonly MeasuredSpan[],
): DriftGrounds {
  const speaking = baselines.filter((course) => speaksAbout(course, lane, node, selectorMatches));
  const own = new Set(speaking.map(({ id }) => id));
  const reaches = ({ selector }: { selector: string }) => selectorMatches(selector, node);
  return {
    measured,
    expected: speaking.flatMap((course) => expectedSpans(course, node)),
    exceptions: exceptions.filter(
      (row) => (row.baselineId === null || own.has(row.baselineId)) && reaches(row),
    ),
    windows: windows.filter(reaches),
    settings,
  };
}

/** What of a baseline holds for a node over time; neighbours that say the same are left apart. */
function expectedSpans(course: BaselineCourse, node: SelectorNode): ExpectedSpan[] {
  const instants = courseInstants(course.rollouts);
  return instants.flatMap((fromMs, index): ExpectedSpan[] => {
    const held = heldVersions(course, node, fromMs);
    return held ? [{ ...held, fromMs, toMs: instants[index + 1] ?? null, baselineId: course.id }] : [];
  });
}

/** What a node is compared with at an instant, whomever the baseline is for; `null` = with nothing. */
export function heldVersions(
  { rollouts }: Pick<BaselineCourse, "rollouts">,
  node: SelectorNode,
  atMs: number,
): Pick<ExpectedSpan, "target" | "accepted"> | null {
  return comparedWith(versionsFor(rollouts, node, atMs, shareOf(node.id), selectorMatches));
}

/** Where assessments are kept that may be asked for again. */
export type AssessmentMemory = {
  /** Gives the answer that was made before under the key, or makes it. */
  assess: (key: string, make: () => Assessment) => Assessment;
  /** Counts measured entries that were compared, those of each baseline. */
  compared: number;
};

/** Assesses states of one node's lanes. */
export function assessorOf(
  course: DriftCourse,
  node: SelectorNode,
  sets: ReadonlyMap<string, Measurements>,
  memory: AssessmentMemory,
): (state: DriftState) => Assessment {
  const role = node.labels.role ?? null;
  return (state) => {
    const key = JSON.stringify([course.trustDomainId, role, stateKey(state)]);
    return memory.assess(key, () => {
      const measured = sets.get(state.digest) ?? {};
      const expectations = expectationsOf(course, state);
      memory.compared += Object.keys(measured).length * expectations.length;
      return assessDrift(measured, expectations, {
        windows: course.windows.filter(({ id }) => state.windowIds.includes(id)),
        settings:
          course.settings.find(({ version }) => version === state.settingVersion)?.settings ??
          DEFAULT_SETTINGS,
        role,
      });
    });
  };
}

function expectationsOf(course: DriftCourse, state: DriftState): Expectation[] {
  return state.expected.flatMap(({ baselineId, target, accepted }): Expectation[] => {
    const baseline = course.baselines.find(({ id }) => id === baselineId);
    const reference = baseline && versionOf(baseline, target);
    if (!reference) return [];
    return [
      {
        id: baselineId,
        name: baseline.name,
        target: reference,
        accepted: accepted.flatMap((version) => versionOf(baseline, version) ?? []),
        exceptions: course.exceptions
          .filter(
            ({ id, baselineId: only }) =>
              state.exceptionIds.includes(id) && (only ?? baselineId) === baselineId,
          )
          .map(({ id, pattern }) => ({ id, matches: matcherOf([pattern]) })),
      },
    ];
  });
}

function versionOf({ contents }: BaselineCourse, version: number): Version | null {
  const content = contents.get(version);
  return content ? { version, content, ignores: matcherOf(content.ignore) } : null;
}
