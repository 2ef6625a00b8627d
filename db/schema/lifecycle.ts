/** The life cycle of nodes: its log, what people did to it, and what must be folded again. */
import { jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

export const lifecycleDirty = pgTable("lifecycle_dirty", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  /** The earliest thing that is new about the node. */
  fromAt: instant("from_at").notNull(),
  /** Not to be folded before: a node whose history is being imported waits for the rest of it. */
  dueAt: instant("due_at").notNull(),
});

export const nodeTransition = pgTable("node_transition", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  occurredAt: instant("occurred_at").notNull(),
  /** Orders what happened in one millisecond. */
  recordOrder: text("record_order").notNull(),
  recordedAt: instant("recorded_at").notNull(),
  /** `null` = still believed. */
  supersededAt: instant("superseded_at"),
  /** `moved` or `refused`. */
  outcome: text("outcome").notNull(),
  fromState: text("from_state").notNull(),
  /** When `from_state` was entered. */
  enteredAt: instant("entered_at").notNull(),
  /** State that was entered or asked for; `null` = whatever was asked for, the rule forbids it. */
  toState: text("to_state"),
  transitionId: text("transition_id"),
  /** The forbidden edge that was asked for. */
  ruleId: text("rule_id"),
  /** Why it was refused; `null` when it was made. */
  reason: text("reason"),
  eventType: text("event_type").notNull(),
  causeKind: text("cause_kind").notNull(),
  causeId: text("cause_id"),
  sourceId: uuid("source_id"),
  actor: jsonb("actor").$type<{ kind: string; id: string | null }>().notNull(),
  policyVersion: text("policy_version").notNull(),
  facts: jsonb("facts").$type<Record<string, unknown>>().notNull(),
  notes: text("notes").array().notNull(),
  /** Where the life stands after it; `null` when it was refused. */
  standing: jsonb("standing"),
});

export const lifecycleTrigger = pgTable("lifecycle_trigger", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  id: uuid("id").notNull(),
  type: text("type").notNull(),
  occurredAt: instant("occurred_at").notNull(),
  recordedAt: instant("recorded_at").notNull(),
  actor: jsonb("actor").$type<{ kind: string; id: string | null }>().notNull(),
  facts: jsonb("facts").$type<Record<string, unknown>>().notNull(),
  policyVersion: text("policy_version").notNull(),
  requestId: text("request_id").notNull(),
});
