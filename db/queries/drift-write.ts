/** Drift as the fold stores it: bitemporal stretches of lanes and of single findings. */
import type { SqlClient } from "#db/transaction";
import type { ClassifiedFinding } from "#lib/domain/drift-classify";
import type { DriftStretch, FindingStretch } from "#lib/domain/drift-fold";
import { hexArray, plainArray, textArray } from "./array-literal.ts";
import type { LaneKey } from "./ingest-history.ts";
import { insertRows, type RowValue } from "./insert-rows.ts";

type Since = readonly { nodeId: string; fromMs: number }[];

/** A finding in its stretch, with the fingerprint that it is stored under. */
export type StoredFinding = FindingStretch & { fingerprint: string };

/** Believed intervals of nodes that end at or after an instant, each node's own. Without their findings. */
export async function storedIntervals(
  client: SqlClient,
  trustDomainId: string,
  nodes: Since,
): Promise<(LaneKey & DriftStretch)[]> {
  const { rows } = await client.query<{
    node_id: string;
    source_id: string;
    submod: string;
    valid_from: Date;
    valid_to: Date | null;
    worst: DriftStretch["assessment"]["worst"];
    effect: DriftStretch["assessment"]["effect"];
    score: number;
    findings: DriftStretch["assessment"]["findings"];
    reason: string;
    baselines: DriftStretch["assessment"]["baselines"];
    digest: string;
    setting_version: number;
  }>(
    `SELECT d.node_id, d.source_id, d.submod, d.valid_from, d.valid_to, d.worst, d.effect, d.score, d.findings,
       d.reason, d.baselines, encode(d.measurement_digest, 'hex') AS digest, d.setting_version
     FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, from_at)
     JOIN drift_interval d ON d.trust_domain_id = $1 AND d.node_id = v.node_id AND d.recorded_to IS NULL
       AND (d.valid_to IS NULL OR d.valid_to >= v.from_at)
     ORDER BY d.node_id, d.source_id, d.submod, d.valid_from`,
    sinceValues(trustDomainId, nodes),
  );
  return rows.map(({ worst, effect, score, findings, reason, baselines, ...row }) => ({
    nodeId: row.node_id,
    sourceId: row.source_id,
    submod: row.submod,
    fromMs: row.valid_from.getTime(),
    toMs: row.valid_to?.getTime() ?? null,
    digest: row.digest,
    settingVersion: row.setting_version,
    assessment: { worst, effect, score, findings, reason, baselines, list: [] },
  }));
}

/** Believed findings of nodes that end at or after an instant, each node's own. */
export async function storedFindings(
  client: SqlClient,
  trustDomainId: string,
  nodes: Since,
): Promise<(LaneKey & StoredFinding)[]> {
  const { rows } = await client.query<
    ClassifiedFinding & LaneKey & { valid_from: Date; valid_to: Date | null; fingerprint: string }
  >(
    `SELECT d.node_id AS "nodeId", d.source_id AS "sourceId", d.submod, d.valid_from, d.valid_to,
       encode(d.fingerprint, 'hex') AS fingerprint, d.baseline_id AS "baselineId",
       d.baseline_version AS "baselineVersion", d.path, d.kind, d.layer, d.expected, d.actual, d.class, d.rule,
       d.why, d.effect, d.score, d.exception_id AS "exceptionId", d.window_id AS "windowId"
     FROM unnest($2::uuid[], $3::timestamptz[]) AS v(node_id, from_at)
     JOIN drift_finding d ON d.trust_domain_id = $1 AND d.node_id = v.node_id AND d.recorded_to IS NULL
       AND (d.valid_to IS NULL OR d.valid_to >= v.from_at)
     ORDER BY d.node_id, d.source_id, d.submod, d.valid_from, d.fingerprint`,
    sinceValues(trustDomainId, nodes),
  );
  return rows.map(({ nodeId, sourceId, submod, valid_from, valid_to, fingerprint, ...finding }) => ({
    nodeId,
    sourceId,
    submod,
    fromMs: valid_from.getTime(),
    toMs: valid_to?.getTime() ?? null,
    fingerprint,
    finding,
  }));
}

const sinceValues = (trustDomainId: string, nodes: Since) => [
  trustDomainId,
  plainArray(nodes.map(({ nodeId }) => nodeId)),
  plainArray(nodes.map(({ fromMs }) => new Date(fromMs).toISOString())),
];

type Recorded = LaneKey & { recordedMs: number };

/** Stop believing stretches; their rows stay for whoever asks what was known then. */
export async function driftSupersede(
  client: SqlClient,
  trustDomainId: string,
  {
    intervals,
    findings,
  }: {
    intervals: readonly (Recorded & { fromMs: number })[];
    findings: readonly (Recorded & { fromMs: number; fingerprint: string })[];
  },
): Promise<void> {
  if (intervals.length > 0) {
    await client.query(
      `UPDATE drift_interval d SET recorded_to = v.recorded_to
       FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[])
         AS v(node_id, source_id, submod, valid_from, recorded_to)
       WHERE d.trust_domain_id = $1 AND d.node_id = v.node_id AND d.source_id = v.source_id
         AND d.submod = v.submod AND d.valid_from = v.valid_from AND d.recorded_to IS NULL`,
      [trustDomainId, ...keyArrays(intervals)],
    );
  }
  if (findings.length > 0) {
    await client.query(
      `UPDATE drift_finding d SET recorded_to = v.recorded_to
       FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::bytea[])
         AS v(node_id, source_id, submod, valid_from, recorded_to, fingerprint)
       WHERE d.trust_domain_id = $1 AND d.node_id = v.node_id AND d.source_id = v.source_id
         AND d.submod = v.submod AND d.valid_from = v.valid_from AND d.fingerprint = v.fingerprint
         AND d.recorded_to IS NULL`,
      [trustDomainId, ...keyArrays(findings), hexArray(findings.map(({ fingerprint }) => fingerprint))],
    );
  }
}

const keyArrays = (rows: readonly (Recorded & { fromMs: number })[]) => [
  plainArray(rows.map(({ nodeId }) => nodeId)),
  plainArray(rows.map(({ sourceId }) => sourceId)),
  textArray(rows.map(({ submod }) => submod)),
  plainArray(rows.map(({ fromMs }) => new Date(fromMs).toISOString())),
  plainArray(rows.map(({ recordedMs }) => new Date(recordedMs).toISOString())),
];

const LANE_COLUMNS = [
  "trust_domain_id",
  "node_id",
  "source_id",
  "submod",
  "valid_from",
  "valid_to",
  "recorded_from",
] as const;

const laneValues = (
  trustDomainId: string,
  { nodeId, sourceId, submod, fromMs, toMs, recordedMs }: Recorded & { fromMs: number; toMs: number | null },
): RowValue[] => [
  trustDomainId,
  nodeId,
  sourceId,
  submod,
  new Date(fromMs),
  toMs === null ? null : new Date(toMs),
  new Date(recordedMs),
];

/** Add stretches as of their recording time. */
export async function driftInsert(
  client: SqlClient,
  trustDomainId: string,
  {
    intervals,
    findings,
  }: {
    intervals: readonly (Recorded & DriftStretch)[];
    findings: readonly (Recorded & StoredFinding)[];
  },
): Promise<void> {
  await insertRows(
    client,
    {
      name: "drift_interval_insert",
      table: "drift_interval",
      columns: [
        ...LANE_COLUMNS,
        "worst",
        "effect",
        "score",
        "findings",
        "reason",
        "baselines",
        "measurement_digest",
        "setting_version",
      ],
      suffix: "",
    },
    intervals.map((interval): RowValue[] => {
      const { worst, effect, score, findings: counts, reason, baselines } = interval.assessment;
      return [
        ...laneValues(trustDomainId, interval),
        worst,
        effect,
        score,
        JSON.stringify(counts),
        reason,
        JSON.stringify(baselines),
        Buffer.from(interval.digest, "hex"),
        interval.settingVersion,
      ];
    }),
  );
  await insertRows(
    client,
    {
      name: "drift_finding_insert",
      table: "drift_finding",
      columns: [
        ...LANE_COLUMNS,
        "fingerprint",
        "baseline_id",
        "baseline_version",
        "path",
        "kind",
        "layer",
        "expected",
        "actual",
        "class",
        "rule",
        "why",
        "effect",
        "score",
        "exception_id",
        "window_id",
      ],
      suffix: "",
    },
    findings.map((row): RowValue[] => [
      ...laneValues(trustDomainId, row),
      Buffer.from(row.fingerprint, "hex"),
      ...findingValues(row.finding),
    ]),
  );
}

function findingValues(finding: ClassifiedFinding): RowValue[] {
  return [
    finding.baselineId,
    finding.baselineVersion,
    finding.path,
    finding.kind,
    finding.layer,
    finding.expected,
    finding.actual,
    finding.class,
    finding.rule,
    finding.why,
    finding.effect,
    finding.score,
    finding.exceptionId,
    finding.windowId,
  ];
}

/** Count findings that exceptions decided. */
export async function exceptionMatched(
  client: SqlClient,
  trustDomainId: string,
  matches: ReadonlyMap<string, { n: number; lastMs: number }>,
): Promise<void> {
  if (matches.size === 0) return;
  const sorted = [...matches].sort(([a], [b]) => (a < b ? -1 : 1));
  await client.query(
    `UPDATE drift_exception e SET matches = e.matches + v.n,
       last_match_at = greatest(e.last_match_at, v.last_at)
     FROM unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) AS v(id, n, last_at)
     WHERE e.trust_domain_id = $1 AND e.id = v.id`,
    [
      trustDomainId,
      plainArray(sorted.map(([id]) => id)),
      plainArray(sorted.map(([, { n }]) => n)),
      plainArray(sorted.map(([, { lastMs }]) => new Date(lastMs).toISOString())),
    ],
  );
}
