/** Findings about sources, and what they are made of. */
import { sql } from "drizzle-orm";
import type { ClientBase, Pool } from "pg";
import type { Conn } from "#db/client";
import type { Epoch, Silence } from "#lib/domain/cadence";
import { epochAt } from "#lib/domain/cadence";
import type { FindingKind, SourceFinding } from "#lib/domain/source-finding";
import type { Outcome } from "#lib/domain/verdict";
import { insertRows } from "./insert-rows.ts";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type SourceKey = { trustDomainId: string; sourceId: string };
export type StoredFinding = SourceFinding & { id: string };

/** Findings of some kinds that are believed and end after an instant (or not at all). */
export async function findingsSince(
  client: ClientBase,
  { trustDomainId, sourceId }: SourceKey,
  kinds: readonly FindingKind[],
  since: Date | null,
): Promise<StoredFinding[]> {
  const { rows } = await client.query<{
    id: string;
    kind: FindingKind;
    subject: string;
    since: Date;
    until: Date | null;
    detail: SourceFinding["detail"];
    nodes: number;
    first_evidence_at: Date | null;
    last_evidence_at: Date | null;
  }>(
    `SELECT * FROM source_finding
     WHERE trust_domain_id = $1 AND source_id = $2 AND recorded_to IS NULL AND kind = ANY($3::text[])
       AND ($4::timestamptz IS NULL OR until IS NULL OR until > $4)
     ORDER BY since, id`,
    [trustDomainId, sourceId, kinds, since],
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    sinceMs: row.since.getTime(),
    untilMs: row.until?.getTime() ?? null,
    detail: row.detail,
    nodes: row.nodes,
    firstEvidenceMs: row.first_evidence_at?.getTime() ?? null,
    lastEvidenceMs: row.last_evidence_at?.getTime() ?? null,
  }));
}

const date = (epochMs: number | null) => (epochMs === null ? null : new Date(epochMs));

/** Close the recording of findings and add others; nothing that was recorded changes its meaning. */
export async function findingsWrite(
  client: ClientBase,
  { trustDomainId, sourceId }: SourceKey,
  {
    supersede,
    add,
    recordedAt,
    newId,
  }: {
    supersede: readonly StoredFinding[];
    add: readonly SourceFinding[];
    recordedAt: Date;
    newId: () => string;
  },
): Promise<void> {
  if (supersede.length > 0) {
    await client.query(
      "UPDATE source_finding SET recorded_to = $3 WHERE trust_domain_id = $1 AND id = ANY($2::uuid[])",
      [trustDomainId, supersede.map(({ id }) => id), recordedAt],
    );
  }
  await insertRows(
    client,
    {
      name: "source_finding_insert",
      table: "source_finding",
      columns: [
        "trust_domain_id",
        "id",
        "source_id",
        "kind",
        "subject",
        "since",
        "until",
        "detail",
        "nodes",
        "first_evidence_at",
        "last_evidence_at",
        "recorded_from",
      ],
      suffix: "",
    },
    add.map((finding) => [
      trustDomainId,
      newId(),
      sourceId,
      finding.kind,
      finding.subject,
      new Date(finding.sinceMs),
      date(finding.untilMs),
      JSON.stringify(finding.detail),
      finding.nodes,
      date(finding.firstEvidenceMs),
      date(finding.lastEvidenceMs),
      recordedAt,
    ]),
  );
}

/** Steps of one walk through the log at most. */
const MAX_STEPS = 2_000;

/**
 * Silences of a whole source from an instant on.
 *
 * Walks the log in steps of the threshold: within each it reads only the last time that the source was
 * heard, so that the cost follows the time and not the number of verdicts.
 *
 * @param fromMs a time at which the source was heard
 * @param thresholds see `silenceEpochs`
 * @returns the silences, and how far the walk came: `null` = to the end
 */
export async function walkSilences(
  client: ClientBase | Pool,
  { trustDomainId, sourceId }: SourceKey,
  { fromMs, thresholds, nowMs }: { fromMs: number; thresholds: readonly Epoch[]; nowMs: number },
): Promise<{ silences: Silence[]; reachedMs: number | null }> {
  const { rows } = await client.query<{ step: number; last: number | null; at: number }>(
    `WITH RECURSIVE walk AS (
       SELECT 0 AS step, NULL::timestamptz AS last, to_timestamp($3::float8 / 1000) AS at
       UNION ALL
       SELECT w.step + 1, CASE WHEN near.at IS NULL THEN w.at END, coalesce(near.at, far.at)
       FROM walk w
       CROSS JOIN LATERAL (
         SELECT w.at + interval '1 millisecond' *
           ($5::bigint[])[width_bucket((extract(epoch FROM w.at) * 1000)::bigint, $4::bigint[])] AS until
       ) t
       CROSS JOIN LATERAL (
         SELECT max(observed_at) AS at FROM verdict
         WHERE trust_domain_id = $1 AND source_id = $2 AND observed_at > w.at AND observed_at <= t.until
       ) near
       CROSS JOIN LATERAL (
         SELECT min(observed_at) AS at FROM verdict
         WHERE near.at IS NULL AND trust_domain_id = $1 AND source_id = $2 AND observed_at > w.at
       ) far
       WHERE w.step < $6 AND coalesce(near.at, far.at) IS NOT NULL
     )
     SELECT step, ${epochMs("last")} AS last, ${epochMs("at")} AS at FROM walk
     WHERE last IS NOT NULL OR step = (SELECT max(step) FROM walk) ORDER BY step`,
    [
      trustDomainId,
      sourceId,
      fromMs,
      thresholds.map((epoch) => epoch.fromMs),
      thresholds.map((epoch) => Math.round(epoch.ms)),
      MAX_STEPS,
    ],
  );
  const silences = rows.flatMap(({ last, at }): Silence[] => {
    const limitMs = last === null ? null : epochAt(thresholds, last);
    return last === null || limitMs === null ? [] : [{ lastMs: last, sinceMs: last + limitMs, untilMs: at }];
  });
  const end = rows.at(-1);
  if (end && end.step >= MAX_STEPS) return { silences, reachedMs: end.at };
  const limitMs = end ? epochAt(thresholds, end.at) : null;
  if (end && limitMs !== null && nowMs - end.at > limitMs) {
    silences.push({ lastMs: end.at, sinceMs: end.at + limitMs, untilMs: null });
  }
  return { silences, reachedMs: null };
}

const epochMs = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** The last time that a source was heard at or before an instant; `null` = never before. */
export async function heardAtOrBefore(
  client: ClientBase | Pool,
  { trustDomainId, sourceId }: SourceKey,
  at: Date,
): Promise<number | null> {
  const { rows } = await client.query<{ at: Date | null }>(
    "SELECT max(observed_at) AS at FROM verdict WHERE trust_domain_id = $1 AND source_id = $2 AND observed_at <= $3",
    [trustDomainId, sourceId, at],
  );
  return rows[0]?.at?.getTime() ?? null;
}

/** Nodes that the source had evidence about before an instant. */
export async function nodesHeardBefore(
  client: ClientBase,
  { trustDomainId, sourceId }: SourceKey,
  at: Date,
): Promise<number> {
  const { rows } = await client.query<{ nodes: number }>(
    `SELECT count(DISTINCT node_id)::int AS nodes FROM trust_interval
     WHERE trust_domain_id = $1 AND source_id = $2 AND recorded_to IS NULL AND valid_from <= $3`,
    [trustDomainId, sourceId, at],
  );
  return rows[0]?.nodes ?? 0;
}

export type RecentVerdict = {
  line: string;
  observedMs: number;
  receivedMs: number;
  expiresMs: number | null;
  outcome: Outcome;
};

/** The newest verdicts of a source that did not come as an import, newest first. */
export async function recentVerdicts(
  client: ClientBase | Pool,
  { trustDomainId, sourceId }: SourceKey,
  { since, limit }: { since: Date; limit: number },
): Promise<RecentVerdict[]> {
  const { rows } = await client.query<{
    line: string;
    observed_at: Date;
    received_at: Date;
    expires_at: Date | null;
    outcome: Outcome;
  }>(
    `SELECT node_id || '/' || submod AS line, observed_at, received_at, expires_at, outcome FROM verdict
     WHERE trust_domain_id = $1 AND source_id = $2 AND observed_at >= $3 AND NOT backfill
     ORDER BY observed_at DESC LIMIT $4`,
    [trustDomainId, sourceId, since, limit],
  );
  return rows.map((row) => ({
    line: row.line,
    observedMs: row.observed_at.getTime(),
    receivedMs: row.received_at.getTime(),
    expiresMs: row.expires_at?.getTime() ?? null,
    outcome: row.outcome,
  }));
}

export type FindingRow = {
  id: string;
  sourceId: string;
  kind: FindingKind;
  subject: string;
  since: number;
  until: number | null;
  detail: SourceFinding["detail"];
  nodes: number;
  firstEvidenceAt: number | null;
  lastEvidenceAt: number | null;
  recordedAt: number;
};

/**
 * Findings of sources that overlap a stretch of time, open ones first, then newest first.
 *
 * @param sourceId `null` = all of the scope
 * @param knownAt `null` = what is believed now
 * @param limit per source
 */
export async function findingList(
  conn: Conn,
  scope: Scope,
  args: { sourceId: string | null; from: Date; to: Date; knownAt: Date | null; limit: number },
): Promise<FindingRow[]> {
  const { sourceId, from, to, knownAt, limit } = args;
  const believed = knownAt
    ? sql`f.recorded_from <= ${instant(knownAt)} AND (f.recorded_to IS NULL OR f.recorded_to > ${instant(knownAt)})`
    : sql`f.recorded_to IS NULL`;
  return rowsOf(
    conn,
    sql`SELECT id, source_id AS "sourceId", kind, subject, ${ms(sql`since`)} AS since, ${ms(sql`until`)} AS until,
        detail, nodes, ${ms(sql`first_evidence_at`)} AS "firstEvidenceAt",
        ${ms(sql`last_evidence_at`)} AS "lastEvidenceAt", ${ms(sql`recorded_from`)} AS "recordedAt"
      FROM (
        SELECT f.*, row_number() OVER (PARTITION BY f.trust_domain_id, f.source_id
          ORDER BY f.until IS NOT NULL, f.since DESC, f.id) AS place
        FROM source_finding f
        WHERE f.trust_domain_id = ANY(${uuids(scope)}) AND ${believed}
          AND (${sourceId}::uuid IS NULL OR f.source_id = ${sourceId}::uuid)
          AND f.since <= ${instant(to)} AND (f.until IS NULL OR f.until > ${instant(from)})
      ) f
      WHERE place <= ${limit} ORDER BY source_id, place`,
  );
}
