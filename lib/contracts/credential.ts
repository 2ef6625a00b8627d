/** Credentials of nodes: what was issued, until when it is good, and what still works of what was taken away. */
import { z } from "zod";
import { CREDENTIAL_KINDS, CREDENTIAL_STATES } from "#lib/domain/credential";
import { Cursor, Instant, Uuid } from "./common.ts";
import { TimePointAnswer, TimePointQuery } from "./time.ts";

export const NodeCredentialsQuery = z.strictObject(TimePointQuery);
export type NodeCredentialsQuery = z.infer<typeof NodeCredentialsQuery>;

const CredentialFacts = {
  kind: z.enum(CREDENTIAL_KINDS),
  serial: z.string().nullable(),
  fingerprintSha256: z.string().nullable(),
  issuer: z.string().nullable(),
  method: z.string().nullable(),
  sourceId: Uuid,
  sourceName: z.string(),
  issuedAt: Instant,
  notBefore: Instant.nullable(),
  /** `null` = nobody stated an end. */
  notAfter: Instant.nullable(),
};

export const CredentialView = z.strictObject({
  ...CredentialFacts,
  /** The bootstrap event that told of it. */
  eventId: Uuid,
  state: z.enum(CREDENTIAL_STATES),
  renewed: z.boolean(),
  replacedAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
  revokedBy: z.string().nullable(),
  /** Until when it may be accepted although it was taken away or replaced; `null` = no end is known, or it was not. */
  residualUntil: Instant.nullable(),
  /** That end rests on the issuer's usual lifetime, not on a stated one. */
  residualAssumed: z.boolean(),
});
export type CredentialView = z.infer<typeof CredentialView>;

export const NodeCredentials = z.strictObject({
  ...TimePointAnswer,
  /** Youngest first. */
  items: z.array(CredentialView),
  /** How long a node from which credentials were taken may still act; `unknown` when an end is not known. */
  residual: z.discriminatedUnion("state", [
    z.strictObject({ state: z.literal("none") }),
    z.strictObject({ state: z.literal("unknown") }),
    z.strictObject({ state: z.literal("until"), until: Instant }),
  ]),
  /** Older events about credentials exist and were left out. */
  truncated: z.boolean(),
});
export type NodeCredentials = z.infer<typeof NodeCredentials>;

/** Time windows in which credentials end. */
export const CREDENTIAL_WINDOWS = ["1d", "7d", "30d", "90d"] as const;

export const CredentialListQuery = z.strictObject({
  /** Credentials that end within this time; those that ended in the last seven days are always shown. */
  within: z.enum(CREDENTIAL_WINDOWS).default("7d"),
  cursor: Cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  ...TimePointQuery,
});
export type CredentialListQuery = z.infer<typeof CredentialListQuery>;

export const EndingCredential = z.strictObject({
  ...CredentialFacts,
  eventId: Uuid,
  nodeId: Uuid,
  nodeName: z.string(),
  state: z.enum(["valid", "expiring", "expired"]),
});
export type EndingCredential = z.infer<typeof EndingCredential>;

export const CredentialListPage = z.strictObject({
  ...TimePointAnswer,
  /** Soonest end first. */
  items: z.array(EndingCredential),
  nextCursor: Cursor.nullable(),
});
export type CredentialListPage = z.infer<typeof CredentialListPage>;
