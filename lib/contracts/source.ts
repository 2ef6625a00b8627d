/** Sources, their keys and what they sent that was refused. */
import { z } from "zod";
import { API_KEY_SCOPES } from "#lib/domain/access";
import { Cursor, Instant, Uuid } from "./common.ts";
import { RecordedQuery } from "./time.ts";

export const SourceKeyView = z.strictObject({
  kid: z.string(),
  alg: z.string(),
  state: z.string(),
  validFrom: Instant,
  validTo: Instant.nullable(),
});
export type SourceKeyView = z.infer<typeof SourceKeyView>;

export const ApiKeyView = z.strictObject({
  id: Uuid,
  prefix: z.string(),
  scopes: z.array(z.enum(API_KEY_SCOPES)),
  createdAt: Instant,
  expiresAt: Instant,
  lastUsedAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
});
export type ApiKeyView = z.infer<typeof ApiKeyView>;

export const SourceView = z.strictObject({
  id: Uuid,
  kind: z.string(),
  kindLabel: z.string(),
  name: z.string(),
  createdAt: Instant,
  disabledAt: Instant.nullable(),
  nodeIdPointer: z.string().nullable(),
  staleAfterMs: z.int().nullable(),
  acceptPastMs: z.int(),
  acceptFutureMs: z.int(),
  keys: z.array(SourceKeyView),
  apiKeys: z.array(ApiKeyView),
  /** `null` = has never sent anything. */
  lastReceivedAt: Instant.nullable(),
  /** Longer silent than its limit, although it has lanes that were fresh before. */
  silent: z.boolean(),
  /** Sums over the last 24 hours. */
  last24h: z.strictObject({ accepted: z.int(), duplicate: z.int(), rejected: z.int() }),
  /** Accepted per hour over the last 24 hours, oldest first; always 24 numbers. */
  hourly: z.array(z.int()).length(24),
  nodes: z.int(),
});
export type SourceView = z.infer<typeof SourceView>;

export const SourceDisabled = z.strictObject({ disabledAt: Instant });
export type SourceDisabled = z.infer<typeof SourceDisabled>;

export const SourceQuery = z.strictObject(RecordedQuery);
export type SourceQuery = z.infer<typeof SourceQuery>;

export const SourceList = z.strictObject({ asOf: Instant, items: z.array(SourceView) });
export type SourceList = z.infer<typeof SourceList>;

export const CreateSourceBody = z.strictObject({
  kind: z.string().max(40),
  name: z.string().trim().min(1).max(80),
  /** Public keys that may vouch for this source's messages, as a JWK set; private members are refused. */
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).max(20) }).optional(),
  nodeIdPointer: z.string().max(300).startsWith("/").nullable().optional(),
  staleAfterMs: z.int().min(1_000).max(31_536_000_000).nullable().optional(),
  acceptPastMs: z.int().min(1_000).max(31_536_000_000).optional(),
});
export type CreateSourceBody = z.infer<typeof CreateSourceBody>;

export const CreateApiKeyBody = z.strictObject({
  scopes: z.array(z.enum(API_KEY_SCOPES)).min(1),
  expiresInDays: z.int().min(1).max(365).default(90),
});
export type CreateApiKeyBody = z.infer<typeof CreateApiKeyBody>;

/** The only time that the secret is shown. */
export const CreatedApiKey = z.strictObject({ key: ApiKeyView, secret: z.string() });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

export const RejectedQuery = z.strictObject({
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...RecordedQuery,
});
export type RejectedQuery = z.infer<typeof RejectedQuery>;

export const RejectedView = z.strictObject({
  id: Uuid,
  sourceId: Uuid,
  category: z.string(),
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  subject: z.string().nullable(),
  /** How often exactly these bytes were refused for this reason; `null` as of an earlier instant: repeats only count up. */
  times: z.int().nullable(),
  firstAt: Instant,
  /** `null` as of an earlier instant. */
  lastAt: Instant.nullable(),
  rawSha256: z.string(),
  rawBytes: z.int(),
  /** The first 4 KiB as text with unprintable bytes escaped. */
  excerpt: z.string(),
});
export type RejectedView = z.infer<typeof RejectedView>;

export const RejectedPage = z.strictObject({
  asOf: Instant,
  items: z.array(RejectedView),
  nextCursor: Cursor.nullable(),
});
export type RejectedPage = z.infer<typeof RejectedPage>;
