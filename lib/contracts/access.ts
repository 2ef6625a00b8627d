/** Trust domains, who holds which role where, sessions and second factors. */
import { z } from "zod";
import { ROLES } from "#lib/domain/access";
import { Instant, Uuid } from "./common.ts";

/** Days until a role ends; an auditor's ends after 90 days at the latest. */
export const ExpiresInDays = z.int().min(1).max(3_650);

const DomainName = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/,
    "Letters, digits, space, dot, dash and underscore; 63 at most",
  );

export const TrustDomainView = z.strictObject({
  id: Uuid,
  /** `null` = the root, or a domain whose parent the caller does not see. */
  parentId: Uuid.nullable(),
  name: z.string(),
  /** How far below the topmost domain that the caller sees. */
  depth: z.int(),
  createdAt: Instant,
});
export type TrustDomainView = z.infer<typeof TrustDomainView>;
/** In the order of a tree: each domain after its parent, siblings by name. */
export const TrustDomainList = z.strictObject({ items: z.array(TrustDomainView) });
export type TrustDomainList = z.infer<typeof TrustDomainList>;

export const CreateTrustDomainBody = z.strictObject({ parentId: Uuid, name: DomainName });
export const CreatedTrustDomain = z.strictObject({ id: Uuid, parentId: Uuid, name: z.string() });
export const RenameTrustDomainBody = z.strictObject({ name: DomainName });
export const TrustDomainParams = z.strictObject({ trustDomainId: Uuid });

/** What an auditor is let in to look at; nothing outside of it is shown. */
export const ReviewView = z.strictObject({
  from: Instant,
  to: Instant.meta({ description: "Exclusive; it may lie in the future." }),
});
export type ReviewView = z.infer<typeof ReviewView>;

export const RoleGrantView = z.strictObject({
  trustDomainId: Uuid,
  trustDomain: z.string(),
  role: z.enum(ROLES),
  /** `oidc` = follows the groups of the identity provider, and cannot be taken away here. */
  origin: z.enum(["local", "oidc"]),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  /** The only period that may be looked at; `null` = any time. */
  review: ReviewView.nullable(),
});
export type RoleGrantView = z.infer<typeof RoleGrantView>;

export const PersonView = z.strictObject({
  id: Uuid,
  email: z.string(),
  /** Issuer of the identity provider; `null` = a local account. */
  issuer: z.string().nullable(),
  disabledAt: Instant.nullable(),
  lockedUntil: Instant.nullable(),
  mustChangePassword: z.boolean(),
  secondFactor: z.boolean(),
  createdAt: Instant,
  /** What the person holds in the domains that the caller sees; grants that have ended stay on the list. */
  grants: z.array(RoleGrantView),
});
export type PersonView = z.infer<typeof PersonView>;
export const PersonList = z.strictObject({ items: z.array(PersonView) });
export type PersonList = z.infer<typeof PersonList>;

export const PersonParams = z.strictObject({ userId: Uuid });
export const GrantRoleBody = z.strictObject({
  trustDomainId: Uuid,
  role: z.enum(ROLES),
  expiresInDays: ExpiresInDays.optional(),
  /** For auditors only, who then hold nothing else; absent = they look at any time. */
  review: ReviewView.optional(),
});
export type GrantRoleBody = z.infer<typeof GrantRoleBody>;
export const RevokeRoleBody = z.strictObject({ trustDomainId: Uuid, role: z.enum(ROLES) });
export type RevokeRoleBody = z.infer<typeof RevokeRoleBody>;

/** The id is the digest of what is in the cookie: nobody can sign in with it. */
const SessionId = z.string().regex(/^[0-9a-f]{64}$/);
export const SessionView = z.strictObject({
  id: SessionId,
  userId: Uuid,
  email: z.string(),
  current: z.boolean(),
  createdAt: Instant,
  authenticatedAt: Instant,
  lastSeenAt: Instant,
  expiresAt: Instant,
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
});
export type SessionView = z.infer<typeof SessionView>;
export const SessionList = z.strictObject({ items: z.array(SessionView) });
export type SessionList = z.infer<typeof SessionList>;
export const SessionParams = z.strictObject({ sessionId: SessionId });

export const GroupRoleView = z.strictObject({
  trustDomainId: Uuid,
  trustDomain: z.string(),
  group: z.string(),
  role: z.enum(ROLES),
  createdAt: Instant,
});
export type GroupRoleView = z.infer<typeof GroupRoleView>;
export const GroupRoleList = z.strictObject({
  /** Where the provider is; `null` = none is configured. */
  provider: z.strictObject({ issuer: z.string(), clientId: z.string(), groupsClaim: z.string() }).nullable(),
  items: z.array(GroupRoleView),
});
export type GroupRoleList = z.infer<typeof GroupRoleList>;
export const GroupRoleBody = z.strictObject({
  trustDomainId: Uuid,
  group: z.string().trim().min(1).max(200),
  role: z.enum(ROLES),
});
export type GroupRoleBody = z.infer<typeof GroupRoleBody>;

/** Six digits, or a recovery code. */
const Code = z.string().trim().min(6).max(40);
export const StepUpBody = z.strictObject({ password: z.string().min(1).max(200), code: Code.optional() });
export type StepUpBody = z.infer<typeof StepUpBody>;
export const BegunSecondFactor = z.strictObject({
  /** `otpauth://` address for the authenticator app, and the same secret in letters. Shown once. */
  uri: z.string(),
  secret: z.string(),
});
export type BegunSecondFactor = z.infer<typeof BegunSecondFactor>;
export const ConfirmSecondFactorBody = z.strictObject({ code: z.string().regex(/^\d{6}$/) });
/** Each works once instead of a code. Shown once. */
export const RecoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;
