/** Sources as the ingest path and the worker see them. */
import type { ClientBase } from "pg";

/** Names of all sources of a domain by id. */
export async function sourceNames(client: ClientBase, trustDomainId: string): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; name: string }>({
    name: "source_names",
    text: "SELECT id, name FROM source WHERE trust_domain_id = $1",
    values: [trustDomainId],
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Say that history is being imported, so that silence is not judged meanwhile. */
export async function sourceSetBackfill(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  until: Date,
): Promise<void> {
  await client.query("UPDATE source SET backfill_until = $3 WHERE trust_domain_id = $1 AND id = $2", [
    trustDomainId,
    sourceId,
    until,
  ]);
}
