/** Which nodes may join and get work: rules, and a record of whom they turned away. */
import { bigint, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { AdmissionRule } from "#lib/domain/admission";
import { bytea, instant } from "./columns.ts";

export const admissionRule = pgTable("admission_rule", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  version: integer("version").notNull(),
  content: jsonb("content").$type<AdmissionRule>().notNull(),
  reason: text("reason").notNull(),
  author: uuid("author"),
  validFrom: instant("valid_from").notNull(),
});

/** Answers that were no plain yes, counted over ten minutes. */
export const admissionRecord = pgTable("admission_record", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  stretch: instant("stretch").notNull(),
  fingerprint: bytea("fingerprint").notNull(),
  /** `null` = no node, or no single one, was meant. */
  nodeId: uuid("node_id"),
  /** What the asker called the node. */
  subject: text("subject").notNull(),
  operation: text("operation").notNull(),
  purpose: text("purpose").notNull(),
  decision: text("decision").notNull(),
  reasons: text("reasons").array().notNull(),
  askedByKind: text("asked_by_kind").notNull(),
  askedBy: text("asked_by").notNull(),
  n: bigint("n", { mode: "number" }).notNull(),
  firstAt: instant("first_at").notNull(),
  lastAt: instant("last_at").notNull(),
});
