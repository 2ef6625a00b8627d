import { generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256Hex } from "#lib/sources/shared/text";
import { contextOf, messageOf, NOW_MS } from "#tests/source-testing";
import { newAuthority } from "#tests/stubs/pki";
import { keylimeSource } from "./index.ts";
import { fingerprintOf, keyOfPublicArea } from "./tpm-public.ts";

const AGENT = "0c1f6f1e-6a53-4c0c-9a51-3f7e8d1c2b3a";
const sized = (...parts: Buffer[]) => {
  const content = Buffer.concat(parts);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(content.byteLength);
  return Buffer.concat([size, content]);
};
const hex = (text: string) => Buffer.from(text, "hex");
const member = (key: KeyObject, name: "n" | "x" | "y") =>
  Buffer.from(String(key.export({ format: "jwk" })[name]), "base64url");

/** A storage key as an EK is: AES-128-CFB inside, no scheme, exponent by default. */
const rsaArea = (key: KeyObject) =>
  sized(
    hex("0001000b000300b2"),
    sized(Buffer.alloc(32, 1)),
    hex("00060080004300100800" + "00000000"),
    sized(member(key, "n")),
  ).toString("base64");
/** A signing key as an AK is: ECDSA with SHA-256. */
const eccArea = (key: KeyObject) =>
  sized(
    hex("0023000b00050072"),
    sized(),
    hex("00100018000b0003" + "0010"),
    sized(member(key, "x")),
    sized(member(key, "y")),
  ).toString("base64");

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const ecc = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
const entry = { ek_tpm: rsaArea(rsa), aik_tpm: eccArea(ecc), ekcert: null, ip: "192.0.2.7", regcount: 1 };
const digest = (area: string) => sha256Hex(Buffer.from(area, "base64"));
const previous = { ek: digest(entry.ek_tpm), aik: digest(entry.aik_tpm), regcount: 1 };

const document = (more: object = {}) => ({
  schema: "touchstone.keylime.registrar/1",
  observedAt: new Date(NOW_MS - 1000).toISOString(),
  agentId: AGENT,
  entry,
  previous: null,
  ...more,
});
async function events(more: object = {}) {
  const { items, rejections } = await keylimeSource.interpret(
    messageOf(JSON.stringify(document(more))),
    contextOf(),
  );
  expect(rejections.map(({ detail }) => detail)).toEqual([]);
  return items.flatMap((item) => (item.kind === "bootstrap" ? [item.event] : []));
}
const types = async (more: object) => (await events(more)).map(({ type }) => type);

describe("public areas", () => {
  it("hold the very key that certificates carry", () => {
    for (const [key, area] of [
      [rsa, rsaArea(rsa)],
      [ecc, eccArea(ecc)],
    ] as const) {
      const found = keyOfPublicArea(area);
      expect(found?.equals(key)).toBe(true);
      expect(found && fingerprintOf(found)).toBe(sha256Hex(key.export({ type: "spki", format: "der" })));
    }
  });

  it("hold no key when they are cut short or made up, and never throw", () => {
    const area = Buffer.from(rsaArea(rsa), "base64");
    fc.assert(
      fc.property(fc.nat(area.byteLength - 1), fc.uint8Array({ maxLength: 64 }), (cut, bytes) => {
        expect(keyOfPublicArea(area.subarray(0, cut).toString("base64"))).toBeNull();
        keyOfPublicArea(Buffer.from(bytes).toString("base64"));
      }),
    );
    for (const text of [undefined, null, "", 5, "AAAA", "x".repeat(10_000)])
      expect(keyOfPublicArea(text)).toBeNull();
  });
});

describe("registrations", () => {
  it("name the node by its keys", async () => {
    const [event] = await events();
    expect(event).toMatchObject({
      type: "enrollment.credential_issued",
      outcome: "success",
      method: "tpm_ek",
      occurredAtMs: NOW_MS - 1000,
      reasonText: null,
    });
    expect(event?.identities).toEqual([
      { kind: "agent_uuid", value: AGENT },
      { kind: "ek_sha256", value: fingerprintOf(rsa) },
      { kind: "ak_sha256", value: fingerprintOf(ecc) },
      { kind: "ip", value: "192.0.2.7" },
    ]);
  });

  it.each([
    ["the first time", {}, ["enrollment.credential_issued"]],
    ["for the third time", { entry: { ...entry, regcount: 3 } }, ["enrollment.credential_renewed"]],
    [
      "again, with the same keys",
      { entry: { ...entry, regcount: 2 }, previous },
      ["enrollment.credential_renewed"],
    ],
    ["at another address", { entry: { ...entry, ip: "192.0.2.8" }, previous }, []],
    [
      "with another TPM",
      { entry: { ...entry, ek_tpm: rsaArea(otherRsa), regcount: 2 }, previous },
      ["anomaly.identity"],
    ],
    [
      "with another key of the TPM",
      { previous: { ...previous, aik: "00".repeat(32) } },
      ["anomaly.identity"],
    ],
    ["without a TPM", { entry: { ...entry, ek_tpm: null }, previous }, ["anomaly.identity"]],
    ["not any more", { entry: null, previous }, ["identity.evicted"]],
  ])("tells of an agent that is registered %s", async (_, more, expected) => {
    expect(await types(more)).toEqual(expected);
  });

  it("never give a stranger's keys to the node whose id it uses", async () => {
    const [event] = await events({ entry: { ...entry, ek_tpm: rsaArea(otherRsa) }, previous });
    expect(event).toMatchObject({
      reasonCode: "tofu_conflict",
      identities: [{ kind: "agent_uuid", value: AGENT }],
    });
    expect(event?.reasonText).toContain(previous.ek);
  });

  it("with a certificate about another key are an anomaly", async () => {
    const { cert } = newAuthority("tpm vendor");
    const ekcert = cert.replace(/-----[^-]+-----|\n/g, "");
    const [event] = await events({ entry: { ...entry, ekcert } });
    expect(event).toMatchObject({ type: "anomaly.identity", reasonCode: "subject_mismatch" });
    expect(event?.identities).toHaveLength(1);
  });

  it("are one event however often they are told", async () => {
    const [first] = await events();
    const [again] = await events({ observedAt: new Date(NOW_MS).toISOString() });
    expect(again?.externalId).toBe(first?.externalId);
  });
});
