/** The record of what was done. */
import { hash } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { PoolClient } from "pg";
import type { Conn } from "#db/client";
import { auditPending } from "#db/schema/audit-log";
import { auditEntry } from "#db/schema/people";
import type { SqlClient } from "#db/transaction";
import { type AuditRecord, auditLeafText } from "#lib/domain/audit/leaf";
import { leafHash } from "#lib/domain/merkle/tree";

export type AuditEntryRow = typeof auditEntry.$inferSelect;

/** A leaf of the log has at most 65,535 bytes; what names the object is the only text without a bound of its own. */
const MAX_ENTITY_ID_LENGTH = 2_000;

/**
 * Append one entry. In the transaction of the change it records, else it proves nothing.
 *
 * The leaf's hash goes along in the same statement: what the log is going to commit to is settled now.
 */
export async function auditInsert(conn: Conn, entry: typeof auditEntry.$inferInsert): Promise<void> {
  await conn.execute(insertion(toRow(entry)));
}

/** The same for paths that write plain SQL; in the transaction of `client`. */
export async function auditInsertAll(
  client: SqlClient,
  entries: readonly (typeof auditEntry.$inferInsert)[],
): Promise<void> {
  if (entries.length === 0) return;
  const conn = drizzle(client as PoolClient);
  const rows = entries.map(toRow);
  await conn.insert(auditEntry).values(rows);
  await conn.insert(auditPending).values(
    rows.map((row) => ({
      trustDomainId: row.trustDomainId,
      entryId: row.id,
      leafHash: auditLeafHash(row),
    })),
  );
}

/** Exactly what will be read back: instants in milliseconds, and values as JSON knows them. */
function toRow(entry: typeof auditEntry.$inferInsert): AuditEntryRow {
  return {
    ...entry,
    entityId: entry.entityId.slice(0, MAX_ENTITY_ID_LENGTH),
    problemCode: entry.problemCode ?? null,
    address: entry.address ?? null,
    before: plainJson(entry.before),
    after: plainJson(entry.after),
  };
}

function plainJson(value: unknown): unknown {
  return value === undefined || value === null ? null : JSON.parse(JSON.stringify(value));
}

const jsonb = (value: unknown): SQL =>
  value === null ? sql`NULL::jsonb` : sql`${JSON.stringify(value)}::jsonb`;

function insertion(row: AuditEntryRow): SQL {
  return sql`WITH entry AS (
      INSERT INTO audit_entry (trust_domain_id, id, at, actor_kind, actor_id, action, entity, entity_id, outcome,
        problem_code, before, after, request_id, address)
      VALUES (${row.trustDomainId}, ${row.id}, ${row.at.toISOString()}::timestamptz, ${row.actorKind}, ${row.actorId},
        ${row.action}, ${row.entity}, ${row.entityId}, ${row.outcome}, ${row.problemCode}, ${jsonb(row.before)},
        ${jsonb(row.after)}, ${row.requestId}, ${row.address})
      RETURNING trust_domain_id, id
    ) INSERT INTO audit_pending (trust_domain_id, entry_id, leaf_hash)
      SELECT trust_domain_id, id, ${auditLeafHash(row)} FROM entry`;
}

const sha256Hex = (text: string): string => hash("sha256", text);
const sha256 = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer");

/** The bytes that the log commits to for an entry as it is stored. */
export function auditLeafBytes(row: AuditEntryRow): Buffer {
  const record: AuditRecord = { ...row, at: row.at.toISOString() };
  return Buffer.from(auditLeafText(sha256Hex, record), "utf8");
}

export function auditLeafHash(row: AuditEntryRow): Buffer {
  return Buffer.from(leafHash(sha256, auditLeafBytes(row)));
}
