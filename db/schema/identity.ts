/** Who a node is beyond its aliases: provisionings, alarms, decisions about joining, and who is expected. */
import { bigint, boolean, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

/** One provisioning of a node. */
export const incarnation = pgTable("incarnation", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  id: uuid("id").notNull(),
  openedAt: instant("opened_at").notNull(),
  /** `null` = it is the one that holds now. */
  closedAt: instant("closed_at"),
  why: text("why").notNull(),
  openedByKind: text("opened_by_kind").notNull(),
  openedByValue: text("opened_by_value").notNull(),
});

export const identityAlarm = pgTable("identity_alarm", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  /** SHA-256 over kind and parties: the same finding is one row. */
  fingerprint: bytea("fingerprint").notNull(),
  id: uuid("id").notNull(),
  kind: text("kind").notNull(),
  nodeId: uuid("node_id").notNull(),
  /** `null` = the other party is no node that is known here. */
  otherNodeId: uuid("other_node_id"),
  sourceId: uuid("source_id"),
  sentence: text("sentence").notNull(),
  /** What the other party said about who it is. */
  claimed: jsonb("claimed").$type<{ kind: string; value: string }[]>().notNull(),
  n: bigint("n", { mode: "number" }).notNull(),
  firstAt: instant("first_at").notNull(),
  lastAt: instant("last_at").notNull(),
  settledAt: instant("settled_at"),
  settledBy: text("settled_by"),
  settledReason: text("settled_reason"),
});

/** A node that a source with `enrolment: ask` introduced, and what was decided last. */
export const enrolment = pgTable("enrolment", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  state: text("state").notNull(),
  requestedAt: instant("requested_at").notNull(),
  decidedAt: instant("decided_at"),
  decidedBy: text("decided_by"),
  reason: text("reason"),
});

export const enrolmentDecision = pgTable("enrolment_decision", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  at: instant("at").notNull(),
  state: text("state").notNull(),
  decidedBy: text("decided_by").notNull(),
  reason: text("reason").notNull(),
});

/** A person's word that unattributed events are about a node. */
export const eventLink = pgTable("event_link", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  nodeId: uuid("node_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  caller: text("caller"),
  method: text("method"),
  /** Set when a single event was linked and not its group. */
  eventId: uuid("event_id"),
  /** Later events of the group belong to the node, too. */
  follow: boolean("follow").notNull(),
  reason: text("reason").notNull(),
  linkedAt: instant("linked_at").notNull(),
  linkedBy: text("linked_by").notNull(),
  undoneAt: instant("undone_at"),
  undoneBy: text("undone_by"),
});

export const expectedNode = pgTable("expected_node", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  origin: text("origin").notNull(),
  name: text("name").notNull(),
  identities: jsonb("identities").$type<{ kind: string; value: string }[]>().notNull(),
  expectedBy: instant("expected_by"),
  createdAt: instant("created_at").notNull(),
  createdBy: text("created_by").notNull(),
  /** The node that it turned out to be; `null` while nobody has appeared. */
  nodeId: uuid("node_id"),
  provisionedAt: instant("provisioned_at"),
  overdueAt: instant("overdue_at"),
  overdueReason: text("overdue_reason"),
  enrolledAt: instant("enrolled_at"),
  withdrawnAt: instant("withdrawn_at"),
});
