/** Measures over what the fleet was at the end of the period. */
import { type SQL, sql } from "drizzle-orm";
import type { Layer } from "#lib/domain/layers";
import { fleetAt } from "./fleet-sql.ts";
import { atEnd, counts, decommissioned, endOf, type MeasureWindow, NODE_ITEM } from "./measure-sql.ts";
import { FUSED, instant, ms, type Scope, texts, uuids } from "./sql.ts";
import { arrived, believed, covers } from "./time-sql.ts";

/** `WITH … n`: the nodes that count at the end of the period, as columns of `fleet`. */
function fleetThen(scope: Scope, window: MeasureWindow): SQL {
  return sql`${fleetAt(scope, endOf(window))}, ${decommissioned(scope, window)}, n AS (
    SELECT f.* FROM fleet f LEFT JOIN gone g ON g.trust_domain_id = f.trust_domain_id AND g.node_id = f.id
    WHERE (g.at IS NULL OR g.at > ${instant(window.to)}) AND ${counts(window, sql`f.trust_domain_id`, sql`f.id`)}
  ), basis AS (SELECT count(*)::float8 AS n FROM n)`;
}

/** How old the newest evidence about each node was. */
export function evidenceAges(scope: Scope, window: MeasureWindow, limitMs: number): SQL {
  const age = sql`round(${ms(instant(window.to))} - ${ms(sql`n.last_evidence_at`)})`;
  return sql`${fleetThen(scope, window)}, item AS (
    SELECT ${NODE_ITEM}, CASE WHEN n.last_evidence_at IS NULL THEN 'not_covered'
        WHEN ${age} <= ${limitMs}::float8 THEN 'met' ELSE 'stale' END AS verdict,
      1 AS weight, ${age} AS value, n.last_evidence_at AS at, n.status || ': ' || n.reason AS detail
    FROM n
  )`;
}

/** Open findings about sources `x`, by what is or was known. */
const openFindings = (scope: Scope, window: MeasureWindow, silent: boolean): SQL => sql`
  SELECT 'source' AS kind, x.source_id::text || '/' || x.id AS key, NULL::uuid AS node_id, s.name, 'missed' AS verdict, 1 AS weight,
    NULL::float8 AS value, x.since AS at, x.kind || CASE WHEN x.subject = '' THEN '' ELSE ' (' || x.subject || ')' END AS detail
  FROM source_finding x JOIN source s ON s.trust_domain_id = x.trust_domain_id AND s.id = x.source_id
  WHERE x.trust_domain_id = ANY(${uuids(scope)}) AND (x.kind = 'silent') = ${silent}
    AND ${believed(sql`x`, window.knownAt)} AND ${atEnd(sql`x.since`, sql`x.until`, window)}`;

/** Nodes and whole sources that were silent. */
export function silence(scope: Scope, window: MeasureWindow): SQL {
  return sql`${fleetThen(scope, window)}, item AS (
    SELECT ${NODE_ITEM}, 'missed' AS verdict, 1 AS weight, NULL::float8 AS value, n.since AS at, n.reason AS detail
    FROM n WHERE n.status = 'stale'
    UNION ALL ${openFindings(scope, window, true)}
  )`;
}

/** Sources that could not be trusted fully. */
export function watchers(scope: Scope, window: MeasureWindow): SQL {
  return sql`WITH basis AS (SELECT count(*)::float8 AS n FROM source WHERE trust_domain_id = ANY(${uuids(scope)})
      AND created_at <= ${instant(window.to)}),
    item AS (${openFindings(scope, window, false)})`;
}

/** Differences from the baseline that nobody gave leave for, in some layers, of node `n`. */
const unexcused = (window: MeasureWindow, layers: readonly Layer[]): SQL => sql`EXISTS (
  SELECT FROM drift_finding d WHERE d.trust_domain_id = n.trust_domain_id AND d.node_id = n.id
    AND ${believed(sql`d`, window.knownAt)} AND ${covers(sql`d`, window.to)} AND d.layer = ANY(${texts(layers)})
    AND d.class IN ('unexplained', 'malicious_like') AND d.exception_id IS NULL AND d.window_id IS NULL)`;

/**
 * What lines of evidence stated about one claim, and differences in layers that belong to it.
 *
 * @param claim place in the vector, from 0
 */
export function claims(scope: Scope, window: MeasureWindow, claim: number, layers: readonly Layer[]): SQL {
  const said = sql`i.vector[${claim + 1}::int]`;
  const affirms = sql`(${said} BETWEEN 2 AND 31 OR ${said} BETWEEN -32 AND -2)`;
  return sql`${fleetThen(scope, window)}, claim AS (
    SELECT i.trust_domain_id, i.node_id, bool_or(${affirms}) AS affirmed,
      bool_or(${said} NOT BETWEEN -1 AND 1 AND NOT ${affirms}) AS doubted, min(${said}) AS least, max(${said}) AS most
    FROM trust_interval i WHERE i.trust_domain_id = ANY(${uuids(scope)}) AND i.source_id <> ${FUSED}
      AND i.event_hash IS NOT NULL AND ${believed(sql`i`, window.knownAt)} AND ${covers(sql`i`, window.to)}
    GROUP BY i.trust_domain_id, i.node_id
  ), item AS (
    SELECT ${NODE_ITEM}, CASE WHEN n.status = 'stale' THEN 'stale' WHEN c.doubted OR d.differs THEN 'missed'
        WHEN c.affirmed THEN 'met' ELSE 'not_covered' END AS verdict,
      1 AS weight, NULL::float8 AS value, n.since AS at,
      CASE WHEN n.status = 'stale' THEN n.reason WHEN c.doubted THEN 'a verifier doubts it' WHEN d.differs THEN 'differs from its baseline'
        WHEN c.affirmed THEN 'affirmed' ELSE 'no statement' END AS detail
    FROM n LEFT JOIN claim c ON c.trust_domain_id = n.trust_domain_id AND c.node_id = n.id
    CROSS JOIN LATERAL (SELECT ${unexcused(window, layers)} AS differs) d
  )`;
}

/** Whether some line of each node was compared with a baseline. */
export function governed(scope: Scope, window: MeasureWindow): SQL {
  return sql`${fleetThen(scope, window)}, compared AS (
    SELECT DISTINCT d.trust_domain_id, d.node_id FROM drift_interval d
    WHERE d.trust_domain_id = ANY(${uuids(scope)}) AND ${believed(sql`d`, window.knownAt)}
      AND ${covers(sql`d`, window.to)} AND jsonb_array_length(d.baselines) > 0
  ), item AS (
    SELECT ${NODE_ITEM}, CASE WHEN c.node_id IS NULL THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      NULL::float8 AS value, NULL::timestamptz AS at,
      CASE WHEN c.node_id IS NULL THEN 'no baseline' ELSE 'compared with a baseline' END AS detail
    FROM n LEFT JOIN compared c ON c.trust_domain_id = n.trust_domain_id AND c.node_id = n.id
  )`;
}

/** Identities that belong to hardware and can be proven. */
const HARDWARE = ["ek_sha256", "ak_sha256", "devid_fp", "psa_instance", "cca_platform_instance"] as const;

/** Whether each node was bound to its hardware, and to one machine. */
export function hardwareIdentity(scope: Scope, window: MeasureWindow): SQL {
  return sql`${fleetThen(scope, window)}, item AS (
    SELECT ${NODE_ITEM}, CASE WHEN o.alarmed OR o.kinds IS NULL THEN 'missed' ELSE 'met' END AS verdict, 1 AS weight,
      NULL::float8 AS value, NULL::timestamptz AS at,
      CASE WHEN o.alarmed THEN 'two parties claim to be it' ELSE coalesce(o.kinds, 'no hardware identity') END AS detail
    FROM n CROSS JOIN LATERAL (SELECT
      (SELECT string_agg(DISTINCT y.kind, ', ' ORDER BY y.kind) FROM node_identity y
        WHERE y.trust_domain_id = n.trust_domain_id AND y.node_id = n.id AND y.strong AND y.kind = ANY(${texts(HARDWARE)})
          AND ${arrived(sql`y.valid_from`, window.knownAt)} AND ${atEnd(sql`y.valid_from`, sql`y.valid_to`, window)}) AS kinds,
      EXISTS (SELECT FROM identity_alarm a WHERE a.trust_domain_id = n.trust_domain_id AND a.node_id = n.id
        AND ${atEnd(sql`a.first_at`, sql`a.settled_at`, window)}) AS alarmed) o
  )`;
}
