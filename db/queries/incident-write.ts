/** Opening incidents and writing their course, by the correlation. Raw SQL. */
import type { ClientBase } from "pg";
import type { Signal } from "#lib/domain/correlation";

/** One worker at a time correlates a domain, until the transaction ends. */
export async function correlationLock(client: ClientBase, trustDomainId: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`correlate ${trustDomainId}`]);
}

export type OpenIncident = { id: string; nodes: number; breaker: boolean };

/** The open incident of a kind and subject, locked. */
export async function openIncident(
  client: ClientBase,
  trustDomainId: string,
  { kind, subject }: Pick<Signal, "kind" | "subject">,
): Promise<OpenIncident | null> {
  const { rows } = await client.query<OpenIncident>(
    `SELECT id, nodes, breaker FROM incident
     WHERE trust_domain_id = $1 AND kind = $2 AND subject = $3 AND state = 'open' FOR UPDATE`,
    [trustDomainId, kind, subject],
  );
  return rows[0] ?? null;
}

/** When the last incident of a kind and subject was resolved; `null` = there was none. */
export async function lastResolvedMs(
  client: ClientBase,
  trustDomainId: string,
  { kind, subject }: Pick<Signal, "kind" | "subject">,
): Promise<number | null> {
  const { rows } = await client.query<{ at: Date | null }>(
    `SELECT max(resolved_at) AS at FROM incident
     WHERE trust_domain_id = $1 AND kind = $2 AND subject = $3 AND state = 'resolved'`,
    [trustDomainId, kind, subject],
  );
  return rows[0]?.at?.getTime() ?? null;
}

export async function incidentInsert(
  client: ClientBase,
  trustDomainId: string,
  id: string,
  signal: Signal,
  now: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO incident (trust_domain_id, id, kind, subject, title, cause, state, breaker, opened_at, last_at, seen_at,
       nodes)
     VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $8, 0)`,
    [
      trustDomainId,
      id,
      signal.kind,
      signal.subject,
      signal.title,
      signal.cause,
      signal.breaker,
      now,
      new Date(signal.lastMs),
    ],
  );
}

/** Add what is new about an incident. A breaker that is on stays on until the incident is resolved. @returns nodes in all */
export async function incidentGrow(
  client: ClientBase,
  trustDomainId: string,
  id: string,
  signal: Signal & { groupIds: readonly string[] },
  now: Date,
): Promise<number> {
  await client.query(
    `INSERT INTO incident_node (trust_domain_id, incident_id, node_id, added_at)
     SELECT $1, $2, v.node_id, $4 FROM unnest($3::uuid[]) AS v (node_id) ORDER BY 3 ON CONFLICT DO NOTHING`,
    [trustDomainId, id, signal.nodeIds, now],
  );
  await client.query(
    `INSERT INTO incident_group (trust_domain_id, incident_id, group_id, added_at)
     SELECT $1, $2, v.group_id, $4 FROM unnest($3::uuid[]) AS v (group_id) ORDER BY 3 ON CONFLICT DO NOTHING`,
    [trustDomainId, id, signal.groupIds, now],
  );
  const { rows } = await client.query<{ nodes: number }>(
    `UPDATE incident SET title = $3, cause = $4, breaker = breaker OR $5, last_at = greatest(last_at, $6), seen_at = $7,
       nodes = (SELECT count(*) FROM incident_node n WHERE n.trust_domain_id = $1 AND n.incident_id = $2)
     WHERE trust_domain_id = $1 AND id = $2 RETURNING nodes`,
    [trustDomainId, id, signal.title, signal.cause, signal.breaker, new Date(signal.lastMs), now],
  );
  return rows[0]?.nodes ?? 0;
}

export async function incidentNote(
  client: ClientBase,
  trustDomainId: string,
  entry: { id: string; incidentId: string; at: Date; kind: string; text: string },
): Promise<void> {
  await client.query(
    "INSERT INTO incident_entry (trust_domain_id, id, incident_id, at, author, kind, text) VALUES ($1, $2, $3, $4, NULL, $5, $6)",
    [trustDomainId, entry.id, entry.incidentId, entry.at, entry.kind, entry.text],
  );
  await incidentFact(client, trustDomainId, entry);
}

/** Note for other systems what was written about an incident, under the id of the entry, with the incident as it is. */
export async function incidentFact(
  client: ClientBase,
  trustDomainId: string,
  entry: { id: string; incidentId: string; at: Date; kind: string; text: string },
): Promise<void> {
  await client.query(
    `INSERT INTO feed_fact (trust_domain_id, id, kind, at, fact)
     SELECT $1, $2, 'incident', $4, jsonb_build_object('kind', 'incident', 'step', $5::text, 'text', $6::text,
       'incidentId', i.id, 'incidentKind', i.kind, 'title', i.title, 'cause', i.cause, 'breaker', i.breaker,
       'nodes', i.nodes, 'openedMs', (extract(epoch FROM i.opened_at) * 1000)::bigint)
     FROM incident i WHERE i.trust_domain_id = $1 AND i.id = $3`,
    [trustDomainId, entry.id, entry.incidentId, entry.at, entry.kind, entry.text],
  );
}
