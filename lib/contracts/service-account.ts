/** Service accounts, their roles, keys and trusted issuers; and what somebody may do where. */
import { z } from "zod";
import { PERMISSIONS, type Permission, ROLES, SERVICE_VERBS } from "#lib/domain/access";
import { ExpiresInDays } from "./access.ts";
import { Instant, Uuid } from "./common.ts";

/** Days for which a key counts: 90 unless said otherwise, a year at most. */
const SERVICE_KEY_DAYS = 90;
/** Longest time for which a replaced key goes on counting. Days. */
const OVERLAP_MAX_DAYS = 14;

const ServiceName = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/,
    "Letters, digits, space, dot, dash and underscore; 63 at most",
  );

const Verb = z.enum(Object.keys(PERMISSIONS) as [Permission, ...Permission[]]);
/** What a key or a token may be used for; the account's roles bound it once more. */
const Scopes = z
  .array(z.enum(SERVICE_VERBS as [Permission, ...Permission[]]))
  .min(1)
  .max(SERVICE_VERBS.length);

export const ServiceKeyView = z.strictObject({
  id: Uuid,
  prefix: z.string(),
  scopes: z.array(Verb),
  createdAt: Instant,
  expiresAt: Instant,
  /** To the minute; `null` = never used. */
  lastUsedAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
  /** Prefix of the key that took its place; `null` = none did. */
  replacedBy: z.string().nullable(),
});
export type ServiceKeyView = z.infer<typeof ServiceKeyView>;

export const WorkloadTrustView = z.strictObject({
  id: Uuid,
  issuer: z.string(),
  /** `null` = the claims decide alone. */
  subject: z.string().nullable(),
  claims: z.record(z.string(), z.string()),
  scopes: z.array(Verb),
  createdAt: Instant,
  lastUsedAt: Instant.nullable(),
});
export type WorkloadTrustView = z.infer<typeof WorkloadTrustView>;

export const ServiceGrantView = z.strictObject({
  trustDomainId: Uuid,
  trustDomain: z.string(),
  role: z.enum(ROLES),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
});
export type ServiceGrantView = z.infer<typeof ServiceGrantView>;

export const ServiceAccountView = z.strictObject({
  id: Uuid,
  trustDomainId: Uuid,
  trustDomain: z.string(),
  name: z.string(),
  owner: z.strictObject({ id: Uuid, email: z.string(), disabled: z.boolean() }),
  createdAt: Instant,
  /** `null` = it may sign in. */
  disabledAt: Instant.nullable(),
  /** What its workload tokens must name as their only audience. */
  audience: z.string(),
  grants: z.array(ServiceGrantView),
  /** Newest first; ended and revoked ones stay on the list. */
  keys: z.array(ServiceKeyView),
  trusts: z.array(WorkloadTrustView),
});
export type ServiceAccountView = z.infer<typeof ServiceAccountView>;

export const ServiceAccountList = z.strictObject({
  items: z.array(ServiceAccountView),
  /** Issuers whose tokens this installation accepts at all. */
  issuers: z.array(z.string()),
});
export type ServiceAccountList = z.infer<typeof ServiceAccountList>;

export const ServiceAccountParams = z.strictObject({ serviceAccountId: Uuid });
export const ServiceKeyParams = ServiceAccountParams.extend({ keyId: Uuid });
export const WorkloadTrustParams = ServiceAccountParams.extend({ trustId: Uuid });

export const CreateServiceAccountBody = z.strictObject({
  /** Where it lives, and where its first role counts. */
  trustDomainId: Uuid,
  name: ServiceName,
  role: z.enum(ROLES),
  expiresInDays: ExpiresInDays.optional(),
});
export type CreateServiceAccountBody = z.infer<typeof CreateServiceAccountBody>;
export const CreatedServiceAccount = z.strictObject({ id: Uuid, audience: z.string() });
export type CreatedServiceAccount = z.infer<typeof CreatedServiceAccount>;

export const ServiceRoleBody = z.strictObject({
  trustDomainId: Uuid,
  role: z.enum(ROLES),
  expiresInDays: ExpiresInDays.optional(),
});
export type ServiceRoleBody = z.infer<typeof ServiceRoleBody>;
export const RevokeServiceRoleBody = z.strictObject({ trustDomainId: Uuid, role: z.enum(ROLES) });
export type RevokeServiceRoleBody = z.infer<typeof RevokeServiceRoleBody>;

export const CreateServiceKeyBody = z.strictObject({
  scopes: Scopes,
  expiresInDays: z.int().min(1).max(365).default(SERVICE_KEY_DAYS),
});
export type CreateServiceKeyBody = z.input<typeof CreateServiceKeyBody>;
export const RotateServiceKeyBody = z.strictObject({
  expiresInDays: z.int().min(1).max(365).default(SERVICE_KEY_DAYS),
  /** How long the old key goes on counting. */
  overlapDays: z.int().min(0).max(OVERLAP_MAX_DAYS).default(1),
});
export type RotateServiceKeyBody = z.input<typeof RotateServiceKeyBody>;
/** `secret` is told here and never again. */
export const CreatedServiceKey = z.strictObject({ key: ServiceKeyView, secret: z.string() });
export type CreatedServiceKey = z.infer<typeof CreatedServiceKey>;

const ClaimName = z.string().regex(/^[A-Za-z0-9_.:/-]{1,100}$/);
export const CreateWorkloadTrustBody = z
  .strictObject({
    issuer: z.url({ protocol: /^https?$/ }).max(500),
    subject: z.string().min(1).max(500).nullable().default(null),
    claims: z
      .record(ClaimName, z.string().min(1).max(500))
      .default({})
      .refine((claims) => Object.keys(claims).length <= 10, "At most ten claims"),
    scopes: Scopes,
  })
  .refine(({ subject, claims }) => subject !== null || Object.keys(claims).length > 0, {
    message: "Name the subject, or claims",
    path: ["subject"],
  });
export type CreateWorkloadTrustBody = z.input<typeof CreateWorkloadTrustBody>;

export const EffectiveQuery = z.strictObject({
  kind: z.enum(["user", "service"]),
  id: Uuid,
  trustDomainId: Uuid,
});
export type EffectiveQuery = z.infer<typeof EffectiveQuery>;
export const EffectivePermissions = z.strictObject({
  /** Whether every trust domain above is seen: grants that were given further up are not counted else. */
  complete: z.boolean(),
  items: z.array(
    z.strictObject({
      verb: Verb,
      allowed: z.boolean(),
      /** The grant that allows it. */
      grant: ServiceGrantView.nullable(),
      /** Why not; `null` when it is allowed. */
      refusal: z
        .enum(["disabled", "people-only", "keys-of-sources", "no-grant", "grant-ended", "outside-review"])
        .nullable(),
    }),
  ),
});
export type EffectivePermissions = z.infer<typeof EffectivePermissions>;
