import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toHex, utf8 } from "./bytes.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { cosignatureOf, formatNote, formatVkey, parseNote, parseVkey, verifiedBy } from "./note.ts";
import { formatProofFile, parseProofFile } from "./proof-file.ts";
import { formatBundle, formatTilePath, parseBundle, parseTilePath, tileHashesOf, tilesOf } from "./tiles.ts";
import {
  append,
  consistencyRanges,
  EMPTY_FRONTIER,
  emptyRoot,
  inclusionRanges,
  leafHash,
  type NodeRef,
  nodeHash,
  proofOf,
  rootOfFrontier,
  splitOf,
} from "./tree.ts";
import { isConsistent, isIncluded } from "./verify.ts";

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const ed25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  verifySignature(
    null,
    message,
    createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") },
      format: "jwk",
    }),
    signature,
  );

/** The definition of RFC 9162 §2.1.1, word for word. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (!only) return emptyRoot(sha256);
  if (leaves.length === 1) return only;
  const middle = splitOf(leaves.length);
  return nodeHash(sha256, naiveRoot(leaves.slice(0, middle)), naiveRoot(leaves.slice(middle)));
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, n) => leafHash(sha256, utf8(`e${n}`)));
const grown = (leaves: readonly Uint8Array[]) =>
  leaves.reduce((frontier, leaf) => append(sha256, frontier, leaf), EMPTY_FRONTIER);
const nodesOf =
  (leaves: readonly Uint8Array[]) =>
  ({ level, index }: NodeRef) =>
    naiveRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));

/** The entries and roots that Certificate Transparency's own tests have used since RFC 6962. */
const CT_ENTRIES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const CT_ROOTS: Readonly<Record<number, string>> = {
  0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

describe("the tree", () => {
  it.each(Object.entries(CT_ROOTS))("has the published root for %s entries", (size, root) => {
    const leaves = CT_ENTRIES.slice(0, Number(size)).map((hex) => leafHash(sha256, Buffer.from(hex, "hex")));
    expect(toHex(rootOfFrontier(sha256, grown(leaves)))).toBe(root);
  });

  it("is the naive tree at every size, and tells every complete subtree once", () => {
    const leaves = leavesOf(70);
    const told = new Map<string, string>();
    let frontier = EMPTY_FRONTIER;
    leaves.forEach((leaf, n) => {
      frontier = append(sha256, frontier, leaf, ({ level, index }, value) => {
        expect(told.has(`${level}/${index}`)).toBe(false);
        told.set(`${level}/${index}`, toHex(value));
        expect(value).toEqual(nodesOf(leaves)({ level, index }));
      });
      expect(rootOfFrontier(sha256, frontier)).toEqual(naiveRoot(leaves.slice(0, n + 1)));
    });
  });

  it("proves every entry of every tree, and nothing else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.nat(), fc.nat(), (size, pick, flip) => {
        const leaves = leavesOf(size);
        const index = pick % size;
        const proof = proofOf(sha256, inclusionRanges(index, size), nodesOf(leaves));
        const leaf = leaves[index] as Uint8Array;
        const claim = { index, size, leaf, root: naiveRoot(leaves), proof };
        expect(isIncluded(sha256, claim)).toBe(true);
        expect(isIncluded(sha256, { ...claim, index: (index + 1) % (size + 1) })).toBe(false);
        expect(isIncluded(sha256, { ...claim, leaf: leafHash(sha256, utf8("other")) })).toBe(false);
        expect(isIncluded(sha256, { ...claim, proof: [...proof, leaf] })).toBe(false);
        if (proof.length === 0) return;
        expect(isIncluded(sha256, { ...claim, proof: proof.slice(1) })).toBe(false);
        const bent = proof.map((hash, n) =>
          n === flip % proof.length ? hash.map((byte, at) => (at === flip % 32 ? byte ^ 1 : byte)) : hash,
        );
        expect(isIncluded(sha256, { ...claim, proof: bent })).toBe(false);
      }),
    );
  });

  it("proves that a tree grew from a smaller one, and not from another", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 90 }), fc.nat(), (size, pick) => {
        const leaves = leavesOf(size);
        const oldSize = 1 + (pick % (size - 1));
        const proof = proofOf(sha256, consistencyRanges(oldSize, size), nodesOf(leaves));
        const claim = {
          oldSize,
          size,
          oldRoot: naiveRoot(leaves.slice(0, oldSize)),
          root: naiveRoot(leaves),
          proof,
        };
        expect(isConsistent(sha256, claim)).toBe(true);
        const forked = [...leaves.slice(0, oldSize - 1), leafHash(sha256, utf8("forged"))];
        expect(isConsistent(sha256, { ...claim, oldRoot: naiveRoot(forked) })).toBe(false);
        expect(
          isConsistent(sha256, { ...claim, root: naiveRoot([...forked, ...leaves.slice(oldSize)]) }),
        ).toBe(false);
        expect(isConsistent(sha256, { ...claim, proof: proof.slice(0, -1) })).toBe(false);
        expect(isConsistent(sha256, { ...claim, oldSize: size + 1 })).toBe(false);
      }),
    );
  });
});

/** From the documentation of the signed notes of Go's checksum database. */
const GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

describe("signed notes", () => {
  const key = parseVkey(sha256, GO_VKEY);
  const note = parseNote(GO_NOTE);

  it("verify a published note and write it byte for byte", () => {
    expect(key && formatVkey(key)).toBe(GO_VKEY);
    expect(note && formatNote(note)).toBe(GO_NOTE);
    expect(key && note && verifiedBy(note, [key], ed25519)).toEqual([key]);
  });

  it("do not verify once a letter is another one", () => {
    const bent = parseNote(GO_NOTE.replace("think", "thinK"));
    expect(key && bent && verifiedBy(bent, [key], ed25519)).toBeNull();
  });

  it("ignore signatures of unknown keys", () => {
    expect(note && verifiedBy(note, [], ed25519)).toEqual([]);
  });

  it.each([
    ["no empty line", "text\n— n AAAAAAA=\n"],
    ["no newline at the end", GO_NOTE.trimEnd()],
    ["a control character", GO_NOTE.replace("think", "thi\rnk")],
    ["a hyphen for the dash", GO_NOTE.replace("— ", "- ")],
    ["a short signature", "text\n\n— n AAAAAA==\n"],
    ["base64 that is not canonical", "text\n\n— n AAAAAAB=\n"],
  ])("are refused with %s", (_, text) => {
    expect(parseNote(text)).toBeNull();
  });

  it("refuse a vkey whose id is not that of the key", () => {
    expect(parseVkey(sha256, GO_VKEY.replace("c74f20a3", "c74f20a4"))).toBeNull();
  });

  it("never throw on hostile text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parseNote(text);
        parseVkey(sha256, text);
        parseCheckpoint(text);
        parseProofFile(text);
        parseTilePath(text);
        fromBase64(text);
      }),
    );
  });

  it("carry the time of a cosignature in eight bytes, big-endian", () => {
    expect(toHex(cosignatureOf(0x01020304, Uint8Array.of(9)))).toBe("000000000102030409");
  });
});

describe("checkpoints", () => {
  const root = sha256(utf8("root"));

  it("read what they write", () => {
    const checkpoint = { origin: "example.com/log", size: 20_852_163, root };
    expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
    expect(parseCheckpoint(`${formatCheckpoint(checkpoint)}extension\n`)).toEqual(checkpoint);
  });

  it.each(["01", "-1", "1.0", "1e3", "9007199254740993", ""])("refuse the size %j", (size) => {
    const text = formatCheckpoint({ origin: "o", size: 7, root }).replace("\n7\n", `\n${size}\n`);
    expect(parseCheckpoint(text)).toBeNull();
  });
});

describe("tiles", () => {
  it.each([
    [{ level: 0, index: 1_234_067, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: "entries" as const, index: 0, width: 7 }, "tile/entries/000.p/7"],
    [{ level: 2, index: 999, width: 256 }, "tile/2/999"],
  ])("have one path: %j", (tile, path) => {
    expect(formatTilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it.each([
    "tile/0/1",
    "tile/0/x000/001",
    "tile/00/001",
    "tile/0/001.p/0",
    "tile/0/001.p/256",
    "tile/0/001.p/01",
    "tile/9/000",
    "tile/0/../001",
  ])("have no path %s", (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  it("hold the hashes of every node", () => {
    expect(tileHashesOf({ level: 3, index: 5 })).toEqual({ level: 0, start: 40, end: 48 });
    expect(tileHashesOf({ level: 8, index: 5 })).toEqual({ level: 1, start: 5, end: 6 });
  });

  it("are those of the size, partial ones last", () => {
    expect([...tilesOf(258)].map(formatTilePath)).toEqual([
      "tile/entries/000",
      "tile/entries/001.p/2",
      "tile/0/000",
      "tile/0/001.p/2",
      "tile/1/000.p/1",
    ]);
  });

  it("carry entries byte for byte", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (entries) => {
        const bundle = formatBundle(entries);
        expect(parseBundle(bundle)?.map((entry) => [...entry])).toEqual(entries.map((entry) => [...entry]));
        if (bundle.length > 0) expect(parseBundle(bundle.slice(0, -1))?.length).not.toBe(entries.length);
      }),
    );
  });
});

describe("proof files", () => {
  it("read what they write", () => {
    const file = { extra: utf8("entry"), index: 3, proof: leavesOf(2), note: GO_NOTE };
    expect(parseProofFile(formatProofFile(file))).toEqual(file);
    expect(parseProofFile(formatProofFile({ ...file, extra: null, proof: [] }))).toEqual({
      ...file,
      extra: null,
      proof: [],
    });
  });
});
