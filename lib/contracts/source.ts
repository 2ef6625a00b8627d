/** Sources, their keys and what they sent that was refused. */
import { z } from "zod";
import { API_KEY_SCOPES } from "#lib/domain/access";
import { ENROLMENT_SETTINGS } from "#lib/domain/enrolment";
import { BOOTSTRAP_PHASES } from "#lib/domain/lifecycle-authority";
import { FINDING_KINDS } from "#lib/domain/source-finding";
import { KEY_STATES } from "#lib/domain/source-key";
import { Cursor, Instant, Uuid } from "./common.ts";
import { RecordedQuery, TimePointAnswer, TimePointQuery } from "./time.ts";

const Progress = z.strictObject({ done: z.int(), total: z.int() });

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
  /** From then on its evidence is worthless; `null` = it is trusted. */
  distrustedSince: Instant.nullable(),
  /** How many nodes' history follows the last decision about it; `null` = all of it does. */
  rederiving: Progress.nullable(),
});
export type SourceKeyView = z.infer<typeof SourceKeyView>;

export const SourceKeysQuery = z.strictObject(RecordedQuery);
export type SourceKeysQuery = z.infer<typeof SourceKeysQuery>;

export const SourceKeyList = z.strictObject({ items: z.array(SourceKeyView) });
export type SourceKeyList = z.infer<typeof SourceKeyList>;

/** Those that were registered by an instant, each in the state that it had. */
export const SourceKeysAnswer = SourceKeyList.extend({ asOf: Instant });
export type SourceKeysAnswer = z.infer<typeof SourceKeysAnswer>;

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

/** When silence of a source begins to count. */
export const SilenceLimitView = z.strictObject({
  /** `fixed` = set by an operator; `learnt` = a multiple of the observed cadence; `none` = never. */
  mode: z.enum(["fixed", "learnt", "none"]),
  /** The limit in force now. */
  staleAfterMs: z.int().nullable(),
  /** Expected interval between two verdicts about one node, as observed; `null` = not learnt yet. */
  cadenceMs: z.int().nullable(),
  /** How a learnt limit follows from the cadence; `null` for the others. */
  factor: z.number().nullable(),
  floorMs: z.int().nullable(),
  capMs: z.int().nullable(),
});
export type SilenceLimitView = z.infer<typeof SilenceLimitView>;

const LimitMs = z.int().min(1_000).max(31_536_000_000);

export const SetSilenceLimitBody = z.discriminatedUnion("mode", [
  z.strictObject({ mode: z.literal("fixed"), staleAfterMs: LimitMs }),
  z.strictObject({
    mode: z.literal("learnt"),
    factor: z.number().min(1.5).max(20).default(2),
    floorMs: LimitMs.default(60_000),
    capMs: LimitMs.default(172_800_000),
  }),
  z.strictObject({ mode: z.literal("none") }),
]);
export type SetSilenceLimitBody = z.infer<typeof SetSilenceLimitBody>;

/** Something wrong with a source for a stretch of time. */
export const FindingView = z.strictObject({
  id: Uuid,
  sourceId: Uuid,
  kind: z.enum(FINDING_KINDS),
  /** Tells several findings of a kind apart; may be empty. */
  subject: z.string(),
  since: Instant,
  /** `null` = still so. */
  until: Instant.nullable(),
  sentence: z.string(),
  /** What was checked before and after; `null` but for a weakened verifier. */
  before: z.array(z.string()).nullable(),
  after: z.array(z.string()).nullable(),
  /** Nodes concerned, at most at once. */
  nodes: z.int(),
  /** Query of the node list that finds them while it lasts; `null` when it is about no nodes. */
  nodesQuery: z.string().nullable(),
  /** Evidence that began it, or that ended a silence. */
  firstEvidenceAt: Instant.nullable(),
  /** Last evidence of it, or before a silence. */
  lastEvidenceAt: Instant.nullable(),
  recordedAt: Instant,
});
export type FindingView = z.infer<typeof FindingView>;

export const FindingListQuery = z.strictObject(TimePointQuery);
export type FindingListQuery = z.infer<typeof FindingListQuery>;

/** Without a time all findings that ever were; with one only those that held at it. */
export const FindingList = z.strictObject({ ...TimePointAnswer, items: z.array(FindingView) });
export type FindingList = z.infer<typeof FindingList>;

/**
 * A source. As of an earlier instant its configuration (name, limits, enrolment, phases) is as it is now, because it
 * keeps no history; keys, evidence and findings are of that instant.
 */
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
  /** Phases of the life cycle that its bootstrap events may drive; about others they are only shown. */
  authoritativeFor: z.array(z.enum(BOOTSTRAP_PHASES)),
  /** It may introduce nodes that nobody provisioned here. */
  introducesNodes: z.boolean(),
  keys: z.array(SourceKeyView),
  apiKeys: z.array(ApiKeyView),
  /** `ask` = nodes that it introduces wait for a person. */
  enrolment: z.enum(ENROLMENT_SETTINGS),
  /** `null` = has never sent anything. */
  lastReceivedAt: Instant.nullable(),
  /** The whole source is silent: nothing for twice its cadence, or its limit while none is learnt. */
  silent: z.boolean(),
  limit: SilenceLimitView,
  /** Newest evidence by its own date; `null` = no evidence. */
  lastHeardAt: Instant.nullable(),
  /** When the next evidence is expected; `null` = no cadence is learnt. */
  nextDueAt: Instant.nullable(),
  /** Now minus the last receipt; `null` = has never sent anything. */
  lagMs: z.int().nullable(),
  keyState: z.strictObject({
    /** Keys that may vouch for messages now. */
    usable: z.int(),
    /** The first of them to end; `null` = none ends. */
    soonestEndAt: Instant.nullable(),
    /** Keys are registered but none may vouch: everything is refused. */
    exhausted: z.boolean(),
  }),
  /** The newest refused message; `null` = none ever. Of an earlier instant repeats do not count: they only count up. */
  lastError: z.strictObject({ at: Instant, code: z.string(), title: z.string() }).nullable(),
  /** Refused in the last 24 hours because they were dated too far in the future. */
  futureRefused: z.int(),
  /** Stated minus received time, positive = its clock is ahead; `null` = not measured, or of an earlier instant. */
  skew: z.strictObject({ p50Ms: z.int(), p95Ms: z.int(), samples: z.int() }).nullable(),
  /** Open findings, most urgent first. */
  findings: z.array(FindingView),
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
  /** Left out = what its kind is authoritative for. */
  authoritativeFor: z.array(z.enum(BOOTSTRAP_PHASES)).max(BOOTSTRAP_PHASES.length).optional(),
  introducesNodes: z.boolean().optional(),
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
