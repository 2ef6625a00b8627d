/** Actions that need a second person, and the votes on them. */
import { jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const changeRequest = pgTable("change_request", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  kind: text("kind").notNull(),
  /** Id of what is to be changed, as audit entries name it. */
  subject: text("subject").notNull(),
  /** One sentence: what is to be done. */
  summary: text("summary").notNull(),
  payload: jsonb("payload").notNull(),
  reason: text("reason").notNull(),
  /** SHA-256 of the canonical plan: what the votes are bound to. */
  planHash: bytea("plan_hash").notNull(),
  /** What it was expected to move when it was proposed. Shown, never executed. */
  preview: jsonb("preview").notNull(),
  state: text("state").notNull(),
  proposedBy: uuid("proposed_by").notNull(),
  /** The person behind the account. */
  proposer: text("proposer").notNull(),
  proposedAt: instant("proposed_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  decidedAt: instant("decided_at"),
});

export const changeRequestVote = pgTable("change_request_vote", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  requestId: uuid("request_id").notNull(),
  person: text("person").notNull(),
  proposer: text("proposer").notNull(),
  userId: uuid("user_id").notNull(),
  decision: text("decision").notNull(),
  reason: text("reason"),
  planHash: bytea("plan_hash").notNull(),
  at: instant("at").notNull(),
});
