/** Fonts as they are packed for browsers, unpacked: what embeds a part of a font reads it many times over. */
import { unzlibSync } from "fflate";

const WOFF = 0x774f4646;
const WOFF_HEADER = 44;
const WOFF_ENTRY = 20;
const HEADER = 12;
const ENTRY = 16;

/**
 * The font in a WOFF file, version 1, with its tables as they were.
 *
 * @throws {Error} for anything else
 * @see https://www.w3.org/TR/WOFF/
 */
export function sfntOf(woff: Buffer): Buffer {
  if (woff.readUInt32BE(0) !== WOFF) throw new Error("No WOFF font");
  const count = woff.readUInt16BE(12);
  const tables = Array.from({ length: count }, (_, index) => tableAt(woff, WOFF_HEADER + index * WOFF_ENTRY));
  const start = HEADER + count * ENTRY;
  const font = Buffer.alloc(tables.reduce((sum, { length }) => sum + padded(length), start));
  woff.copy(font, 0, 4, 8);
  font.writeUInt16BE(count, 4);
  const power = Math.floor(Math.log2(count));
  font.writeUInt16BE(2 ** power * ENTRY, 6);
  font.writeUInt16BE(power, 8);
  font.writeUInt16BE((count - 2 ** power) * ENTRY, 10);
  let offset = start;
  for (const [index, { tag, checksum, stored, length }] of tables.entries()) {
    const entry = HEADER + index * ENTRY;
    tag.copy(font, entry);
    checksum.copy(font, entry + 4);
    font.writeUInt32BE(offset, entry + 8);
    font.writeUInt32BE(length, entry + 12);
    unpack(stored, font.subarray(offset, offset + length));
    offset += padded(length);
  }
  return font;
}

/** Every table begins at a multiple of four. */
const padded = (length: number) => (length + 3) & ~3;

type Table = { tag: Buffer; checksum: Buffer; stored: Buffer; length: number };

function tableAt(woff: Buffer, at: number): Table {
  const [offset, packed] = [woff.readUInt32BE(at + 4), woff.readUInt32BE(at + 8)];
  return {
    tag: woff.subarray(at, at + 4),
    checksum: woff.subarray(at + 16, at + 20),
    stored: woff.subarray(offset, offset + packed),
    length: woff.readUInt32BE(at + 12),
  };
}

/** Straight to where it belongs: some tables have ten megabytes. */
function unpack(stored: Buffer, into: Buffer): void {
  const isPacked = stored.length < into.length;
  const length = isPacked ? unzlibSync(stored, { out: into }).length : stored.copy(into);
  if (length !== into.length) throw new Error("A table of the font is not as long as it says");
}
