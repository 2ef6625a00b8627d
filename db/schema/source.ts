/** Configured senders, their keys, what they sent that was refused, and how much they sent. */
import { bigint, boolean, doublePrecision, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { EnrolmentSetting } from "#lib/domain/enrolment";
import { bytea, instant } from "./columns.ts";

export const source = pgTable("source", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  kind: text("kind").notNull(),
  name: text("name").notNull(),
  nodeIdPointer: text("node_id_pointer"),
  acceptPastMs: bigint("accept_past_ms", { mode: "number" }).notNull(),
  acceptFutureMs: bigint("accept_future_ms", { mode: "number" }).notNull(),
  /** Silence after which evidence no longer counts; `null` = no expected cadence. */
  staleAfterMs: bigint("stale_after_ms", { mode: "number" }),
  /** History is being imported until then; silence is not judged meanwhile. `null` = never imported. */
  backfillUntil: instant("backfill_until"),
  disabledAt: instant("disabled_at"),
  createdAt: instant("created_at").notNull(),
  /** `fixed` = an operator set `staleAfterMs`; `learnt` = it follows the observed cadence. */
  limitMode: text("limit_mode").notNull().default("fixed"),
  limitFactor: doublePrecision("limit_factor").notNull().default(2),
  limitFloorMs: bigint("limit_floor_ms", { mode: "number" }).notNull().default(60_000),
  limitCapMs: bigint("limit_cap_ms", { mode: "number" }).notNull().default(172_800_000),
  /** Holds until a cadence is learnt; `null` for a fixed limit. */
  limitInitialMs: bigint("limit_initial_ms", { mode: "number" }),
  /** Epochs of a learnt limit: from when, and how long; `null` = `staleAfterMs` has always held. */
  limitFromMs: bigint("limit_from_ms", { mode: "number" }).array(),
  limitMs: bigint("limit_ms", { mode: "number" }).array(),
  /** Epochs of the observed cadence; `null` = none learnt yet. */
  cadenceFromMs: bigint("cadence_from_ms", { mode: "number" }).array(),
  cadenceMs: bigint("cadence_ms", { mode: "number" }).array(),
  /** `ask` = nodes that it introduces wait for a person; `accept` = they do not. */
  enrolment: text("enrolment").$type<EnrolmentSetting>().notNull().default("accept"),
  /** Phases of the life cycle that its bootstrap events may drive. */
  authoritativeFor: text("authoritative_for").array().notNull().default([]),
  /** It may introduce nodes that nobody provisioned here. */
  introducesNodes: boolean("introduces_nodes").notNull().default(false),
});

export const sourceKey = pgTable("source_key", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  kid: text("kid").notNull(),
  alg: text("alg").notNull(),
  /** Public part only; `null` for a shared secret. */
  jwk: jsonb("jwk").$type<Record<string, string>>(),
  /** A shared secret as `db/sealing.ts` made it; `null` for a public key. */
  sealedSecret: bytea("sealed_secret"),
  state: text("state").notNull(),
  validFrom: instant("valid_from").notNull(),
  /** When it was retired. */
  validTo: instant("valid_to"),
  activatedAt: instant("activated_at"),
  /** A retired key counts for what was signed until then: its end and the grace period. */
  acceptUntil: instant("accept_until"),
  /** Newest message that it vouched for, to the minute. */
  lastUsedAt: instant("last_used_at"),
  distrustedSince: instant("distrusted_since"),
  createdAt: instant("created_at").notNull(),
});

/** Only the digest of the secret is stored; the prefix is what people recognise it by. */
export const apiKey = pgTable("api_key", {
  id: uuid("id").notNull().primaryKey(),
  trustDomainId: uuid("trust_domain_id").notNull(),
  /** `null` = the key of a service account. */
  sourceId: uuid("source_id"),
  /** `null` = the key of a source. */
  serviceAccountId: uuid("service_account_id"),
  prefix: text("prefix").notNull(),
  secretSha256: bytea("secret_sha256").notNull(),
  scopes: text("scopes").array().notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  lastUsedAt: instant("last_used_at"),
  revokedAt: instant("revoked_at"),
  /** The key that took its place. */
  replacedBy: uuid("replaced_by"),
});

export const rejectedEvent = pgTable("rejected_event", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  rawSha256: bytea("raw_sha256").notNull(),
  code: text("code").notNull(),
  id: uuid("id").notNull(),
  category: text("category").notNull(),
  detail: text("detail").notNull(),
  subject: text("subject"),
  n: bigint("n", { mode: "number" }).notNull(),
  firstAt: instant("first_at").notNull(),
  lastAt: instant("last_at").notNull(),
  rawMediaType: text("raw_media_type").notNull(),
  /** At most the first 64 KiB of what was refused. */
  raw: bytea("raw").notNull(),
  rawBytes: bigint("raw_bytes", { mode: "number" }).notNull(),
});

/** Counters per source and five-minute bucket of the receive time. */
export const rollup = pgTable("rollup", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  bucket: instant("bucket").notNull(),
  accepted: bigint("accepted", { mode: "number" }).notNull(),
  duplicate: bigint("duplicate", { mode: "number" }).notNull(),
  rejected: bigint("rejected", { mode: "number" }).notNull(),
  affirming: bigint("affirming", { mode: "number" }).notNull(),
  warning: bigint("warning", { mode: "number" }).notNull(),
  contraindicated: bigint("contraindicated", { mode: "number" }).notNull(),
  noTier: bigint("no_tier", { mode: "number" }).notNull(),
  lastReceivedAt: instant("last_received_at").notNull(),
});

/** What was decided about a key's evidence, and how far history has been derived anew since. */
export const rederivation = pgTable("rederivation", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  id: uuid("id").notNull(),
  sourceId: uuid("source_id").notNull(),
  kid: text("kid").notNull(),
  since: instant("since").notNull(),
  /** What held before; `null` = the key was trusted. */
  previousSince: instant("previous_since"),
  recordedAt: instant("recorded_at").notNull(),
  nodesTotal: bigint("nodes_total", { mode: "number" }).notNull(),
  nodesDone: bigint("nodes_done", { mode: "number" }).notNull(),
  /** Nodes up to this id are done; `null` = not begun. */
  lastNodeId: uuid("last_node_id"),
  finishedAt: instant("finished_at"),
});
