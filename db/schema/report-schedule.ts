/** Reports that come again and again, and what became of each period. */
import { boolean, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { ReportFormatId } from "#lib/domain/report/report";
import type { ReportPeriod } from "#lib/domain/report/schedule";
import { instant } from "./columns.ts";

export const reportSchedule = pgTable("report_schedule", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  /** `null` = every measure, and no controls. */
  framework: text("framework"),
  q: text("q").notNull(),
  formats: text("formats").array().$type<ReportFormatId[]>().notNull(),
  every: text("every").$type<ReportPeriod>().notNull(),
  dueDays: integer("due_days").notNull(),
  dueHour: integer("due_hour").notNull(),
  owner: uuid("owner").notNull(),
  recipients: uuid("recipients").array().notNull(),
  revision: integer("revision").notNull(),
  createdAt: instant("created_at").notNull(),
  /** Every period that ends by then is handled, or is from before the schedule. */
  handledTo: instant("handled_to").notNull(),
  nextAt: instant("next_at").notNull(),
  pausedAt: instant("paused_at"),
  removedAt: instant("removed_at"),
});

export const reportScheduleRun = pgTable("report_schedule_run", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  scheduleId: uuid("schedule_id").notNull(),
  periodFrom: instant("period_from").notNull(),
  periodTo: instant("period_to").notNull(),
  at: instant("at").notNull(),
  /** `null` = it was due. */
  askedBy: uuid("asked_by"),
  state: text("state").$type<"made" | "refused" | "missed">().notNull(),
  problem: text("problem"),
  reportId: uuid("report_id"),
  toldAt: instant("told_at"),
});

export const reportNotice = pgTable("report_notice", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  runId: uuid("run_id").notNull(),
  userId: uuid("user_id").notNull(),
  /** False = they may not read it. */
  told: boolean("told").notNull(),
  at: instant("at").notNull(),
});
