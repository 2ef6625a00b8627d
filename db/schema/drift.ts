/** Where evidence differs from baselines, what must be compared again, and what people allowed or tuned. */
import { bigint, doublePrecision, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { DriftInterval } from "#lib/domain/drift";
import type { DriftSettings } from "#lib/domain/drift-settings";
import { bytea, instant } from "./columns.ts";

/** One stretch in which a lane of a node differed in the same way. Bitemporal. */
export const driftInterval = pgTable("drift_interval", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  submod: text("submod").notNull(),
  validFrom: instant("valid_from").notNull(),
  recordedFrom: instant("recorded_from").notNull(),
  /** `null` = still so. */
  validTo: instant("valid_to"),
  /** `null` = still believed. */
  recordedTo: instant("recorded_to"),
  /** `null` = it was compared and nothing differs. */
  worst: text("worst"),
  effect: text("effect"),
  score: doublePrecision("score").notNull(),
  findings: jsonb("findings").$type<DriftInterval["findings"]>().notNull(),
  reason: text("reason").notNull(),
  baselines: jsonb("baselines").$type<DriftInterval["baselines"]>().notNull(),
  measurementDigest: bytea("measurement_digest").notNull(),
  settingVersion: integer("setting_version").notNull(),
});

/** One stretch of one difference. Bitemporal. */
export const driftFinding = pgTable("drift_finding", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  submod: text("submod").notNull(),
  /** SHA-256 over baseline, path, kind and actual value: equal on every node with the same change. */
  fingerprint: bytea("fingerprint").notNull(),
  validFrom: instant("valid_from").notNull(),
  recordedFrom: instant("recorded_from").notNull(),
  validTo: instant("valid_to"),
  recordedTo: instant("recorded_to"),
  baselineId: uuid("baseline_id").notNull(),
  baselineVersion: integer("baseline_version").notNull(),
  path: text("path").notNull(),
  kind: text("kind").notNull(),
  layer: text("layer").notNull(),
  /** Accepted values; empty for an addition. */
  expected: text("expected").array().notNull(),
  /** `null` = the evidence has no such entry. */
  actual: text("actual"),
  class: text("class").notNull(),
  rule: text("rule").notNull(),
  why: text("why").notNull(),
  effect: text("effect").notNull(),
  score: doublePrecision("score").notNull(),
  exceptionId: uuid("exception_id"),
  windowId: uuid("window_id"),
});

export const driftDirty = pgTable("drift_dirty", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  /** What is believed from there on may not hold any more. */
  fromAt: instant("from_at").notNull(),
  /** Not to be compared before. */
  dueAt: instant("due_at").notNull(),
  /** Counts up with every mark. */
  marks: bigint("marks", { mode: "number" }).notNull(),
});

/** A difference that somebody decided to ignore, for a time. */
export const driftException = pgTable("drift_exception", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  /** RE2, of the whole path. */
  pattern: text("pattern").notNull(),
  /** `null` = whatever baseline. */
  baselineId: uuid("baseline_id"),
  /** CEL over the node; empty = every node. */
  selector: text("selector").notNull(),
  reason: text("reason").notNull(),
  createdBy: uuid("created_by"),
  createdAt: instant("created_at").notNull(),
  validFrom: instant("valid_from").notNull(),
  expiresAt: instant("expires_at").notNull(),
  /** Ended before it expired. */
  endedAt: instant("ended_at"),
  endedBy: uuid("ended_by"),
  /** Findings that it decided. */
  matches: bigint("matches", { mode: "number" }).notNull().default(0),
  lastMatchAt: instant("last_match_at"),
});

/** A time in which changes of some layers of some nodes are expected. */
export const maintenanceWindow = pgTable("maintenance_window", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  name: text("name").notNull().default("Maintenance"),
  selector: text("selector").notNull(),
  layers: text("layers").array().notNull(),
  fromAt: instant("from_at").notNull(),
  toAt: instant("to_at").notNull(),
  reason: text("reason").notNull(),
  author: uuid("author"),
  createdAt: instant("created_at").notNull(),
  endedAt: instant("ended_at"),
  endedBy: uuid("ended_by"),
});

/** Weights and thresholds per layer; a version holds until the next one. */
export const driftSetting = pgTable("drift_setting", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  version: integer("version").notNull(),
  content: jsonb("content").$type<DriftSettings>().notNull(),
  reason: text("reason").notNull(),
  author: uuid("author"),
  validFrom: instant("valid_from").notNull(),
});
