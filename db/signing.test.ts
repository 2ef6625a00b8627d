import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Envelope, kidOf, openEnvelope, preAuthEncoding, signEnvelope } from "./signing.ts";

const TYPE = "application/vnd.test+json";
const payload = Buffer.from('{"a":1}');

function makeKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ format: "der", type: "spki" });
  return { kid: kidOf(spki), publicKey: spki, privateKey };
}
const key = makeKey();
const envelope = signEnvelope(TYPE, payload, key);
const opens = (value: unknown, type = TYPE, keys = [key]) => openEnvelope(value, type, keys);

it("The encoding that is signed is the one of the DSSE specification", () => {
  // The test vector of protocol.md.
  const encoded = preAuthEncoding("http://example.com/HelloWorld", Buffer.from("hello world"));
  expect(encoded.toString()).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
});

it("Lengths are counted in bytes, not in characters", () => {
  expect(preAuthEncoding("ü", Buffer.from("ä")).toString()).toBe("DSSEv1 2 ü 2 ä");
});

describe("an envelope", () => {
  it("opens with the key that signed it", () => {
    expect(opens(envelope)).toEqual(payload);
    expect(opens(JSON.parse(JSON.stringify(envelope)))).toEqual(payload);
  });

  it("does not open as another type, with another key, or with other bytes", () => {
    expect(opens(envelope, "application/json")).toBeNull();
    expect(opens({ ...envelope, payloadType: "application/json" }, "application/json")).toBeNull();
    expect(opens(envelope, TYPE, [makeKey()])).toBeNull();
    expect(opens(envelope, TYPE, [])).toBeNull();
    expect(opens({ ...envelope, payload: Buffer.from('{"a":2}').toString("base64") })).toBeNull();
  });

  it("does not open with a key that was put under the name of another one", () => {
    const foreign = makeKey();
    const forged: Envelope = signEnvelope(TYPE, payload, { ...foreign, kid: key.kid });
    expect(opens(forged, TYPE, [{ ...foreign, kid: key.kid }])).toBeNull();
  });

  it("may be anything that a database can hold", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => opens(value) === null));
    const broken = { ...key, kid: kidOf(Buffer.from("x")), publicKey: Buffer.from("x") };
    expect(opens(signEnvelope(TYPE, payload, broken), TYPE, [broken])).toBeNull();
    for (const part of [null, {}, { ...envelope, signatures: [null] }, { ...envelope, signatures: [{}] }]) {
      expect(opens(part)).toBeNull();
    }
  });
});
