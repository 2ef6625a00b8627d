/** What evidence is expected to say, for which nodes, and since when. */
import { integer, jsonb, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import type { BaselineContent } from "#lib/domain/baseline";
import { bytea, instant } from "./columns.ts";

export const baseline = pgTable("baseline", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  description: text("description").notNull(),
  /** CEL over the node; empty = every node. */
  selector: text("selector").notNull(),
  /** The lane that it is compared with; `null` = any source, any submodule. */
  sourceId: uuid("source_id"),
  submod: text("submod"),
  createdBy: uuid("created_by"),
  createdAt: instant("created_at").notNull(),
  archivedAt: instant("archived_at"),
});

export const baselineVersion = pgTable("baseline_version", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  baselineId: uuid("baseline_id").notNull(),
  version: integer("version").notNull(),
  digest: bytea("digest").notNull(),
  content: jsonb("content").$type<BaselineContent>().notNull(),
  origin: text("origin").notNull(),
  originDetail: jsonb("origin_detail").notNull(),
  note: text("note").notNull(),
  author: uuid("author"),
  createdAt: instant("created_at").notNull(),
  state: text("state").notNull(),
  /** DSSE envelope; `null` while a draft. */
  signature: jsonb("signature"),
  publishedAt: instant("published_at"),
});

export const baselineRollout = pgTable("baseline_rollout", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  baselineId: uuid("baseline_id").notNull(),
  version: integer("version").notNull(),
  part: text("part").notNull(),
  selector: text("selector").notNull(),
  percent: smallint("percent").notNull(),
  validFrom: instant("valid_from").notNull(),
  /** `null` = still in force. */
  validTo: instant("valid_to"),
  changeRequestId: uuid("change_request_id"),
  createdAt: instant("created_at").notNull(),
});

/** Ed25519 keys that this installation signs with. */
export const signingKey = pgTable("signing_key", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  /** SHA-256 of the public key's SPKI, hex. */
  kid: text("kid").notNull(),
  /** SPKI, DER. */
  publicKey: bytea("public_key").notNull(),
  sealedPrivate: bytea("sealed_private").notNull(),
  createdAt: instant("created_at").notNull(),
});
