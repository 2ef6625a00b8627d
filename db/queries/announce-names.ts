/** How things are called in what is announced about them. Raw SQL. */
import type { ClientBase } from "pg";

/** Names and labels of nodes, by id. */
export async function nodesCalled(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<Map<string, { name: string; labels: Record<string, string> }>> {
  const { rows } = await client.query<{ id: string; name: string; labels: Record<string, string> }>(
    `SELECT id, display_name AS name, labels FROM node WHERE trust_domain_id = $1 AND id = ANY ($2::uuid[])`,
    [trustDomainId, nodeIds],
  );
  return new Map(rows.map(({ id, name, labels }) => [id, { name, labels }]));
}

/** Identity alarms by their fingerprints; `open` = nobody settled them. */
export async function alarmsByFingerprint(
  client: ClientBase,
  trustDomainId: string,
  fingerprints: readonly Buffer[],
): Promise<{ id: string; fingerprint: string; open: boolean }[]> {
  const { rows } = await client.query<{ id: string; fingerprint: string; open: boolean }>(
    `SELECT id, encode(fingerprint, 'hex') AS fingerprint, settled_at IS NULL AS open FROM identity_alarm
     WHERE trust_domain_id = $1 AND fingerprint = ANY ($2::bytea[])`,
    [trustDomainId, fingerprints],
  );
  return rows;
}
