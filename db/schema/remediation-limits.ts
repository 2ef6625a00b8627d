/** How much may be taken away at a time, in versions per trust domain. */
import { integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { RemediationLimits } from "#lib/domain/remediation-limits";
import { instant } from "./columns.ts";

export const remediationLimits = pgTable("remediation_limits", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  version: integer("version").notNull(),
  content: jsonb("content").$type<RemediationLimits>().notNull(),
  reason: text("reason").notNull(),
  author: uuid("author"),
  validFrom: instant("valid_from").notNull(),
});
