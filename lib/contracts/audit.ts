/** Audit entries and the log over them. */
import { z } from "zod";
import { Cursor, Instant, Uuid } from "./common.ts";

const Text = z.string().min(1).max(300);

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** What something is and its id, of a policy its name; found is what was done to it and to what belongs to it. */
const AuditObject = z
  .string()
  .regex(new RegExp(`^(?:(?:node|source|change|baseline|incident):${UUID}|policy:[a-z][a-z0-9-]{0,59})$`));

/** What entries are looked for; `action` also finds all actions that begin with it and a dot. */
export const AuditFilterQuery = z.strictObject({
  entry: Uuid.optional(),
  object: AuditObject.optional(),
  actor: Text.optional(),
  action: Text.optional(),
  entity: Text.optional(),
  entityId: z.string().min(1).max(2_000).optional(),
  outcome: z.enum(["done", "refused"]).optional(),
  address: Text.optional(),
  requestId: Text.optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});
export type AuditFilterQuery = z.infer<typeof AuditFilterQuery>;

export const AuditQuery = AuditFilterQuery.extend({
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

export const AuditExportQuery = AuditFilterQuery.extend({
  format: z.enum(["csv", "jsonl"]),
  /** Of the last whole entry that arrived; the export goes on behind it, with what is older. */
  cursor: Cursor.optional(),
});
export type AuditExportQuery = z.infer<typeof AuditExportQuery>;

/** `seq` = place in the log of the trust domain; `null` = not taken in yet, which lasts some seconds. */
export const AuditEntryView = z.strictObject({
  id: Uuid,
  trustDomainId: Uuid,
  seq: z.int().nullable(),
  at: Instant,
  actorKind: z.string(),
  actorId: z.string(),
  /** E-mail of a person, name of a service account; else what the product calls itself. */
  actor: z.string(),
  action: z.string(),
  entity: z.string(),
  entityId: z.string(),
  outcome: z.string(),
  problemCode: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  requestId: z.string(),
  address: z.string().nullable(),
});
export type AuditEntryView = z.infer<typeof AuditEntryView>;

export const AuditPage = z.strictObject({ items: z.array(AuditEntryView), nextCursor: Cursor.nullable() });
export type AuditPage = z.infer<typeof AuditPage>;

/** The log of one trust domain. `problem` = how it contradicts what is remembered outside the database. */
export const AuditLogView = z.strictObject({
  trustDomainId: Uuid,
  origin: z.string(),
  size: z.int(),
  waiting: z.int(),
  signedAt: Instant.nullable(),
  rootSha256: z.string().nullable(),
  problem: z.string().nullable(),
  vkeys: z.array(z.strictObject({ vkey: z.string(), createdAt: Instant, retireAt: Instant.nullable() })),
});
export type AuditLogView = z.infer<typeof AuditLogView>;
export const AuditLogList = z.strictObject({ items: z.array(AuditLogView) });
export type AuditLogList = z.infer<typeof AuditLogList>;

/** What a check of every entry found; `fault` names the first wrong one. */
export const AuditCheck = z.strictObject({
  checkedAt: Instant,
  logs: z.array(
    z.strictObject({
      trustDomainId: Uuid,
      size: z.int(),
      checkpoints: z.int(),
      fault: z
        .strictObject({ seq: z.int().nullable(), entryId: z.string().nullable(), detail: z.string() })
        .nullable(),
    }),
  ),
});
export type AuditCheck = z.infer<typeof AuditCheck>;

/** Which log; absent = that of the first trust domain. */
export const LogQuery = z.strictObject({ domain: Uuid.optional() });
export const EntryProofParams = z.strictObject({ seq: z.string().regex(/^(0|[1-9]\d{0,14})$/) });
