/** What SIEMs are told: facts in one order per trust domain, and the sinks that they go to. */
import { bigint, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { Fact, FactKind } from "#lib/domain/feed/fact";
import { bytea, instant } from "./columns.ts";

export const feedFact = pgTable("feed_fact", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  /** Place in the order of the domain; `null` = not given yet. */
  seq: bigint("seq", { mode: "number" }),
  kind: text("kind").$type<FactKind>().notNull(),
  nodeId: uuid("node_id"),
  /** When we came to know it. */
  at: instant("at").notNull(),
  /** Microseconds by the database's clock; orders the facts of one node. */
  notedUs: bigint("noted_us", { mode: "number" }).notNull().default(0),
  fact: jsonb("fact").$type<Fact>().notNull(),
});

export const feedHead = pgTable("feed_head", {
  trustDomainId: uuid("trust_domain_id").notNull().primaryKey(),
  lastSeq: bigint("last_seq", { mode: "number" }).notNull(),
  /** Entries of the audit log that are in the order. */
  auditSize: bigint("audit_size", { mode: "number" }).notNull(),
  /** The first place that is still kept. */
  keptFrom: bigint("kept_from", { mode: "number" }).notNull(),
});

export const sink = pgTable("sink", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  kind: text("kind").notNull(),
  settings: jsonb("settings").$type<Readonly<Record<string, unknown>>>().notNull(),
  sealedSecrets: bytea("sealed_secrets"),
  ocsfVersion: text("ocsf_version").notNull(),
  facts: text("facts").array().$type<FactKind[]>().notNull(),
  /** `null` = it is on. */
  disabledAt: instant("disabled_at"),
  createdAt: instant("created_at").notNull(),
  createdBy: uuid("created_by"),
  revision: integer("revision").notNull(),
  /** The last place that was delivered or passed. */
  cursor: bigint("cursor", { mode: "number" }).notNull(),
  delivered: bigint("delivered", { mode: "number" }).notNull(),
  /** Facts that were not kept any more when they were due. */
  missed: bigint("missed", { mode: "number" }).notNull(),
  lastDeliveredAt: instant("last_delivered_at"),
  failures: integer("failures").notNull(),
  lastError: text("last_error"),
  lastErrorAt: instant("last_error_at"),
  dueAt: instant("due_at"),
  claimedBy: uuid("claimed_by"),
  claimedUntil: instant("claimed_until"),
  /** Facts that were noted before are not counted in `sink_delivery`; `null` = since the sink was added. */
  countedFrom: instant("counted_from"),
});

/** What a sink was told, minute by minute. Stays when the sink goes. */
export const sinkDelivery = pgTable("sink_delivery", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  sinkId: uuid("sink_id").notNull(),
  minute: instant("minute").notNull(),
  facts: bigint("facts", { mode: "number" }).notNull(),
  /** Of `facts`: told later than they should have been. */
  late: bigint("late", { mode: "number" }).notNull(),
  /** Facts that were not kept any more when they were due. */
  missed: bigint("missed", { mode: "number" }).notNull(),
  /** The furthest place that it had come to. */
  through: bigint("through", { mode: "number" }).notNull(),
});

/** When a receiver first refused a fact. Stays when the sink goes. */
export const sinkRefusal = pgTable("sink_refusal", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  sinkId: uuid("sink_id").notNull(),
  seq: bigint("seq", { mode: "number" }).notNull(),
  at: instant("at").notNull(),
  /** `null` = nobody sent it again, or it was refused again. */
  replayedAt: instant("replayed_at"),
});

export const sinkDeadLetter = pgTable("sink_dead_letter", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  sinkId: uuid("sink_id").notNull(),
  seq: bigint("seq", { mode: "number" }).notNull(),
  factId: uuid("fact_id").notNull(),
  reason: text("reason").notNull(),
  at: instant("at").notNull(),
  attempts: integer("attempts").notNull(),
  /** Somebody asked to send it again. */
  replayAt: instant("replay_at"),
  replayedAt: instant("replayed_at"),
});
