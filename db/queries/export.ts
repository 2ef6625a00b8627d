/** Lists as they are exported: page by page by when something began, each row under a key of its own. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { FUSED, instant, rowsOf, type Scope, uuids } from "./sql.ts";

export type ExportKey = { at: string; id: string };
export type ExportFilter = { from: Date | null; to: Date | null; state: string | null };
export type ExportCell = string | number | boolean | null;

/** Text that reads back as the same instant: ISO 8601 in UTC. */
const iso = (column: SQL): SQL => sql`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** `at` orders, `id` tells rows of one instant apart; `end` = `null` while it goes on. */
type List = {
  from: SQL;
  at: SQL;
  id: SQL;
  end: SQL | null;
  state: SQL;
  columns: Readonly<Record<string, SQL>>;
};

const NAME = sql`(SELECT n.display_name FROM node n WHERE n.trust_domain_id = x.trust_domain_id AND n.id = x.node_id)`;

const LISTS = {
  intervals: {
    from: sql`trust_interval x WHERE x.source_id = ${FUSED} AND x.recorded_to IS NULL`,
    at: sql`x.valid_from`,
    id: sql`x.node_id::text`,
    end: sql`x.valid_to`,
    state: sql`x.state`,
    columns: {
      trustDomainId: sql`x.trust_domain_id`,
      nodeId: sql`x.node_id`,
      node: NAME,
      status: sql`x.state`,
      from: iso(sql`x.valid_from`),
      to: iso(sql`x.valid_to`),
      reason: sql`x.reason`,
      policyVersion: sql`x.policy_version`,
      recordedAt: iso(sql`x.recorded_from`),
    },
  },
  drift: {
    from: sql`drift_finding x WHERE x.recorded_to IS NULL`,
    at: sql`x.valid_from`,
    id: sql`concat_ws('/', x.node_id, x.source_id, x.submod, encode(x.fingerprint, 'hex'))`,
    end: sql`x.valid_to`,
    state: sql`x.class`,
    columns: {
      trustDomainId: sql`x.trust_domain_id`,
      nodeId: sql`x.node_id`,
      node: NAME,
      sourceId: sql`x.source_id`,
      submodule: sql`x.submod`,
      path: sql`x.path`,
      difference: sql`x.kind`,
      layer: sql`x.layer`,
      expected: sql`array_to_json(x.expected)::text`,
      actual: sql`x.actual`,
      class: sql`x.class`,
      effect: sql`x.effect`,
      why: sql`x.why`,
      score: sql`x.score`,
      baselineId: sql`x.baseline_id`,
      baselineVersion: sql`x.baseline_version`,
      excepted: sql`x.exception_id IS NOT NULL`,
      from: iso(sql`x.valid_from`),
      to: iso(sql`x.valid_to`),
      fingerprint: sql`encode(x.fingerprint, 'hex')`,
    },
  },
  incidents: {
    from: sql`incident x WHERE TRUE`,
    at: sql`x.opened_at`,
    id: sql`x.id::text`,
    end: sql`x.resolved_at`,
    state: sql`x.state`,
    columns: {
      trustDomainId: sql`x.trust_domain_id`,
      id: sql`x.id`,
      kind: sql`x.kind`,
      title: sql`x.title`,
      cause: sql`x.cause`,
      state: sql`x.state`,
      breaker: sql`x.breaker`,
      nodes: sql`x.nodes`,
      openedAt: iso(sql`x.opened_at`),
      resolvedAt: iso(sql`x.resolved_at`),
      review: sql`x.review`,
    },
  },
  "change-requests": {
    from: sql`change_request x WHERE TRUE`,
    at: sql`x.proposed_at`,
    id: sql`x.id::text`,
    end: sql`x.decided_at`,
    state: sql`x.state`,
    columns: {
      trustDomainId: sql`x.trust_domain_id`,
      id: sql`x.id`,
      kind: sql`x.kind`,
      subject: sql`x.subject`,
      summary: sql`x.summary`,
      reason: sql`x.reason`,
      state: sql`x.state`,
      proposer: sql`x.proposer`,
      proposedAt: iso(sql`x.proposed_at`),
      expiresAt: iso(sql`x.expires_at`),
      decidedAt: iso(sql`x.decided_at`),
      planHash: sql`encode(x.plan_hash, 'hex')`,
    },
  },
  remediations: {
    from: sql`remediation_request x WHERE TRUE`,
    at: sql`x.requested_at`,
    id: sql`x.id::text`,
    end: sql`x.ended_at`,
    state: sql`x.state`,
    columns: {
      trustDomainId: sql`x.trust_domain_id`,
      id: sql`x.id`,
      action: sql`x.action`,
      recipe: sql`x.recipe`,
      reason: sql`x.reason`,
      ticket: sql`x.ticket`,
      origin: sql`x.origin`,
      state: sql`x.state`,
      requester: sql`x.requester`,
      nodes: sql`(SELECT count(*)::int FROM remediation_target t
        WHERE t.trust_domain_id = x.trust_domain_id AND t.request_id = x.id)`,
      requestedAt: iso(sql`x.requested_at`),
      approvedAt: iso(sql`x.approved_at`),
      endedAt: iso(sql`x.ended_at`),
      outcome: sql`x.outcome`,
      planHash: sql`encode(x.plan_hash, 'hex')`,
    },
  },
} as const satisfies Record<string, List>;
export type ExportList = keyof typeof LISTS;

export const exportColumns = (list: ExportList): string[] => Object.keys(LISTS[list].columns);

/**
 * One page, the oldest first.
 *
 * @param filter what holds at some instant of `[from, to)`, in one state
 */
export async function exportPage(
  conn: Conn,
  scope: Scope,
  args: { list: ExportList; filter: ExportFilter; after: ExportKey | null; limit: number },
): Promise<{ key: ExportKey; cells: Record<string, ExportCell> }[]> {
  const { filter, after, limit } = args;
  const list: List = LISTS[args.list];
  const { from, to, state } = filter;
  const where = [
    sql`x.trust_domain_id = ANY(${uuids(scope)})`,
    ...(from && list.end ? [sql`(${list.end} IS NULL OR ${list.end} > ${instant(from)})`] : []),
    ...(to ? [sql`${list.at} < ${instant(to)}`] : []),
    ...(state === null ? [] : [sql`${list.state} = ${state}`]),
    ...(after
      ? [sql`(${list.at}, ${list.id} COLLATE "C") > (${after.at}::timestamptz, ${after.id}::text)`]
      : []),
  ];
  const columns = Object.entries(list.columns).map(
    ([name, column]) => sql`${column} AS ${sql.identifier(name)}`,
  );
  const rows = await rowsOf<Record<string, ExportCell> & { key_at: string; key_id: string }>(
    conn,
    sql`SELECT ${sql.join(columns, sql`, `)}, ${iso(list.at)} AS key_at, ${list.id} AS key_id
      FROM ${list.from} AND ${sql.join(where, sql` AND `)}
      ORDER BY ${list.at}, ${list.id} COLLATE "C" LIMIT ${limit}`,
  );
  return rows.map(({ key_at: at, key_id: id, ...cells }) => ({ key: { at, id }, cells }));
}

/** Domain and birth of some nodes, by id. */
export async function nodeOrigins(
  conn: Conn,
  scope: Scope,
  ids: readonly string[],
): Promise<Map<string, { trustDomainId: string; firstSeenMs: number }>> {
  const rows = await rowsOf<{ id: string; trustDomainId: string; firstSeenMs: number }>(
    conn,
    sql`SELECT id, trust_domain_id AS "trustDomainId", (extract(epoch FROM first_seen_at) * 1000)::float8 AS "firstSeenMs"
      FROM node WHERE trust_domain_id = ANY(${uuids(scope)}) AND id = ANY(${uuids(ids)})`,
  );
  return new Map(rows.map(({ id, ...origin }) => [id, origin]));
}
