import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SealError } from "#db/sealing";
import { fileSealer } from "./secret.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "touchstone-secret-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const place = { trustDomainId: "t", sourceId: "s", kid: "k" };
const secret = Buffer.from("shared with the sender alone");
const newSealer = (secretKey?: Uint8Array) => fileSealer(() => ({ secretKey, dataDir }));

describe("the master key", () => {
  it("is made once, for the owner alone, and opens after a restart", () => {
    const sealed = newSealer().seal(secret, place);
    expect(readdirSync(dataDir)).toEqual(["secret-key"]);
    expect(statSync(join(dataDir, "secret-key")).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(join(dataDir, "secret-key"), "utf8"), "base64").byteLength).toBe(32);
    expect(newSealer().open(sealed, place)).toEqual(secret);
    expect(newSealer().open(newSealer().seal(secret, place), place)).toEqual(secret);
  });

  it("is not made to open something, so that a lost one shows", () => {
    expect(() => newSealer().open(Buffer.alloc(64, 1), place)).toThrow(SealError);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it("comes from the configuration where it is set, and then touches no file", () => {
    const given = Buffer.alloc(32, 9);
    const sealed = newSealer(given).seal(secret, place);
    expect(readdirSync(dataDir)).toEqual([]);
    expect(newSealer(given).open(sealed, place)).toEqual(secret);
    expect(() => newSealer(Buffer.alloc(32, 8)).open(sealed, place)).toThrow(SealError);
  });

  it("that is damaged stops the work instead of sealing with less", () => {
    writeFileSync(join(dataDir, "secret-key"), "c2hvcnQ=\n");
    expect(() => newSealer().seal(secret, place)).toThrow(/damaged/);
  });
});
