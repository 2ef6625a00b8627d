/** Measures over what the fleet was at the end of the period. */
import { type SQL, sql } from "drizzle-orm";
import { CLAIMS, type Claim } from "#lib/domain/ar4si";
import { IMAGE_INSTALLED } from "#lib/domain/bootstrap-event";
import type { Layer } from "#lib/domain/layers";
import { distrusted } from "./distrusted-sql.ts";
import { fleetAt } from "./fleet-sql.ts";
import {
  atEnd,
  counts,
  decommissioned,
  endOf,
  type Ground,
  length,
  type MeasureWindow,
  NODE_ITEM,
  type Over,
  type Relation,
} from "./measure-sql.ts";
import { FUSED, instant, type Scope, texts, uuids } from "./sql.ts";
import { arrived, believed, covers, upTo } from "./time-sql.ts";

/** Claims that measures judge, in the order of their columns. */
const JUDGED = ["executables", "file-system", "hardware"] as const satisfies readonly Claim[];

const columnOf = (claim: Claim): SQL => sql`${sql.identifier(`about ${claim}`)}`;

/** What one value says: 0 = nothing, 1 = it affirms, 2 = it doubts. */
function wordOf(value: SQL): SQL {
  return sql`CASE WHEN ${value} BETWEEN -1 AND 1 THEN 0 WHEN ${value} BETWEEN 2 AND 31 OR ${value} BETWEEN -32 AND -2 THEN 1 ELSE 2 END`;
}

/**
 * Ground: `n`, the nodes that count at the end of the period, as columns of `fleet`; `held`, what their lines said; and `stated`,
 * the worst of it by claim, as words of {@link wordOf}.
 */
const fleetThen: Ground = {
  of: (scope, window) => {
    const words = JUDGED.map((claim) => {
      const value = sql`i.vector[${CLAIMS.indexOf(claim) + 1}::int]`;
      return sql`max(${wordOf(value)}) AS ${columnOf(claim)}`;
    });
    return sql`${fleetAt(scope, endOf(window), "often")}, ${decommissioned(scope, window)}, n AS NOT MATERIALIZED (
    SELECT f.* FROM fleet f LEFT JOIN gone g ON g.trust_domain_id = f.trust_domain_id AND g.node_id = f.id
    WHERE (g.at IS NULL OR g.at > ${instant(window.to)}) AND ${counts(window, sql`f.trust_domain_id`, sql`f.id`)}
  ), stated AS (
    SELECT i.trust_domain_id, i.node_id, ${sql.join(words, sql`, `)}
    FROM held i WHERE i.source_id <> ${FUSED} AND i.event_hash IS NOT NULL GROUP BY i.trust_domain_id, i.node_id
  )`;
  },
  common: false,
};

/** A measure with a row for each node that counts at the end of the period. */
const perNode = (rows: Over): Relation => ({ ground: fleetThen, rows, basis: null });

/** How old the newest evidence about each node was. */
export const evidenceAges = (limitMs: number): Relation =>
  perNode((_, { to }) => {
    const age = length(sql`n.last_evidence_at`, instant(to));
    return sql`SELECT ${NODE_ITEM}, CASE WHEN n.last_evidence_at IS NULL THEN 'not_covered'
        WHEN ${age} <= ${limitMs}::float8 THEN 'met' ELSE 'stale' END AS verdict,
      1 AS weight, ${age} AS value, n.last_evidence_at AS at, n.status || ': ' || n.reason AS detail
      -- A row's age is asked for several times and looked up once.
      FROM (SELECT * FROM n LIMIT ALL) n`;
  });

/** Open findings about sources `x`, by what is or was known. */
const openFindings = (scope: Scope, window: MeasureWindow, silent: boolean): SQL => sql`
  SELECT 'source' AS kind, x.source_id::text || '/' || x.id AS key, NULL::uuid AS node_id, s.name, 'missed' AS verdict, 1 AS weight,
    NULL::float8 AS value, x.since AS at, x.kind || CASE WHEN x.subject = '' THEN '' ELSE ' (' || x.subject || ')' END AS detail
  FROM source_finding x JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
  WHERE x.trust_domain_id = ANY(${uuids(scope)}) AND (x.kind = 'silent') = ${silent}
    AND ${believed(sql`x`, window.knownAt)} AND ${atEnd(sql`x.since`, sql`x.until`, window)}`;

/** Nodes and whole sources that were silent. */
export const silence: Relation = {
  ground: fleetThen,
  rows: (scope, window) => sql`
    SELECT ${NODE_ITEM}, 'missed' AS verdict, 1 AS weight, NULL::float8 AS value, n.since AS at, n.reason AS detail
    FROM n WHERE n.status = 'stale'
    UNION ALL ${openFindings(scope, window, true)}`,
  basis: () => sql`(SELECT count(*) FROM n)`,
};

/** Sources that could not be trusted fully. */
export const watchers: Relation = {
  ground: null,
  rows: (scope, window) => openFindings(scope, window, false),
  basis: (scope, { to }) =>
    sql`(SELECT count(*) FROM source WHERE trust_domain_id = ANY(${uuids(scope)}) AND created_at <= ${instant(to)})`,
};

/** Nodes with differences from the baseline that nobody gave leave for, in some layers. */
const unexcused = (
  scope: Scope,
  { knownAt, to }: MeasureWindow,
  layers: readonly Layer[],
): SQL => sql`SELECT DISTINCT d.trust_domain_id, d.node_id FROM drift_finding d
    WHERE d.trust_domain_id = ANY(${uuids(scope)}) AND ${believed(sql`d`, knownAt)} AND ${covers(sql`d`, to)}
      AND d.layer = ANY(${texts(layers)}) AND d.class IN ('unexplained', 'malicious_like')
      AND d.exception_id IS NULL AND d.window_id IS NULL`;

/** Joins something that there is at most once for each node `n`, as `x`. */
const joined = (some: SQL, x: SQL): SQL =>
  sql`LEFT JOIN (${some}) ${x} ON ${x}.trust_domain_id = n.trust_domain_id AND ${x}.node_id = n.id`;

/** What lines of evidence stated about one claim, and differences in layers that belong to it. */
export function claims(claim: (typeof JUDGED)[number], layers: readonly Layer[]): Relation {
  const word = sql`c.${columnOf(claim)}`;
  return perNode(
    (scope, window) => sql`
    SELECT ${NODE_ITEM}, CASE WHEN n.status = 'stale' THEN 'stale' WHEN ${word} = 2 OR d.node_id IS NOT NULL THEN 'missed'
        WHEN ${word} = 1 THEN 'met' ELSE 'not_covered' END AS verdict,
      1 AS weight, NULL::float8 AS value, n.since AS at,
      CASE WHEN n.status = 'stale' THEN n.reason WHEN ${word} = 2 THEN 'a verifier doubts it'
        WHEN d.node_id IS NOT NULL THEN 'differs from its baseline' WHEN ${word} = 1 THEN 'affirmed' ELSE 'no statement' END AS detail
    FROM n ${joined(sql`SELECT * FROM stated`, sql`c`)} ${joined(unexcused(scope, window, layers), sql`d`)}`,
  );
}

/** Whether some line of each node was compared with a baseline. */
export const governed: Relation = perNode((scope, { knownAt, to }) => {
  const compared = sql`SELECT DISTINCT d.trust_domain_id, d.node_id FROM drift_interval d
    WHERE d.trust_domain_id = ANY(${uuids(scope)}) AND ${believed(sql`d`, knownAt)}
      AND ${covers(sql`d`, to)} AND jsonb_array_length(d.baselines) > 0`;
  return sql`
    SELECT ${NODE_ITEM}, CASE WHEN c.node_id IS NULL THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      NULL::float8 AS value, NULL::timestamptz AS at,
      CASE WHEN c.node_id IS NULL THEN 'no baseline' ELSE 'compared with a baseline' END AS detail
    FROM n ${joined(compared, sql`c`)}`;
});

/** Identities that belong to hardware and can be proven. */
const HARDWARE = ["ek_sha256", "ak_sha256", "devid_fp", "psa_instance", "cca_platform_instance"] as const;

/** Whether each node was bound to its hardware, and to one machine. */
export const hardwareIdentity: Relation = perNode((scope, window) => {
  const proven = sql`SELECT y.trust_domain_id, y.node_id, string_agg(DISTINCT y.kind, ', ' ORDER BY y.kind) AS kinds
    FROM node_identity y WHERE y.trust_domain_id = ANY(${uuids(scope)}) AND y.strong AND y.kind = ANY(${texts(HARDWARE)})
      AND ${arrived(sql`y.valid_from`, window.knownAt)} AND ${atEnd(sql`y.valid_from`, sql`y.valid_to`, window)}
    GROUP BY y.trust_domain_id, y.node_id`;
  const alarmed = sql`SELECT DISTINCT a.trust_domain_id, a.node_id FROM identity_alarm a
    WHERE a.trust_domain_id = ANY(${uuids(scope)}) AND ${atEnd(sql`a.first_at`, sql`a.settled_at`, window)}`;
  return sql`
    SELECT ${NODE_ITEM}, CASE WHEN a.node_id IS NOT NULL OR p.kinds IS NULL THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      NULL::float8 AS value, NULL::timestamptz AS at,
      CASE WHEN a.node_id IS NOT NULL THEN 'two parties claim to be it' ELSE coalesce(p.kinds, 'no hardware identity') END AS detail
    FROM n ${joined(proven, sql`p`)} ${joined(alarmed, sql`a`)}`;
});

/** What the newest event about an image of each node said about where the image came from. */
export const provenance: Relation = perNode((scope, { knownAt, to }) => {
  // A person's word and a source that speaks for nothing of it are shown and prove nothing, as in the life cycle.
  const newest = sql`SELECT DISTINCT ON (e.trust_domain_id, e.node_id) e.* FROM (
      SELECT e.trust_domain_id, e.node_id, e.source_id, e.kid, e.id, e.occurred_at AS observed_at, e.received_at, e.provenance
      FROM bootstrap_event e WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND e.type = ${sql.raw(`'${IMAGE_INSTALLED}'`)}
        AND e.node_id IS NOT NULL AND e.link_id IS NULL AND ${upTo(sql`e.occurred_at`, to)} AND ${arrived(sql`e.received_at`, knownAt)}
    ) e JOIN source s ON s.trust_domain_id = e.trust_domain_id AND s.id = e.source_id
      AND 'provisioning' = ANY(s.authoritative_for)
    WHERE NOT ${distrusted(sql`e`, knownAt)}
    ORDER BY e.trust_domain_id, e.node_id, e.observed_at DESC, e.received_at DESC, e.id DESC`;
  const verified = sql`(p.provenance ->> 'verified')::boolean`;
  return sql`
    SELECT ${NODE_ITEM}, CASE WHEN ${verified} THEN 'met' WHEN NOT ${verified} THEN 'missed' ELSE 'not_covered' END AS verdict,
      1 AS weight, NULL::float8 AS value, p.observed_at AS at,
      CASE WHEN p.node_id IS NULL THEN 'no image event' WHEN p.provenance IS NULL THEN 'nothing stated'
        ELSE CASE WHEN ${verified} THEN 'verified' ELSE 'not verified' END || coalesce(' by ' || (p.provenance ->> 'by'), '')
        END AS detail
    FROM n ${joined(newest, sql`p`)}`;
});
