/** People, their sessions and rights, and the record of what was done. */
import { boolean, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const appUser = pgTable("app_user", {
  id: uuid("id").notNull().primaryKey(),
  email: text("email").notNull(),
  passwordHash: text("password_hash").notNull(),
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
  createdAt: instant("created_at").notNull(),
});

/** The cookie carries a random id; only its digest is stored. */
export const session = pgTable("session", {
  idSha256: bytea("id_sha256").notNull().primaryKey(),
  userId: uuid("user_id").notNull(),
  createdAt: instant("created_at").notNull(),
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
