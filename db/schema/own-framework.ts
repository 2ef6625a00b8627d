/** Frameworks that people import, and what they map controls to. */
import { integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { MappingKind } from "#lib/domain/measure/own-control";
import type { NotRead, OscalParam } from "#lib/domain/oscal/catalogue";
import { bytea, instant } from "./columns.ts";

export const ownFramework = pgTable("own_framework", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  madeBy: uuid("made_by").notNull(),
  madeAt: instant("made_at").notNull(),
  /** `null` = it is in use. */
  retiredAt: instant("retired_at"),
  retiredBy: uuid("retired_by"),
  retiredReason: text("retired_reason"),
});

/** What a profile was read against. The digest is hex. */
export type FrameworkBase = { title: string; edition: string; digest: string };

export const ownFrameworkVersion = pgTable("own_framework_version", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  frameworkId: uuid("framework_id").notNull(),
  version: integer("version").notNull(),
  kind: text("kind").$type<"catalog" | "profile">().notNull(),
  title: text("title").notNull(),
  /** The document's own version. */
  edition: text("edition").notNull(),
  oscalVersion: text("oscal_version").notNull(),
  documentUuid: uuid("document_uuid").notNull(),
  /** SHA-256 of the document as it was handed over. */
  digest: bytea("digest").notNull(),
  /** `null` for a catalogue. */
  base: jsonb("base").$type<FrameworkBase>(),
  withdrawn: text("withdrawn").array().notNull(),
  notRead: jsonb("not_read").$type<readonly NotRead[]>().notNull(),
  validFrom: instant("valid_from").notNull(),
  recordedAt: instant("recorded_at").notNull(),
  recordedBy: uuid("recorded_by").notNull(),
});

export const ownFrameworkControl = pgTable("own_framework_control", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  frameworkId: uuid("framework_id").notNull(),
  version: integer("version").notNull(),
  control: text("control").notNull(),
  place: integer("place").notNull(),
  label: text("label"),
  title: text("title").notNull(),
  statement: text("statement").notNull(),
  statementId: text("statement_id"),
  parent: text("parent"),
  groupTitle: text("group_title"),
  params: jsonb("params").$type<readonly OscalParam[]>().notNull(),
});

export const controlMapping = pgTable("control_mapping", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  frameworkId: uuid("framework_id").notNull(),
  control: text("control").notNull(),
  version: integer("version").notNull(),
  kind: text("kind").$type<MappingKind | "cleared">().notNull(),
  measures: text("measures").array().notNull(),
  covers: text("covers"),
  notCovered: text("not_covered"),
  reason: text("reason"),
  recordedAt: instant("recorded_at").notNull(),
  recordedBy: uuid("recorded_by").notNull(),
});
