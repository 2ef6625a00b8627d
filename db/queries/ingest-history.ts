/** Lanes and intervals as the ingest path reads and writes them. Raw SQL: this is the hot path. */
import type { ClientBase } from "pg";
import type { FusedInterval } from "#lib/domain/fuse";
import type { LaneInterval, Statement } from "#lib/domain/history";
import { BUILT_IN_POLICY_VERSION, type NodeState } from "#lib/domain/policy";
import type { LaneState } from "#lib/domain/trust-status";
import { hexArray, plainArray, textArray } from "./array-literal.ts";
import { insertRows, type RowValue } from "./insert-rows.ts";

/** `source_id` of a node's own line, fused from its lanes. */
export const FUSED_SOURCE_ID = "00000000-0000-0000-0000-000000000000";

export type LaneKey = { nodeId: string; sourceId: string; submod: string };

/** The hot row: the open interval of a lane, and when the lane was last heard. */
export type LaneHead = LaneKey & { open: LaneInterval; lastMs: number };

const hex = (bytes: Buffer | null) => bytes?.toString("hex") ?? null;
const bytes = (digest: string | null) => (digest === null ? null : Buffer.from(digest, "hex"));
const date = (ms: number | null) => (ms === null ? null : new Date(ms));

type LaneRow = {
  node_id: string;
  source_id: string;
  submod: string;
  state: LaneState;
  evidence_key: Buffer;
  since: Date;
  first_at: Date;
  last_at: Date;
  opening_hash: Buffer | null;
  n: string;
  roll: Buffer;
  after_failure: boolean;
  statement: Statement;
  reason: string;
};

/** Heads of the lanes of some nodes at one source. The caller holds the nodes' locks. */
export async function laneHeads(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  nodeIds: readonly string[],
): Promise<LaneHead[]> {
  const { rows } = await client.query<LaneRow>({
    name: "lane_heads",
    text: "SELECT * FROM lane WHERE trust_domain_id = $1 AND source_id = $2 AND node_id = ANY($3::uuid[])",
    values: [trustDomainId, sourceId, nodeIds],
  });
  return rows.map((row) => {
    const gap = row.opening_hash === null;
    return {
      nodeId: row.node_id,
      sourceId: row.source_id,
      submod: row.submod,
      lastMs: row.last_at.getTime(),
      open: {
        fromMs: row.since.getTime(),
        toMs: null,
        state: row.state,
        afterFailure: row.after_failure,
        evidenceKey: row.evidence_key.toString("hex"),
        reason: row.reason,
        statement: row.statement,
        hash: hex(row.opening_hash),
        n: Number(row.n),
        firstMs: gap ? null : row.first_at.getTime(),
        lastMs: gap ? null : row.last_at.getTime(),
        roll: row.roll.toString("hex"),
      },
    };
  });
}

/** As much of a lane's head as telling a repeat from news takes. */
export type LaneMark = {
  nodeId: string;
  submod: string;
  /** Hex; `""` for a gap, which no verdict repeats. */
  evidenceKey: string;
  lastMs: number;
  n: number;
  roll: string;
};

/** Marks of the lanes of some nodes at one source. The caller holds the nodes' locks. */
export async function laneMarks(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  nodeIds: readonly string[],
): Promise<LaneMark[]> {
  const { rows } = await client.query<[string, string, string, number, number, string]>({
    name: "lane_marks",
    rowMode: "array",
    text: `SELECT node_id, submod, CASE WHEN opening_hash IS NULL THEN '' ELSE encode(evidence_key, 'hex') END,
        (extract(epoch FROM last_at) * 1000)::float8, n::float8, encode(roll, 'hex')
      FROM lane WHERE trust_domain_id = $1 AND source_id = $2 AND node_id = ANY($3::uuid[])`,
    values: [trustDomainId, sourceId, plainArray(nodeIds)],
  });
  return rows.map(([nodeId, submod, evidenceKey, lastMs, n, roll]) => ({
    nodeId,
    submod,
    evidenceKey,
    lastMs,
    n,
    roll,
  }));
}

/** Count repeats of the current statement: nothing but counters of the hot row moves. */
export async function laneBump(
  client: ClientBase,
  trustDomainId: string,
  lanes: readonly (LaneKey & { n: number; lastMs: number; roll: string })[],
): Promise<void> {
  if (lanes.length === 0) return;
  await client.query({
    name: "lane_bump",
    text: `UPDATE lane SET n = v.n, last_at = v.last_at, roll = v.roll
      FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[], $7::bytea[])
        AS v(node_id, source_id, submod, n, last_at, roll)
      WHERE lane.trust_domain_id = $1 AND lane.node_id = v.node_id
        AND lane.source_id = v.source_id AND lane.submod = v.submod`,
    values: [
      trustDomainId,
      plainArray(lanes.map(({ nodeId }) => nodeId)),
      plainArray(lanes.map(({ sourceId }) => sourceId)),
      textArray(lanes.map(({ submod }) => submod)),
      plainArray(lanes.map(({ n }) => n)),
      plainArray(lanes.map(({ lastMs }) => new Date(lastMs).toISOString())),
      hexArray(lanes.map(({ roll }) => roll)),
    ],
  });
}

const LANE_COLUMNS = [
  "trust_domain_id",
  "node_id",
  "source_id",
  "submod",
  "state",
  "evidence_key",
  "since",
  "first_at",
  "last_at",
  "opening_hash",
  "n",
  "roll",
  "after_failure",
  "statement",
  "reason",
] as const;

/** Write heads of lanes whose open interval changed. */
export async function laneUpsert(
  client: ClientBase,
  trustDomainId: string,
  heads: readonly LaneHead[],
): Promise<void> {
  const set = LANE_COLUMNS.slice(4).map((column) => `${column} = EXCLUDED.${column}`);
  await insertRows(
    client,
    {
      name: "lane_upsert",
      table: "lane",
      columns: LANE_COLUMNS,
      suffix: `ON CONFLICT (trust_domain_id, node_id, source_id, submod) DO UPDATE SET ${set.join(", ")}`,
    },
    heads.map(({ nodeId, sourceId, submod, open, lastMs }) => [
      trustDomainId,
      nodeId,
      sourceId,
      submod,
      open.state,
      bytes(open.evidenceKey),
      new Date(open.fromMs),
      new Date(open.firstMs ?? open.fromMs),
      new Date(lastMs),
      bytes(open.hash),
      open.n,
      bytes(open.roll),
      open.afterFailure,
      JSON.stringify(open.statement),
      open.reason,
    ]),
  );
}

type IntervalRow = {
  node_id: string;
  source_id: string;
  submod: string;
  valid_from: Date;
  valid_to: Date | null;
  state: LaneState;
  reason: string;
  evidence_key: Buffer;
  outcome: Statement["outcome"];
  tier: Statement["tier"];
  vector: number[];
  measurement_digest: Buffer | null;
  kid: string | null;
  event_hash: Buffer | null;
  n: string;
  first_at: Date | null;
  last_at: Date | null;
  roll: Buffer;
  after_failure: boolean;
};

/** Everything currently believed about the lanes of some nodes, oldest first. */
export async function laneIntervals(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<(LaneKey & { interval: LaneInterval })[]> {
  const { rows } = await client.query<IntervalRow>({
    name: "lane_intervals",
    text: `SELECT * FROM trust_interval
      WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND recorded_to IS NULL
        AND source_id <> '${FUSED_SOURCE_ID}'
      ORDER BY node_id, source_id, submod, valid_from`,
    values: [trustDomainId, nodeIds],
  });
  return rows.map((row) => ({
    nodeId: row.node_id,
    sourceId: row.source_id,
    submod: row.submod,
    interval: {
      fromMs: row.valid_from.getTime(),
      toMs: row.valid_to?.getTime() ?? null,
      state: row.state,
      afterFailure: row.after_failure,
      evidenceKey: row.evidence_key.toString("hex"),
      reason: row.reason,
      statement: {
        outcome: row.outcome,
        tier: row.tier,
        vector: row.vector,
        measurementDigest: hex(row.measurement_digest),
        kid: row.kid,
      },
      hash: hex(row.event_hash),
      n: Number(row.n),
      firstMs: row.first_at?.getTime() ?? null,
      lastMs: row.last_at?.getTime() ?? null,
      roll: row.roll.toString("hex"),
    },
  }));
}

type FusedRow = Pick<IntervalRow, "node_id" | "valid_from" | "valid_to" | "reason"> & {
  state: NodeState;
  policy_version: string | null;
};

/** Everything currently believed about the nodes' own lines, oldest first. */
export async function fusedIntervals(
  client: ClientBase,
  trustDomainId: string,
  nodeIds: readonly string[],
): Promise<(FusedInterval & { nodeId: string })[]> {
  const { rows } = await client.query<FusedRow>({
    name: "fused_intervals",
    text: `SELECT node_id, valid_from, valid_to, state, reason, policy_version FROM trust_interval
      WHERE trust_domain_id = $1 AND node_id = ANY($2::uuid[]) AND recorded_to IS NULL
        AND source_id = '${FUSED_SOURCE_ID}'
      ORDER BY node_id, valid_from`,
    values: [trustDomainId, nodeIds],
  });
  return rows.map((row) => ({
    nodeId: row.node_id,
    fromMs: row.valid_from.getTime(),
    toMs: row.valid_to?.getTime() ?? null,
    state: row.state,
    reason: row.reason,
    policyVersion: row.policy_version ?? BUILT_IN_POLICY_VERSION,
  }));
}

/** An interval to write: a lane's (`hash`, counts, statement) or the fused line's (all of them empty). */
export type IntervalWrite = LaneKey & { recordedMs: number; interval: LaneInterval | FusedInterval };

const INTERVAL_COLUMNS = [
  "trust_domain_id",
  "node_id",
  "source_id",
  "submod",
  "valid_from",
  "recorded_from",
  "valid_to",
  "state",
  "reason",
  "evidence_key",
  "outcome",
  "tier",
  "vector",
  "measurement_digest",
  "kid",
  "event_hash",
  "n",
  "first_at",
  "last_at",
  "roll",
  "after_failure",
  "policy_version",
] as const;

/** Add intervals as of their recording time. */
export async function intervalInsert(
  client: ClientBase,
  trustDomainId: string,
  writes: readonly IntervalWrite[],
): Promise<void> {
  await insertRows(
    client,
    { name: "interval_insert", table: "trust_interval", columns: INTERVAL_COLUMNS, suffix: "" },
    writes.map(({ nodeId, sourceId, submod, recordedMs, interval }): RowValue[] => {
      const lane = "statement" in interval ? interval : null;
      return [
        trustDomainId,
        nodeId,
        sourceId,
        submod,
        new Date(interval.fromMs),
        new Date(recordedMs),
        date(interval.toMs),
        interval.state,
        interval.reason,
        bytes(lane?.evidenceKey ?? ""),
        lane?.statement.outcome ?? null,
        lane?.statement.tier ?? null,
        lane?.statement.vector ?? null,
        bytes(lane?.statement.measurementDigest ?? null),
        lane?.statement.kid ?? null,
        bytes(lane?.hash ?? null),
        lane?.n ?? 0,
        date(lane?.firstMs ?? null),
        date(lane?.lastMs ?? null),
        bytes(lane?.roll ?? ""),
        lane?.afterFailure ?? false,
        "policyVersion" in interval ? interval.policyVersion : null,
      ];
    }),
  );
}

/** An interval that is no longer believed. `counts` completes a row that was open until now. */
export type IntervalSupersede = LaneKey & {
  recordedMs: number;
  fromMs: number;
  counts: { n: number; lastMs: number | null; roll: string } | null;
};

/** Close the recording of intervals; their rows stay for whoever asks what was known then. */
export async function intervalSupersede(
  client: ClientBase,
  trustDomainId: string,
  rows: readonly IntervalSupersede[],
): Promise<void> {
  if (rows.length === 0) return;
  await client.query({
    name: "interval_supersede",
    text: `UPDATE trust_interval AS i
      SET recorded_to = v.recorded_to,
        n = coalesce(v.n, i.n), last_at = coalesce(v.last_at, i.last_at), roll = coalesce(decode(v.roll, 'hex'), i.roll)
      FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::timestamptz[], $9::text[])
        AS v(node_id, source_id, submod, valid_from, recorded_to, n, last_at, roll)
      WHERE i.trust_domain_id = $1 AND i.node_id = v.node_id AND i.source_id = v.source_id
        AND i.submod = v.submod AND i.valid_from = v.valid_from AND i.recorded_to IS NULL`,
    values: [
      trustDomainId,
      rows.map(({ nodeId }) => nodeId),
      rows.map(({ sourceId }) => sourceId),
      rows.map(({ submod }) => submod),
      rows.map(({ fromMs }) => new Date(fromMs).toISOString()),
      rows.map(({ recordedMs }) => new Date(recordedMs).toISOString()),
      rows.map(({ counts }) => counts?.n ?? null),
      rows.map(({ counts }) => (counts?.lastMs ? new Date(counts.lastMs).toISOString() : null)),
      rows.map(({ counts }) => counts?.roll ?? null),
    ],
  });
}
