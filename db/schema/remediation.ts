/** Requests to do something to nodes, what people said to them, and what was done. */
import { boolean, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const remediationRequest = pgTable("remediation_request", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  action: text("action").notNull(),
  recipe: text("recipe").notNull(),
  recipeVersion: integer("recipe_version").notNull(),
  params: jsonb("params").notNull(),
  reason: text("reason").notNull(),
  /** `null` = none. */
  ticket: text("ticket"),
  /** `person`, `policy`, `break_glass` or `drill`. */
  origin: text("origin").notNull(),
  state: text("state").notNull(),
  /** Counts state changes; a change names the one that it saw. */
  revision: integer("revision").notNull(),
  /** `null` = a policy asked. */
  requestedBy: uuid("requested_by"),
  /** The person behind the account. */
  requester: text("requester").notNull(),
  requestedAt: instant("requested_at").notNull(),
  plan: jsonb("plan").notNull(),
  planHash: bytea("plan_hash").notNull(),
  rules: jsonb("rules").notNull(),
  checks: jsonb("checks").notNull(),
  /** Not before; `null` = as soon as it is approved. */
  startAt: instant("start_at"),
  expiresAt: instant("expires_at").notNull(),
  approvedAt: instant("approved_at"),
  endedAt: instant("ended_at"),
  outcome: text("outcome"),
  /** People whose say does not count, besides the requester. */
  excluded: text("excluded").array().notNull().default([]),
  /** Why it is approved and not started yet; `null` = nothing holds it back. */
  held: text("held"),
  /** Who looks at it; `null` = nobody said so. */
  claimedBy: uuid("claimed_by"),
  claimedAt: instant("claimed_at"),
});

export const remediationTarget = pgTable("remediation_target", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  requestId: uuid("request_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  /** `null` = none was known. */
  incarnationId: uuid("incarnation_id"),
  displayName: text("display_name").notNull(),
});

export const remediationVote = pgTable("remediation_vote", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  requestId: uuid("request_id").notNull(),
  person: text("person").notNull(),
  requester: text("requester").notNull(),
  userId: uuid("user_id").notNull(),
  decision: text("decision").notNull(),
  reason: text("reason").notNull(),
  planHash: bytea("plan_hash").notNull(),
  at: instant("at").notNull(),
});

/** Somebody lets another person speak in their place. */
export const remediationDelegation = pgTable("remediation_delegation", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  requestId: uuid("request_id").notNull(),
  fromUser: uuid("from_user").notNull(),
  toUser: uuid("to_user").notNull(),
  reason: text("reason").notNull(),
  at: instant("at").notNull(),
});

export const remediationReview = pgTable("remediation_review", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  requestId: uuid("request_id").notNull(),
  dueAt: instant("due_at").notNull(),
  state: text("state").notNull(),
  reviewedBy: uuid("reviewed_by"),
  reviewedAt: instant("reviewed_at"),
  note: text("note"),
  /** When people were told that nobody reviewed it in time; `null` = they were not. */
  overdueToldAt: instant("overdue_told_at"),
});

export const execution = pgTable("execution", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  requestId: uuid("request_id").notNull(),
  state: text("state").notNull(),
  startedAt: instant("started_at").notNull(),
  /** `null` = nobody works on it. */
  claimedBy: text("claimed_by"),
  claimedUntil: instant("claimed_until"),
  endedAt: instant("ended_at"),
  /** State of the request that a worker took up last; `null` = none. */
  takenUp: text("taken_up"),
});

export const executionStep = pgTable("execution_step", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  requestId: uuid("request_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  ordinal: integer("ordinal").notNull(),
  /** `null` = a step of our own. */
  connectorId: uuid("connector_id"),
  connectorKind: text("connector_kind").notNull(),
  verb: text("verb").notNull(),
  mandatory: boolean("mandatory").notNull(),
  state: text("state").notNull(),
  idempotencyKey: text("idempotency_key").notNull(),
  attempts: integer("attempts").notNull(),
  /** Not before; `null` = at once. */
  dueAt: instant("due_at"),
  startedAt: instant("started_at"),
  endedAt: instant("ended_at"),
  /** What was read back from the target. */
  observed: jsonb("observed"),
  problem: text("problem"),
  /** What it is, for people. */
  words: text("words").notNull().default(""),
  /** What the connector's system calls the node; `null` = a step of our own. */
  target: jsonb("target").$type<{ ref: string; words: string; uid: string | null }>(),
  /** The verb that takes it back; `null` = nothing does. */
  undo: text("undo"),
  /** What it contributes to; `null` = it supports the rest. */
  effect: text("effect"),
  /** It comes after the change. */
  verifies: boolean("verifies").notNull().default(false),
  /** What it tells the life cycle; `null` = nothing. */
  event: text("event"),
  /** `null` = as long as its connector says. */
  timeoutMs: integer("timeout_ms"),
  /** The step that this one takes back; `null` = it is none of an abort. */
  rollsBack: integer("rolls_back"),
});

/** A node on which something was not done as it was asked for, or did not last. */
export const remediationAlarm = pgTable("remediation_alarm", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  requestId: uuid("request_id").notNull(),
  /** `incomplete` or `drifted`. */
  kind: text("kind").notNull(),
  raisedAt: instant("raised_at").notNull(),
  detail: text("detail").notNull(),
  /** `null` = it holds. */
  endedAt: instant("ended_at"),
});

export const containmentWatch = pgTable("containment_watch", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  requestId: uuid("request_id").notNull(),
  nextAt: instant("next_at").notNull(),
  lookedAt: instant("looked_at"),
});

/** No row = off. */
export const automaticContainment = pgTable("automatic_containment", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  mode: text("mode").notNull(),
  revision: integer("revision").notNull(),
  changedBy: uuid("changed_by"),
  changedAt: instant("changed_at").notNull(),
  /** `null` = it was set before reasons were kept. */
  reason: text("reason"),
});

export const automaticJudgement = pgTable("automatic_judgement", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  failedAt: instant("failed_at").notNull(),
  judgedAt: instant("judged_at").notNull(),
  mode: text("mode").notNull(),
  outcome: text("outcome").notNull(),
  heldBy: text("held_by"),
  why: text("why").notNull(),
  policyVersion: text("policy_version"),
  evidenceDigest: text("evidence_digest"),
  requestId: uuid("request_id"),
});

export const pauseRequest = pgTable("pause_request", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  /** `automatic` or `all`. */
  scope: text("scope").notNull(),
  reason: text("reason").notNull(),
  /** `null` = the product itself. */
  madeBy: uuid("made_by"),
  madeAt: instant("made_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  endedAt: instant("ended_at"),
});

export const approverGroupMember = pgTable("approver_group_member", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  groupName: text("group_name").notNull(),
  userId: uuid("user_id").notNull(),
  addedAt: instant("added_at").notNull(),
});
