/** What the reconcilers learn about sources: how far they came, what they found, where less is checked. */
import { doublePrecision, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** State of the reconcilers; a missing row is made again from the log. */
export const sourceWatch = pgTable("source_watch", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  /** Last instant that the cadence was measured at. */
  learntTo: instant("learnt_to"),
  /** `source.backfill_until` at that time: an import since means that history has to be measured again. */
  learntImport: instant("learnt_import"),
  /** Up to when the silences of the whole source are known. */
  watchedTo: instant("watched_to"),
  /** A limit changed: gaps from this instant on are still to be derived again. `null` = none. */
  refoldFrom: instant("refold_from"),
  /** Node up to which that is done, in order of ids. */
  refoldAfter: uuid("refold_after"),
  /** Stated minus received time; positive = the sender's clock is ahead. `null` = not measured. */
  skewP50Ms: doublePrecision("skew_p50_ms"),
  skewP95Ms: doublePrecision("skew_p95_ms"),
  skewSamples: integer("skew_samples").notNull().default(0),
  /** Changes of nodes up to then have been looked at for lost coverage. */
  coverageLookedAt: instant("coverage_looked_at"),
});

/** Something wrong with a source for a stretch of time. */
export const sourceFinding = pgTable("source_finding", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  sourceId: uuid("source_id").notNull(),
  kind: text("kind").notNull(),
  /** Tells several findings of a kind apart, for example `coverage:measured_boot`; may be empty. */
  subject: text("subject").notNull(),
  since: instant("since").notNull(),
  /** `null` = still so. */
  until: instant("until"),
  detail: jsonb("detail").$type<Record<string, string | number | string[]>>().notNull(),
  nodes: integer("nodes").notNull(),
  firstEvidenceAt: instant("first_evidence_at"),
  lastEvidenceAt: instant("last_evidence_at"),
  recordedFrom: instant("recorded_from").notNull(),
  /** `null` = still believed. */
  recordedTo: instant("recorded_to"),
});

/** A stretch in which a line passes although less of the node is checked than before. */
export const coverageLoss = pgTable("coverage_loss", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  submod: text("submod").notNull(),
  since: instant("since").notNull(),
  recordedFrom: instant("recorded_from").notNull(),
  until: instant("until"),
  recordedTo: instant("recorded_to"),
  /** What is missing: `coverage:NAME`, `policy:vanished`, `policy:accept-all`. */
  lost: text("lost").array().notNull(),
  coverageBefore: text("coverage_before").array().notNull(),
  coverageAfter: text("coverage_after").array().notNull(),
  policiesBefore: text("policies_before").array().notNull(),
  policiesAfter: text("policies_after").array().notNull(),
});
