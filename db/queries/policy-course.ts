/** What decides about nodes, and when: read by everything that derives their lines. Raw SQL: this is the hot path. */
import type { ClientBase } from "pg";
import type { PolicyActivation, PolicyException } from "#lib/domain/policy";
import { textArray } from "./array-literal.ts";

export type CourseActivation = PolicyActivation & {
  /** Hex, of the version's text. */
  digest: string;
  stage: "shadow" | "enforced";
};

export type CourseRows = {
  activations: CourseActivation[];
  exceptions: PolicyException[];
  sources: { id: string; name: string; kind: string }[];
};

/** Everything that decides in a trust domain or ever did, and the names of its sources; in one round trip. */
export async function policyCourse(client: ClientBase, trustDomainId: string): Promise<CourseRows> {
  const { rows } = await client.query<CourseRows>({
    name: "policy_course",
    text: `SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'policyVersion', p.name || '@' || a.version,
            'stage', a.stage, 'selector', a.selector, 'percent', a.percent, 'digest', encode(v.digest, 'hex'),
            'fromMs', extract(epoch FROM a.valid_from) * 1000, 'toMs', extract(epoch FROM a.valid_to) * 1000)
            ORDER BY a.valid_from, a.id), '[]')
          FROM policy_activation a
          JOIN policy p ON p.trust_domain_id = a.trust_domain_id AND p.id = a.policy_id
          JOIN policy_version v ON v.trust_domain_id = a.trust_domain_id AND v.policy_id = a.policy_id
            AND v.version = a.version
          WHERE a.trust_domain_id = $1) AS activations,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'policy', policy_name, 'ruleId', rule_id,
            'selector', selector, 'reason', reason, 'fromMs', extract(epoch FROM valid_from) * 1000,
            'toMs', extract(epoch FROM valid_to) * 1000) ORDER BY valid_from, id), '[]')
          FROM policy_exception WHERE trust_domain_id = $1) AS exceptions,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'kind', kind)), '[]')
          FROM source WHERE trust_domain_id = $1) AS sources`,
    values: [trustDomainId],
  });
  return rows[0] ?? { activations: [], exceptions: [], sources: [] };
}

/** Texts of versions, by hex digest. */
export async function policyTexts(
  client: ClientBase,
  trustDomainId: string,
  digests: readonly string[],
): Promise<Map<string, string>> {
  if (digests.length === 0) return new Map();
  const { rows } = await client.query<{ digest: string; text: string }>(
    `SELECT DISTINCT ON (digest) encode(digest, 'hex') AS digest, text FROM policy_version
     WHERE trust_domain_id = $1 AND encode(digest, 'hex') = ANY($2::text[])`,
    [trustDomainId, textArray(digests)],
  );
  return new Map(rows.map(({ digest, text }) => [digest, text]));
}

/** Count what exceptions kept from counting. */
export async function exceptionCount(
  client: ClientBase,
  trustDomainId: string,
  counts: ReadonlyMap<string, number>,
  now: Date,
): Promise<void> {
  if (counts.size === 0) return;
  await client.query(
    `UPDATE policy_exception e SET matches = e.matches + v.n, last_match_at = $4
     FROM (SELECT * FROM unnest($2::uuid[], $3::bigint[]) AS u(id, n) ORDER BY id) v
     WHERE e.trust_domain_id = $1 AND e.id = v.id`,
    [trustDomainId, [...counts.keys()], [...counts.values()], now],
  );
}
