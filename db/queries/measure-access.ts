/** Measures over who may do what. Grants and confirmations are recorded as they happen and have one time only. */
import { sql } from "drizzle-orm";
import { alone, atEnd, length, type Relation } from "./measure-sql.ts";
import { instant, texts, uuids } from "./sql.ts";

/**
 * Strong roles that people held at the end of the period, those that were taken away since included: whether another
 * person stood behind each, by having confirmed or given it not too long before.
 */
export const confirmedRoles = (roles: readonly string[], limitMs: number): Relation =>
  alone((scope, window) => {
    const end = instant(window.to);
    const last = sql`coalesce(c.at, CASE WHEN NOT h.own_gift THEN h.created_at END)`;
    return sql`WITH held AS (
      SELECT trust_domain_id, user_id, role, own_gift, created_at, expires_at AS until FROM role_grant
      UNION ALL
      SELECT trust_domain_id, user_id, role, own_gift, created_at, ended_at FROM role_grant_past
    )
    SELECT 'role_grant' AS kind, h.user_id || '/' || h.trust_domain_id || '/' || h.role AS key, NULL::uuid AS node_id,
      u.email || ': ' || h.role || ' in ' || d.name AS name,
      CASE WHEN ${last} > ${end} - ${limitMs} * interval '1 millisecond' THEN 'met' ELSE 'missed' END AS verdict,
      1 AS weight, ${length(sql`coalesce(c.at, h.created_at)`, end)} AS value, h.created_at AS at,
      CASE WHEN c.at IS NOT NULL THEN 'last confirmed by ' || c.email
        WHEN h.own_gift THEN 'given by the same person, and confirmed by nobody'
        ELSE 'given, and confirmed by nobody' END AS detail
    FROM held h JOIN app_user u ON u.id = h.user_id JOIN trust_domain d ON d.id = h.trust_domain_id
    LEFT JOIN LATERAL (SELECT a.at, p.email FROM access_confirmation a JOIN app_user p ON p.id = a.confirmed_by
      WHERE a.trust_domain_id = h.trust_domain_id AND a.user_id = h.user_id AND a.role = h.role
        AND a.given_at = h.created_at AND (a.at <= ${end})
      ORDER BY a.at DESC, a.id DESC LIMIT 1) c ON TRUE
    WHERE h.trust_domain_id = ANY(${uuids(scope)}) AND h.role = ANY(${texts(roles)})
      AND ${atEnd(sql`h.created_at`, sql`h.until`, window)}`;
  });
