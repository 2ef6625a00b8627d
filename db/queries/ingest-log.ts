/** What ingest records besides verdicts: bootstrap events, refusals, counters and the wake-up hint. */
import type { ClientBase } from "pg";
import type { Tier } from "#lib/domain/ar4si";
import { type BootstrapEvent, phaseOf } from "#lib/domain/bootstrap-event";
import { callerOf } from "#lib/domain/caller";
import type { ChangeTopic } from "#lib/domain/change-topic";
import { CHANGE_CHANNEL } from "./change.ts";
import { insertRows, type RowValue } from "./insert-rows.ts";

export type BootstrapWrite = {
  id: string;
  /** `null` = unattributed. */
  nodeId: string | null;
  /** The person's word that gave it its node. */
  linkId: string | null;
  event: BootstrapEvent;
  kid: string | null;
  rawSha256: string;
  rawMediaType: string;
  raw: Uint8Array;
};

/** Append bootstrap events. @returns the external ids that were really new */
export async function bootstrapInsert(
  client: ClientBase,
  batch: { trustDomainId: string; sourceId: string; receivedAt: Date },
  writes: readonly BootstrapWrite[],
): Promise<Set<string>> {
  const inserted = await insertRows<{ external_id: string }>(
    client,
    {
      name: "bootstrap_insert",
      table: "bootstrap_event",
      columns: [
        "trust_domain_id",
        "source_id",
        "external_id",
        "id",
        "node_id",
        "type",
        "phase",
        "outcome",
        "reason_code",
        "reason_text",
        "occurred_at",
        "received_at",
        "identities",
        "actor",
        "method",
        "caller",
        "link_id",
        "linked_at",
        "request_id",
        "redactions",
        "kid",
        "raw_sha256",
        "raw_media_type",
        "raw",
        "credential",
        "credential_not_after",
        "provenance",
      ],
      suffix: "ON CONFLICT DO NOTHING RETURNING external_id",
    },
    writes.map(({ id, nodeId, linkId, event, kid, rawSha256, rawMediaType, raw }): RowValue[] => [
      batch.trustDomainId,
      batch.sourceId,
      event.externalId,
      id,
      nodeId,
      event.type,
      phaseOf(event.type),
      event.outcome,
      event.reasonCode,
      event.reasonText,
      new Date(event.occurredAtMs),
      batch.receivedAt,
      JSON.stringify(event.identities),
      JSON.stringify(event.actor),
      event.method,
      callerOf(event.actor.address),
      linkId,
      linkId && batch.receivedAt,
      event.requestId,
      event.redactions,
      kid,
      Buffer.from(rawSha256, "hex"),
      rawMediaType,
      Buffer.from(raw),
      event.credential ? JSON.stringify(event.credential) : null,
      event.credential?.notAfterMs ? new Date(event.credential.notAfterMs) : null,
      event.provenance ? JSON.stringify(event.provenance) : null,
    ]),
  );
  return new Set(inserted.map(({ external_id }) => external_id));
}

export type RejectedWrite = {
  id: string;
  rawSha256: string;
  code: string;
  category: string;
  detail: string;
  subject: string | null;
  rawMediaType: string;
  /** Already capped. */
  raw: Uint8Array;
  /** Full size, before capping. */
  rawBytes: number;
};

/** Record refusals. The same bytes refused again for the same reason count up. */
export async function rejectedUpsert(
  client: ClientBase,
  batch: { trustDomainId: string; sourceId: string; receivedAt: Date },
  writes: readonly RejectedWrite[],
): Promise<void> {
  // One statement must not touch a row twice, so equal refusals of one batch go one by one.
  for (const write of writes) {
    await insertRows(
      client,
      {
        name: "rejected_upsert",
        table: "rejected_event",
        columns: [
          "trust_domain_id",
          "source_id",
          "raw_sha256",
          "code",
          "id",
          "category",
          "detail",
          "subject",
          "n",
          "first_at",
          "last_at",
          "raw_media_type",
          "raw",
          "raw_bytes",
        ],
        suffix: `ON CONFLICT (trust_domain_id, source_id, raw_sha256, code) DO UPDATE
          SET n = rejected_event.n + 1, last_at = EXCLUDED.last_at, detail = EXCLUDED.detail`,
      },
      [
        [
          batch.trustDomainId,
          batch.sourceId,
          Buffer.from(write.rawSha256, "hex"),
          write.code,
          write.id,
          write.category,
          write.detail,
          write.subject,
          1,
          batch.receivedAt,
          batch.receivedAt,
          write.rawMediaType,
          Buffer.from(write.raw),
          write.rawBytes,
        ],
      ],
    );
  }
}

/** Width of a counter bucket. */
export const ROLLUP_BUCKET_MS = 5 * 60_000;

export type Counts = { accepted: number; duplicate: number; rejected: number; tiers: Record<Tier, number> };

/** Add to the counters of the bucket that `receivedAt` falls into. */
export async function rollupAdd(
  client: ClientBase,
  batch: { trustDomainId: string; sourceId: string; receivedAt: Date },
  { accepted, duplicate, rejected, tiers }: Counts,
): Promise<void> {
  const bucket = new Date(Math.floor(batch.receivedAt.getTime() / ROLLUP_BUCKET_MS) * ROLLUP_BUCKET_MS);
  await client.query({
    name: "rollup_add",
    text: `INSERT INTO rollup AS r (trust_domain_id, source_id, bucket, accepted, duplicate, rejected,
        affirming, warning, contraindicated, no_tier, last_received_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
      ON CONFLICT (trust_domain_id, source_id, bucket) DO UPDATE SET
        accepted = r.accepted + EXCLUDED.accepted, duplicate = r.duplicate + EXCLUDED.duplicate,
        rejected = r.rejected + EXCLUDED.rejected, affirming = r.affirming + EXCLUDED.affirming,
        warning = r.warning + EXCLUDED.warning, contraindicated = r.contraindicated + EXCLUDED.contraindicated,
        no_tier = r.no_tier + EXCLUDED.no_tier,
        last_received_at = greatest(r.last_received_at, EXCLUDED.last_received_at)`,
    values: [
      batch.trustDomainId,
      batch.sourceId,
      bucket,
      accepted,
      duplicate,
      rejected,
      tiers.affirming,
      tiers.warning,
      tiers.contraindicated,
      tiers.none,
      batch.receivedAt,
    ],
  });
}

/** @param nodeIds nodes whose status changed; at most the first 50 are named */
export async function notifyChange(
  client: ClientBase,
  trustDomainId: string,
  topics: readonly ChangeTopic[],
  nodeIds: readonly string[],
): Promise<void> {
  const payload = JSON.stringify({ d: trustDomainId, t: topics, n: nodeIds.slice(0, 50) });
  await client.query("SELECT pg_notify($1, $2)", [CHANGE_CHANNEL, payload]);
}
