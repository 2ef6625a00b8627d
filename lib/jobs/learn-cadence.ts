/** Learning how often sources are heard, from the log, and the limits that follow from it. */
import { notifyChange } from "#db/queries/ingest-log";
import {
  cadenceSave,
  heardBefore,
  heardSpan,
  type WatchedSource,
  watchedSourceLock,
  watchedSources,
  watchSave,
} from "#db/queries/watch";
import { inTransaction, type SqlPool } from "#db/transaction";
import {
  type Epoch,
  laneCadenceMs,
  limitEpochs,
  RECENT_TIMES,
  sourceCadenceMs,
  withMeasurement,
} from "#lib/domain/cadence";
import type { Job } from "./job.ts";

const HOUR_MS = 3_600_000;
/** Lanes that a source's cadence is taken from; the median needs no more. */
const SAMPLE = 30;
/** Measurements per transaction. */
const BATCH = 200;
/** Evidence that is this late still moves the measurements of its own time. */
const LATE_MS = 48 * HOUR_MS;

/**
 * Measures every source at each full hour.
 *
 * The grid is fixed and each measurement looks back only, so that the result is the same whenever the
 * job runs and in whichever order the evidence came.
 */
export const learnCadence: Job = {
  name: "learn-cadence",
  everyMs: 30_000,
  async run({ db, now }, signal) {
    let more = false;
    for (const source of await watchedSources(db.$client, now())) {
      if (signal.aborted) return "idle";
      if (source.limit === null || source.disabledAt !== null) continue;
      if (await learnSource(db.$client, source, now())) more = true;
    }
    return more ? "more" : "idle";
  },
};

/** @returns whether more hours are due */
async function learnSource(pool: SqlPool, before: WatchedSource, now: Date): Promise<boolean> {
  const lastHourMs = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const imported = before.lastImport?.getTime() !== before.learntImport?.getTime();
  const done = before.learntTo?.getTime() ?? 0;
  if (!imported && done >= lastHourMs) return false;
  const span = await heardSpan(pool, before);
  if (!span) return false;
  const firstMs = (Math.floor(span.firstMs / HOUR_MS) + 1) * HOUR_MS;
  const fromMs = imported || done === 0 ? firstMs : Math.max(firstMs, Math.min(done, lastHourMs - LATE_MS));
  const toMs = Math.min(lastHourMs, fromMs + (BATCH - 1) * HOUR_MS);
  const instants: Date[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += HOUR_MS) instants.push(new Date(atMs));
  const heard = await heardBefore(pool, before, { instants, sample: SAMPLE, times: RECENT_TIMES });

  return inTransaction(pool, async (client) => {
    const source = await watchedSourceLock(client, before);
    if (!source || source.limit === null) return false;
    const cadence = instants.reduce<readonly Epoch[]>(
      (epochs, at, index) =>
        withMeasurement(epochs, {
          fromMs: at.getTime(),
          ms: sourceCadenceMs((heard[index] ?? []).map(laneCadenceMs)),
        }),
      source.cadence.filter((epoch) => epoch.fromMs < fromMs),
    );
    const changedMs = firstDifference(source.cadence, cadence);
    const learnt =
      source.limitMode === "learnt" && source.initialMs !== null
        ? limitEpochs(cadence, source.initialMs, source.bounds)
        : null;
    await watchSave(client, source, {
      learntTo: new Date(Math.max(toMs, fromMs)),
      learntImport: source.lastImport,
    });
    if (changedMs !== null) {
      await cadenceSave(client, source, { cadence, limit: learnt });
      const changedAt = new Date(changedMs);
      await watchSave(client, source, {
        watchedTo: source.watchedTo && source.watchedTo > changedAt ? changedAt : source.watchedTo,
        ...(learnt && { refoldFrom: earlier(source.refoldFrom, changedAt), refoldAfter: null }),
      });
      await notifyChange(client, source.trustDomainId, ["sources"], []);
    }
    return toMs < lastHourMs;
  });
}

/** The instant from which two lists of epochs differ; `null` = they are equal. */
function firstDifference(a: readonly Epoch[], b: readonly Epoch[]): number | null {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [one, other] = [a[index], b[index]];
    if (one?.fromMs === other?.fromMs && one?.ms === other?.ms) continue;
    return Math.min(one?.fromMs ?? Number.POSITIVE_INFINITY, other?.fromMs ?? Number.POSITIVE_INFINITY);
  }
  return null;
}

function earlier(known: Date | null, at: Date): Date {
  return known && known < at ? known : at;
}
