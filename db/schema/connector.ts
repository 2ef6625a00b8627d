/** Systems that isolate or rebuild nodes, and what is remembered about them. */
import { jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const connector = pgTable("connector", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  kind: text("kind").notNull(),
  name: text("name").notNull(),
  settings: jsonb("settings").$type<Readonly<Record<string, unknown>>>().notNull(),
  /** A JSON object of texts; `null` = it was removed. */
  sealedSecrets: bytea("sealed_secrets"),
  /** CEL over `node`; empty = every node of the trust domain. */
  selector: text("selector").notNull(),
  createdAt: instant("created_at").notNull(),
  changedAt: instant("changed_at").notNull(),
  secretsChangedAt: instant("secrets_changed_at").notNull(),
  /** `null` = it is used. */
  disabledAt: instant("disabled_at"),
  removedAt: instant("removed_at"),
  /** `null` = not since it was changed. */
  testedAt: instant("tested_at"),
  test: jsonb("test").$type<StoredTest>(),
});

/** How a test went; a failure that gave no checks is one check that failed. */
export type StoredTest = {
  ok: boolean;
  checks: { name: string; ok: boolean; blocking: boolean; detail: string }[];
};

export const connectorMemory = pgTable("connector_memory", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  connectorId: uuid("connector_id").notNull(),
  name: text("name").notNull(),
  value: jsonb("value").notNull(),
  changedAt: instant("changed_at").notNull(),
});
