/**
 * Takes the entries of a trust domain into its log and signs a checkpoint, in one transaction.
 *
 * Entries are written by whoever changes something, side by side; only here do they get their order, under
 * the lock of the log's row. An entry whose transaction commits late is taken in late, never lost: it waits in
 * `audit_pending` until it is in the tree.
 */
import type { Db, Tx } from "#db/client";
import { auditLeafHash } from "#db/queries/audit";
import {
  type CheckpointRow,
  checkpointAt,
  checkpointInsert,
  checkpointLatest,
  checkpointsAfter,
  type LogRow,
  leafInsertAll,
  leafList,
  logLock,
  logMove,
  type PendingRow,
  pendingDelete,
  pendingList,
  tileHashInsertAll,
} from "#db/queries/audit-log";
import type { Sealer } from "#db/sealing";
import { joined, sameBytes } from "#lib/domain/merkle/bytes";
import { append, type Frontier, rootOfFrontier } from "#lib/domain/merkle/tree";
import { appendCheckpoints, checkpointFile, lastCheckpoint } from "./checkpoint-file.ts";
import { sha256 } from "./crypto.ts";
import { signCheckpoint, signingLogKeys } from "./log-keys.ts";

/** Most entries per checkpoint. */
const CHECKPOINT_ENTRIES = 1_000;
const HASH_BYTES = 32;
/** Levels of the tree per level of tiles. */
const TILE_HEIGHT = 8;
/** Checkpoints that are copied to the file at a time. */
const FILE_BATCH = 100;

export type LogKeeper = { db: Db; sealer: Sealer; dataDir: string; now: () => Date };

/** The log contradicts what is remembered outside the database. Nothing is signed until somebody has looked. */
export class LogContradiction extends Error {
  override readonly name = "LogContradiction";
}

/** The log's name, for ever: it must not change with the address of the installation. */
export const originOf = (trustDomainId: string): string => `touchstone.log/${trustDomainId}`;

/**
 * Take in what waits and sign, then bring the file up to date.
 *
 * @returns entries taken in; `full` when more may wait
 * @throws {LogContradiction} when the file knows another past, see {@link contradiction}
 */
export async function takeIn(
  { db, sealer, dataDir, now }: LogKeeper,
  trustDomainId: string,
): Promise<{ taken: number; full: boolean }> {
  const path = checkpointFile(dataDir, trustDomainId);
  const at = now();
  const taken = await db.transaction(async (tx) => {
    const log = await logLock(tx, {
      trustDomainId,
      origin: originOf(trustDomainId),
      size: 0,
      peaks: Buffer.alloc(0),
      createdAt: at,
    });
    const problem = (await contradiction(tx, path, trustDomainId)) ?? (await frontierProblem(tx, log));
    if (problem !== null) throw new LogContradiction(problem);
    const waiting = await pendingList(tx, trustDomainId, CHECKPOINT_ENTRIES);
    if (waiting.length === 0) return 0;
    const { frontier } = await extend(tx, log, waiting);
    const root = rootOfFrontier(sha256, frontier);
    const { origin } = log;
    const keys = await signingLogKeys(tx, sealer, { trustDomainId, origin, now: at });
    const note = signCheckpoint(sealer, keys, { origin, size: frontier.size, root });
    await checkpointInsert(tx, { trustDomainId, size: frontier.size, root: Buffer.from(root), note, at });
    return waiting.length;
  });
  await copyToFile(db, path, trustDomainId);
  return { taken, full: taken === CHECKPOINT_ENTRIES };
}

async function extend(tx: Tx, log: LogRow, waiting: readonly PendingRow[]): Promise<{ frontier: Frontier }> {
  const { trustDomainId } = log;
  let frontier = frontierOf(log);
  const leaves = waiting.map(({ entryId, leafHash, entry }, n) => {
    // What was settled when the entry was written counts, not what stands in its row by now.
    const settled = leafHash ?? (entry && auditLeafHash(entry)) ?? Buffer.from(sha256(new Uint8Array()));
    return { trustDomainId, leafIndex: log.size + n, entryId, leafHash: settled };
  });
  const tileHashes: Parameters<typeof tileHashInsertAll>[1][number][] = [];
  for (const { leafHash } of leaves) {
    frontier = append(sha256, frontier, leafHash, ({ level, index }, value) => {
      if (level === 0 || level % TILE_HEIGHT !== 0) return;
      const hash = Buffer.from(value);
      tileHashes.push({ trustDomainId, level: level / TILE_HEIGHT, position: index, hash });
    });
  }
  await leafInsertAll(tx, leaves);
  await tileHashInsertAll(tx, tileHashes);
  await logMove(tx, { trustDomainId, size: frontier.size, peaks: Buffer.from(joined(frontier.peaks)) });
  await pendingDelete(
    tx,
    trustDomainId,
    waiting.map(({ entryId }) => entryId),
  );
  return { frontier };
}

function frontierOf({ size, peaks }: Pick<LogRow, "size" | "peaks">): Frontier {
  const count = Math.floor(peaks.length / HASH_BYTES);
  return {
    size,
    peaks: Array.from({ length: count }, (_, n) => peaks.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES)),
  };
}

/** Where the log goes on from must be what it signed last. */
async function frontierProblem(tx: Tx, log: LogRow): Promise<string | null> {
  const last = await checkpointLatest(tx, log.trustDomainId);
  const { size = 0, root = null } = last ?? {};
  if (size !== log.size) return `the log has ${log.size} entries, its last checkpoint ${size}`;
  const here = rootOfFrontier(sha256, frontierOf(log));
  return root && !sameBytes(here, root) ? `the log is not the one of its last checkpoint, ${size}` : null;
}

/**
 * How the database contradicts the file of checkpoints; `null` = it does not.
 *
 * A file that lags behind is no contradiction: it is written after the database, and other machines sign, too.
 */
export async function contradiction(
  conn: Db | Tx,
  path: string,
  trustDomainId: string,
): Promise<string | null> {
  const remembered = await lastCheckpoint(path);
  if (!remembered) return null;
  const latest = await checkpointLatest(conn, trustDomainId);
  if ((latest?.size ?? 0) < remembered.size) {
    return `the log was set back: it has ${latest?.size ?? 0} entries, and had ${remembered.size}`;
  }
  const same = await checkpointAt(conn, trustDomainId, remembered.size);
  return same && sameBytes(same.root, remembered.root)
    ? null
    : `the log was forked: its first ${remembered.size} entries are others than those that were signed`;
}

/** Append to the file what it lacks. */
async function copyToFile(db: Db, path: string, trustDomainId: string): Promise<void> {
  let size = (await lastCheckpoint(path))?.size ?? 0;
  for (;;) {
    const rows = await checkpointsAfter(db, trustDomainId, { after: size, limit: FILE_BATCH });
    if (rows.length === 0) return;
    for (const row of rows) {
      await appendCheckpoints(path, [await lineOf(db, row, size)]);
      size = row.size;
    }
  }
}

async function lineOf(db: Db, { trustDomainId, size, note }: CheckpointRow, from: number) {
  const leaves = await leafList(db, trustDomainId, { start: from, end: size });
  return { note, from, leaves: Buffer.concat(leaves.map(({ leafHash }) => leafHash)) };
}
