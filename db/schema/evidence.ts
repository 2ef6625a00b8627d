/** Verdicts, the history folded from them, and bootstrap events. */
import { bigint, boolean, jsonb, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import type { Provenance } from "#lib/domain/bootstrap-event";
import type { Credential } from "#lib/domain/credential";
import { bytea, instant } from "./columns.ts";

export const measurementSet = pgTable("measurement_set", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  digest: bytea("digest").notNull(),
  items: jsonb("items").$type<Record<string, string>>().notNull(),
  createdAt: instant("created_at").notNull(),
});

/** Columns of a verdict, in the log and where it is kept after its partition was dropped. */
export const verdictColumns = {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  observedAt: instant("observed_at").notNull(),
  eventHash: bytea("event_hash").notNull(),
  sourceId: uuid("source_id").notNull(),
  submod: text("submod").notNull(),
  receivedAt: instant("received_at").notNull(),
  expiresAt: instant("expires_at"),
  state: text("state").notNull(),
  evidenceKey: bytea("evidence_key").notNull(),
  outcome: text("outcome").notNull(),
  tier: text("tier").notNull(),
  vector: smallint("vector").array().notNull(),
  vectorOrigin: text("vector_origin").notNull(),
  mappingVersion: text("mapping_version"),
  statusMismatch: boolean("status_mismatch").notNull(),
  coverage: text("coverage").array().notNull(),
  measurementDigest: bytea("measurement_digest"),
  reasons: jsonb("reasons")
    .$type<{ code: string; component?: string; got?: string; expected?: string; detail?: string }[]>()
    .notNull(),
  policyIds: text("policy_ids").array().notNull(),
  verifierId: text("verifier_id"),
  verifierBuild: text("verifier_build"),
  freshness: text("freshness").notNull(),
  /** Key that verified the signature; `null` when the transport vouched. */
  kid: text("kid"),
  alg: text("alg"),
  backfill: boolean("backfill").notNull(),
  rawSha256: bytea("raw_sha256").notNull(),
  rawMediaType: text("raw_media_type").notNull(),
  /** The received bytes; `null` after the retention window. */
  raw: bytea("raw"),
};

export const verdict = pgTable("verdict", verdictColumns);

export const trustInterval = pgTable("trust_interval", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  nodeId: uuid("node_id").notNull(),
  /** The nil UUID for the node's own line, fused from its lanes. */
  sourceId: uuid("source_id").notNull(),
  submod: text("submod").notNull(),
  validFrom: instant("valid_from").notNull(),
  recordedFrom: instant("recorded_from").notNull(),
  /** `null` = still so. */
  validTo: instant("valid_to"),
  /** `null` = still believed. */
  recordedTo: instant("recorded_to"),
  state: text("state").notNull(),
  reason: text("reason").notNull(),
  /** Digest over everything that opens a new interval when it changes; empty for gaps and the fused line. */
  evidenceKey: bytea("evidence_key").notNull(),
  outcome: text("outcome"),
  tier: text("tier"),
  vector: smallint("vector").array(),
  measurementDigest: bytea("measurement_digest"),
  policyVersion: text("policy_version"),
  baselineVersion: text("baseline_version"),
  kid: text("kid"),
  /** The verdict that opened the interval; `null` for gaps and the fused line. */
  eventHash: bytea("event_hash"),
  n: bigint("n", { mode: "number" }).notNull(),
  firstAt: instant("first_at"),
  lastAt: instant("last_at"),
  roll: bytea("roll"),
  afterFailure: boolean("after_failure").notNull(),
});

export const bootstrapEvent = pgTable("bootstrap_event", {
  trustDomainId: uuid("trust_domain_id").notNull(),
  sourceId: uuid("source_id").notNull(),
  externalId: text("external_id").notNull(),
  id: uuid("id").notNull(),
  /** `null` = unattributed: nobody could say which node this was. */
  nodeId: uuid("node_id"),
  type: text("type").notNull(),
  phase: text("phase").notNull(),
  outcome: text("outcome").notNull(),
  reasonCode: text("reason_code"),
  reasonText: text("reason_text"),
  occurredAt: instant("occurred_at").notNull(),
  receivedAt: instant("received_at").notNull(),
  identities: jsonb("identities").$type<{ kind: string; value: string }[]>().notNull(),
  actor: jsonb("actor").$type<{ kind: string; id: string | null; address: string | null }>().notNull(),
  method: text("method"),
  requestId: text("request_id"),
  /** Where the caller spoke from, without its port; `null` = the source does not say. */
  caller: text("caller"),
  /** The person's word that gave the event its node, and when; `null` = its identities did, or nobody. */
  linkId: uuid("link_id"),
  linkedAt: instant("linked_at"),
  redactions: text("redactions").array().notNull(),
  /** `null` = the event says nothing about a credential; times in it are epoch milliseconds. */
  credential: jsonb("credential").$type<Credential>(),
  credentialNotAfter: instant("credential_not_after"),
  /** `null` = the event says nothing about where an image came from. */
  provenance: jsonb("provenance").$type<Provenance>(),
  kid: text("kid"),
  rawSha256: bytea("raw_sha256").notNull(),
  rawMediaType: text("raw_media_type").notNull(),
  raw: bytea("raw"),
});
