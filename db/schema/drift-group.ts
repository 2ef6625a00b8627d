/** Drift as people triage it: groups over nodes, decisions, and incidents. */
import { boolean, doublePrecision, integer, jsonb, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import type { GroupDecision, GroupLink, GroupState } from "#lib/domain/drift-group";
import { bytea, instant } from "./columns.ts";

/** One occurrence of one change; the figures are of now. */
export const driftGroup = pgTable("drift_group", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  fingerprint: bytea("fingerprint").notNull(),
  occurrence: integer("occurrence").notNull(),
  previousId: uuid("previous_id"),
  /** Why it follows the one before; `null` = the change is new. */
  link: text("link").$type<GroupLink>(),
  baselineId: uuid("baseline_id").notNull(),
  path: text("path").notNull(),
  kind: text("kind").notNull(),
  layer: text("layer").notNull(),
  expected: text("expected").array().notNull(),
  actual: text("actual"),
  state: text("state").$type<GroupState>().notNull(),
  openedAt: instant("opened_at").notNull(),
  /** `null` = not over. */
  endedAt: instant("ended_at"),
  firstSeenAt: instant("first_seen_at").notNull(),
  spreadAt: instant("spread_at").notNull(),
  /** Nodes that show it now without anybody's leave. */
  nodes: integer("nodes").notNull(),
  peakNodes: integer("peak_nodes").notNull(),
  excepted: integer("excepted").notNull(),
  worst: text("worst").notNull(),
  why: text("why").notNull(),
  score: doublePrecision("score").notNull(),
  priority: doublePrecision("priority").notNull(),
  assignee: uuid("assignee"),
  snoozedUntil: instant("snoozed_until"),
  snoozeNodes: integer("snooze_nodes"),
  snoozeRank: smallint("snooze_rank"),
  /** Of the last decision that moved the state; `null` = it came about by itself. */
  decidedAt: instant("decided_at"),
  decidedBy: uuid("decided_by"),
  exceptionId: uuid("exception_id"),
  draftVersion: integer("draft_version"),
});

/** How far the groups follow what is recorded about drift. */
export const driftGroupCursor = pgTable("drift_group_cursor", {
  trustDomainId: uuid("trust_domain_id").notNull().primaryKey(),
  followedTo: instant("followed_to").notNull(),
});

export const driftDecision = pgTable("drift_decision", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  groupId: uuid("group_id").notNull(),
  at: instant("at").notNull(),
  decidedBy: uuid("decided_by"),
  kind: text("kind").$type<GroupDecision>().notNull(),
  reason: text("reason").notNull(),
  /** What belongs to the kind: scope, expiry, draft, assignee. */
  detail: jsonb("detail").$type<Readonly<Record<string, string | number | null>>>().notNull(),
});

export const incident = pgTable("incident", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  kind: text("kind").notNull(),
  /** Tells incidents of a kind apart that are open at once. */
  subject: text("subject").notNull(),
  title: text("title").notNull(),
  cause: text("cause").notNull(),
  state: text("state").notNull(),
  breaker: boolean("breaker").notNull(),
  openedAt: instant("opened_at").notNull(),
  lastAt: instant("last_at").notNull(),
  seenAt: instant("seen_at").notNull(),
  nodes: integer("nodes").notNull(),
  owner: uuid("owner"),
  resolvedAt: instant("resolved_at"),
  resolvedBy: uuid("resolved_by"),
  review: text("review"),
});

export const incidentNode = pgTable("incident_node", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  incidentId: uuid("incident_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  addedAt: instant("added_at").notNull(),
});

export const incidentGroup = pgTable("incident_group", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  incidentId: uuid("incident_id").notNull(),
  groupId: uuid("group_id").notNull(),
  addedAt: instant("added_at").notNull(),
  /** `null` = the correlation found it. */
  addedBy: uuid("added_by"),
});

/** The course of an incident, append-only. */
export const incidentEntry = pgTable("incident_entry", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  incidentId: uuid("incident_id").notNull(),
  at: instant("at").notNull(),
  /** `null` = written by the correlation. */
  author: uuid("author"),
  kind: text("kind").notNull(),
  text: text("text").notNull(),
});
