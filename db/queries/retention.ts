/** Partitions of the verdict log, and what is taken over before one is dropped. */
import type { ClientBase, Pool } from "pg";
import type { SilenceLimit } from "#lib/domain/cadence";
import type { LaneInterval } from "#lib/domain/history";
import type { Horizon } from "#lib/domain/horizon";
import type { LaneKey } from "./ingest-history.ts";
import { type LimitColumns, limitOfColumns } from "./limit.ts";

/** No installation may keep less: younger verdicts need not be asked about. Days. */
export const MIN_VERDICT_DAYS = 7;

export type RetentionSettings = { verdictDays: number; rawDays: number; retainedSince: Date | null };

type Conn = ClientBase | Pool;

export async function retentionRead(conn: Conn): Promise<RetentionSettings> {
  const { rows } = await conn.query<{ verdict_days: number; raw_days: number; retained_since: Date | null }>(
    "SELECT verdict_days, raw_days, retained_since FROM retention",
  );
  const [row] = rows;
  if (!row) throw new Error("The retention setting is missing");
  return { verdictDays: row.verdict_days, rawDays: row.raw_days, retainedSince: row.retained_since };
}

/** From here on, verdicts observed before `since` are refused. It never moves back. */
export async function retainedSinceRaise(conn: Conn, since: Date): Promise<Date> {
  const { rows } = await conn.query<{ since: Date }>(
    "UPDATE retention SET retained_since = greatest(retained_since, $1) RETURNING retained_since AS since",
    [since],
  );
  return rows[0]?.since ?? since;
}

/** Make room for the verdicts of these UTC days (`YYYY-MM-DD`). Runs outside the batch's transaction. */
export async function ensureVerdictDays(pool: Pool, days: readonly string[], now: Date): Promise<void> {
  const today = now.toISOString().slice(0, 10);
  for (const day of days) await pool.query("SELECT ensure_verdict_day($1, $2)", [day, today]);
}

export type VerdictPartition = { name: string; fromAt: Date; toAt: Date; rawDropped: boolean };

/** All partitions, oldest first. */
export async function verdictPartitions(conn: Conn): Promise<VerdictPartition[]> {
  const { rows } = await conn.query<{ name: string; from_at: Date; to_at: Date; raw_dropped: boolean }>(
    "SELECT name, from_at, to_at, raw_dropped_at IS NOT NULL AS raw_dropped FROM verdict_partition ORDER BY from_at",
  );
  return rows.map((row) => ({
    name: row.name,
    fromAt: row.from_at,
    toAt: row.to_at,
    rawDropped: row.raw_dropped,
  }));
}

/** When the partition got its latest row; `null` when it is empty. */
export async function partitionLastReceipt(conn: Conn, name: string): Promise<Date | null> {
  const { rows } = await conn.query<{ at: Date | null }>(
    `SELECT max(received_at) AS at FROM ${quoted(name)}`,
  );
  return rows[0]?.at ?? null;
}

/** Wait for whoever writes into the partition, and let nobody begin to. Until the transaction ends. */
export async function partitionFreeze(client: ClientBase, name: string): Promise<void> {
  await client.query(`LOCK TABLE ${quoted(name)} IN SHARE MODE`);
}

export type PartitionLane = LaneKey & { trustDomainId: string; limit: SilenceLimit };

/** Lanes with verdicts in the partition, in order, after `after`. */
export async function partitionLanes(
  client: ClientBase,
  name: string,
  after: PartitionLane | null,
  limit: number,
): Promise<PartitionLane[]> {
  const { rows } = await client.query<
    {
      trust_domain_id: string;
      node_id: string;
      source_id: string;
      submod: string;
    } & LimitColumns
  >(
    `SELECT v.*, s.stale_after_ms, s.limit_from_ms, s.limit_ms
     FROM (
       SELECT DISTINCT trust_domain_id, node_id, source_id, submod FROM ${quoted(name)}
       WHERE $1::uuid IS NULL OR (trust_domain_id, node_id, source_id, submod) > ($1, $2::uuid, $3::uuid, $4::text)
       ORDER BY trust_domain_id, node_id, source_id, submod LIMIT $5
     ) v
     JOIN source s ON s.trust_domain_id = v.trust_domain_id AND s.id = v.source_id
     ORDER BY v.trust_domain_id, v.node_id, v.source_id, v.submod`,
    after
      ? [after.trustDomainId, after.nodeId, after.sourceId, after.submod, limit]
      : [null, null, null, null, limit],
  );
  return rows.map((row) => ({
    trustDomainId: row.trust_domain_id,
    nodeId: row.node_id,
    sourceId: row.source_id,
    submod: row.submod,
    limit: limitOfColumns(row),
  }));
}

type BaseRow = { through_at: Date; open: LaneInterval };

const baseOf = ({ through_at, open }: BaseRow): Horizon => ({ throughMs: through_at.getTime(), open });

const FIND_BASE = `SELECT through_at, open FROM lane_base
  WHERE trust_domain_id = $1 AND node_id = $2 AND source_id = $3 AND submod = $4`;

/** Where the fold of a lane goes on from; `throughMs` is the first instant that is not in it. */
export async function laneBaseFind(
  client: ClientBase,
  trustDomainId: string,
  { nodeId, sourceId, submod }: LaneKey,
): Promise<Horizon | null> {
  const { rows } = await client.query<BaseRow>({
    name: "lane_base_find",
    text: FIND_BASE,
    values: [trustDomainId, nodeId, sourceId, submod],
  });
  return rows[0] ? baseOf(rows[0]) : null;
}

/** The same, held until the transaction ends: nobody voids what is folded on from meanwhile. */
export async function laneBaseLock(
  client: ClientBase,
  trustDomainId: string,
  { nodeId, sourceId, submod }: LaneKey,
): Promise<Horizon | null> {
  const values = [trustDomainId, nodeId, sourceId, submod];
  const { rows } = await client.query<BaseRow>({
    name: "lane_base_lock",
    text: `${FIND_BASE} FOR UPDATE`,
    values,
  });
  return rows[0] ? baseOf(rows[0]) : null;
}

/** The bases of some nodes' lanes at one source. */
export async function laneBases(
  client: ClientBase,
  trustDomainId: string,
  sourceId: string,
  nodeIds: readonly string[],
): Promise<(Pick<LaneKey, "nodeId" | "submod"> & { base: Horizon })[]> {
  const { rows } = await client.query<BaseRow & { node_id: string; submod: string }>({
    name: "lane_bases",
    text: `SELECT node_id, submod, through_at, open FROM lane_base
      WHERE trust_domain_id = $1 AND source_id = $2 AND node_id = ANY($3::uuid[]) ORDER BY node_id, submod`,
    values: [trustDomainId, sourceId, nodeIds],
  });
  return rows.map((row) => ({ nodeId: row.node_id, submod: row.submod, base: baseOf(row) }));
}

export async function laneBaseUpsert(
  client: ClientBase,
  trustDomainId: string,
  { nodeId, sourceId, submod }: LaneKey,
  { throughMs, open }: Horizon,
): Promise<void> {
  await client.query({
    name: "lane_base_upsert",
    text: `INSERT INTO lane_base VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (trust_domain_id, node_id, source_id, submod)
      DO UPDATE SET through_at = EXCLUDED.through_at, open = EXCLUDED.open`,
    values: [trustDomainId, nodeId, sourceId, submod, new Date(throughMs), JSON.stringify(open)],
  });
}

/** A row that some interval, believed or not any more, begins with. */
const OPENS_AN_INTERVAL = `EXISTS (SELECT FROM trust_interval i
  WHERE i.trust_domain_id = v.trust_domain_id AND i.node_id = v.node_id AND i.source_id = v.source_id
    AND i.submod = v.submod AND i.valid_from = v.observed_at AND i.event_hash = v.event_hash)`;

/** Copy the rows behind state changes, and the digests of all, to where they stay. */
export async function partitionTakeOver(client: ClientBase, name: string): Promise<void> {
  await client.query(
    `INSERT INTO verdict_kept SELECT v.* FROM ${quoted(name)} v WHERE ${OPENS_AN_INTERVAL}
     ON CONFLICT DO NOTHING`,
  );
  // And for each key that vouched late in a lane, the row that came in last: it tells, should the key
  // ever be distrusted, that something of this time may have been dated back (db/queries/distrust.ts).
  await client.query(
    `INSERT INTO verdict_kept SELECT DISTINCT ON (trust_domain_id, node_id, source_id, submod, kid) v.*
     FROM ${quoted(name)} v WHERE kid IS NOT NULL AND received_at - observed_at > interval '1 hour'
     ORDER BY trust_domain_id, node_id, source_id, submod, kid, received_at DESC
     ON CONFLICT DO NOTHING`,
  );
  // In the order of the fold: time, then severity, then hash (lib/domain/history.ts).
  await client.query(
    `INSERT INTO verdict_digest AS d
     SELECT trust_domain_id, node_id, source_id, submod, (observed_at AT TIME ZONE 'UTC')::date,
       string_agg(raw_sha256, ''::bytea ORDER BY observed_at,
         array_position(ARRAY['pending', 'trusted', 'stale', 'degraded', 'failed'], state), event_hash)
     FROM ${quoted(name)} GROUP BY 1, 2, 3, 4, 5
     ON CONFLICT (trust_domain_id, node_id, source_id, submod, day)
     DO UPDATE SET digests = d.digests || EXCLUDED.digests`,
  );
}

/** Drop a partition. Gives up soon when somebody reads the log for long: everybody else would wait. */
export async function partitionDrop(client: ClientBase, name: string): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = '2s'; DROP TABLE ${quoted(name)}`);
  await client.query("DELETE FROM verdict_partition WHERE name = $1", [name]);
}

/** Give back the room of received bytes that no interval begins with. Readers wait only at the end. */
export async function partitionDropRaw(
  client: ClientBase,
  { name, fromAt, toAt }: VerdictPartition,
  now: Date,
): Promise<void> {
  const slim = quoted(`${name}_slim`);
  const columns = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = 'verdict'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
  );
  const values = columns.rows.map((column) =>
    column.name === "raw" ? `CASE WHEN ${OPENS_AN_INTERVAL} THEN v.raw END` : `v.${column.name}`,
  );
  await partitionFreeze(client, name);
  await client.query(`CREATE TABLE ${slim} (LIKE verdict INCLUDING ALL)`);
  await client.query(`INSERT INTO ${slim} SELECT ${values.join(", ")} FROM ${quoted(name)} v`);
  // With this constraint attaching reads no row.
  const bounds = `observed_at >= '${fromAt.toISOString()}' AND observed_at < '${toAt.toISOString()}'`;
  await client.query(`ALTER TABLE ${slim} ADD CONSTRAINT bounds CHECK (${bounds})`);
  await client.query(`SET LOCAL lock_timeout = '2s'; DROP TABLE ${quoted(name)}`);
  await client.query(`ALTER TABLE ${slim} RENAME TO ${quoted(name)}`);
  await client.query(
    `ALTER TABLE verdict ATTACH PARTITION ${quoted(name)}
     FOR VALUES FROM ('${fromAt.toISOString()}') TO ('${toAt.toISOString()}')`,
  );
  await client.query(`ALTER TABLE ${quoted(name)} DROP CONSTRAINT bounds`);
  await client.query("UPDATE verdict_partition SET raw_dropped_at = $2 WHERE name = $1", [name, now]);
}

/** Names come from our own table; whatever else might stand there never becomes SQL. */
function quoted(name: string): string {
  if (!/^verdict_\d{6}(\d\d)?(_slim)?$/.test(name)) throw new Error("Not a partition of the verdict log");
  return `"${name}"`;
}
