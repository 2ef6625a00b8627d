/**
 * Cadence: how often something is heard, learnt from when it was heard.
 *
 * Pure, and independent of the order of arrival: everything is computed from the times that the
 * evidence states, in epoch milliseconds.
 */

/** A value that holds from an instant on, until the next one of its list. Lists are ascending. */
export type Epoch = { fromMs: number; ms: number };

/** Silence after which evidence no longer counts; `null` = never. A learnt limit has epochs. */
export type SilenceLimit = number | null | readonly Epoch[];

/** How a limit follows from a cadence. */
export type LimitBounds = { factor: number; floorMs: number; capMs: number };

/** Gaps that a line's cadence is taken from, at most and at least. */
const RECENT_GAPS = 9;
const FEWEST_GAPS = 3;
/** A cadence counts as changed when it differs by more than this factor, so that jitter moves no limit. */
const CHANGE_FACTOR = 1.25;
/** A source that is not heard for this many of its intervals is silent as a whole. */
export const SILENT_INTERVALS = 2;

/** Times to read per line, newest first, so that its cadence can be taken. */
export const RECENT_TIMES = RECENT_GAPS + 1;

/** The value in force at an instant; `null` before the first epoch. */
export function epochAt(epochs: readonly Epoch[], atMs: number): number | null {
  return epochs.findLast(({ fromMs }) => fromMs <= atMs)?.ms ?? null;
}

/** The limit that silence after an instant is judged by. */
export function limitAt(limit: SilenceLimit, atMs: number): number | null {
  return typeof limit === "object" && limit !== null ? epochAt(limit, atMs) : limit;
}

/**
 * Expected interval of one line of evidence: the median of its most recent gaps.
 *
 * The median, because a silence or a burst is one gap among many. Several statements of one instant
 * are one.
 *
 * @param heardMs any order, duplicates allowed
 * @returns `null` while too few gaps are known
 */
export function laneCadenceMs(heardMs: readonly number[]): number | null {
  const times = [...new Set(heardMs)].sort((a, b) => a - b).slice(-RECENT_TIMES);
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? atMs));
  return gaps.length < FEWEST_GAPS ? null : medianOf(gaps);
}

/** Expected interval of a source: the median of its lines' cadences; `null` while none has one. */
export function sourceCadenceMs(lanes: readonly (number | null)[]): number | null {
  return medianOf(lanes.filter((ms) => ms !== null));
}

/** The lower median, so that the answer is one of the values; `null` of none. */
export function medianOf(values: readonly number[]): number | null {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? null;
}

/** The limit that a cadence amounts to: its multiple, but never outside the bounds. */
export function limitOfCadence(cadenceMs: number, { factor, floorMs, capMs }: LimitBounds): number {
  return Math.round(Math.min(Math.max(cadenceMs * factor, floorMs), capMs));
}

/**
 * Epochs of a cadence with one more measurement; the same list when it says nothing new.
 *
 * @param measured later than every epoch; `ms: null` = could not be measured then
 */
export function withMeasurement(
  epochs: readonly Epoch[],
  measured: { fromMs: number; ms: number | null },
): readonly Epoch[] {
  const { fromMs, ms } = measured;
  const last = epochs.at(-1)?.ms;
  if (ms === null || ms <= 0) return epochs;
  if (last !== undefined && Math.max(ms, last) <= Math.min(ms, last) * CHANGE_FACTOR) return epochs;
  return [...epochs, { fromMs, ms }];
}

/**
 * Epochs of a learnt limit.
 *
 * Before the first measurement the initial limit holds: what was learnt later must not make history
 * that was judged by nothing look worse than it was.
 */
export function limitEpochs(cadence: readonly Epoch[], initialMs: number, bounds: LimitBounds): Epoch[] {
  const learnt = cadence.map(({ fromMs, ms }) => ({ fromMs, ms: limitOfCadence(ms, bounds) }));
  return [{ fromMs: 0, ms: initialMs }, ...learnt];
}

/**
 * Silence of a whole source, as epochs: twice its cadence; until that is known, its limit.
 *
 * @returns empty when it has neither: such a source is never silent
 */
export function silenceEpochs(cadence: readonly Epoch[], limit: SilenceLimit): Epoch[] {
  const doubled = cadence.map(({ fromMs, ms }) => ({ fromMs, ms: ms * SILENT_INTERVALS }));
  const begins = doubled[0]?.fromMs ?? Number.POSITIVE_INFINITY;
  const before = typeof limit === "number" ? [{ fromMs: 0, ms: limit }] : (limit ?? []);
  return [...before.filter(({ fromMs }) => fromMs < begins), ...doubled];
}

/** A silence: after the last evidence before it, judged from `sinceMs` on. */
export type Silence = {
  lastMs: number;
  sinceMs: number;
  /** First evidence after it; `null` = still silent. */
  untilMs: number | null;
};

/**
 * Silences between the times at which a source was heard.
 *
 * @param heardMs ascending
 * @param nowMs instant up to which silence is judged
 */
export function silencesOf(
  heardMs: readonly number[],
  thresholds: readonly Epoch[],
  nowMs: number,
): Silence[] {
  return heardMs.flatMap((lastMs, index) => {
    const untilMs = heardMs[index + 1] ?? null;
    const limitMs = epochAt(thresholds, lastMs);
    if (limitMs === null || (untilMs ?? nowMs) - lastMs <= limitMs) return [];
    return [{ lastMs, sinceMs: lastMs + limitMs, untilMs }];
  });
}
