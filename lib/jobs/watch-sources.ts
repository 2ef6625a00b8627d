/** Watching the watchers: silence of whole sources, clocks that are off, settings that cannot work. */
import {
  findingsSince,
  heardAtOrBefore,
  nodesHeardBefore,
  type RecentVerdict,
  recentVerdicts,
  walkSilences,
} from "#db/queries/source-finding";
import {
  heardSpan,
  type WatchedSource,
  watchedSourceLock,
  watchedSources,
  watchSave,
} from "#db/queries/watch";
import { inTransaction, type SqlClient, type SqlPool } from "#db/transaction";
import { type Silence, silenceEpochs } from "#lib/domain/cadence";
import { misconfigurationsOf } from "#lib/domain/misconfiguration";
import { skewOf, skewSign } from "#lib/domain/skew";
import { findingKey, type SourceFinding } from "#lib/domain/source-finding";
import type { Job } from "./job.ts";
import { recordFindings } from "./record-findings.ts";

const HOUR_MS = 3_600_000;
/** Evidence that is this late still corrects the silence that it ends. */
const LATE_MS = 48 * HOUR_MS;
/** Verdicts that clocks and settings are judged by, and how old they may be. */
const RECENT = 500;
const RECENT_MS = 24 * HOUR_MS;

export const watchSources: Job = {
  name: "watch-sources",
  everyMs: 10_000,
  async run({ db, now }, signal) {
    let more = false;
    for (const source of await watchedSources(db.$client, now())) {
      if (signal.aborted) return "idle";
      if (await watchSource(db.$client, source, now())) more = true;
    }
    return more ? "more" : "idle";
  },
};

/** @returns whether more of its history is due */
function watchSource(pool: SqlPool, before: WatchedSource, now: Date): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const source = await watchedSourceLock(client, before);
    if (!source) return false;
    const more = await watchSilence(client, source, now);
    const recent =
      source.disabledAt === null
        ? await recentVerdicts(client, source, {
            since: new Date(now.getTime() - RECENT_MS),
            limit: RECENT,
          })
        : [];
    await watchClock(client, source, recent, now);
    await watchSettings(client, source, recent, now);
    return more;
  });
}

async function watchSilence(client: SqlClient, source: WatchedSource, now: Date): Promise<boolean> {
  const thresholds = silenceEpochs(source.cadence, source.limit);
  // A source that was taken out of service is not silent: nobody waits for it.
  const judgedMs = Math.min(now.getTime(), source.disabledAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const span = thresholds.length > 0 && source.limit !== null ? await heardSpan(client, source) : null;
  if (!span) {
    await recordFindings(client, source, { kinds: ["silent"], computed: [], since: null, now });
    return false;
  }
  const trailing = source.watchedTo && new Date(source.watchedTo.getTime() - LATE_MS);
  const before = trailing && (await heardAtOrBefore(client, source, trailing));
  const overlapping = await findingsSince(client, source, ["silent"], before ? new Date(before) : null);
  // Late evidence may have come into a silence: walk it again as a whole.
  const fromMs = Math.min(
    before ?? span.firstMs,
    ...overlapping.map(({ lastEvidenceMs }) => Math.max(lastEvidenceMs ?? 0, span.firstMs)),
  );
  const walk = await walkSilences(client, source, { fromMs, thresholds, nowMs: judgedMs });
  const computed: SourceFinding[] = [];
  for (const silence of walk.silences) computed.push(await silentFinding(client, source, silence));
  const since = before === null ? null : new Date(fromMs);
  const known = await findingsSince(client, source, ["silent"], since);
  // What lies beyond the end of this walk is the next one's matter.
  const beyond = known.filter(({ sinceMs }) => walk.reachedMs !== null && sinceMs > walk.reachedMs);
  await recordFindings(client, source, {
    kinds: ["silent"],
    computed: [...computed, ...beyond],
    since,
    now,
  });
  await watchSave(client, source, {
    watchedTo: new Date(walk.reachedMs ?? now.getTime()),
  });
  return walk.reachedMs !== null;
}

async function silentFinding(
  client: SqlClient,
  source: WatchedSource,
  { lastMs, sinceMs, untilMs }: Silence,
): Promise<SourceFinding> {
  return {
    kind: "silent",
    subject: "",
    sinceMs,
    untilMs: untilMs ?? source.disabledAt?.getTime() ?? null,
    detail: { thresholdMs: sinceMs - lastMs },
    nodes: await nodesHeardBefore(client, source, new Date(lastMs)),
    firstEvidenceMs: untilMs,
    lastEvidenceMs: lastMs,
  };
}

async function watchClock(
  client: SqlClient,
  source: WatchedSource,
  recent: readonly RecentVerdict[],
  now: Date,
): Promise<void> {
  const skew = skewOf(recent.map(({ observedMs, receivedMs }) => ({ statedMs: observedMs, receivedMs })));
  await watchSave(client, source, {
    skewP50Ms: skew?.p50Ms ?? null,
    skewP95Ms: skew?.p95Ms ?? null,
    skewSamples: skew?.samples ?? 0,
  });
  const sign = skew && skewSign(skew);
  const wanted =
    skew && sign ? [{ subject: sign, detail: { sign, p50Ms: skew.p50Ms, p95Ms: skew.p95Ms } }] : [];
  await holdFindings(client, source, { kind: "skewed", wanted, nodes: 0, now });
}

async function watchSettings(
  client: SqlClient,
  source: WatchedSource,
  recent: readonly RecentVerdict[],
  now: Date,
): Promise<void> {
  const inOrder = recent.toReversed();
  const byLine = Map.groupBy(inOrder, ({ line }) => line);
  const wanted = misconfigurationsOf({
    cadenceMs: source.cadence.at(-1)?.ms ?? null,
    validForMs: recent.flatMap(({ expiresMs, observedMs }) =>
      expiresMs === null ? [] : [expiresMs - observedMs],
    ),
    fixedLimitMs: typeof source.limit === "number" ? source.limit : null,
    outcomes: [...byLine.values()].map((line) => line.map(({ outcome }) => outcome)),
  });
  const nodes = new Set(recent.map(({ line }) => line.split("/")[0])).size;
  await holdFindings(client, source, { kind: "misconfigured", wanted, nodes, now });
}

/** Findings about how things are now: they begin when they are first seen and end when they are gone. */
async function holdFindings(
  client: SqlClient,
  source: WatchedSource,
  {
    kind,
    wanted,
    nodes,
    now,
  }: {
    kind: "skewed" | "misconfigured";
    wanted: readonly { subject: string; detail: SourceFinding["detail"] }[];
    nodes: number;
    now: Date;
  },
): Promise<void> {
  // Those that ended this very instant are among them: one may begin again in it.
  const since = new Date(now.getTime() - 1);
  const recent = await findingsSince(client, source, [kind], since);
  const known = recent.filter(({ untilMs }) => untilMs === null);
  const kept = wanted.map(({ subject, detail }): SourceFinding => {
    // The figures of the first sight stay: only beginning and end are news.
    const old = known.find((finding) => finding.subject === subject);
    if (old) return old;
    const atMs = now.getTime();
    return {
      kind,
      subject,
      sinceMs: atMs,
      untilMs: null,
      detail,
      nodes,
      firstEvidenceMs: atMs,
      lastEvidenceMs: null,
    };
  });
  const ended = known
    .filter(({ subject }) => !wanted.some((still) => still.subject === subject))
    .map((finding) => ({ ...finding, untilMs: now.getTime() }));
  const again = new Set(kept.map(findingKey));
  const over = recent.filter((finding) => finding.untilMs !== null && !again.has(findingKey(finding)));
  await recordFindings(client, source, {
    kinds: [kind],
    computed: [...kept, ...ended, ...over],
    since,
    now,
  });
}
