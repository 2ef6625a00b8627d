import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { sfntOf } from "./sfnt.ts";

/** A WOFF file of some tables; `packed` = the bytes that are stored instead. */
function woffOf(tables: readonly { tag: string; bytes: Buffer; packed?: Buffer }[]): Buffer {
  const head = Buffer.alloc(44 + 20 * tables.length);
  head.write("wOFF", 0, "latin1");
  head.writeUInt32BE(0x00010000, 4);
  head.writeUInt16BE(tables.length, 12);
  let offset = head.length;
  const stored = tables.map(({ tag, bytes, packed }, index) => {
    const kept = packed ?? deflateSync(bytes);
    const entry = 44 + 20 * index;
    head.write(tag, entry, "latin1");
    for (const [more, value] of [offset, kept.length, bytes.length, 7 + index].entries())
      head.writeUInt32BE(value, entry + 4 + 4 * more);
    offset += kept.length;
    return kept;
  });
  return Buffer.concat([head, ...stored]);
}

describe("a packed font", () => {
  it("is unpacked with its tables as they were, each at a multiple of four", () => {
    const long = Buffer.alloc(1_001, "ab");
    const short = Buffer.from("xyz");
    const font = sfntOf(
      woffOf([
        { tag: "long", bytes: long },
        { tag: "shrt", bytes: short, packed: short },
      ]),
    );
    expect([font.readUInt32BE(0), font.readUInt16BE(4)]).toEqual([0x00010000, 2]);
    const tables = [0, 1].map((index) => {
      const [checksum, offset, length] = [4, 8, 12].map((more) => font.readUInt32BE(12 + 16 * index + more));
      return { checksum, offset, bytes: font.subarray(offset, (offset ?? 0) + (length ?? 0)) };
    });
    expect(tables.map(({ checksum }) => checksum)).toEqual([7, 8]);
    expect(tables.every(({ offset = 1 }) => offset % 4 === 0)).toBe(true);
    expect(tables.map(({ bytes }) => bytes)).toEqual([long, short]);
  });

  it("is refused when it is no WOFF, or a table is not as long as it says", () => {
    expect(() => sfntOf(Buffer.from("wOF2".padEnd(60, "\0")))).toThrow("No WOFF font");
    const bytes = Buffer.alloc(100);
    expect(() => sfntOf(woffOf([{ tag: "shrt", bytes, packed: deflateSync(Buffer.alloc(50)) }]))).toThrow();
  });
});
