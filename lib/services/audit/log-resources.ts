/** What C2SP clients read of a log: checkpoint, tiles, proofs. */
import type { Conn } from "#db/client";
import { auditLeafBytes } from "#db/queries/audit";
import { auditAt } from "#db/queries/audit-list";
import { checkpointLatest, leafEntries, logKeys, tileHashes } from "#db/queries/audit-log";
import { trustDomainRoot } from "#db/queries/trust-domain";
import { joined } from "#lib/domain/merkle/bytes";
import { formatProofFile } from "#lib/domain/merkle/proof-file";
import { formatBundle, hashesAtLevel, parseTilePath, TILE_WIDTH, type Tile } from "#lib/domain/merkle/tiles";
import { inclusionRanges } from "#lib/domain/merkle/tree";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { readScope } from "#lib/services/guard";
import { readProof } from "#lib/transparency/prove";

const NOTHING = "There is no such part of the log.";

/** The newest signed checkpoint, for anybody: it tells a size and a hash. */
export async function logCheckpoint(conn: Conn, domain: string | undefined): Promise<string> {
  const last = await checkpointLatest(conn, await domainOf(conn, domain));
  if (!last) throw new ProblemError("route/not-found", "The log has no checkpoint yet.");
  return last.note;
}

/** The keys of a log, for anybody, one per line. */
export async function logVkeys(conn: Conn, domain: string | undefined): Promise<string> {
  return (await logKeys(conn, await domainOf(conn, domain))).map(({ vkey }) => `${vkey}\n`).join("");
}

/** A tile of hashes, for anybody: every entry holds a random id, so its hash gives nothing away. */
export async function logTile(conn: Conn, domain: string | undefined, path: string): Promise<Uint8Array> {
  const tile = tileOf(path);
  if (tile.level === "entries") throw new ProblemError("route/not-found", NOTHING);
  const trustDomainId = await domainOf(conn, domain);
  const size = (await checkpointLatest(conn, trustDomainId))?.size ?? 0;
  const { start, end } = placeOf(tile);
  if (end > hashesAtLevel(tile.level, size)) throw new ProblemError("route/not-found", NOTHING);
  return joined(await tileHashes(conn, trustDomainId, { level: tile.level, start, end }));
}

/** A bundle of entries, for those who may read them. */
export async function logEntries(
  ctx: ServiceContext,
  domain: string | undefined,
  path: string,
): Promise<Uint8Array> {
  const trustDomainId = visible(readScope(ctx, "audit:read"), domain);
  const tile = tileOf(path);
  const { start } = placeOf(tile);
  const found = await leafEntries(ctx.db, trustDomainId, { from: start, limit: tile.width });
  const entries = found.map(({ entry }) => entry).filter((entry) => entry !== null);
  // An entry that somebody deleted leaves a hole, which must not be passed over.
  if (tile.level !== "entries" || entries.length < tile.width)
    throw new ProblemError("route/not-found", NOTHING);
  return formatBundle(entries.map(auditLeafBytes));
}

/** Proof that an entry is in the log: the entry, its place, and the way to the newest checkpoint. */
export async function entryProof(
  ctx: ServiceContext,
  { seq, domain }: { seq: number; domain: string | undefined },
): Promise<string> {
  const scope = readScope(ctx, "audit:read");
  const trustDomainId = visible(scope, domain);
  const entry = await auditAt(ctx.db, scope, { trustDomainId, seq });
  const last = await checkpointLatest(ctx.db, trustDomainId);
  if (!entry || !last || seq >= last.size) {
    throw new ProblemError("audit/not-found", "There is no such entry in the log.");
  }
  const proof = await readProof(ctx.db, trustDomainId, inclusionRanges(seq, last.size));
  return formatProofFile({ extra: auditLeafBytes(entry), index: seq, proof, note: last.note });
}

async function domainOf(conn: Conn, domain: string | undefined): Promise<string> {
  const found = domain ?? (await trustDomainRoot(conn))?.id;
  if (found === undefined) throw new ProblemError("route/not-found", "There is no log yet.");
  return found;
}

/** A domain outside the scope is answered like one that does not exist. */
function visible(scope: readonly string[], domain: string | undefined): string {
  const found = domain ?? scope[0];
  if (found === undefined || !scope.includes(found)) {
    throw new ProblemError("audit/not-found", "There is no audit log of this trust domain.");
  }
  return found;
}

function tileOf(path: string): Tile {
  const tile = parseTilePath(path);
  if (!tile) throw new ProblemError("route/not-found", NOTHING);
  return tile;
}

function placeOf({ index, width }: Tile): { start: number; end: number } {
  return { start: index * TILE_WIDTH, end: index * TILE_WIDTH + width };
}
