/** Frozen compliance reports and their files. */
import { bigint, boolean, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { EvidenceWanted, ReportFormatId, ReportHead, ReportState } from "#lib/domain/report/report";
import { bytea, instant } from "./columns.ts";

export const report = pgTable("report", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  title: text("title").notNull(),
  /** `null` = every measure, and no controls. */
  framework: text("framework"),
  domains: uuid("domains").array().notNull(),
  q: text("q").notNull(),
  periodFrom: instant("period_from").notNull(),
  periodTo: instant("period_to").notNull(),
  knownAt: instant("known_at").notNull(),
  askedBy: uuid("asked_by").notNull(),
  askedAt: instant("asked_at").notNull(),
  state: text("state").$type<ReportState>().notNull(),
  done: integer("done").notNull(),
  total: integer("total").notNull(),
  problem: text("problem"),
  digest: bytea("digest"),
  head: jsonb("head").$type<ReportHead>(),
  finishedAt: instant("finished_at"),
  attempts: integer("attempts").notNull(),
  claimedBy: uuid("claimed_by"),
  claimedUntil: instant("claimed_until"),
  /** Which raw documents its evidence pack encloses. */
  evidence: text("evidence").$type<EvidenceWanted>().notNull().default("sample"),
  /** Says nothing of the time before its period. */
  confined: boolean("confined").notNull().default(false),
  /** `null` = every one. */
  formats: text("formats").array().$type<ReportFormatId[]>(),
});

export const reportFile = pgTable("report_file", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  reportId: uuid("report_id").notNull(),
  format: text("format").notNull(),
  /** `null` = it could not be written; `problem` says why. */
  digest: bytea("digest"),
  size: bigint("size", { mode: "number" }).notNull(),
  problem: text("problem"),
});

export const reportFilePart = pgTable("report_file_part", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  reportId: uuid("report_id").notNull(),
  format: text("format").notNull(),
  part: integer("part").notNull(),
  bytes: bytea("bytes").notNull(),
});
