/** Versions of policies and baselines that counted in a period, by what was known at an instant. */
import { type SQL, sql } from "drizzle-orm";
import type { Conn } from "#db/client";
import type { ReportVersion } from "#lib/domain/report/snapshot";
import { instant, ms, rowsOf, type Scope, uuids } from "./sql.ts";

type Window = { from: Date; to: Date; knownAt: Date };
type Counted = Omit<ReportVersion, "from" | "to"> & { from: number; to: number | null };

/** Policies that were enforced. */
export function policiesInForce(conn: Conn, scope: Scope, window: Window): Promise<Counted[]> {
  return counted(
    conn,
    scope,
    window,
    sql`policy_activation a
    JOIN policy p ON p.trust_domain_id = a.trust_domain_id AND p.id = a.policy_id
    JOIN policy_version v ON v.trust_domain_id = a.trust_domain_id AND v.policy_id = a.policy_id
      AND v.version = a.version AND a.stage = 'enforced'`,
  );
}

export function baselinesInForce(conn: Conn, scope: Scope, window: Window): Promise<Counted[]> {
  return counted(
    conn,
    scope,
    window,
    sql`baseline_rollout a
    JOIN baseline p ON p.trust_domain_id = a.trust_domain_id AND p.id = a.baseline_id
    JOIN baseline_version v ON v.trust_domain_id = a.trust_domain_id AND v.baseline_id = a.baseline_id
      AND v.version = a.version`,
  );
}

/** @param tables `a` says since when which version counts, `p` has the name and `v` the digest */
function counted(conn: Conn, scope: Scope, { from, to, knownAt }: Window, tables: SQL): Promise<Counted[]> {
  return rowsOf<Counted>(
    conn,
    sql`SELECT a.trust_domain_id AS "domainId", p.name, a.version, encode(v.digest, 'hex') AS digest, a.selector,
        a.percent, ${ms(sql`a.valid_from`)} AS from,
        CASE WHEN a.valid_to <= ${instant(knownAt)} THEN ${ms(sql`a.valid_to`)} END AS to
      FROM ${tables}
      WHERE a.trust_domain_id = ANY(${uuids(scope)}) AND a.created_at <= ${instant(knownAt)}
        AND a.valid_from < ${instant(to)} AND (a.valid_to IS NULL OR a.valid_to > ${instant(from)})
      ORDER BY p.name, a.valid_from, a.version, a.id`,
  );
}
