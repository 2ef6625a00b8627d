/** What admission is decided on: the facts about nodes in pages, what changed since, and the rules. */
import { desc, eq, inArray, sql } from "drizzle-orm";
import type { Conn, Tx } from "#db/client";
import { admissionRule } from "#db/schema/admission";
import { appUser } from "#db/schema/people";
import type { AdmissionRule } from "#lib/domain/admission";
import { heardAt } from "./lane-sql.ts";
import { ms, rowsOf, type Scope, uuids } from "./sql.ts";

export type AdmissionNodeRow = {
  trustDomainId: string;
  id: string;
  name: string;
  disposition: string;
  status: string;
  statusReason: string;
  lifecycle: string;
  /** Newest evidence, epoch milliseconds; `null` = never appraised. */
  evidenceAt: number | null;
  /** Kinds of open identity alarms, each once. */
  alarms: string[];
  /** Identities in use that somebody may ask by, as `kind value`. */
  identities: string[];
};

/** Kinds that a node may be asked for by, though they are no proof: what an orchestrator calls it. */
const NAME_KINDS = sql`'k8s_node_name', 'hostname'`;

const FACTS = sql`SELECT n.trust_domain_id AS "trustDomainId", n.id, n.display_name AS name, n.disposition,
    s.status, s.reason AS "statusReason", s.lifecycle_state AS lifecycle,
    (SELECT ${ms(sql`max(${heardAt(sql`l`)})`)} FROM lane l
      WHERE l.trust_domain_id = n.trust_domain_id AND l.node_id = n.id) AS "evidenceAt",
    ARRAY(SELECT DISTINCT a.kind FROM identity_alarm a WHERE a.trust_domain_id = n.trust_domain_id
      AND a.settled_at IS NULL AND (a.node_id = n.id OR a.other_node_id = n.id) ORDER BY 1) AS alarms,
    ARRAY(SELECT i.kind || ' ' || i.value FROM node_identity i WHERE i.trust_domain_id = n.trust_domain_id
      AND i.node_id = n.id AND i.valid_to IS NULL AND i.superseded_at IS NULL
      AND (i.strong OR i.kind IN (${NAME_KINDS})) ORDER BY 1) AS identities
  FROM node n JOIN node_state s ON s.trust_domain_id = n.trust_domain_id AND s.node_id = n.id`;

/**
 * A page of all nodes of all domains, in the order of their keys.
 *
 * @param after key of the last node of the page before; `null` = from the first on
 */
export function admissionNodePage(
  conn: Conn,
  after: { trustDomainId: string; id: string } | null,
  limit: number,
): Promise<AdmissionNodeRow[]> {
  const beyond = after
    ? sql`WHERE (n.trust_domain_id, n.id) > (${after.trustDomainId}::uuid, ${after.id}::uuid)`
    : sql``;
  return rowsOf(conn, sql`${FACTS} ${beyond} ORDER BY n.trust_domain_id, n.id LIMIT ${limit}`);
}

export function admissionNodesById(
  conn: Conn,
  scope: Scope,
  ids: readonly string[],
): Promise<AdmissionNodeRow[]> {
  return rowsOf(
    conn,
    sql`${FACTS} WHERE n.trust_domain_id = ANY(${uuids(scope)}) AND n.id = ANY(${uuids(ids)})`,
  );
}

/** Everything that can move an answer and is small: read at every look. */
export type AdmissionChanges = {
  /** Nodes whose status changed since the instant that was asked for, each as `node id, when`. */
  changed: string[];
  /** What shuts nodes out beside their status, each as `node id, what`: a mark that comes or goes moves its node. */
  marks: string[];
  /** The clock of the database, epoch milliseconds. */
  at: number;
};

/** @param sinceMs epoch milliseconds by the clock of whoever wrote the changes */
export async function admissionChanges(conn: Conn, sinceMs: number): Promise<AdmissionChanges> {
  const [row] = await rowsOf<AdmissionChanges>(
    conn,
    sql`SELECT ARRAY(SELECT s.node_id || ' ' || extract(epoch FROM s.changed_at) FROM trust_domain d JOIN node_state s ON s.trust_domain_id = d.id
          WHERE s.changed_at >= to_timestamp(${sinceMs / 1_000}::float8)) AS changed,
        ARRAY(SELECT id || ' ' || disposition FROM node WHERE disposition <> 'in_service'
          UNION ALL SELECT s.node_id || ' ' || s.lifecycle_state
            FROM trust_domain d JOIN node_state s ON s.trust_domain_id = d.id
            WHERE s.lifecycle_state IN ('suspect', 'quarantining', 'quarantined', 'reprovisioning', 'failed',
              'decommissioning', 'decommissioned')
          UNION ALL SELECT party || ' ' || kind FROM identity_alarm, unnest(ARRAY[node_id, other_node_id]) AS party
            WHERE settled_at IS NULL AND party IS NOT NULL) AS marks,
        ${ms(sql`clock_timestamp()`)} AS at`,
  );
  return row ?? { changed: [], marks: [], at: 0 };
}

export type AdmissionDomainRow = {
  trustDomainId: string;
  parentId: string | null;
  /** Whose rule it is under; `null` = the built-in one. */
  ruleOf: string | null;
  content: AdmissionRule | null;
};

/** Every domain that the connection sees, with the rule that it is under. */
export function admissionDomains(conn: Conn): Promise<AdmissionDomainRow[]> {
  return rowsOf(
    conn,
    sql`SELECT d.id AS "trustDomainId", d.parent_id AS "parentId", r.trust_domain_id AS "ruleOf", r.content FROM trust_domain d
      LEFT JOIN LATERAL admission_rule_in_force(d.id) r ON true ORDER BY d.id`,
  );
}

type RuleRow = typeof admissionRule.$inferSelect;

/** The newest version of each of some domains that have one. */
export async function admissionRuleNewest(
  conn: Conn,
  scope: Scope,
): Promise<(RuleRow & { authorEmail: string | null })[]> {
  const rows = await conn
    .selectDistinctOn([admissionRule.trustDomainId], { row: admissionRule, email: appUser.email })
    .from(admissionRule)
    .leftJoin(appUser, eq(appUser.id, admissionRule.author))
    .where(inArray(admissionRule.trustDomainId, [...scope]))
    .orderBy(admissionRule.trustDomainId, desc(admissionRule.version));
  return rows.map(({ row, email }) => ({ ...row, authorEmail: email }));
}

export async function admissionRuleInsert(tx: Tx, row: typeof admissionRule.$inferInsert): Promise<void> {
  await tx.insert(admissionRule).values(row);
}
