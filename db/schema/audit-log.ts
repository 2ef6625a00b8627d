/** The audit entries of a trust domain as a Merkle tree with signed checkpoints. */
import { bigint, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import { bytea, instant } from "./columns.ts";

export const auditPending = pgTable("audit_pending", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  entryId: uuid("entry_id").notNull(),
  /** `null` = the entry is older than the log. */
  leafHash: bytea("leaf_hash"),
});

export const auditLeaf = pgTable("audit_leaf", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  leafIndex: bigint("leaf_index", { mode: "number" }).notNull(),
  entryId: uuid("entry_id").notNull(),
  leafHash: bytea("leaf_hash").notNull(),
});

/** Level 1 and above of the tiles; level 0 are the leaves. */
export const auditTileHash = pgTable("audit_tile_hash", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  level: smallint("level").notNull(),
  position: bigint("position", { mode: "number" }).notNull(),
  hash: bytea("hash").notNull(),
});

export const auditLog = pgTable("audit_log", {
  trustDomainId: uuid("trust_domain_id").notNull().primaryKey(),
  origin: text("origin").notNull(),
  size: bigint("size", { mode: "number" }).notNull(),
  /** 32 bytes per complete subtree, largest first. */
  peaks: bytea("peaks").notNull(),
  createdAt: instant("created_at").notNull(),
});

export const auditCheckpoint = pgTable("audit_checkpoint", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  size: bigint("size", { mode: "number" }).notNull(),
  root: bytea("root").notNull(),
  note: text("note").notNull(),
  at: instant("at").notNull(),
});

export const auditLogKey = pgTable("audit_log_key", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  vkey: text("vkey").notNull(),
  sealedPrivateKey: bytea("sealed_private_key").notNull(),
  createdAt: instant("created_at").notNull(),
  /** Signs until then; `null` = no end is set. */
  retireAt: instant("retire_at"),
});
