/** A log as static files, laid out as C2SP clients read them: written from a database, checked without one. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Db } from "#db/client";
import { auditLeafBytes } from "#db/queries/audit";
import { checkpointLatest, leafEntries, logKeys, tileHashes } from "#db/queries/audit-log";
import { joined } from "#lib/domain/merkle/bytes";
import { parseVkey } from "#lib/domain/merkle/note";
import { formatBundle, formatTilePath, parseBundle, TILE_WIDTH, tilesOf } from "#lib/domain/merkle/tiles";
import { checkpointOf } from "./checkpoint-file.ts";
import { sha256 } from "./crypto.ts";
import { givenCheckpoints, merged } from "./merge-checkpoints.ts";
import { type FoundLeaf, type Known, type Verification, verifyLog } from "./verify.ts";

const KEYS_FILE = "keys";

/** @returns entries written; `null` when the log has no checkpoint yet */
export function writeDirectory(db: Db, trustDomainId: string, dir: string): Promise<number | null> {
  return db.transaction(
    async (tx) => {
      const last = await checkpointLatest(tx, trustDomainId);
      if (!last) return null;
      for (const tile of tilesOf(last.size)) {
        const [start, end] = [tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + tile.width];
        let bytes: Uint8Array;
        if (tile.level === "entries") {
          const found = await leafEntries(tx, trustDomainId, { from: start, limit: tile.width });
          // A deleted entry is left empty: the check then names its place.
          bytes = formatBundle(found.map(({ entry }) => (entry ? auditLeafBytes(entry) : new Uint8Array())));
        } else {
          bytes = joined(await tileHashes(tx, trustDomainId, { level: tile.level, start, end }));
        }
        await write(join(dir, formatTilePath(tile)), bytes);
      }
      const vkeys = (await logKeys(tx, trustDomainId)).map(({ vkey }) => `${vkey}\n`).join("");
      await write(join(dir, KEYS_FILE), vkeys);
      await write(join(dir, "checkpoint"), last.note);
      return last.size;
    },
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/**
 * Check an exported log, a bundle of 256 entries at a time.
 *
 * Without `vkeys` those of the directory are believed, which prove only that it fits together.
 */
export async function verifyDirectory(dir: string, { vkeys, given = [] }: Known = {}): Promise<Verification> {
  const note = await readFile(join(dir, "checkpoint"), "utf8");
  const checkpoint = checkpointOf(note);
  if (!checkpoint) throw new Error(`${join(dir, "checkpoint")} is no checkpoint`);
  const texts = vkeys ?? (await readFile(join(dir, KEYS_FILE), "utf8")).trim().split("\n");
  const { origin, size } = checkpoint;
  return verifyLog({
    origin,
    keys: texts.map((text) => parseVkey(sha256, text)).filter((key) => key !== null),
    leaves: bundles(dir, size),
    checkpoints: merged(
      givenCheckpoints(given),
      (async function* () {
        yield { note, size, where: "log" as const };
      })(),
    ),
    remembered: hashTiles(dir, size),
  });
}

async function* bundles(dir: string, size: number): AsyncGenerator<FoundLeaf[]> {
  for (const tile of tilesOf(size)) {
    if (tile.level !== "entries") return;
    const bytes = await readFile(join(dir, formatTilePath(tile))).catch(() => null);
    const entries = bytes && parseBundle(bytes);
    if (!entries) return;
    yield entries.slice(0, tile.width).map((entry, n) => {
      const index = tile.index * TILE_WIDTH + n;
      return {
        index,
        // Only asked for where something is wrong.
        get entryId() {
          return idOf(entry);
        },
        taken: null,
        bytes: entry.length > 0 ? entry : null,
      };
    });
  }
}

const HASH_BYTES = 32;

/** Level 0 of the tiles: with it the first wrong entry is named, not only seen. */
async function* hashTiles(dir: string, size: number): AsyncGenerator<Uint8Array> {
  for (const tile of tilesOf(size)) {
    if (tile.level === "entries") continue;
    if (tile.level > 0) return;
    const bytes = await readFile(join(dir, formatTilePath(tile))).catch(() => null);
    if (bytes?.length !== tile.width * HASH_BYTES) return;
    yield bytes;
  }
}

/** Looked up without parsing: an entry is read as bytes, and only named after what it holds. */
function idOf(entry: Uint8Array): string {
  const text = Buffer.from(entry.buffer, entry.byteOffset, entry.length).toString("latin1");
  return /"id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? "?";
}
