/** What the correlation looks at. Raw SQL: it reads many nodes at once. */
import type { ClientBase } from "pg";
import type { NodeInstant, NodeLook } from "#lib/domain/correlation";

export async function domainsWithNodes(client: {
  query: ClientBase["query"];
}): Promise<{ trustDomainId: string; nodes: number; sinceMs: number }[]> {
  const { rows } = await client.query<{ trustDomainId: string; nodes: number; since: Date }>(
    `SELECT trust_domain_id AS "trustDomainId", count(*)::int AS nodes, min(created_at) AS since
     FROM node GROUP BY 1 ORDER BY 1`,
  );
  return rows.map(({ since, ...row }) => ({ ...row, sinceMs: since.getTime() }));
}

export type GroupInstants = { groupId: string; path: string; instants: NodeInstant[] };

/** When nodes came to show the changes that wait for a decision and moved since an instant. */
export async function movingGroups(
  client: ClientBase,
  trustDomainId: string,
  { since, minNodes, limit }: { since: Date; minNodes: number; limit: number },
): Promise<GroupInstants[]> {
  type Row = { groupId: string; path: string; nodeIds: string[]; ats: number[] };
  const { rows } = await client.query<Row>(
    `WITH moving AS (
       SELECT g.* FROM drift_group g
       WHERE g.trust_domain_id = $1 AND g.ended_at IS NULL AND g.state IN ('undecided', 'regressed', 'remediating')
         AND g.peak_nodes >= $3 AND g.spread_at > $2
       ORDER BY g.peak_nodes DESC, g.id LIMIT $4
     ), shown AS (
       SELECT g.id, g.path, f.node_id, (extract(epoch FROM min(f.valid_from)) * 1000)::float8 AS at
       FROM moving g
       JOIN drift_finding f ON f.trust_domain_id = g.trust_domain_id AND f.fingerprint = g.fingerprint
         AND f.recorded_to IS NULL AND f.class IN ('unexplained', 'malicious_like')
         AND (f.valid_to IS NULL OR f.valid_to > g.first_seen_at)
       -- What an incident that is over was about does not make a new one.
       WHERE NOT EXISTS (SELECT FROM incident_group l JOIN incident i ON i.trust_domain_id = l.trust_domain_id
         AND i.id = l.incident_id WHERE l.trust_domain_id = g.trust_domain_id AND l.group_id = g.id
         AND i.state = 'resolved' AND i.resolved_at >= f.valid_from)
       GROUP BY g.id, g.path, f.node_id
     )
     SELECT id AS "groupId", path, array_agg(node_id ORDER BY at, node_id) AS "nodeIds",
       array_agg(at ORDER BY at, node_id) AS ats
     FROM shown GROUP BY id, path ORDER BY path, id`,
    [trustDomainId, since, minNodes, limit],
  );
  return rows.map(({ nodeIds, ats, ...row }) => ({
    ...row,
    instants: nodeIds.map((nodeId, index) => ({ nodeId, atMs: ats[index] ?? 0 })),
  }));
}

/** The open incident that each group belongs to. */
export async function openIncidentsOf(
  client: ClientBase,
  trustDomainId: string,
  groupIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ groupId: string; subject: string }>(
    `SELECT l.group_id AS "groupId", i.subject FROM incident_group l
     JOIN incident i ON i.trust_domain_id = l.trust_domain_id AND i.id = l.incident_id
     WHERE l.trust_domain_id = $1 AND l.group_id = ANY($2::uuid[]) AND i.state = 'open'
       AND i.kind = 'coordinated_change'
     ORDER BY i.opened_at DESC, i.id`,
    [trustDomainId, groupIds],
  );
  return new Map(rows.map(({ groupId, subject }) => [groupId, subject]));
}

export type WorseningSource = {
  sourceId: string;
  name: string;
  nodes: number;
  moved: string[];
  lastMs: number;
};

/** Sources with the nodes whose line of evidence fell to failed since an instant, having been something else. */
export async function worseningSources(
  client: ClientBase,
  trustDomainId: string,
  since: Date,
): Promise<WorseningSource[]> {
  const { rows } = await client.query<Omit<WorseningSource, "lastMs"> & { lastAt: Date }>(
    `SELECT l.source_id AS "sourceId", s.name, count(DISTINCT l.node_id)::int AS nodes,
       array_agg(DISTINCT l.node_id) FILTER (WHERE l.moved) AS moved, max(l.since) FILTER (WHERE l.moved) AS "lastAt"
     FROM (SELECT l.*, ${MOVED} AS moved FROM lane l WHERE l.trust_domain_id = $1) l
     JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
     GROUP BY l.source_id, s.name HAVING bool_or(l.moved) ORDER BY s.name`,
    [trustDomainId, since],
  );
  return rows.map(({ lastAt, ...row }) => ({ ...row, lastMs: lastAt.getTime() }));
}

/** A lane that fails from its first verdict on, or after a silence, did not get worse together with others. */
const MOVED = `(l.state = 'failed' AND l.since > $2 AND EXISTS (
  SELECT FROM trust_interval i WHERE i.trust_domain_id = l.trust_domain_id AND i.node_id = l.node_id
    AND i.source_id = l.source_id AND i.submod = l.submod AND i.recorded_to IS NULL AND i.valid_to = l.since
    AND i.state IN ('trusted', 'degraded')))`;

export type HourOfNodes = { hoursAgo: number; nodes: number };

/** Nodes that began to drift without leave, per hour before an instant; empty hours are left out. */
export async function driftHours(
  client: ClientBase,
  trustDomainId: string,
  { now, hours }: { now: Date; hours: number },
): Promise<HourOfNodes[]> {
  const { rows } = await client.query<HourOfNodes>(
    `SELECT ${hoursAgo("valid_from")} AS "hoursAgo", count(DISTINCT node_id)::int AS nodes FROM drift_finding
     WHERE trust_domain_id = $1 AND recorded_to IS NULL AND class IN ('unexplained', 'malicious_like')
       AND valid_from > $2::timestamptz - make_interval(hours => $3) AND valid_from <= $2
     GROUP BY 1`,
    [trustDomainId, now, hours],
  );
  return rows;
}

/** Nodes that failed, per hour before an instant; empty hours are left out. */
export async function failureHours(
  client: ClientBase,
  trustDomainId: string,
  { now, hours }: { now: Date; hours: number },
): Promise<HourOfNodes[]> {
  const { rows } = await client.query<HourOfNodes>(
    `SELECT ${hoursAgo("valid_from")} AS "hoursAgo", count(DISTINCT node_id)::int AS nodes FROM trust_interval
     WHERE trust_domain_id = $1 AND source_id = '00000000-0000-0000-0000-000000000000' AND recorded_to IS NULL
       AND state = 'failed' AND valid_from > $2::timestamptz - make_interval(hours => $3) AND valid_from <= $2
     GROUP BY 1`,
    [trustDomainId, now, hours],
  );
  return rows;
}

const hoursAgo = (column: string) => `floor(extract(epoch FROM $2::timestamptz - ${column}) / 3600)::int`;

/** Nodes that began to drift or failed within the last hour. */
export async function nodesOfHour(
  client: ClientBase,
  trustDomainId: string,
  { kind, now }: { kind: "drift_storm" | "failure_storm"; now: Date },
): Promise<NodeInstant[]> {
  const from =
    kind === "drift_storm"
      ? "drift_finding WHERE class IN ('unexplained', 'malicious_like')"
      : "trust_interval WHERE source_id = '00000000-0000-0000-0000-000000000000' AND state = 'failed'";
  const { rows } = await client.query<NodeInstant>(
    `SELECT node_id AS "nodeId", (extract(epoch FROM max(valid_from)) * 1000)::float8 AS "atMs" FROM ${from}
       AND trust_domain_id = $1 AND recorded_to IS NULL
       AND valid_from > $2::timestamptz - interval '1 hour' AND valid_from <= $2
     GROUP BY node_id ORDER BY node_id`,
    [trustDomainId, now],
  );
  return rows;
}

export type LaneLook = NodeLook & {
  cohort: string;
  sourceName: string;
  role: string;
  sinceMs: number;
  drifts: boolean;
};

/** What the lanes of all nodes measure now, by source, submodule and role. */
export async function laneLooks(client: ClientBase, trustDomainId: string): Promise<LaneLook[]> {
  const { rows } = await client.query<Omit<LaneLook, "sinceMs"> & { since: Date }>(
    `SELECT l.source_id || ' ' || l.submod || ' ' || coalesce(n.labels ->> 'role', '') AS cohort, s.name AS "sourceName",
       coalesce(n.labels ->> 'role', '') AS role, l.node_id AS "nodeId",
       l.statement ->> 'measurementDigest' AS look, l.since,
       EXISTS (SELECT FROM drift_finding f WHERE f.trust_domain_id = l.trust_domain_id AND f.node_id = l.node_id
         AND f.source_id = l.source_id AND f.submod = l.submod AND f.recorded_to IS NULL AND f.valid_to IS NULL
         AND f.class IN ('unexplained', 'malicious_like')) AS drifts
     FROM lane l
     JOIN node n ON n.trust_domain_id = l.trust_domain_id AND n.id = l.node_id
     JOIN source s ON s.trust_domain_id = l.trust_domain_id AND s.id = l.source_id
     WHERE l.trust_domain_id = $1 AND l.statement ->> 'measurementDigest' IS NOT NULL AND l.opening_hash IS NOT NULL
     ORDER BY l.source_id, l.submod, l.node_id`,
    [trustDomainId],
  );
  return rows.map(({ since, ...row }) => ({ ...row, sinceMs: since.getTime() }));
}
