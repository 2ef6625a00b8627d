/** Principals that are no people, and the answers that are kept for repeated requests. */
import { integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const serviceAccount = pgTable("service_account", {
  /** Who holds `user:manage` there manages it. */
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  ownerId: uuid("owner_id").notNull(),
  createdAt: instant("created_at").notNull(),
  disabledAt: instant("disabled_at"),
});

export const serviceGrant = pgTable("service_grant", {
  /** Of the account. */
  trustDomainId: uuid("trust_domain_id").notNull(),
  serviceAccountId: uuid("service_account_id").notNull(),
  /** Where the role counts: the account's domain or one below it. */
  grantedIn: uuid("granted_in").notNull(),
  role: text("role").notNull(),
  createdAt: instant("created_at").notNull(),
  /** `null` = until it is taken away. */
  expiresAt: instant("expires_at"),
});

export const workloadTrust = pgTable("workload_trust", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  serviceAccountId: uuid("service_account_id").notNull(),
  id: uuid("id").notNull(),
  issuer: text("issuer").notNull(),
  /** `null` = the claims decide alone. */
  subject: text("subject"),
  /** Claims that the token must hold with exactly this text. */
  claims: jsonb("claims").$type<Record<string, string>>().notNull(),
  scopes: text("scopes").array().notNull(),
  createdAt: instant("created_at").notNull(),
  lastUsedAt: instant("last_used_at"),
  removedAt: instant("removed_at"),
});

export const idempotencyRecord = pgTable("idempotency_record", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  /** Kind and id of who asked. */
  principal: text("principal").notNull(),
  keySha256: bytea("key_sha256").notNull(),
  /** Of method, address and body. */
  requestSha256: bytea("request_sha256").notNull(),
  status: integer("status").notNull(),
  /** `null` = the answer had no body. */
  answer: jsonb("answer"),
  createdAt: instant("created_at").notNull(),
});
