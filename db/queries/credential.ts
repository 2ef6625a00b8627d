/** What bootstrap events tell about the credentials of nodes. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import { CREDENTIAL_EVENT_TYPES, type Credential, type CredentialEvent } from "#lib/domain/credential";
import { attributed } from "./bootstrap-event.ts";
import { instant, ms, rowsOf, type Scope, texts, uuids } from "./sql.ts";
import { arrived, type TimePoint, validAt } from "./time-sql.ts";

export type CredentialEventRow = CredentialEvent & {
  nodeId: string;
  sourceName: string;
  sourceKind: string;
};

const SELECT: SQL = sql`SELECT e.id, e.node_id AS "nodeId", e.source_id AS "sourceId", s.name AS "sourceName",
    s.kind AS "sourceKind", e.type, e.outcome, e.method, ${ms(sql`e.occurred_at`)} AS "occurredAtMs", e.credential
  FROM bootstrap_event e JOIN source s ON s.trust_domain_id = e.trust_domain_id AND s.id = e.source_id`;

/** What had happened by then, as far as it was known to be about its node. */
const within = (point: TimePoint): SQL =>
  sql`e.occurred_at <= ${instant(validAt(point))} AND ${attributed(point.knownAt)}`;

/**
 * The newest events about credentials of some nodes, newest first within each node.
 *
 * @param perNode how many of each node; what is older is left out
 */
export async function credentialEvents(
  conn: Conn,
  scope: Scope,
  nodeIds: readonly string[],
  point: TimePoint,
  perNode: number,
): Promise<CredentialEventRow[]> {
  return rowsOf(
    conn,
    sql`SELECT newest.* FROM unnest(${uuids(nodeIds)}) AS wanted(node_id)
      CROSS JOIN LATERAL (
        ${SELECT} WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND e.node_id = wanted.node_id
          AND e.type = ANY(${texts(CREDENTIAL_EVENT_TYPES)}) AND ${within(point)}
        ORDER BY e.occurred_at DESC, e.id DESC LIMIT ${perNode}
      ) newest`,
  );
}

export type EndingCredentialRow = {
  eventId: string;
  nodeId: string;
  nodeName: string;
  sourceId: string;
  sourceName: string;
  method: string | null;
  issuedAtMs: number;
  credential: Credential;
};

/** Where a page ended. */
export type EndingCredentialKey = { atMs: number; id: string };

/**
 * Credentials that end within a window and that nothing younger of the same source replaced or took
 * away, soonest first.
 *
 * @param limit page size; one extra row is read to learn whether a next page exists
 */
export async function endingCredentials(
  conn: Conn,
  scope: Scope,
  args: TimePoint & { from: Date; to: Date; after: EndingCredentialKey | null; limit: number },
): Promise<{ items: EndingCredentialRow[]; next: EndingCredentialKey | null }> {
  const { from, to, after, limit } = args;
  const rows = await rowsOf<EndingCredentialRow>(
    conn,
    sql`SELECT e.id AS "eventId", e.node_id AS "nodeId", n.display_name AS "nodeName", e.source_id AS "sourceId",
        s.name AS "sourceName", e.method, ${ms(sql`e.occurred_at`)} AS "issuedAtMs", e.credential
      FROM bootstrap_event e
      JOIN source s ON s.trust_domain_id = e.trust_domain_id AND s.id = e.source_id
      JOIN node n ON n.trust_domain_id = e.trust_domain_id AND n.id = e.node_id
      WHERE e.trust_domain_id = ANY(${uuids(scope)}) AND e.node_id IS NOT NULL
        AND e.type IN ('enrollment.credential_issued', 'enrollment.credential_renewed') AND e.outcome = 'success'
        AND e.credential_not_after >= ${instant(from)} AND e.credential_not_after < ${instant(to)}
        AND ${
          after
            ? sql`(e.credential_not_after, e.id) > (${instant(new Date(after.atMs))}, ${after.id}::uuid)`
            : sql`TRUE`
        }
        AND ${within(args)}
        AND NOT EXISTS (
          SELECT FROM bootstrap_event l
          WHERE l.trust_domain_id = e.trust_domain_id AND l.node_id = e.node_id AND l.source_id = e.source_id
            AND l.type IN ('enrollment.credential_issued', 'enrollment.credential_renewed', 'identity.banned', 'identity.evicted')
            AND l.outcome = 'success' AND (l.occurred_at, l.id) > (e.occurred_at, e.id)
            AND l.occurred_at <= ${instant(validAt(args))}
            AND ${arrived(sql`coalesce(l.linked_at, l.received_at)`, args.knownAt)})
      ORDER BY e.credential_not_after, e.id LIMIT ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last?.credential.notAfterMs;
  return { items, next: more ? { atMs: more, id: last.eventId } : null };
}
