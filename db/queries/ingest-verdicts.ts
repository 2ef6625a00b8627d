/** The verdict log as the ingest path writes it and reads it back. Raw SQL: this is the hot path. */
import type { ClientBase } from "pg";
import { copyIn } from "#db/copy-in";
import type { FoldVerdict, Statement } from "#lib/domain/history";
import { type LaneState, reasonSentence } from "#lib/domain/trust-status";
import type { Verdict } from "#lib/domain/verdict";
import { hexArray, plainArray } from "./array-literal.ts";
import { CopyRows } from "./copy-rows.ts";
import type { LaneKey } from "./ingest-history.ts";
import { insertRows, type RowValue } from "./insert-rows.ts";

/** One verdict to store. Digests are hex. */
export type VerdictWrite = {
  nodeId: string;
  verdict: Verdict;
  state: LaneState;
  eventHash: string;
  evidenceKey: string;
  measurementDigest: string | null;
  kid: string | null;
  alg: string | null;
  rawSha256: string;
  rawMediaType: string;
  raw: Uint8Array;
};

const COLUMNS = [
  "trust_domain_id",
  "node_id",
  "observed_at",
  "event_hash",
  "source_id",
  "submod",
  "received_at",
  "expires_at",
  "state",
  "evidence_key",
  "outcome",
  "tier",
  "vector",
  "vector_origin",
  "mapping_version",
  "status_mismatch",
  "coverage",
  "measurement_digest",
  "reasons",
  "policy_ids",
  "verifier_id",
  "verifier_build",
  "freshness",
  "kid",
  "alg",
  "backfill",
  "raw_sha256",
  "raw_media_type",
  "raw",
] as const;

/** The batch that verdicts came in. */
export type VerdictBatch = { trustDomainId: string; sourceId: string; receivedAt: Date; backfill: boolean };

const COPY = `COPY verdict (${COLUMNS.join(", ")}) FROM STDIN (FORMAT binary)`;

/**
 * Append verdicts none of which is there yet: a third of the cost of {@link verdictInsert}.
 *
 * @throws unique violation (23505) when one is there after all; the transaction is lost then
 */
export async function verdictCopy(
  client: ClientBase,
  batch: VerdictBatch,
  writes: readonly VerdictWrite[],
): Promise<void> {
  const rows = new CopyRows();
  for (const write of writes) copyRow(rows, batch, write);
  await copyIn(client, COPY, rows.finish());
}

/** One row, column by column in the order of {@link COLUMNS}. */
function copyRow(rows: CopyRows, batch: VerdictBatch, row: VerdictWrite): void {
  const { verdict } = row;
  const optionalText = (text: string | null) => (text === null ? rows.none() : rows.text(text));
  rows.startRow(COLUMNS.length);
  rows.uuid(batch.trustDomainId);
  rows.uuid(row.nodeId);
  rows.instant(verdict.observedAtMs);
  rows.hex(row.eventHash);
  rows.uuid(batch.sourceId);
  rows.text(verdict.submod);
  rows.instant(batch.receivedAt.getTime());
  if (verdict.expiresAtMs === null) rows.none();
  else rows.instant(verdict.expiresAtMs);
  rows.text(row.state);
  rows.hex(row.evidenceKey);
  rows.text(verdict.outcome);
  rows.text(verdict.tier);
  rows.smallints(verdict.vector);
  rows.text(verdict.vectorOrigin);
  optionalText(verdict.mappingVersion);
  rows.bool(verdict.statusMismatch);
  rows.texts(verdict.coverage);
  if (row.measurementDigest === null) rows.none();
  else rows.hex(row.measurementDigest);
  rows.jsonb(JSON.stringify(verdict.reasons));
  rows.texts(verdict.policyIds);
  optionalText(verdict.verifier.id);
  optionalText(verdict.verifier.build);
  rows.text(verdict.freshness);
  optionalText(row.kid);
  optionalText(row.alg);
  rows.bool(batch.backfill);
  rows.hex(row.rawSha256);
  rows.text(row.rawMediaType);
  rows.bytes(row.raw);
}

const hexBytes = (digest: string) => Buffer.from(digest, "hex");

/**
 * Append verdicts; what is already there stays as it is.
 *
 * @returns `nodeId eventHash` of the rows that were really new
 */
export async function verdictInsert(
  client: ClientBase,
  batch: VerdictBatch,
  writes: readonly VerdictWrite[],
): Promise<Set<string>> {
  const inserted = await insertRows<{ node_id: string; event_hash: Buffer }>(
    client,
    {
      name: "verdict_insert",
      table: "verdict",
      columns: COLUMNS,
      suffix: "ON CONFLICT DO NOTHING RETURNING node_id, event_hash",
    },
    writes.map(({ verdict, ...row }): RowValue[] => [
      batch.trustDomainId,
      row.nodeId,
      new Date(verdict.observedAtMs),
      hexBytes(row.eventHash),
      batch.sourceId,
      verdict.submod,
      batch.receivedAt,
      verdict.expiresAtMs === null ? null : new Date(verdict.expiresAtMs),
      row.state,
      hexBytes(row.evidenceKey),
      verdict.outcome,
      verdict.tier,
      verdict.vector,
      verdict.vectorOrigin,
      verdict.mappingVersion,
      verdict.statusMismatch,
      verdict.coverage,
      row.measurementDigest === null ? null : hexBytes(row.measurementDigest),
      JSON.stringify(verdict.reasons),
      verdict.policyIds,
      verdict.verifier.id,
      verdict.verifier.build,
      verdict.freshness,
      row.kid,
      row.alg,
      batch.backfill,
      hexBytes(row.rawSha256),
      row.rawMediaType,
      Buffer.from(row.raw),
    ]),
  );
  return new Set(inserted.map(({ node_id, event_hash }) => `${node_id} ${event_hash.toString("hex")}`));
}

/**
 * Nodes that already have these verdicts of a source.
 *
 * @returns node id by position; `null` where the verdict is new
 */
export async function verdictOwners(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  verdicts: readonly { observedAtMs: number; eventHash: string }[],
): Promise<(string | null)[]> {
  if (verdicts.length === 0) return [];
  const times = verdicts.map(({ observedAtMs }) => observedAtMs);
  // Not prepared, and with the range of times stated: the plan then holds only the partitions that matter.
  const { rows } = await client.query<[number, string]>({
    rowMode: "array",
    text: `SELECT wanted.position::int, v.node_id
      FROM unnest($3::timestamptz[], $4::bytea[]) WITH ORDINALITY AS wanted(observed_at, event_hash, position)
      JOIN LATERAL (
        SELECT node_id FROM verdict
        WHERE trust_domain_id = $1 AND source_id = $2
          AND observed_at = wanted.observed_at AND event_hash = wanted.event_hash
          AND observed_at BETWEEN $5 AND $6
        LIMIT 1
      ) v ON true`,
    values: [
      trustDomainId,
      sourceId,
      plainArray(times.map((ms) => new Date(ms).toISOString())),
      hexArray(verdicts.map(({ eventHash }) => eventHash)),
      new Date(Math.min(...times)),
      new Date(Math.max(...times)),
    ],
  });
  const owners = new Map(rows);
  return verdicts.map((_, index) => owners.get(index + 1) ?? null);
}

/** Whether a node got these very bytes from the source since an instant. */
export async function verdictSeenSince(
  client: ClientBase,
  trustDomainId: string,
  key: { nodeId: string; sourceId: string; eventHash: string; since: Date },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM verdict
     WHERE trust_domain_id = $1 AND node_id = $2 AND observed_at >= $3 AND event_hash = decode($4, 'hex') AND source_id = $5
     LIMIT 1`,
    [trustDomainId, key.nodeId, key.since, key.eventHash, key.sourceId],
  );
  return rowCount === 1;
}

export type FoldRow = {
  observed_at: Date;
  event_hash: Buffer;
  state: LaneState;
  evidence_key: Buffer;
  outcome: Statement["outcome"];
  tier: Statement["tier"];
  vector: number[];
  coverage: Verdict["coverage"];
  reasons: Verdict["reasons"];
  measurement_digest: Buffer | null;
  kid: string | null;
};

/**
 * Verdicts of one lane for folding: those that count. What a distrusted key vouched for does not.
 *
 * @param fromMs earliest observation, inclusive; `null` = from the first one
 * @param beforeMs end of the observations, exclusive; `null` = to the last one
 */
export async function verdictsForFold(
  client: ClientBase,
  trustDomainId: string,
  lane: LaneKey,
  fromMs: number | null,
  beforeMs: number | null = null,
): Promise<FoldVerdict[]> {
  // Not prepared, so that the plan holds only the partitions that the times allow.
  const { rows } = await client.query<FoldRow>({
    text: `SELECT observed_at, event_hash, state, evidence_key, outcome, tier, vector, coverage, reasons,
        measurement_digest, kid
      FROM verdict
      WHERE trust_domain_id = $1 AND node_id = $2 AND source_id = $3 AND submod = $4
        AND observed_at >= coalesce($5::timestamptz, '-infinity')
        AND observed_at < coalesce($6::timestamptz, 'infinity')
        AND NOT EXISTS (SELECT FROM source_key k
          WHERE k.trust_domain_id = $1 AND k.source_id = $3 AND k.kid = verdict.kid
            AND (verdict.observed_at >= k.distrusted_since OR verdict.received_at >= k.distrusted_since))`,
    values: [
      trustDomainId,
      lane.nodeId,
      lane.sourceId,
      lane.submod,
      fromMs === null ? null : new Date(fromMs),
      beforeMs === null ? null : new Date(beforeMs),
    ],
  });
  return rows.map(foldVerdictOf);
}

export function foldVerdictOf(row: FoldRow): FoldVerdict {
  const vector = row.vector as unknown as Verdict["vector"];
  return {
    atMs: row.observed_at.getTime(),
    hash: row.event_hash.toString("hex"),
    state: row.state,
    evidenceKey: row.evidence_key.toString("hex"),
    reason: reasonSentence({ ...row, vector }),
    statement: {
      outcome: row.outcome,
      tier: row.tier,
      vector: row.vector,
      measurementDigest: row.measurement_digest?.toString("hex") ?? null,
      kid: row.kid,
    },
  };
}

/** Store measurement sets by content; equal ones are shared. */
export async function measurementSetInsert(
  client: ClientBase,
  trustDomainId: string,
  sets: readonly { digest: string; items: Readonly<Record<string, string>> }[],
  now: Date,
): Promise<void> {
  await insertRows(
    client,
    {
      name: "measurement_set_insert",
      table: "measurement_set",
      columns: ["trust_domain_id", "digest", "items", "created_at"],
      suffix: "ON CONFLICT DO NOTHING",
    },
    sets.map(({ digest, items }) => [trustDomainId, hexBytes(digest), JSON.stringify(items), now]),
  );
}
