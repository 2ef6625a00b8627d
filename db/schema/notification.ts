/** What people hear of, how, and every attempt to tell them. */
import { integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { EventEffect, Severity } from "#lib/domain/notify/event";
import { bytea, instant } from "./columns.ts";

/** Written in the transaction of what it tells. */
export const announcement = pgTable("announcement", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  kind: text("kind").notNull(),
  severity: text("severity").$type<Severity>().notNull(),
  thread: text("thread").notNull(),
  effect: text("effect").$type<EventEffect>().notNull(),
  labels: jsonb("labels").$type<Record<string, string>>().notNull(),
  title: text("title").notNull(),
  summary: text("summary").notNull(),
  link: text("link").notNull(),
  at: instant("at").notNull(),
  /** `null` = nobody has looked yet who wants to hear of it. */
  routedAt: instant("routed_at"),
  /** Notifications it became part of; 0 = no route wants it. */
  notifications: integer("notifications"),
});

export const notificationChannel = pgTable("notification_channel", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  kind: text("kind").notNull(),
  name: text("name").notNull(),
  settings: jsonb("settings").notNull(),
  sealedSecrets: bytea("sealed_secrets"),
  createdAt: instant("created_at").notNull(),
  /** `null` = in use. */
  disabledAt: instant("disabled_at"),
  disabledWhy: text("disabled_why"),
  /** Since when nothing arrives any more. */
  failingSince: instant("failing_since"),
  lastOkAt: instant("last_ok_at"),
  lastProblem: text("last_problem"),
});

/** Trees of routes; the highest revision of a domain holds. */
export const notificationRoutes = pgTable("notification_routes", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  revision: integer("revision").notNull(),
  tree: jsonb("tree").notNull(),
  savedAt: instant("saved_at").notNull(),
  savedBy: text("saved_by").notNull(),
});

/** What one route makes of the events that belong together. */
export const notification = pgTable("notification", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  route: text("route").notNull(),
  groupKey: text("group_key").notNull(),
  title: text("title").notNull(),
  severity: text("severity").$type<Severity>().notNull(),
  link: text("link").notNull(),
  state: text("state").$type<"open" | "told" | "acknowledged" | "resolved">().notNull(),
  events: integer("events").notNull(),
  /** Matters in it that have not been closed. */
  threads: text("threads").array().notNull(),
  channelIds: uuid("channel_ids").array().notNull(),
  openedAt: instant("opened_at").notNull(),
  lastAt: instant("last_at").notNull(),
  /** Steps as the route had them. */
  escalation: jsonb("escalation").notNull(),
  nextStep: integer("next_step"),
  nextStepAt: instant("next_step_at"),
  acknowledgedAt: instant("acknowledged_at"),
  acknowledgedBy: text("acknowledged_by"),
  comment: text("comment"),
  resolvedAt: instant("resolved_at"),
  /** `null` = what it told is over by itself. */
  resolvedBy: text("resolved_by"),
});

/** One message to one channel; its id is the one that receivers tell repetitions by. */
export const notificationDelivery = pgTable("notification_delivery", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  channelId: uuid("channel_id").notNull(),
  /** `null` = a test. */
  notificationId: uuid("notification_id"),
  /** What is told to one channel in one line is told in order; `null` = a test. */
  line: text("line"),
  verb: text("verb").$type<"trigger" | "acknowledge" | "resolve" | "test">().notNull(),
  message: jsonb("message").notNull(),
  events: integer("events").notNull(),
  state: text("state").$type<"waiting" | "sending" | "delivered" | "given_up">().notNull(),
  attempts: integer("attempts").notNull(),
  nextAt: instant("next_at").notNull(),
  claimedUntil: instant("claimed_until"),
  lastAt: instant("last_at"),
  /** How the last attempt ended, in words; `null` = there was none, or it arrived. */
  lastProblem: text("last_problem"),
  lastStatus: integer("last_status"),
  /** How the other side calls it. */
  remoteRef: text("remote_ref"),
  createdAt: instant("created_at").notNull(),
  endedAt: instant("ended_at"),
});
