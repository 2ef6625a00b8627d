/** Bringing groups of drift in line with the findings: what moved, what it amounts to, what is written. Raw SQL. */
import type { ClientBase, Pool } from "pg";
import type { DriftClass } from "#lib/domain/drift";
import type { GroupFacts, GroupLink, GroupState, LiveGroup } from "#lib/domain/drift-group";

/** Classes that nobody allowed and nothing explains. */
const OPEN = "f.class IN ('unexplained', 'malicious_like')";
/** Whether a finding holds at `$2`. */
const HOLDS = "f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2)";
const RANK = "array_position(ARRAY['authorised', 'benign', 'unexplained', 'malicious_like'], f.class)";

/** Domains that have findings or groups at all, and how far each was followed. */
export async function followedDomains(
  pool: Pool,
): Promise<{ trustDomainId: string; followedTo: Date | null }[]> {
  const { rows } = await pool.query(
    `SELECT t.id AS "trustDomainId", c.followed_to AS "followedTo"
     FROM trust_domain t LEFT JOIN drift_group_cursor c ON c.trust_domain_id = t.id
     WHERE c.followed_to IS NOT NULL OR EXISTS (SELECT FROM drift_finding f WHERE f.trust_domain_id = t.id)
     ORDER BY t.id`,
  );
  return rows;
}

/**
 * Fingerprints, as hex, whose findings were recorded or superseded since an instant, and those whose group
 * moves by time alone: it may be over by now, or what it rested on is.
 */
export async function movedFingerprints(
  pool: Pool,
  trustDomainId: string,
  { since, now }: { since: Date; now: Date },
): Promise<string[]> {
  const { rows } = await pool.query<{ fingerprint: string }>(
    `SELECT encode(fingerprint, 'hex') AS fingerprint FROM (
       SELECT fingerprint FROM drift_finding WHERE trust_domain_id = $1 AND recorded_from > $2
       UNION SELECT fingerprint FROM drift_finding
         WHERE trust_domain_id = $1 AND recorded_to IS NOT NULL AND recorded_to > $2
       UNION SELECT g.fingerprint FROM drift_group g
         LEFT JOIN drift_exception e ON e.trust_domain_id = g.trust_domain_id AND e.id = g.exception_id
         LEFT JOIN baseline_version v ON v.trust_domain_id = g.trust_domain_id
           AND v.baseline_id = g.baseline_id AND v.version = g.draft_version
         WHERE g.trust_domain_id = $1 AND g.ended_at IS NULL AND (
           (g.nodes = 0 AND (g.excepted = 0 OR g.state <> 'ignored'))
           OR (g.state = 'ignored' AND (g.nodes > 0 OR e.ended_at IS NOT NULL OR e.expires_at <= $3))
           OR (g.state = 'accepted' AND v.state = 'withdrawn'))
     ) moved ORDER BY 1`,
    [trustDomainId, since, now],
  );
  return rows.map(({ fingerprint }) => fingerprint);
}

/** The newest group of a change. */
export type NewestGroup = LiveGroup & {
  id: string;
  fingerprint: string;
  occurrence: number;
  state: GroupState;
  /** When the last group that is over was; what happened before belongs to it. */
  sinceMs: number | null;
};

/** The newest group of each change, locked in one order until the transaction ends. */
export async function newestGroups(
  client: ClientBase,
  trustDomainId: string,
  fingerprints: readonly string[],
  now: Date,
): Promise<Map<string, NewestGroup>> {
  type Row = Omit<NewestGroup, "endedMs" | "sinceMs"> & { endedAt: Date | null; since: Date | null };
  const { rows } = await client.query<Row>(
    `SELECT g.id, encode(g.fingerprint, 'hex') AS fingerprint, g.occurrence, g.state, g.ended_at AS "endedAt",
       (SELECT max(p.ended_at) FROM drift_group p WHERE p.trust_domain_id = g.trust_domain_id
          AND p.fingerprint = g.fingerprint) AS since,
       CASE g.state
         WHEN 'ignored' THEN EXISTS (SELECT FROM drift_exception e WHERE e.trust_domain_id = g.trust_domain_id
           AND e.id = g.exception_id AND (e.ended_at IS NOT NULL OR e.expires_at <= $3))
         WHEN 'accepted' THEN EXISTS (SELECT FROM baseline_version v WHERE v.trust_domain_id = g.trust_domain_id
           AND v.baseline_id = g.baseline_id AND v.version = g.draft_version AND v.state = 'withdrawn')
         ELSE false END AS "groundGone"
     FROM drift_group g
     WHERE g.trust_domain_id = $1 AND g.fingerprint = ANY($2::bytea[]) AND NOT EXISTS (
       SELECT FROM drift_group later WHERE later.trust_domain_id = g.trust_domain_id
         AND later.fingerprint = g.fingerprint AND later.occurrence > g.occurrence)
     ORDER BY g.id FOR UPDATE OF g`,
    [trustDomainId, fingerprints.map(bytes), now],
  );
  return new Map(
    rows.map(({ endedAt, since, ...row }) => [
      row.fingerprint,
      { ...row, endedMs: endedAt?.getTime() ?? null, sinceMs: since?.getTime() ?? null },
    ]),
  );
}

export type ChangeFacts = GroupFacts & {
  fingerprint: string;
  worst: DriftClass;
  why: string;
  score: number;
  exceptionId: string | null;
  baselineId: string;
  path: string;
  kind: string;
  layer: string;
  expected: string[];
  actual: string | null;
};

/**
 * What the believed findings of some changes amount to, each from an instant on.
 *
 * Changes that nobody ever showed without leave are not among them, unless an exception covers them now.
 *
 * @param since when the newest group was over; `null` = from the beginning
 */
export async function changeFacts(
  client: ClientBase,
  trustDomainId: string,
  asked: readonly { fingerprint: string; since: number | null }[],
  now: Date,
): Promise<Map<string, ChangeFacts>> {
  type Row = Omit<ChangeFacts, "firstMs" | "spreadMs" | "goneMs"> & {
    firstAt: Date;
    spreadAt: Date;
    goneAt: Date;
  };
  const { rows } = await client.query<Row>(
    `WITH asked AS (
       SELECT * FROM unnest($3::bytea[], $4::timestamptz[]) AS a (fingerprint, since)
     ), found AS (
       SELECT f.*, ${OPEN} AS is_open, ${HOLDS} AS holds, ${RANK} AS rank
       FROM asked a JOIN drift_finding f ON f.trust_domain_id = $1 AND f.fingerprint = a.fingerprint
         AND f.recorded_to IS NULL AND (f.valid_to IS NULL OR f.valid_to > a.since)
       WHERE f.valid_from <= $2
     ), per_node AS (
       SELECT fingerprint, node_id, bool_or(is_open AND holds) AS open,
         bool_or(holds AND exception_id IS NOT NULL) AS excepted,
         min(valid_from) FILTER (WHERE is_open) AS first_at,
         max(valid_to) FILTER (WHERE is_open) AS gone_at
       FROM found GROUP BY fingerprint, node_id
     ), figures AS (
       SELECT p.fingerprint, count(*) FILTER (WHERE p.open)::int AS open,
         count(*) FILTER (WHERE p.open AND d.node_id IS NULL)::int AS settled,
         count(*) FILTER (WHERE p.excepted)::int AS excepted,
         min(p.first_at) AS first_at, max(p.first_at) AS spread_at, max(p.gone_at) AS gone_at
       FROM per_node p LEFT JOIN drift_dirty d ON d.trust_domain_id = $1 AND d.node_id = p.node_id AND d.due_at <= $2
       GROUP BY p.fingerprint
     ), worst AS (
       SELECT DISTINCT ON (fingerprint) * FROM found
       ORDER BY fingerprint, (is_open AND holds) DESC, rank DESC, score DESC, valid_from, node_id
     )
     SELECT encode(w.fingerprint, 'hex') AS fingerprint, g.open, g.settled, g.excepted,
       coalesce(g.first_at, w.valid_from) AS "firstAt", coalesce(g.spread_at, w.valid_from) AS "spreadAt",
       coalesce(g.gone_at, w.valid_from) AS "goneAt",
       w.class AS worst, w.why, w.score, w.baseline_id AS "baselineId", w.path, w.kind, w.layer, w.expected, w.actual,
       (SELECT e.exception_id FROM found e WHERE e.fingerprint = w.fingerprint AND e.holds AND e.exception_id IS NOT NULL
        ORDER BY e.valid_from DESC, e.exception_id LIMIT 1) AS "exceptionId"
     FROM worst w JOIN figures g ON g.fingerprint = w.fingerprint
     WHERE g.first_at IS NOT NULL OR g.excepted > 0`,
    [
      trustDomainId,
      now,
      asked.map(({ fingerprint }) => bytes(fingerprint)),
      asked.map(({ since }) => (since === null ? "-infinity" : new Date(since).toISOString())),
    ],
  );
  return new Map(
    rows.map(({ firstAt, spreadAt, goneAt, ...row }) => [
      row.fingerprint,
      { ...row, firstMs: firstAt.getTime(), spreadMs: spreadAt.getTime(), goneMs: goneAt.getTime() },
    ]),
  );
}

/** The last group of the same path and baseline that was accepted with another value, by `baseline path`. */
export async function acceptedGroups(
  client: ClientBase,
  trustDomainId: string,
  asked: readonly Pick<ChangeFacts, "baselineId" | "path">[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ baselineId: string; path: string; id: string }>(
    `SELECT DISTINCT ON (g.baseline_id, g.path) g.baseline_id AS "baselineId", g.path, g.id
     FROM unnest($2::uuid[], $3::text[]) AS a (baseline_id, path)
     JOIN drift_group g ON g.trust_domain_id = $1 AND g.baseline_id = a.baseline_id AND g.path = a.path
       AND g.state = 'accepted'
     ORDER BY g.baseline_id, g.path, g.decided_at DESC, g.id`,
    [trustDomainId, asked.map(({ baselineId }) => baselineId), asked.map(({ path }) => path)],
  );
  return new Map(rows.map(({ baselineId, path, id }) => [`${baselineId} ${path}`, id]));
}

/** A group to be made. */
export type NewGroup = {
  id: string;
  occurrence: number;
  previousId: string | null;
  link: GroupLink | null;
  state: GroupState;
  priority: number;
  openedAt: Date;
  endedAt: Date | null;
};

export async function groupInsert(
  client: ClientBase,
  trustDomainId: string,
  group: NewGroup,
  facts: ChangeFacts,
): Promise<void> {
  await client.query({
    name: "drift_group_insert",
    text: `INSERT INTO drift_group (trust_domain_id, id, fingerprint, occurrence, previous_id, link, baseline_id, path,
       kind, layer, expected, actual, state, opened_at, ended_at, first_seen_at, spread_at, nodes, peak_nodes,
       excepted, worst, why, score, priority)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $19, $20, $21,
       $22, $23)`,
    values: [
      trustDomainId,
      group.id,
      bytes(facts.fingerprint),
      group.occurrence,
      group.previousId,
      group.link,
      facts.baselineId,
      facts.path,
      facts.kind,
      facts.layer,
      facts.expected,
      facts.actual,
      group.state,
      group.openedAt,
      group.endedAt,
      new Date(facts.firstMs),
      new Date(facts.spreadMs),
      facts.open,
      facts.excepted,
      facts.worst,
      facts.why,
      facts.score,
      group.priority,
    ],
  });
}

/** Bring a group up to date. When nobody shows the change any more, what is on record of it stays. */
export async function groupRevise(
  client: ClientBase,
  trustDomainId: string,
  id: string,
  next: { state: GroupState; endedAt: Date | null; priority: number },
  facts: ChangeFacts | null,
): Promise<void> {
  await client.query({
    name: "drift_group_revise",
    text: `UPDATE drift_group SET state = $3, ended_at = $4, nodes = $5, excepted = $6,
         peak_nodes = greatest(peak_nodes, $5), priority = CASE WHEN $5 > 0 THEN $7 ELSE priority END,
         first_seen_at = coalesce($8, first_seen_at), spread_at = coalesce($9, spread_at),
         worst = CASE WHEN $5 > 0 THEN $10 ELSE worst END, why = CASE WHEN $5 > 0 THEN $11 ELSE why END,
         score = CASE WHEN $5 > 0 THEN $12 ELSE score END,
         expected = coalesce($13, expected),
         exception_id = CASE WHEN $3 = 'ignored' THEN coalesce(exception_id, $14) ELSE exception_id END
       WHERE trust_domain_id = $1 AND id = $2`,
    values: [
      trustDomainId,
      id,
      next.state,
      next.endedAt,
      facts?.open ?? 0,
      facts?.excepted ?? 0,
      next.priority,
      facts && new Date(facts.firstMs),
      facts && new Date(facts.spreadMs),
      facts?.worst ?? null,
      facts?.why ?? null,
      facts?.score ?? null,
      facts?.expected ?? null,
      facts?.exceptionId ?? null,
    ],
  });
}

export async function groupsFollowed(pool: Pool, trustDomainId: string, followedTo: Date): Promise<void> {
  await pool.query(
    `INSERT INTO drift_group_cursor (trust_domain_id, followed_to) VALUES ($1, $2)
     ON CONFLICT (trust_domain_id) DO UPDATE SET followed_to = greatest(drift_group_cursor.followed_to, $2)`,
    [trustDomainId, followedTo],
  );
}

/** One worker at a time makes groups of a domain, until the transaction ends. */
export async function groupingLock(client: ClientBase, trustDomainId: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
    `drift groups ${trustDomainId}`,
  ]);
}

const bytes = (hex: string) => Buffer.from(hex, "hex");
