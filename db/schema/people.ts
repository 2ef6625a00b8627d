/** People, their sessions and rights, and the record of what was done. */
import { bigint, boolean, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const appUser = pgTable("app_user", {
  id: uuid("id").notNull().primaryKey(),
  email: text("email").notNull(),
  /** `null` = someone of an identity provider, who is `issuer` and `subject`. */
  passwordHash: text("password_hash"),
  issuer: text("issuer"),
  subject: text("subject"),
  mustChangePassword: boolean("must_change_password").notNull(),
  failedSignIns: integer("failed_sign_ins").notNull(),
  lockedUntil: instant("locked_until"),
  disabledAt: instant("disabled_at"),
  createdAt: instant("created_at").notNull(),
});

export const roleGrant = pgTable("role_grant", {
  userId: uuid("user_id").notNull(),
  trustDomainId: uuid("trust_domain_id").notNull(),
  role: text("role").notNull(),
  /** `local` = given here by a person; `oidc` = follows the groups of the identity provider. */
  origin: text("origin").notNull().default("local"),
  /** The person who holds it gave it, by this or another account: nobody else stands behind it yet. */
  ownGift: boolean("own_gift").notNull().default(false),
  /** Since when it is held without a break; a new end does not change it. */
  createdAt: instant("created_at").notNull(),
  /** `null` = until it is taken away. */
  expiresAt: instant("expires_at"),
  /** An auditor reviews the time from then on, until before the end; `null`, both = looks at any. */
  reviewFrom: instant("review_from"),
  reviewTo: instant("review_to"),
});

/** Grants that are over, by taking them away or by a later grant after they had run out. */
export const roleGrantPast = pgTable("role_grant_past", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  userId: uuid("user_id").notNull(),
  role: text("role").notNull(),
  origin: text("origin").notNull(),
  ownGift: boolean("own_gift").notNull(),
  createdAt: instant("created_at").notNull(),
  endedAt: instant("ended_at").notNull(),
});

/** A person says that a grant of somebody else is still needed. */
export const accessConfirmation = pgTable("access_confirmation", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  userId: uuid("user_id").notNull(),
  role: text("role").notNull(),
  /** `created_at` of the grant that was looked at. */
  givenAt: instant("given_at").notNull(),
  confirmedBy: uuid("confirmed_by").notNull(),
  at: instant("at").notNull(),
  note: text("note").notNull(),
});

/** The members of a group of the identity provider hold a role in a domain. */
export const groupRole = pgTable("group_role", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  groupName: text("group_name").notNull(),
  role: text("role").notNull(),
  createdAt: instant("created_at").notNull(),
});

export const secondFactor = pgTable("second_factor", {
  userId: uuid("user_id").notNull().primaryKey(),
  secretSealed: bytea("secret_sealed").notNull(),
  createdAt: instant("created_at").notNull(),
  /** `null` = begun, and of no effect yet. */
  confirmedAt: instant("confirmed_at"),
  /** Newest time step that was used. */
  lastStep: bigint("last_step", { mode: "number" }),
});

export const recoveryCode = pgTable("recovery_code", {
  userId: uuid("user_id").notNull(),
  codeSha256: bytea("code_sha256").notNull(),
  usedAt: instant("used_at"),
});

/** The cookie carries a random id; only its digest is stored. */
export const session = pgTable("session", {
  idSha256: bytea("id_sha256").notNull().primaryKey(),
  userId: uuid("user_id").notNull(),
  createdAt: instant("created_at").notNull(),
  /** When the person last proved who they are. */
  authenticatedAt: instant("authenticated_at").notNull(),
  lastSeenAt: instant("last_seen_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  revokedAt: instant("revoked_at"),
  address: text("address"),
  userAgent: text("user_agent"),
});

export const auditEntry = pgTable("audit_entry", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  at: instant("at").notNull(),
  actorKind: text("actor_kind").notNull(),
  actorId: text("actor_id").notNull(),
  action: text("action").notNull(),
  entity: text("entity").notNull(),
  entityId: text("entity_id").notNull(),
  outcome: text("outcome").notNull(),
  problemCode: text("problem_code"),
  before: jsonb("before"),
  after: jsonb("after"),
  requestId: text("request_id").notNull(),
  address: text("address"),
});
