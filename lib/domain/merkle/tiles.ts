/** Tiles of C2SP (tlog-tiles): the paths under which a log's hashes and entries are read in pieces of 256. */
import { wholeNumber } from "./bytes.ts";
import type { NodeRef, Range } from "./tree.ts";

export const TILE_WIDTH = 256;
/** Levels of the tree that one level of tiles spans. */
const TILE_HEIGHT = 8;
const MAX_LEVEL = 5;

/** `level` of hashes, or entries; `width` below 256 is a partial tile. */
export type Tile = { level: number | "entries"; index: number; width: number };

/** Groups of three digits, all but the last with an x before them. */
export function formatTilePath({ level, index, width }: Tile): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1_000)) {
    groups.unshift(String(rest % 1_000).padStart(3, "0"));
  }
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${name}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

/** `null` for what no log serves. There is one way to write each path. */
export function parseTilePath(path: string): Tile | null {
  const match = /^tile\/(entries|\d)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  const [, levelText = "", name = "", widthText] = match ?? [];
  const index = Number(name.replaceAll(/[x/]/g, ""));
  const width = widthText === undefined ? TILE_WIDTH : wholeNumber(widthText);
  if (!match || !Number.isSafeInteger(index) || width === null || width < 1 || width > TILE_WIDTH)
    return null;
  const level = levelText === "entries" ? levelText : Number(levelText);
  if (level !== "entries" && level > MAX_LEVEL) return null;
  const tile: Tile = { level, index, width };
  return formatTilePath(tile) === path ? tile : null;
}

/** How many hashes a level of tiles has in a tree of this size. */
export function hashesAtLevel(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Every tile of hashes and of entries in a tree of this size. */
export function* tilesOf(size: number): Generator<Tile> {
  yield* tilesOfLevel("entries", size);
  for (let level = 0; level <= MAX_LEVEL && hashesAtLevel(level, size) > 0; level += 1) {
    yield* tilesOfLevel(level, hashesAtLevel(level, size));
  }
}

function* tilesOfLevel(level: number | "entries", count: number): Generator<Tile> {
  for (let index = 0; index * TILE_WIDTH < count; index += 1) {
    yield { level, index, width: Math.min(TILE_WIDTH, count - index * TILE_WIDTH) };
  }
}

/** The hashes of a level of tiles that a node of the tree is made of. */
export function tileHashesOf({ level, index }: NodeRef): { level: number } & Range {
  const span = 2 ** (level % TILE_HEIGHT);
  return { level: Math.floor(level / TILE_HEIGHT), start: index * span, end: (index + 1) * span };
}

const LENGTH_BYTES = 2;
const MAX_ENTRY_BYTES = 65_535;

/** Entries one after the other, each after its length in two bytes. */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((total, { length }) => total + LENGTH_BYTES + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new Error("An entry is too long for a bundle");
    view.setUint16(at, entry.length);
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
}

/** `null` when the bytes end within an entry. */
export function parseBundle(bytes: Uint8Array): Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + LENGTH_BYTES > bytes.length) return null;
    const end = at + LENGTH_BYTES + view.getUint16(at);
    if (end > bytes.length) return null;
    entries.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return entries;
}
