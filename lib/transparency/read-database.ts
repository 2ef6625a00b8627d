/** A log as it stands in the database, for the check, with what the checkpoint file remembers. */
import type { Conn, Db } from "#db/client";
import { auditLeafBytes } from "#db/queries/audit";
import { checkpointsAfter, leafEntries, logKeys, logRead, strayEntry } from "#db/queries/audit-log";
import { parseVkey } from "#lib/domain/merkle/note";
import { checkpointFileSize, checkpointOf, readCheckpointFile } from "./checkpoint-file.ts";
import { sha256 } from "./crypto.ts";
import { givenCheckpoints, merged, type Sized } from "./merge-checkpoints.ts";
import { originOf } from "./take-in.ts";
import { type FoundLeaf, type Known, type Verification, verifyLog } from "./verify.ts";

const BATCH = 1_000;
const HASH_BYTES = 32;

/** Without `vkeys` those in the database are believed, which whoever holds it could replace. */
type Options = { file: string } & Known;

/** Check the log of a trust domain as it is at one instant, while others go on writing. */
export function verifyDatabase(db: Db, trustDomainId: string, options: Options): Promise<Verification> {
  return db.transaction((tx) => verifySnapshot(tx, trustDomainId, options), {
    isolationLevel: "repeatable read",
    accessMode: "read only",
  });
}

/** The same on a connection that sees one instant already. */
export async function verifySnapshot(
  conn: Conn,
  trustDomainId: string,
  { file, vkeys, given = [] }: Options,
): Promise<Verification> {
  // Measured before the first query settles what we see: the file then holds nothing that is newer.
  const bytes = await checkpointFileSize(file);
  const log = await logRead(conn, trustDomainId);
  const texts = vkeys ?? (await logKeys(conn, trustDomainId)).map(({ vkey }) => vkey);
  const found = await verifyLog({
    origin: originOf(trustDomainId),
    keys: texts.map((text) => parseVkey(sha256, text)).filter((key) => key !== null),
    leaves: leavesOf(conn, trustDomainId),
    checkpoints: merged(
      givenCheckpoints(given),
      merged(checkpointsOf(conn, trustDomainId), fileCheckpoints(file, bytes)),
    ),
    remembered: rememberedLeaves(file, bytes),
  });
  if (found.fault) return found;
  if (found.size < (log?.size ?? 0))
    return { ...found, fault: { index: found.size, entryId: null, what: "is missing: the log was cut off" } };
  const stray = await strayEntry(conn, trustDomainId);
  return stray === null
    ? found
    : { ...found, fault: { index: null, entryId: stray, what: "was not written by the product" } };
}

async function* leavesOf(conn: Conn, trustDomainId: string): AsyncGenerator<FoundLeaf[]> {
  for (let from = 0; ; ) {
    const rows = await leafEntries(conn, trustDomainId, { from, limit: BATCH });
    if (rows.length === 0) return;
    yield rows.map(({ leaf, entry }) => ({
      index: leaf.leafIndex,
      entryId: leaf.entryId,
      taken: leaf.leafHash,
      bytes: entry && auditLeafBytes(entry),
    }));
    from = (rows.at(-1)?.leaf.leafIndex ?? from) + 1;
  }
}

async function* checkpointsOf(conn: Conn, trustDomainId: string): AsyncGenerator<Sized> {
  for (let after = -1; ; ) {
    const rows = await checkpointsAfter(conn, trustDomainId, { after, limit: BATCH });
    if (rows.length === 0) return;
    // Its own note says how large it is; a row that says otherwise is out of order and stands out.
    for (const { size, note } of rows) yield { note, size: checkpointOf(note)?.size ?? size, where: "log" };
    after = rows.at(-1)?.size ?? after;
  }
}

async function* fileCheckpoints(file: string, bytes: number): AsyncGenerator<Sized> {
  for await (const { note } of readCheckpointFile(file, bytes)) {
    yield { note, size: checkpointOf(note)?.size ?? 0, where: "file" };
  }
}

/** What the file knows of the leaves, up to its first gap. Lines that two machines wrote overlap. */
async function* rememberedLeaves(file: string, bytes: number): AsyncGenerator<Uint8Array> {
  let next = 0;
  for await (const { from, leaves } of readCheckpointFile(file, bytes)) {
    if (from > next) return;
    const end = from + leaves.length / HASH_BYTES;
    if (end <= next) continue;
    yield leaves.subarray((next - from) * HASH_BYTES);
    next = end;
  }
}
