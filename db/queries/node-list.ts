/** The list of nodes: filtered, counted and paged in the database. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import type { NodeQuery } from "#lib/domain/node-query";
import { coverageLossAt, hasCoverageLoss } from "./coverage-loss.ts";
import { fleetAt } from "./fleet-sql.ts";
import { believedTransition } from "./lifecycle.ts";
import { containing, FUSED, instant, ms, rowsOf, type Scope, texts, uuids } from "./sql.ts";
import { arrived, believed, type TimePoint } from "./time-sql.ts";

/** Most urgent first. */
const URGENCY = ["failed", "quarantined", "degraded", "stale", "pending", "trusted", "exempt"] as const;
const RANK = sql`array_position(${texts(URGENCY)}, f.status)`;

export type NodeListSort = "name" | "-name" | "since" | "-since" | "status";

/** Where a page ended: the sort columns of its last row. */
export type NodeListKey = { rank: number; sinceMs: number; name: string; id: string };

export type NodeListArgs = TimePoint & { query: NodeQuery };

export type NodeListRow = {
  id: string;
  displayName: string;
  status: string;
  since: number;
  reason: string;
  lastEvidenceAt: number | null;
  createdAt: number;
  /** Of the loss of coverage that it passes with; `null` = none. */
  lost: string[] | null;
  policiesBefore: string[] | null;
  policiesAfter: string[] | null;
  sources: string[];
  lifecycle: string;
  rank: number;
};

/** Source names with evidence about a node of `fleet f`, at the instant that is asked for. */
function sourcesOf({ asOf, knownAt }: TimePoint, node: SQL, domain: SQL): SQL {
  return asOf
    ? sql`SELECT s.name FROM trust_interval t JOIN source s ON s.trust_domain_id = t.trust_domain_id AND s.id = t.source_id
        WHERE t.trust_domain_id = ${domain} AND t.node_id = ${node} AND ${believed(sql`t`, knownAt)}
          AND t.source_id <> ${FUSED} AND t.valid_from <= ${instant(asOf)}`
    : sql`SELECT s.name FROM lane t JOIN source s ON s.trust_domain_id = t.trust_domain_id AND s.id = t.source_id
        WHERE t.trust_domain_id = ${domain} AND t.node_id = ${node}`;
}

/** A node of `fleet f`. */
const NODE = { domain: sql`f.trust_domain_id`, id: sql`f.id` };

/** Life cycle state of a node at the instant that is asked for. */
function lifecycleOf({ asOf, knownAt }: TimePoint, node: SQL, domain: SQL): SQL {
  return asOf
    ? sql`coalesce((SELECT t.to_state FROM node_transition t
        WHERE t.trust_domain_id = ${domain} AND t.node_id = ${node} AND ${believedTransition(knownAt)}
          AND t.outcome = 'moved' AND t.occurred_at <= ${instant(asOf)}
        ORDER BY t.occurred_at DESC, t.record_order COLLATE "C" DESC LIMIT 1), 'discovered')`
    : sql`(SELECT s.lifecycle_state FROM node_state s WHERE s.trust_domain_id = ${domain} AND s.node_id = ${node})`;
}

/** All filters but the status. */
function matches(scope: Scope, args: NodeListArgs): SQL {
  const { query, knownAt } = args;
  const words = query.words.map((word) => {
    const pattern = containing(word);
    return sql`(f.display_name ILIKE ${pattern} OR f.id IN (
      SELECT node_id FROM node_identity WHERE trust_domain_id = ANY(${uuids(scope)}) AND value ILIKE ${pattern}
        AND ${arrived(sql`valid_from`, knownAt)}))`;
  });
  const sources = query.sources
    ? [
        sql`EXISTS (SELECT 1 FROM (${sourcesOf(args, sql`f.id`, sql`f.trust_domain_id`)}) x
          WHERE lower(x.name) = ANY(${texts(query.sources.map((name) => name.toLowerCase()))}))`,
      ]
    : [];
  const loss = hasCoverageLoss(NODE, args);
  const coverage = query.coverage ? [query.coverage === "reduced" ? loss : sql`NOT ${loss}`] : [];
  const lifecycle = query.lifecycle
    ? [sql`${lifecycleOf(args, sql`f.id`, sql`f.trust_domain_id`)} = ANY(${texts(query.lifecycle)})`]
    : [];
  const labels = (query.labels ?? []).map(
    ({ name, value }) =>
      sql`EXISTS (SELECT FROM node l WHERE l.trust_domain_id = f.trust_domain_id AND l.id = f.id
        AND ${value === null ? sql`jsonb_exists(l.labels, ${name})` : sql`l.labels ->> ${name} = ${value}`})`,
  );
  return sql.join([sql`TRUE`, ...words, ...sources, ...coverage, ...lifecycle, ...labels], sql` AND `);
}

/** Matches per status, whatever status the query asks for. */
export async function nodeListFacets(
  conn: Conn,
  scope: Scope,
  args: NodeListArgs,
): Promise<{ status: string; nodes: number }[]> {
  return rowsOf(
    conn,
    sql`${fleetAt(scope, args)}
      SELECT f.status, count(*)::int AS nodes FROM fleet f WHERE ${matches(scope, args)} GROUP BY f.status`,
  );
}

function orderOf(sort: NodeListSort): SQL {
  switch (sort) {
    case "name":
      return sql`f.display_name, f.id`;
    case "-name":
      return sql`f.display_name DESC, f.id DESC`;
    case "since":
      return sql`f.since, f.id`;
    case "-since":
      return sql`f.since DESC, f.id DESC`;
    case "status":
      return sql`${RANK}, f.since DESC, f.id`;
  }
}

function after(sort: NodeListSort, key: NodeListKey): SQL {
  const since = instant(new Date(key.sinceMs));
  const id = sql`${key.id}::uuid`;
  switch (sort) {
    case "name":
      return sql`(f.display_name, f.id) > (${key.name}, ${id})`;
    case "-name":
      return sql`(f.display_name, f.id) < (${key.name}, ${id})`;
    case "since":
      return sql`(f.since, f.id) > (${since}, ${id})`;
    case "-since":
      return sql`(f.since, f.id) < (${since}, ${id})`;
    case "status":
      return sql`(${RANK} > ${key.rank} OR (${RANK} = ${key.rank}
        AND (f.since < ${since} OR (f.since = ${since} AND f.id > ${id}))))`;
  }
}

/**
 * One page of nodes.
 *
 * Keyset, not OFFSET: nodes change place while someone pages. The id breaks ties between nodes of
 * the same name or instant.
 *
 * @param limit page size; one extra row is read to learn whether a next page exists
 */
export async function nodeListPage(
  conn: Conn,
  scope: Scope,
  args: NodeListArgs & { sort: NodeListSort; after: NodeListKey | null; limit: number },
): Promise<{ items: NodeListRow[]; next: NodeListKey | null }> {
  const { query, sort, limit } = args;
  const conditions = [
    matches(scope, args),
    query.statuses ? sql`f.status = ANY(${texts(query.statuses)})` : sql`TRUE`,
    args.after ? after(sort, args.after) : sql`TRUE`,
  ];
  const rows = await rowsOf<NodeListRow>(
    conn,
    sql`${fleetAt(scope, args)}, page AS (
      SELECT f.*, ${RANK} AS rank, row_number() OVER (ORDER BY ${orderOf(sort)}) AS place
      FROM fleet f WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY ${orderOf(sort)} LIMIT ${limit + 1}
    )
    SELECT p.id, p.display_name AS "displayName", p.status, ${ms(sql`p.since`)} AS since, p.reason,
      ${ms(sql`p.last_evidence_at`)} AS "lastEvidenceAt", ${ms(sql`p.created_at`)} AS "createdAt", p.rank,
      c.lost, c.policies_before AS "policiesBefore", c.policies_after AS "policiesAfter",
      ${lifecycleOf(args, sql`p.id`, sql`p.trust_domain_id`)} AS lifecycle,
      ARRAY(SELECT DISTINCT y.name FROM (${sourcesOf(args, sql`p.id`, sql`p.trust_domain_id`)}) y ORDER BY 1) AS sources
    FROM page p LEFT JOIN LATERAL (
      SELECT lost, policies_before, policies_after FROM coverage_loss c
      WHERE c.trust_domain_id = p.trust_domain_id AND c.node_id = p.id AND p.status = 'trusted'
        AND ${coverageLossAt(args)}
      ORDER BY c.source_id, c.submod LIMIT 1
    ) c ON TRUE
    ORDER BY p.place`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items,
    next: more ? { rank: last.rank, sinceMs: last.since, name: last.displayName, id: last.id } : null,
  };
}
