import { constants, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Verdict } from "#lib/domain/verdict";
import { type ContextOptions, contextOf, messageOf, NOW_MS } from "#tests/source-testing";
import { parseEventTime } from "./event-time.ts";
import { keylimeSource } from "./index.ts";

const AGENT = "0c1f6f1e-6a53-4c0c-9a51-3f7e8d1c2b3a";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pinned = { kid: "v", alg: "PS256", key: createPublicKey(rsa.privateKey) };

const msgOf = (more: object = {}) =>
  JSON.stringify({
    type: "revocation",
    ip: null,
    agent_id: AGENT,
    port: null,
    tpm_policy: "{}",
    meta_data: '{"cert_serial": 71906672046699268666356441515514540742724395900}',
    event_time: "Sun Nov 22 11:59:59 2026",
    event_id: "ima.validation.ima-ng.not_in_allowlist",
    severity_label: "emergency",
    ...more,
  });

function signatureOf(
  msg: string,
  { privateKey } = rsa,
  saltLength: number = constants.RSA_PSS_SALTLEN_MAX_SIGN,
) {
  const options = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  return sign("sha256", Buffer.from(msg), options).toString("base64");
}

const interpret = (msg: string, signature = "", options: ContextOptions = {}) =>
  keylimeSource.interpret(messageOf(JSON.stringify({ msg, signature })), contextOf(options));

async function verdict(more: object, options?: ContextOptions): Promise<Verdict> {
  const { items, rejections } = await interpret(msgOf(more), "", options);
  expect(rejections).toEqual([]);
  const [item] = items;
  if (item?.kind !== "verdict") throw new Error("no verdict");
  return item.verdict;
}

async function problem(msg: string, signature?: string, options?: ContextOptions): Promise<string> {
  const { items, rejections } = await interpret(msg, signature, options);
  expect(items).toEqual([]);
  return `${rejections[0]?.category} ${rejections[0]?.code}`;
}

describe("origin", () => {
  const keys = [pinned];

  it("verifies the signature over the exact text of msg", async () => {
    const msg = msgOf();
    const { items } = await interpret(msg, signatureOf(msg), { keys });
    expect(items[0]?.signature).toEqual({ status: "verified", kid: "v", alg: "PS256" });
    expect(await problem(`${msg} `, signatureOf(msg), { keys })).toBe("signature event/signature");
  });

  it("refuses a missing, foreign or mangled signature once a key is registered", async () => {
    const msg = msgOf();
    expect(await problem(msg, "", { keys })).toBe("signature event/signature");
    expect(await problem(msg, signatureOf(msg, otherRsa), { keys })).toBe("signature event/signature");
    expect(await problem(msg, `${signatureOf(msg)}\n`, { keys })).toBe("signature event/signature");
    expect(await problem(msg, "AAAA", { keys })).toBe("signature event/signature");
  });

  it("tries every registered PS256 key, at most eight", async () => {
    const msg = msgOf();
    const other = { ...pinned, kid: "o", key: createPublicKey(otherRsa.privateKey) };
    const { items } = await interpret(msg, signatureOf(msg), { keys: [other, pinned] });
    expect(items[0]?.signature).toMatchObject({ kid: "v" });
    expect(await problem(msg, signatureOf(msg), { keys: [...Array(8).fill(other), pinned] })).toBe(
      "signature event/signature",
    );
  });

  it("does not use a key that is registered for something else", async () => {
    const msg = msgOf();
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect(await problem(msg, signatureOf(msg), { keys: [{ ...pinned, alg: "RS256" }] })).toBe(
      "key event/key",
    );
    expect(await problem(msg, signatureOf(msg), { keys: [{ kid: "e", alg: "PS256", key: publicKey }] })).toBe(
      "key event/key",
    );
  });

  it("rests on the transport when no key is registered, signed or not", async () => {
    for (const signature of ["", signatureOf(msgOf())]) {
      const { items } = await interpret(msgOf(), signature);
      expect(items[0]?.signature).toEqual({ status: "unsigned_transport_auth" });
    }
  });
});

describe("form", () => {
  it.each([
    ["no msg", '{"signature":""}'],
    ["a msg that is no text", '{"msg":{},"signature":""}'],
    ["no signature", '{"msg":"{}"}'],
    ["a list", "[]"],
    ["no JSON", "msg=1"],
    ["a msg that is no JSON", '{"msg":"x","signature":""}'],
    [
      "a msg with a repeated key",
      '{"msg":"{\\"type\\":\\"revocation\\",\\"type\\":\\"x\\"}","signature":""}',
    ],
  ])("refuses %s as malformed", async (_, body) => {
    const { rejections } = await keylimeSource.interpret(messageOf(body), contextOf());
    expect(rejections[0]?.category).toBe("malformed");
  });

  it("refuses other types, and messages without a usable agent", async () => {
    expect(await problem(msgOf({ type: "attested" }))).toBe("claims event/claims");
    expect(await problem(msgOf({ agent_id: undefined }))).toBe("claims event/unknown-node");
    expect(await problem(msgOf({ agent_id: 7 }))).toBe("claims event/claims");
    expect(await problem(msgOf({ agent_id: "a\nb" }))).toBe("claims event/claims");
    expect(await problem(msgOf({ event_id: "a\nb" }))).toBe("claims event/claims");
  });

  it("asks for the signature before the content", async () => {
    expect(await problem("{}", "", { keys: [pinned] })).toBe("signature event/signature");
  });

  it("names agents by UUID, or by whatever the operator chose", async () => {
    expect((await verdict({})).identities).toEqual([{ kind: "agent_uuid", value: AGENT }]);
    expect((await verdict({ agent_id: "rack7" })).identities).toEqual([{ kind: "custom", value: "rack7" }]);
  });
});

describe("meaning", () => {
  const all = (value: number) => Array(8).fill(value);
  const executables = (value: number) => [0, 0, value, 0, 0, 0, 0, 0];
  const configuration = (value: number) => [0, value, 0, 0, 0, 0, 0, 0];

  it.each([
    ["qoute_validation.quote_validation", "could_not_verify", all(99)],
    ["quote_validation.quote_validation", "could_not_verify", all(99)],
    ["qoute_validation.invalid_hash_alg", "verified_bad", configuration(96)],
    ["qoute_validation.invalid_sign_alg", "verified_bad", configuration(96)],
    ["qoute_validation.missing_param", "could_not_verify", all(1)],
    ["pcr_validation.invalid_pcr_4", "verified_bad", executables(96)],
    ["pcr_validation.missing_pcrs", "verified_bad", configuration(96)],
    ["pcr_validation.unused_pcr_9", "verified_bad", configuration(96)],
    ["measured_boot.invalid_pcr_7", "could_not_verify", all(99)],
    ["measured_boot.missing_pcrs", "could_not_verify", all(99)],
    ["measured_boot.policy_strict", "verified_bad", executables(96)],
    ["ima.pcr_mismatch", "could_not_verify", all(99)],
    ["ima.quote_progress", "could_not_verify", executables(1)],
    ["ima.parser.entry", "could_not_verify", executables(1)],
    ["ima.validation.ima-ng.not_in_allowlist", "not_recognised", executables(33)],
    ["ima.validation.ima-ng.runtime_policy_hash", "verified_bad", executables(96)],
    ["ima.validator.ima-sig.invalid_signature", "verified_bad", executables(96)],
    ["ima.validation.tomtou", "could_not_verify", executables(1)],
    ["ima.validation.dm.table", "verified_bad", executables(96)],
    ["tee_attestation.report", "could_not_verify", [0, 0, 0, 0, 1, 0, 0, 0]],
    ["default.something", "verified_bad", all(0)],
    [null, "verified_bad", all(0)],
  ])("maps %s", async (event_id, outcome, vector) => {
    const mapped = await verdict({ event_id });
    expect(mapped).toMatchObject({ outcome, vector, tier: "contraindicated" });
    expect(mapped).toMatchObject({ vectorOrigin: "derived", mappingVersion: "keylime/1", submod: "" });
  });

  it.each([
    { type: "comm_error" },
    { type: "comm_error", event_id: undefined },
    { event_id: "internal.verifier.not_reachable" },
    { event_id: "internal.verifier.exception" },
  ])("states nothing about a node that did not answer: %j", async (more) => {
    const silent = await verdict(more);
    expect(silent).toMatchObject({ outcome: "unreachable", tier: "none", vector: all(0) });
    expect(silent).toMatchObject({ coverage: [], freshness: "none" });
  });

  it.each([
    ["qoute_validation.quote_validation", []],
    ["pcr_validation.invalid_pcr_4", ["identity_key", "quote_signature", "measured_boot"]],
    ["ima.pcr_mismatch", ["identity_key", "quote_signature"]],
    ["ima.validation.ima-ng.not_in_allowlist", ["identity_key", "quote_signature", "runtime_integrity"]],
  ])("claims only what was checked before %s", async (event_id, coverage) => {
    expect((await verdict({ event_id })).coverage).toEqual(coverage);
  });

  it("keeps event id, severity, values and the verifier's clock as the reason", async () => {
    const got = "AB".repeat(32);
    const context = JSON.stringify({ got: `0x${got}`, expected: ["a", "b"], message: "m", reason: "r" });
    const { reasons, measurements } = await verdict({ event_id: "pcr_validation.invalid_pcr_14", context });
    expect(reasons).toEqual([
      {
        code: "pcr_validation.invalid_pcr_14",
        component: "pcr/14",
        got: `0x${got}`,
        expected: "a, b",
        detail: "severity emergency · m; r · verifier clock Sun Nov 22 11:59:59 2026",
      },
    ]);
    expect(measurements).toEqual({ "pcr/sha256/14": got.toLowerCase() });
  });

  it("keeps a failed register only when its value is a digest", async () => {
    for (const got of ["ab", "zz".repeat(32), 5]) {
      const context = JSON.stringify({ got });
      expect((await verdict({ event_id: "pcr_validation.invalid_pcr_1", context })).measurements).toEqual({});
    }
    const context = JSON.stringify({ got: "ab".repeat(20) });
    expect((await verdict({ event_id: "ima.pcr_mismatch", context })).measurements).toEqual({});
    expect((await verdict({ event_id: "x.invalid_pcr_1", context })).measurements).toEqual({
      "pcr/sha1/1": "ab".repeat(20),
    });
  });

  it("does not let unreadable context silence the alarm", async () => {
    for (const context of ['{"message":"\\udcff"}', "not json", `{"a":${"[".repeat(40)}`, "[1]", 5, null]) {
      expect((await verdict({ context })).outcome).toBe("not_recognised");
    }
    expect((await verdict({ context: "not json" })).reasons[0]?.detail).toContain(
      "unreadable context: not json",
    );
  });
});

describe("time", () => {
  it("takes the time of receipt for live messages, whatever the verifier's clock says", async () => {
    expect((await verdict({ event_time: "Thu Jan  1 00:00:00 1970" })).observedAtMs).toBe(NOW_MS);
    expect((await verdict({ event_time: undefined })).observedAtMs).toBe(NOW_MS);
  });

  it("reads the verifier's clock as UTC in imported history, never later than now", async () => {
    const backfill = { backfill: true };
    expect((await verdict({}, backfill)).observedAtMs).toBe(NOW_MS - 1000);
    expect((await verdict({ event_time: "Sun Nov 22 20:00:00 2026" }, backfill)).observedAtMs).toBe(NOW_MS);
    expect(await problem(msgOf({ event_time: "Tue Nov 24 00:00:00 2026" }), "", backfill)).toBe(
      "expired event/future",
    );
    expect(await problem(msgOf({ event_time: "yesterday" }), "", backfill)).toBe("claims event/claims");
    expect(await problem(msgOf({ event_time: undefined }), "", backfill)).toBe("claims event/claims");
  });

  it.each([
    ["Sun Nov  1 02:03:04 2026", Date.UTC(2026, 10, 1, 2, 3, 4)],
    ["Mon Feb 30 00:00:00 2026", null],
    ["Mon Foo 03 00:00:00 2026", null],
    ["Mon Nov 03 24:00:00 2026", null],
    ["Mon Nov 03 00:60:00 2026", null],
    ["Mon Nov 03 00:00:61 2026", null],
    ["Mon Nov 03 00:00:00 1969", null],
    ["2026-11-22T00:00:00Z", null],
  ])("reads %j", (text, timeMs) => {
    expect(parseEventTime(text)).toBe(timeMs);
  });
});
