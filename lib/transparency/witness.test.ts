import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toBase64, utf8 } from "#lib/domain/merkle/bytes";
import { formatCheckpoint } from "#lib/domain/merkle/checkpoint";
import {
  formatNote,
  formatVkey,
  parseNote,
  parseVkey,
  SIGNATURE_TYPE,
  verifiedBy,
  verifierKey,
} from "#lib/domain/merkle/note";
import {
  append,
  consistencyRanges,
  EMPTY_FRONTIER,
  leafHash,
  proofOf,
  rootOfFrontier,
} from "#lib/domain/merkle/tree";
import { makeEd25519, sha256, signEd25519, verifyEd25519 } from "./crypto.ts";
import { Witness } from "./witness.ts";

const origin = "example.com/log";
const log = makeEd25519();
const key = verifierKey(sha256, { name: origin, type: SIGNATURE_TYPE.ed25519, publicKey: log.publicKey });
const options = { name: "example.com/w", vkeys: [formatVkey(key)], now: () => new Date(1_700_000_000_000) };
let dir: string;
let witness: Witness;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "touchstone-witness-"));
  witness = await Witness.open(join(dir, "state.json"), options);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A tree of entries with this prefix, and the values of its nodes. */
function tree(size: number, text = "e") {
  const values = new Map<string, Uint8Array>();
  let frontier = EMPTY_FRONTIER;
  for (let n = 0; n < size; n += 1) {
    frontier = append(sha256, frontier, leafHash(sha256, utf8(`${text}${n}`)), ({ level, index }, value) =>
      values.set(`${level}/${index}`, value),
    );
  }
  return { root: rootOfFrontier(sha256, frontier), values };
}

function noteOf(size: number, root: Uint8Array, privateKey = log.privateKey): string {
  const text = formatCheckpoint({ origin, size, root });
  return formatNote({ text, signatures: [{ ...key, signature: signEd25519(privateKey, utf8(text)) }] });
}

function request(oldSize: number, size: number, text = "e"): string {
  const { root, values } = tree(size, text);
  const proof = proofOf(sha256, consistencyRanges(oldSize, size), (node) => {
    return values.get(`${node.level}/${node.index}`) ?? new Uint8Array();
  });
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${noteOf(size, root)}`;
}

describe("a witness", () => {
  it("cosigns a log that only grows, and its cosignature verifies", async () => {
    expect((await witness.add(request(0, 5))).status).toBe(200);
    const reply = await witness.add(request(5, 9));
    expect(reply.status).toBe(200);
    const note = parseNote(noteOf(9, tree(9).root) + reply.body);
    const own = parseVkey(sha256, witness.vkey);
    expect(note && own && verifiedBy(note, [key, own], verifyEd25519)).toEqual([key, own]);
  });

  it("answers 409 with the size that it knows to a log that was set back or goes on from elsewhere", async () => {
    await witness.add(request(0, 9));
    for (const body of [request(0, 5), request(5, 9), request(5, 12)]) {
      expect(await witness.add(body)).toMatchObject({
        status: 409,
        contentType: "text/x.tlog.size",
        body: "9\n",
      });
    }
  });

  it("answers 409 to another root for the same size: a fork", async () => {
    await witness.add(request(0, 9));
    expect((await witness.add(request(9, 9))).status).toBe(200);
    expect((await witness.add(request(9, 9, "forged"))).status).toBe(409);
  });

  it("answers 422 to a log that was rewritten", async () => {
    await witness.add(request(0, 5));
    expect((await witness.add(request(5, 9, "forged"))).status).toBe(422);
    expect(witness.sizeOf(origin)).toBe(5);
  });

  it("answers 403 to a foreign signature, 404 to a foreign log, 400 to anything else", async () => {
    const { root } = tree(3);
    const foreign = `old 0\n\n${noteOf(3, root, makeEd25519().privateKey)}`;
    expect((await witness.add(foreign)).status).toBe(403);
    expect((await witness.add(request(0, 3).replaceAll(origin, "example.com/other"))).status).toBe(404);
    for (const body of ["", "old 1", "old 01\n\nx", request(0, 3).replace("old 0", "old x")]) {
      expect((await witness.add(body)).status).toBe(400);
    }
    expect((await witness.add(request(0, 3).replace("old 0", "old 4"))).status).toBe(400);
  });

  it("remembers over a restart, and does not start on a damaged memory", async () => {
    const path = join(dir, "state.json");
    await witness.add(request(0, 5));
    const again = await Witness.open(path, options);
    expect([again.vkey, again.sizeOf(origin)]).toEqual([witness.vkey, 5]);
    await writeFile(path, (await readFile(path, "utf8")).slice(0, -20));
    await expect(Witness.open(path, options)).rejects.toThrow("is damaged");
  });

  it("answers two at a time one after the other: only one goes on from the same size", async () => {
    await witness.add(request(0, 5));
    const replies = await Promise.all([witness.add(request(5, 9)), witness.add(request(5, 7))]);
    expect(replies.map(({ status }) => status)).toEqual([200, 409]);
  });
});
