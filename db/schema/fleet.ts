/** Nodes, who they are, and what is believed about them now. */
import { bigint, boolean, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const trustDomain = pgTable("trust_domain", {
  id: uuid("id").notNull().primaryKey(),
  parentId: uuid("parent_id"),
  name: text("name").notNull(),
  createdAt: instant("created_at").notNull(),
});

export const node = pgTable("node", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  displayName: text("display_name").notNull(),
  /** Time of the earliest event about it; `createdAt` is when we first recorded one. */
  firstSeenAt: instant("first_seen_at").notNull(),
  createdAt: instant("created_at").notNull(),
  /** What operators want with the node: `in_service`, `no_schedule`, `quarantine`, `retire`. */
  disposition: text("disposition").notNull().default("in_service"),
  /** What operators call it by: role, rack, hardware. Selectors read them. */
  labels: jsonb("labels").$type<Readonly<Record<string, string>>>().notNull().default({}),
});

export const nodeIdentity = pgTable("node_identity", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  kind: text("kind").notNull(),
  value: text("value").notNull(),
  strong: boolean("strong").notNull(),
  /** What it may decide, see `lib/domain/identity.ts`. */
  role: text("role").notNull().default("name"),
  /** Event time of the first sighting; kept for identities of one provisioning. */
  firstSeenAt: instant("first_seen_at"),
  /** Event time at which a newer value of its kind appeared; `null` = it is the newest. */
  supersededAt: instant("superseded_at"),
  /** The provisioning that it belongs to; `null` = it stays with the machine. */
  incarnationId: uuid("incarnation_id"),
  validFrom: instant("valid_from").notNull(),
  /** `null` while the alias is in use. */
  validTo: instant("valid_to"),
});

/** Written only when the status changes; the last evidence stands in the lanes. */
export const nodeState = pgTable("node_state", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  status: text("status").notNull(),
  since: instant("since").notNull(),
  reason: text("reason").notNull(),
  changedAt: instant("changed_at").notNull(),
  lifecycleState: text("lifecycle_state").notNull().default("discovered"),
  /** `null` = since the node was first seen. */
  lifecycleEnteredAt: instant("lifecycle_entered_at"),
  /** The last record that its life was folded over; `null` = none. */
  lifecycleAt: instant("lifecycle_at"),
  lifecycleRecordedAt: instant("lifecycle_recorded_at"),
  lifecycleStanding: jsonb("lifecycle_standing"),
});

/** What the verdict that opened an interval stated; before a gap, what was stated last. */
export type Statement = {
  outcome: string;
  tier: string;
  vector: number[];
  /** Hex digest of the measurement set; `null` when the verdict carried none. */
  measurementDigest: string | null;
  kid: string | null;
};

/** One line of evidence: a node as one source (and submodule) sees it. The row every verdict touches. */
export const lane = pgTable("lane", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  submod: text("submod").notNull(),
  state: text("state").notNull(),
  /** Digest over everything that, when it changes, opens a new interval. */
  evidenceKey: bytea("evidence_key").notNull(),
  /** `valid_from` of the open interval. */
  since: instant("since").notNull(),
  firstAt: instant("first_at").notNull(),
  /** Of the newest verdict, also while the lane is silent. */
  lastAt: instant("last_at").notNull(),
  /** Verdict that opened the open interval; `null` in a gap. */
  openingHash: bytea("opening_hash"),
  n: bigint("n", { mode: "number" }).notNull(),
  /** Hash chain over the verdict digests of the open interval. */
  roll: bytea("roll").notNull(),
  /** The lane has failed and has only been silent since. */
  afterFailure: boolean("after_failure").notNull(),
  statement: jsonb("statement").$type<Statement>().notNull(),
  reason: text("reason").notNull(),
});
