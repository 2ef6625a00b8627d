/** Sources, their keys and what they sent that was refused. */
import { z } from "zod";
import { API_KEY_SCOPES } from "#lib/domain/access";
import { KEY_STATES } from "#lib/domain/source-key";
import { Cursor, Instant, Uuid } from "./common.ts";

export const SourceKeyView = z.strictObject({
  kid: z.string(),
  alg: z.string(),
  /** A secret that is shared with the sender; it is never shown. Else a public key. */
  secret: z.boolean(),
  state: z.enum(KEY_STATES),
  validFrom: Instant,
  /** When it was retired; `null` = in use. */
  validTo: Instant.nullable(),
  activatedAt: Instant.nullable(),
  /** A retired key counts for what was signed until then. */
  acceptUntil: Instant.nullable(),
  /** Newest accepted message that it vouched for, to the minute; `null` = none yet. */
  lastUsedAt: Instant.nullable(),
});
export type SourceKeyView = z.infer<typeof SourceKeyView>;

export const SourceKeyList = z.strictObject({ items: z.array(SourceKeyView) });
export type SourceKeyList = z.infer<typeof SourceKeyList>;

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

export const SourceList = z.strictObject({ items: z.array(SourceView) });
export type SourceList = z.infer<typeof SourceList>;

/** Public keys that may vouch for a source's messages, as a JWK set; private members are refused. */
const Jwks = z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).max(20) });
/** Secrets that are shared with the sender, written as its kind writes them. Stored sealed, never shown again. */
const Secrets = z.array(z.string().min(1).max(1_024)).max(6);

export const CreateSourceBody = z.strictObject({
  kind: z.string().max(40),
  name: z.string().trim().min(1).max(80),
  jwks: Jwks.optional(),
  secrets: Secrets.optional(),
  nodeIdPointer: z.string().max(300).startsWith("/").nullable().optional(),
  staleAfterMs: z.int().min(1_000).max(31_536_000_000).nullable().optional(),
  acceptPastMs: z.int().min(1_000).max(31_536_000_000).optional(),
});
export type CreateSourceBody = z.infer<typeof CreateSourceBody>;

export const PrepareKeysBody = z.strictObject({ jwks: Jwks.optional(), secrets: Secrets.optional() });
export type PrepareKeysBody = z.infer<typeof PrepareKeysBody>;

const Kid = z.string().min(1).max(256);
export const ActivateKeyBody = z.strictObject({ kid: Kid });
export type ActivateKeyBody = z.infer<typeof ActivateKeyBody>;

export const RetireKeyBody = z.strictObject({
  kid: Kid,
  /** How long after now the key still counts for what is signed with it; a week at most. */
  graceSeconds: z.int().min(0).max(604_800).default(300),
});
/** As it is sent: the grace period may be left out. */
export type RetireKeyBody = z.input<typeof RetireKeyBody>;

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
  /** How often exactly these bytes were refused for this reason. */
  times: z.int(),
  firstAt: Instant,
  lastAt: Instant,
  rawSha256: z.string(),
  rawBytes: z.int(),
  /** The first 4 KiB as text with unprintable bytes escaped. */
  excerpt: z.string(),
});
export type RejectedView = z.infer<typeof RejectedView>;

export const RejectedPage = z.strictObject({ items: z.array(RejectedView), nextCursor: Cursor.nullable() });
export type RejectedPage = z.infer<typeof RejectedPage>;
