import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSealer, type MasterKey, SealError, type SecretPlace } from "./sealing.ts";

const keyOf = (version: number): MasterKey => ({ version, bytes: randomBytes(32) });
const first = keyOf(1);
const sealerOf = (...keys: MasterKey[]) => {
  const known = [...keys];
  return createSealer({
    read: () => known,
    make: () => {
      known.unshift(first);
      return first;
    },
  });
};
const place: SecretPlace = { trustDomainId: "t", sourceId: "s", kid: "k" };
const canary = Buffer.from("a secret that must not show anywhere");

describe("a sealed secret", () => {
  it("opens to what was sealed, whatever it is and wherever it belongs", () => {
    const sealer = sealerOf(first);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.string(), (bytes, kid) => {
        const sealed = sealer.seal(bytes, { ...place, kid });
        expect(new Uint8Array(sealer.open(sealed, { ...place, kid }))).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it("shows nothing of its content and differs every time", () => {
    const sealer = sealerOf(first);
    const [one, two] = [sealer.seal(canary, place), sealer.seal(canary, place)];
    expect(one.includes(canary.subarray(0, 6))).toBe(false);
    expect(one.equals(two)).toBe(false);
  });

  it("opens in no other place", () => {
    const sealer = sealerOf(first);
    const sealed = sealer.seal(canary, place);
    for (const other of [{ trustDomainId: "u" }, { sourceId: "u" }, { kid: "u" }]) {
      expect(() => sealer.open(sealed, { ...place, ...other })).toThrow(SealError);
    }
    const shifted = { trustDomainId: "t", sourceId: 's","k', kid: "" };
    expect(() => sealer.open(sealed, shifted)).toThrow(SealError);
  });

  it("does not open after any change to any of its bytes, nor cut short", () => {
    const sealer = sealerOf(first);
    const sealed = sealer.seal(canary, place);
    for (let at = 0; at < sealed.byteLength; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      expect(() => sealer.open(changed, place)).toThrow(SealError);
      expect(() => sealer.open(sealed.subarray(0, at), place)).toThrow(SealError);
    }
  });

  it("does not open with another master key, and says so without a word of its content", () => {
    const sealed = sealerOf(first).seal(canary, place);
    expect(() => sealerOf(keyOf(1)).open(sealed, place)).toThrow(/another master key/);
    expect(() => sealerOf().open(sealed, place)).toThrow(/no master key of version 1/);
    expect(() => sealerOf(keyOf(1)).open(sealed, place)).not.toThrow(canary.toString());
  });
});

describe("the master key", () => {
  it("is made for the first secret, never to open one", () => {
    const sealer = sealerOf();
    expect(() => sealer.open(Buffer.alloc(40, 1), place)).toThrow(SealError);
    expect(sealer.seal(canary, place)[0]).toBe(1);
    expect(sealer.open(sealer.seal(canary, place), place)).toEqual(canary);
  });

  it("can be followed by another one: new secrets use it, old ones still open", () => {
    const [old, next] = [keyOf(1), keyOf(2)];
    const before = sealerOf(old).seal(canary, place);
    const sealer = sealerOf(next, old);
    const after = sealer.seal(canary, place);
    expect([before[0], after[0]]).toEqual([1, 2]);
    for (const sealed of [before, after]) expect(sealer.open(sealed, place)).toEqual(canary);
  });
});
