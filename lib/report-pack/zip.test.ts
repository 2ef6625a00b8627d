import fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { utf8 } from "#lib/domain/merkle/bytes";
import { readZip, unpack, writeZip, ZIP_LIMITS, type ZipEntry, type ZipLimits, zipEntry } from "./zip.ts";

const file = (name: string, content: Uint8Array, deflate = true) => zipEntry(name, content, { deflate });
const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}(\/[a-z]{1,6}){0,2}$/), { maxLength: 6 });
const files = names.chain((all) => fc.tuple(...all.map((name) => fc.tuple(fc.constant(name), content))));
const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.nat({ max: 5_000 }).map((length) => new Uint8Array(length)),
);

/** What a reader makes of entries that no writer of ours would take. */
const forged = (entries: readonly ZipEntry[], change: (bytes: Uint8Array) => void = () => {}) => {
  const bytes = writeZip(entries);
  change(bytes);
  const read = readZip(bytes);
  return read.ok ? "read" : `${read.fault.part} ${read.fault.why}`;
};

describe("the container of a pack", () => {
  it("is a ZIP to another reader, and gives back what was put in", () => {
    fc.assert(
      fc.property(files, fc.boolean(), (all, deflate) => {
        const bytes = writeZip(all.map(([name, bytes]) => file(name, bytes, deflate)));
        const wanted = Object.fromEntries(all.map(([name, bytes]) => [name, Buffer.from(bytes)]));
        const read = readZip(bytes);
        if (!read.ok) throw new Error(read.fault.why);
        const own = read.entries.map((entry) => [entry.name, Buffer.from(unpack(entry) ?? [])]);
        expect(Object.fromEntries(own)).toEqual(wanted);
        const other = Object.entries(unzipSync(bytes)).map(([name, found]) => [name, Buffer.from(found)]);
        expect(Object.fromEntries(other)).toEqual(wanted);
      }),
    );
  });

  it("has the same bytes whatever the order that files are given in", () => {
    const [a, b] = [file("a", utf8("one")), file("b/c", utf8("two".repeat(50)))];
    expect(writeZip([b, a])).toEqual(writeZip([a, b]));
  });

  it("is refused with any byte of its headers changed, with something before, after or between, and cut short", () => {
    const entries = [file("a", utf8("x".repeat(100))), file("b", utf8("no"), false)];
    const bytes = writeZip(entries);
    const packed = entries.reduce((sum, entry) => sum + entry.packed.length, 0);
    let unseen = 0;
    bytes.forEach((byte, at) => {
      const changed = Uint8Array.from(bytes);
      changed[at] = byte ^ 0x01;
      if (readZip(changed).ok) unseen += 1;
    });
    // The content is not looked at here: its digests are in the manifest.
    expect(unseen).toBe(packed);
    for (let length = 0; length < bytes.length; length += 1)
      expect(readZip(bytes.subarray(0, length)).ok).toBe(false);
    expect(readZip(Uint8Array.of(0, ...bytes)).ok).toBe(false);
    expect(readZip(Uint8Array.of(...bytes, 0)).ok).toBe(false);
  });

  it("is refused when another program wrote it, for it might say things that we do not read", () => {
    expect(readZip(zipSync({ a: utf8("a") }, { comment: "hi" })).ok).toBe(false);
    expect(readZip(zipSync({ a: utf8("a") })).ok).toBe(false);
  });

  it.each([
    "../up",
    "/root",
    "a//b",
    "a/../b",
    "a/.",
    ".hidden",
    "a\\b",
    "C:a",
    "a b",
    "a\u0000b",
    "é",
    "a.",
    "",
    "n".repeat(201),
  ])("takes no file named %j", (name) => {
    expect(() => writeZip([file(name, utf8("x"))])).toThrow();
  });

  it("refuses names that lead out, in a ZIP that somebody forged", () => {
    const rename = (bytes: Uint8Array) => {
      const text = Buffer.from(bytes.buffer);
      for (let at = text.indexOf("aaaa"); at >= 0; at = text.indexOf("aaaa", at + 1))
        text.write("../a", at, "latin1");
    };
    expect(forged([file("aaaa", utf8("x"))], rename)).toBe("../a is no name that a file of a pack may have");
  });

  it("refuses two files of one name, also where a system does not tell A from a", () => {
    expect(() => writeZip([file("a", utf8("1")), file("a", utf8("2"))])).toThrow("twice");
    expect(() => writeZip([file("A", utf8("1")), file("a", utf8("2"))])).toThrow("twice");
  });

  it("refuses what would unpack to more than a pack may hold, before it unpacks anything", () => {
    const bomb = { ...file("bomb", new Uint8Array(10_000)), size: ZIP_LIMITS.fileBytes + 1 };
    expect(() => writeZip([bomb])).toThrow("unpacks to too much");
    const many = Array.from({ length: 6 }, (_, n) => ({
      ...bomb,
      name: `b${n}`,
      size: ZIP_LIMITS.fileBytes,
    }));
    expect(() => writeZip(many)).toThrow("unpacks to too much");
    const lots = Array.from({ length: ZIP_LIMITS.files + 1 }, (_, n) =>
      file(`f${n}`, new Uint8Array(), false),
    );
    expect(() => writeZip(lots)).toThrow("more files");
  });

  it("reads no more than whoever waits for it allows", () => {
    const bytes = writeZip([file("a", new Uint8Array(10_000)), file("b", new Uint8Array(10_000))]);
    const faultOf = (less: Partial<ZipLimits>) => {
      const zip = readZip(bytes, { ...ZIP_LIMITS, ...less });
      return zip.ok ? null : zip.fault.why;
    };
    expect(faultOf({})).toBeNull();
    expect(faultOf({ bytes: bytes.length - 1 })).toBe("is larger than a pack may be");
    expect(faultOf({ fileBytes: 9_999 })).toBe("unpacks to too much");
    expect(faultOf({ totalBytes: 19_999 })).toBe("unpacks to too much");
    expect(faultOf({ files: 1 })).toBe("names more files than a pack may hold");
  });

  it("unpacks no more than an entry says it holds, and nothing whose checksum is another", () => {
    const entry = file("a", new Uint8Array(1_000_000));
    expect(unpack(entry)?.length).toBe(1_000_000);
    expect(unpack({ ...entry, size: 5_000 })).toBeNull();
    expect(unpack({ ...entry, crc: 1 })).toBeNull();
    expect(unpack({ ...entry, packed: entry.packed.subarray(0, 10) })).toBeNull();
  });
});
