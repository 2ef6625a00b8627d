/**
 * Drift over time: what a lane measured, laid over what was expected, ignored and planned.
 *
 * Pure. Everything that counts is constant between two of the instants gathered here, so each stretch is
 * assessed once, whatever order the parts became known in. Times are epoch milliseconds, stretches are
 * half-open.
 */
import { DRIFT_CLASSES } from "./drift.ts";
import type { Assessment, ClassifiedFinding } from "./drift-classify.ts";

export type Span = { fromMs: number; toMs: number | null };

/** One stretch in which a lane measured the same. Silence goes on with what was measured last. */
export type MeasuredSpan = Span & { digest: string };

/** What holds of one baseline for the node. */
export type ExpectedSpan = Span & { baselineId: string; target: number; accepted: readonly number[] };

/** All that drift of one lane is folded from. Each list in a fixed order that is its own. */
export type DriftGrounds = {
  /** Without overlaps. */
  measured: readonly MeasuredSpan[];
  /** Per baseline without overlaps; only of baselines that speak about the lane. */
  expected: readonly ExpectedSpan[];
  /** Only those that reach the node. */
  exceptions: readonly (Span & { id: string })[];
  windows: readonly (Span & { id: string })[];
  /** Versions of the settings by their beginnings; the first holds from always. */
  settings: readonly { version: number; fromMs: number }[];
};

/** What counts in one stretch. Equal states are assessed alike. */
export type DriftState = {
  digest: string;
  expected: readonly Omit<ExpectedSpan, "fromMs" | "toMs">[];
  exceptionIds: readonly string[];
  windowIds: readonly string[];
  settingVersion: number;
};

/** One stretch of a lane. */
export type DriftStretch = Span & {
  digest: string;
  settingVersion: number;
  assessment: Assessment;
};

/** One stretch of one difference, which may last over several stretches of its lane. */
export type FindingStretch = Span & { finding: ClassifiedFinding };

export type LaneDrift = { intervals: DriftStretch[]; findings: FindingStretch[] };

/**
 * Fold one lane.
 *
 * There is an interval wherever something was measured and something is expected, and none elsewhere.
 * Instants that are yet to come count like others; see {@link cutAt}.
 *
 * @param assess must give the same answer for equal states
 */
export function foldDrift(grounds: DriftGrounds, assess: (state: DriftState) => Assessment): LaneDrift {
  const moments: DriftStretch[] = [];
  const instants = instantsOf(grounds);
  const stateAt = statesOf(grounds);
  for (const [position, fromMs] of instants.entries()) {
    const state = stateAt(fromMs);
    if (!state) continue;
    const toMs = instants[position + 1] ?? null;
    const { digest, settingVersion } = state;
    moments.push({ fromMs, toMs, digest, settingVersion, assessment: assess(state) });
  }
  return { intervals: joined(moments), findings: findingStretches(moments) };
}

/** Every instant at which something begins or ends, from the first measurement on. */
function instantsOf({ measured, expected, exceptions, windows, settings }: DriftGrounds): number[] {
  if (measured.length === 0) return [];
  const firstMs = Math.min(...measured.map(({ fromMs }) => fromMs));
  const ends = [...measured, ...expected, ...exceptions, ...windows].flatMap(({ fromMs, toMs }) =>
    toMs === null ? [fromMs] : [fromMs, toMs],
  );
  const all = new Set([...ends, ...settings.map(({ fromMs }) => fromMs)]);
  return [...all].filter((atMs) => atMs >= firstMs).sort((a, b) => a - b);
}

/** What counts at an instant. To be asked in ascending order: what is over is not looked at again. */
function statesOf(grounds: DriftGrounds): (atMs: number) => DriftState | null {
  const byStart = [...grounds.measured].sort((a, b) => a.fromMs - b.fromMs);
  let cursor = 0;
  return (atMs) => {
    const holds = ({ fromMs, toMs }: Span) => fromMs <= atMs && (toMs === null || atMs < toMs);
    while ((byStart[cursor]?.toMs ?? Number.POSITIVE_INFINITY) <= atMs) cursor += 1;
    const now = byStart[cursor];
    const expected = grounds.expected.filter(holds);
    if (!now || !holds(now) || expected.length === 0) return null;
    return {
      digest: now.digest,
      expected: expected.map(({ baselineId, target, accepted }) => ({ baselineId, target, accepted })),
      exceptionIds: grounds.exceptions.filter(holds).map(({ id }) => id),
      windowIds: grounds.windows.filter(holds).map(({ id }) => id),
      settingVersion: grounds.settings.findLast(({ fromMs }) => fromMs <= atMs)?.version ?? 0,
    };
  };
}

/** Text that is equal for equal states. */
export function stateKey(state: DriftState): string {
  return JSON.stringify([
    state.digest,
    state.expected.map(({ baselineId, target, accepted }) => [baselineId, target, accepted]),
    state.exceptionIds,
    state.windowIds,
    state.settingVersion,
  ]);
}

/** Neighbours that say the same, as one. What single findings say is kept in their own stretches. */
function joined(moments: readonly DriftStretch[]): DriftStretch[] {
  const intervals: DriftStretch[] = [];
  for (const moment of moments) {
    const last = intervals.at(-1);
    if (last && last.toMs === moment.fromMs && stretchKey(last) === stretchKey(moment))
      last.toMs = moment.toMs;
    else intervals.push({ ...moment });
  }
  return intervals;
}

/** Text that is equal for stretches of a lane that say the same. */
export function stretchKey({ digest, settingVersion, assessment }: DriftStretch): string {
  const { worst, effect, score, findings, reason, baselines } = assessment;
  return JSON.stringify([
    digest,
    settingVersion,
    worst,
    effect,
    score,
    DRIFT_CLASSES.map((cls) => findings[cls]),
    reason,
    baselines.map(({ id, name, version }) => [id, name, version]),
  ]);
}

/** Text that is equal for findings that say the same. */
export function findingKey(finding: ClassifiedFinding): string {
  const { baselineId, path, kind, actual, expected, ...rest } = finding;
  return JSON.stringify([
    baselineId,
    path,
    kind,
    actual,
    expected,
    rest.baselineVersion,
    rest.layer,
    rest.class,
    rest.rule,
    rest.why,
    rest.effect,
    rest.score,
    rest.exceptionId,
    rest.windowId,
  ]);
}

/** The findings of consecutive stretches, each for as long as it says the same. */
function findingStretches(intervals: readonly DriftStretch[]): FindingStretch[] {
  const all: FindingStretch[] = [];
  let open = new Map<string, FindingStretch>();
  let endMs: number | null = Number.NEGATIVE_INFINITY;
  for (const { fromMs, toMs, assessment } of intervals) {
    const still = new Map<string, FindingStretch>();
    for (const finding of assessment.list) {
      const key = findingKey(finding);
      const known = endMs === fromMs ? open.get(key) : undefined;
      const stretch = known ?? { fromMs, toMs, finding };
      stretch.toMs = toMs;
      if (!known) all.push(stretch);
      still.set(key, stretch);
    }
    open = still;
    endMs = toMs;
  }
  return all;
}

/**
 * What is so up to an instant, and when something changes after it if nothing else becomes known.
 *
 * What is open at the instant is left open; what begins later is left out.
 */
export function cutAt(
  { intervals, findings }: LaneDrift,
  nowMs: number,
): LaneDrift & { nextMs: number | null } {
  const turns = [...intervals, ...findings].flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? fromMs]);
  const nextMs = turns.filter((atMs) => atMs > nowMs).reduce(earlier, Number.POSITIVE_INFINITY);
  return {
    intervals: opened(intervals, nowMs),
    findings: opened(findings, nowMs),
    nextMs: nextMs === Number.POSITIVE_INFINITY ? null : nextMs,
  };
}

const earlier = (a: number, b: number) => Math.min(a, b);

function opened<S extends Span>(stretches: readonly S[], nowMs: number): S[] {
  return stretches
    .filter(({ fromMs }) => fromMs <= nowMs)
    .map((stretch) => (stretch.toMs !== null && stretch.toMs > nowMs ? { ...stretch, toMs: null } : stretch));
}

/**
 * What a line amounts to when it was computed again from an instant on.
 *
 * What was stored before the instant stays; what goes on over it with the same words stays one stretch.
 *
 * @param stored currently believed stretches that end at or after the instant
 * @param computed from the instant on, clipped to it
 * @param key equal for stretches that say the same
 */
export function stitch<S extends Span>(
  stored: readonly S[],
  computed: readonly S[],
  fromMs: number,
  key: (stretch: S) => string,
): S[] {
  const before = stored
    .filter((stretch) => stretch.fromMs < fromMs)
    .map((stretch) =>
      stretch.toMs === null || stretch.toMs > fromMs ? { ...stretch, toMs: fromMs } : stretch,
    );
  const touching = new Map(
    before.filter(({ toMs }) => toMs === fromMs).map((stretch) => [key(stretch), stretch]),
  );
  const continued: S[] = [];
  for (const stretch of computed) {
    const known = stretch.fromMs === fromMs ? touching.get(key(stretch)) : undefined;
    if (known) touching.delete(key(stretch));
    continued.push(known ? { ...stretch, fromMs: known.fromMs } : stretch);
  }
  const kept = before.filter((stretch) => stretch.toMs !== fromMs || touching.get(key(stretch)) === stretch);
  return [...kept, ...continued].sort((a, b) => a.fromMs - b.fromMs);
}
