/** How long verdicts are kept, and what stays of them afterwards. */
import { boolean, date, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { LaneInterval } from "#lib/domain/history";
import { bytea, instant } from "./columns.ts";
import { verdictColumns } from "./evidence.ts";

/** One row, for the whole installation. */
export const retention = pgTable("retention", {
  id: boolean("id").notNull(),
  verdictDays: integer("verdict_days").notNull(),
  rawDays: integer("raw_days").notNull(),
  /** Verdicts observed before it are refused: what they would be folded with is gone. `null` = all is there. */
  retainedSince: instant("retained_since"),
});

/** The partitions of `verdict`, by the instants that they hold. */
export const verdictPartition = pgTable("verdict_partition", {
  name: text("name").notNull(),
  fromAt: instant("from_at").notNull(),
  toAt: instant("to_at").notNull(),
  rawDroppedAt: instant("raw_dropped_at"),
});

/** Verdicts that intervals begin with, after their partition was dropped. */
export const verdictKept = pgTable("verdict_kept", verdictColumns);

/** SHA-256 of all received bytes of a lane's day, one after the other, in the order of the fold. */
export const verdictDigest = pgTable("verdict_digest", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  submod: text("submod").notNull(),
  day: date("day").notNull(),
  digests: bytea("digests").notNull(),
});

/** What the dropped verdicts of a lane came to; `open` is the interval that was open at `throughAt`. */
export const laneBase = pgTable("lane_base", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  submod: text("submod").notNull(),
  throughAt: instant("through_at").notNull(),
  open: jsonb("open").$type<LaneInterval>().notNull(),
});
