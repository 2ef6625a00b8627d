/** What the reconcilers of sources read and write. Raw SQL: they work in the pool's own transactions. */
import type { ClientBase, Pool } from "pg";
import type { Epoch, LimitBounds, SilenceLimit } from "#lib/domain/cadence";
import { epochsOf, type LimitColumns, limitOfColumns } from "./limit.ts";

/** A source as the reconcilers see it, with how far they have come. */
export type WatchedSource = {
  trustDomainId: string;
  sourceId: string;
  limitMode: "fixed" | "learnt";
  limit: SilenceLimit;
  bounds: LimitBounds;
  initialMs: number | null;
  cadence: readonly Epoch[];
  acceptPastMs: number;
  disabledAt: Date | null;
  lastImport: Date | null;
  learntTo: Date | null;
  learntImport: Date | null;
  watchedTo: Date | null;
  refoldFrom: Date | null;
  refoldAfter: string | null;
  coverageLookedAt: Date | null;
};

type WatchRow = LimitColumns & {
  trust_domain_id: string;
  id: string;
  limit_mode: string;
  limit_factor: number;
  limit_floor_ms: string;
  limit_cap_ms: string;
  limit_initial_ms: string | null;
  cadence_from_ms: string[] | null;
  cadence_ms: string[] | null;
  accept_past_ms: string;
  disabled_at: Date | null;
  backfill_until: Date | null;
  learnt_to: Date | null;
  learnt_import: Date | null;
  watched_to: Date | null;
  refold_from: Date | null;
  refold_after: string | null;
  coverage_looked_at: Date | null;
};

const COLUMNS = `s.trust_domain_id, s.id, s.limit_mode, s.stale_after_ms, s.limit_factor, s.limit_floor_ms,
  s.limit_cap_ms, s.limit_initial_ms, s.limit_from_ms, s.limit_ms, s.cadence_from_ms, s.cadence_ms,
  s.accept_past_ms, s.disabled_at, s.backfill_until, w.learnt_to, w.learnt_import, w.watched_to,
  w.refold_from, w.refold_after, w.coverage_looked_at`;

const FROM = `FROM source s
  LEFT JOIN source_watch w ON w.trust_domain_id = s.trust_domain_id AND w.source_id = s.id`;

const numberOrNull = (text: string | null) => (text === null ? null : Number(text));

function watched(row: WatchRow): WatchedSource {
  return {
    trustDomainId: row.trust_domain_id,
    sourceId: row.id,
    limitMode: row.limit_mode === "learnt" ? "learnt" : "fixed",
    limit: limitOfColumns(row),
    bounds: {
      factor: row.limit_factor,
      floorMs: Number(row.limit_floor_ms),
      capMs: Number(row.limit_cap_ms),
    },
    initialMs: numberOrNull(row.limit_initial_ms),
    cadence: epochsOf(row.cadence_from_ms, row.cadence_ms),
    acceptPastMs: Number(row.accept_past_ms),
    disabledAt: row.disabled_at,
    lastImport: row.backfill_until,
    learntTo: row.learnt_to,
    learntImport: row.learnt_import,
    watchedTo: row.watched_to,
    refoldFrom: row.refold_from,
    refoldAfter: row.refold_after,
    coverageLookedAt: row.coverage_looked_at,
  };
}

/** All sources while no history of theirs is being imported. */
export async function watchedSources(pool: Pool, now: Date): Promise<WatchedSource[]> {
  const { rows } = await pool.query<WatchRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE s.backfill_until IS NULL OR s.backfill_until <= $1
     ORDER BY s.trust_domain_id, s.id`,
    [now],
  );
  return rows.map(watched);
}

/**
 * One source with its state locked until the transaction ends; `null` when it is gone.
 *
 * The lock is on the state, not on the source's own row: ingest must not wait for it. Whoever changes
 * a limit takes it before the row.
 */
export async function watchedSourceLock(
  client: ClientBase,
  { trustDomainId, sourceId }: Pick<WatchedSource, "trustDomainId" | "sourceId">,
): Promise<WatchedSource | null> {
  const key = [trustDomainId, sourceId];
  await client.query(
    `INSERT INTO source_watch (trust_domain_id, source_id)
     SELECT trust_domain_id, id FROM source WHERE trust_domain_id = $1 AND id = $2 ON CONFLICT DO NOTHING`,
    key,
  );
  await client.query(
    "SELECT 1 FROM source_watch WHERE trust_domain_id = $1 AND source_id = $2 FOR UPDATE",
    key,
  );
  const { rows } = await client.query<WatchRow>(
    `SELECT ${COLUMNS} ${FROM} WHERE s.trust_domain_id = $1 AND s.id = $2`,
    [trustDomainId, sourceId],
  );
  return rows[0] ? watched(rows[0]) : null;
}

const WATCH_COLUMNS = {
  learntTo: "learnt_to",
  learntImport: "learnt_import",
  watchedTo: "watched_to",
  refoldFrom: "refold_from",
  refoldAfter: "refold_after",
  coverageLookedAt: "coverage_looked_at",
  skewP50Ms: "skew_p50_ms",
  skewP95Ms: "skew_p95_ms",
  skewSamples: "skew_samples",
} as const;

export type WatchState = Partial<Record<keyof typeof WATCH_COLUMNS, Date | string | number | null>>;

/** Remember how far the work has come; columns that are not named stay. */
export async function watchSave(
  client: ClientBase | Pool,
  { trustDomainId, sourceId }: Pick<WatchedSource, "trustDomainId" | "sourceId">,
  state: WatchState,
): Promise<void> {
  const entries = Object.entries(state) as [keyof typeof WATCH_COLUMNS, Date | string | number | null][];
  const columns = entries.map(([key]) => WATCH_COLUMNS[key]);
  await client.query(
    `INSERT INTO source_watch (trust_domain_id, source_id, ${columns.join(", ")})
     VALUES ($1, $2, ${columns.map((_, index) => `$${index + 3}`).join(", ")})
     ON CONFLICT (trust_domain_id, source_id) DO UPDATE SET
       ${columns.map((column) => `${column} = EXCLUDED.${column}`).join(", ")}`,
    [trustDomainId, sourceId, ...entries.map(([, value]) => value)],
  );
}

/** First and last time that a source was heard, by its own dates; `null` = never. */
export async function heardSpan(
  client: ClientBase | Pool,
  { trustDomainId, sourceId }: Pick<WatchedSource, "trustDomainId" | "sourceId">,
): Promise<{ firstMs: number; lastMs: number } | null> {
  const { rows } = await client.query<{ first: Date | null; last: Date | null }>(
    `SELECT (SELECT min(observed_at) FROM verdict WHERE trust_domain_id = $1 AND source_id = $2) AS first,
       (SELECT max(observed_at) FROM verdict WHERE trust_domain_id = $1 AND source_id = $2) AS last`,
    [trustDomainId, sourceId],
  );
  const { first, last } = rows[0] ?? { first: null, last: null };
  return first && last ? { firstMs: first.getTime(), lastMs: last.getTime() } : null;
}

/**
 * When a sample of the source's lanes was last heard before each of some instants.
 *
 * Index reads only, whatever the size of the log. The sample is the same for the same lanes.
 *
 * @param sample lanes at most
 * @param times times per lane and instant at most
 * @returns per instant, the times of each lane in epoch milliseconds
 */
export async function heardBefore(
  client: ClientBase | Pool,
  { trustDomainId, sourceId }: Pick<WatchedSource, "trustDomainId" | "sourceId">,
  { instants, sample, times }: { instants: readonly Date[]; sample: number; times: number },
): Promise<number[][][]> {
  const { rows } = await client.query<{ position: string; heard: number[] }>(
    `WITH lanes AS (
       SELECT node_id, submod FROM lane WHERE trust_domain_id = $1 AND source_id = $2
       ORDER BY md5(node_id::text || submod) LIMIT $4
     )
     SELECT i.position, h.heard
     FROM unnest($3::timestamptz[]) WITH ORDINALITY AS i(at, position)
     CROSS JOIN lanes l
     CROSS JOIN LATERAL (
       SELECT array_agg((extract(epoch FROM observed_at) * 1000)::float8) AS heard FROM (
         SELECT DISTINCT observed_at FROM verdict v
         WHERE v.trust_domain_id = $1 AND v.node_id = l.node_id AND v.source_id = $2 AND v.submod = l.submod
           AND v.observed_at < i.at
         ORDER BY observed_at DESC LIMIT $5
       ) newest
     ) h
     WHERE h.heard IS NOT NULL`,
    [trustDomainId, sourceId, instants.map((at) => at.toISOString()), sample, times],
  );
  const byInstant = Map.groupBy(rows, ({ position }) => Number(position));
  return instants.map((_, index) => (byInstant.get(index + 1) ?? []).map(({ heard }) => heard));
}

/** Write the cadence of a source and, for a learnt limit, the limit that follows from it. */
export async function cadenceSave(
  client: ClientBase,
  { trustDomainId, sourceId }: Pick<WatchedSource, "trustDomainId" | "sourceId">,
  { cadence, limit }: { cadence: readonly Epoch[]; limit: readonly Epoch[] | null },
): Promise<void> {
  await client.query(
    `UPDATE source SET cadence_from_ms = $3, cadence_ms = $4,
       limit_from_ms = CASE WHEN $5::bigint[] IS NULL THEN limit_from_ms ELSE $5 END,
       limit_ms = CASE WHEN $5::bigint[] IS NULL THEN limit_ms ELSE $6::bigint[] END,
       stale_after_ms = coalesce($7, stale_after_ms)
     WHERE trust_domain_id = $1 AND id = $2`,
    [
      trustDomainId,
      sourceId,
      cadence.map(({ fromMs }) => fromMs),
      cadence.map(({ ms }) => Math.round(ms)),
      limit?.map(({ fromMs }) => fromMs) ?? null,
      limit?.map(({ ms }) => ms) ?? null,
      limit?.at(-1)?.ms ?? null,
    ],
  );
}

/** The next nodes with a lane of the source, in order of ids. */
export async function laneNodesAfter(
  client: ClientBase,
  { trustDomainId, sourceId }: Pick<WatchedSource, "trustDomainId" | "sourceId">,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const { rows } = await client.query<{ node_id: string }>(
    `SELECT DISTINCT node_id FROM lane
     WHERE trust_domain_id = $1 AND source_id = $2 AND ($3::uuid IS NULL OR node_id > $3)
     ORDER BY node_id LIMIT $4`,
    [trustDomainId, sourceId, after, limit],
  );
  return rows.map(({ node_id }) => node_id);
}
