/** What is made of evidence, in which version, for which nodes, and since when. */
import { bigint, integer, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const policy = pgTable("policy", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  createdBy: uuid("created_by"),
  createdAt: instant("created_at").notNull(),
});

export const policyVersion = pgTable("policy_version", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  policyId: uuid("policy_id").notNull(),
  version: integer("version").notNull(),
  digest: bytea("digest").notNull(),
  text: text("text").notNull(),
  note: text("note").notNull(),
  author: uuid("author"),
  createdAt: instant("created_at").notNull(),
});

export const policyActivation = pgTable("policy_activation", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  policyId: uuid("policy_id").notNull(),
  version: integer("version").notNull(),
  stage: text("stage").notNull(),
  /** CEL over the node; empty = all nodes. */
  selector: text("selector").notNull(),
  percent: smallint("percent").notNull(),
  validFrom: instant("valid_from").notNull(),
  /** `null` = still in force. */
  validTo: instant("valid_to"),
  changeRequestId: uuid("change_request_id"),
  createdBy: uuid("created_by"),
  createdAt: instant("created_at").notNull(),
  comparedAt: instant("compared_at"),
  comparedNodes: bigint("compared_nodes", { mode: "number" }),
});

export const policyException = pgTable("policy_exception", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  policyName: text("policy_name").notNull(),
  ruleId: text("rule_id").notNull(),
  selector: text("selector").notNull(),
  reason: text("reason").notNull(),
  createdBy: uuid("created_by"),
  createdAt: instant("created_at").notNull(),
  validFrom: instant("valid_from").notNull(),
  validTo: instant("valid_to").notNull(),
  /** History follows its end from here on; `null` = not yet. */
  settledAt: instant("settled_at"),
  matches: bigint("matches", { mode: "number" }).notNull(),
  lastMatchAt: instant("last_match_at"),
});

export const policyRederivation = pgTable("policy_rederivation", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  cause: text("cause").notNull(),
  recordedAt: instant("recorded_at").notNull(),
  nodesTotal: bigint("nodes_total", { mode: "number" }).notNull(),
  nodesDone: bigint("nodes_done", { mode: "number" }).notNull(),
  lastNodeId: uuid("last_node_id"),
  finishedAt: instant("finished_at"),
});

export const policyShadow = pgTable("policy_shadow", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  activationId: uuid("activation_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  state: text("state").notNull(),
  shadowState: text("shadow_state").notNull(),
  shadowReason: text("shadow_reason").notNull(),
  ruleId: text("rule_id").notNull(),
  since: instant("since").notNull(),
});
