import { beforeAll, describe, expect, it } from "vitest";
import type { Verdict } from "#lib/domain/verdict";
import {
  type ContextOptions,
  contextOf,
  messageOf,
  NOW_MS,
  newSigningKey,
  type SigningKey,
  sign,
} from "#tests/source-testing";
import { earSource } from "./index.ts";

const IAT = NOW_MS / 1000;
let key: SigningKey;

beforeAll(async () => {
  key = await newSigningKey("k");
});

/** A token in the deployed spelling with one submodule, `test`. */
const token = (submod: object = {}, more: object = {}) => ({
  eat_profile: "tag:github.com,2023:veraison/ear",
  iat: IAT,
  "ear.verifier-id": { developer: "dev", build: "b1" },
  submods: { test: { "ear.status": "affirming", ...submod } },
  ...more,
});
const vector = (claims: object) => ({ "ear.trustworthiness-vector": claims });
const evidence = (claims: object) => ({ "ear.veraison.annotated-evidence": claims });

type Options = ContextOptions & { subject?: string | null };

async function interpret(payload: unknown, { subject = "n1", ...options }: Options = {}) {
  const body = await sign(key, payload);
  return earSource.interpret(messageOf(body, { subject }), contextOf({ keys: [key.pinned], ...options }));
}

async function verdict(payload: unknown, options?: Options): Promise<Verdict> {
  const { items, rejections } = await interpret(payload, options);
  expect(rejections).toEqual([]);
  const [item] = items;
  if (item?.kind !== "verdict") throw new Error("no verdict");
  return item.verdict;
}

async function problem(payload: unknown, options?: Options): Promise<string> {
  const { items, rejections } = await interpret(payload, options);
  expect(items).toEqual([]);
  return `${rejections[0]?.category} ${rejections[0]?.code}`;
}

describe("spellings", () => {
  it("reads both spellings to the same verdict", async () => {
    const draft = {
      eat_profile: "tag:github.com,2023:veraison/ear",
      iat: IAT,
      ear_verifier_id: { developer: "dev", build: "b1" },
      submods: {
        test: {
          ear_status: 32,
          ear_trustworthiness_vector: { executables: 33 },
          ear_appraisal_policy_ids: ["p"],
          ear_veraison_annotated_evidence: { a: "1" },
          ear_veraison_policy_claims: { problem: "why" },
        },
      },
    };
    const deployed = token({
      "ear.status": "warning",
      ...vector({ executables: 33 }),
      "ear.appraisal-policy-id": "p",
      ...evidence({ a: "1" }),
      "ear.veraison.policy-claims": { problem: "why" },
    });
    expect(await verdict(draft)).toEqual(await verdict(deployed));
    expect((await verdict(deployed)).verifier).toEqual({ id: "dev", build: "b1" });
  });

  it("refuses a token that states one claim in both spellings", async () => {
    expect(await problem(token({ ear_status: "contraindicated" }))).toBe("claims event/claims");
  });

  it.each([
    "tag:github.com,2023:veraison/ear",
    "tag:github.com,2024:confidential-containers/Trustee",
    "tag:ietf.org,2026:rats/ear#03",
  ])("knows the profile %s", async (profile) => {
    expect((await verdict(token({}, { eat_profile: profile }))).outcome).toBe("verified_good");
  });

  it.each([
    ["none" as const, 0],
    ["affirming" as const, 2],
    ["warning" as const, 32],
    ["contraindicated" as const, 96],
  ])("reads the status %s also as %i", async (word, number) => {
    expect((await verdict(token({ "ear.status": word }))).tier).toBe(word);
    expect((await verdict(token({ "ear.status": number }))).tier).toBe(word);
  });
});

describe("schema", () => {
  it.each([
    ["an unknown profile", token({}, { eat_profile: "test" })],
    ["no profile", token({}, { eat_profile: undefined })],
    ["no claims at all", {}],
    ["a list", []],
    ["no date", token({}, { iat: undefined })],
    ["a date that is text", token({}, { iat: "1666091373" })],
    ["a negative date", token({}, { iat: -1 })],
    ["a date beyond the year 9999", token({}, { iat: 253_402_300_800 })],
    ["no verifier", token({}, { "ear.verifier-id": undefined })],
    ["a verifier without build", token({}, { "ear.verifier-id": { developer: "d" } })],
    ["no submodules", token({}, { submods: {} })],
    [
      "too many submodules",
      token(
        {},
        { submods: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`s${i}`, { "ear.status": 2 }])) },
      ),
    ],
    ["a submodule that is no object", token({}, { submods: { a: "x" } })],
    ["a submodule without name", token({}, { submods: { "": { "ear.status": 2 } } })],
    ["a submodule with a line break in its name", token({}, { submods: { "a\nb": { "ear.status": 2 } } })],
    ["no status", token({ "ear.status": undefined })],
    ["an unknown status", token({ "ear.status": "trusted" })],
    ["an unknown claim", token(vector({ "future-claim": 96 }))],
    ["a claim that is no signed byte", token(vector({ executables: 200 }))],
    ["an expiry before the issue", token({}, { exp: IAT - 1 })],
    ["a nonce that is no text", token({}, { eat_nonce: 5 })],
  ])("refuses %s", async (_, payload) => {
    expect(await problem(payload)).toBe("claims event/claims");
  });

  it("refuses one bad submodule with the whole token", async () => {
    const submods = { good: { "ear.status": "affirming" }, bad: { "ear.status": "?" } };
    expect(await problem(token({}, { submods }))).toBe("claims event/claims");
  });

  it("refuses a payload that is no acceptable JSON", async () => {
    expect(await problem('{"iat":1,"iat":2}')).toBe("malformed event/malformed");
  });

  it("keeps 64-bit counters exactly", async () => {
    const text = JSON.stringify(token(evidence({ svn: 1 }))).replace('"svn":1', '"svn":18446744073709551615');
    expect((await verdict(text)).measurements).toEqual({ svn: "18446744073709551615" });
  });

  it("reads dates with fraction and exponent", async () => {
    expect((await verdict(token({}, { iat: IAT + 0.25 }))).observedAtMs).toBe(NOW_MS + 250);
    const text = JSON.stringify(token()).replace(String(IAT), "1.795348800e+09");
    expect((await verdict(text)).observedAtMs).toBe(NOW_MS);
  });
});

describe("trust", () => {
  it("takes the worse of the stated status and the vector", async () => {
    const better = await verdict(token(vector({ executables: 96 })));
    expect(better).toMatchObject({ tier: "contraindicated", outcome: "verified_bad", statusMismatch: true });
    expect(better.reasons.map(({ code }) => code)).toContain("ear.status-mismatch");
    const worse = await verdict(token({ "ear.status": "warning", ...vector({ executables: 2 }) }));
    expect(worse).toMatchObject({ tier: "warning", statusMismatch: false });
    expect(worse.reasons.map(({ code }) => code)).toEqual(["ear.status.warning"]);
    const silent = await verdict(token({ "ear.status": "none", ...vector({ hardware: 97 }) }));
    expect(silent).toMatchObject({ tier: "contraindicated", statusMismatch: true });
    const modest = await verdict(token({ "ear.status": "none", ...vector({ hardware: 2 }) }));
    expect(modest.statusMismatch).toBe(false);
  });

  it.each([
    ["warning", { executables: 33 }, "not_recognised"],
    ["contraindicated", { hardware: 97, executables: 33, configuration: 36 }, "not_recognised"],
    ["contraindicated", { configuration: 99 }, "could_not_verify"],
    ["contraindicated", { executables: 96, hardware: 97 }, "verified_bad"],
    ["affirming", { executables: 2 }, "verified_good"],
  ])("keeps the kinds of not-green apart: %s, %j", async (status, claims, outcome) => {
    expect((await verdict(token({ "ear.status": status, ...vector(claims) }))).outcome).toBe(outcome);
  });

  it("gives the verifier's problem and one reason per claim that is not affirming", async () => {
    const { reasons } = await verdict(
      token({
        "ear.status": "contraindicated",
        ...vector({ hardware: 99, executables: 2 }),
        "ear.veraison.policy-claims": { problem: "no trust anchor" },
      }),
    );
    expect(reasons).toEqual([
      { code: "ear.problem", component: "test", detail: "no trust anchor" },
      {
        code: "ar4si.hardware.99",
        component: "hardware",
        detail: "cryptographic validation of the evidence failed",
      },
    ]);
  });

  it("spreads a status of the whole result that no submodule explains", async () => {
    const submods = { a: { ear_status: 2 }, b: { ear_status: 32 } };
    const tiers = async (ear_status: number) =>
      (await interpret(token({}, { submods, ear_status }))).items.map(
        (item) => item.kind === "verdict" && item.verdict.tier,
      );
    expect(await tiers(32)).toEqual(["affirming", "warning"]);
    expect(await tiers(96)).toEqual(["contraindicated", "contraindicated"]);
    const { reasons } = await verdict(token({}, { submods, ear_status: 96 }));
    expect(reasons.map(({ code }) => code)).toEqual(["ear.global-status.contraindicated"]);
  });

  it.each([
    [{ "instance-identity": 2 }, ["identity_key", "quote_signature"]],
    [{ executables: 33 }, ["measured_boot"]],
    [{ "file-system": 2 }, ["runtime_integrity"]],
    [{ hardware: 97 }, ["quote_signature"]],
    [{ configuration: 2, "runtime-opaque": 2, "storage-opaque": 2, "sourced-data": 2 }, []],
    [{ "instance-identity": 99, executables: 1, "file-system": -1, hardware: 0 }, []],
  ])("claims no more coverage than %j says", async (claims, coverage) => {
    expect((await verdict(token(vector(claims)))).coverage).toEqual(coverage);
  });

  it("counts a TCB status in the evidence as coverage", async () => {
    expect((await verdict(token(evidence({ tdx: { tcb_status: "UpToDate" } })))).coverage).toEqual([
      "tcb_level",
    ]);
  });

  it("believes in fresh evidence only where the draft defines a submodule's nonce", async () => {
    const profile = "tag:ietf.org,2026:rats/ear#03";
    const nonce = { eat_nonce: "0123456789" };
    expect((await verdict(token(nonce, { eat_profile: profile }))).freshness).toBe("evidence");
    expect((await verdict(token(nonce))).freshness).toBe("result_only");
    expect((await verdict(token({}, { ...nonce, eat_profile: profile }))).freshness).toBe("result_only");
  });

  it("gives one verdict per submodule, under the submodule's name", async () => {
    const submods = { cpu0: { "ear.status": 2 }, gpu1: { "ear.status": 96 } };
    const { items } = await interpret(token({}, { submods }));
    expect(items.map((item) => item.kind === "verdict" && [item.verdict.submod, item.verdict.tier])).toEqual([
      ["cpu0", "affirming"],
      ["gpu1", "contraindicated"],
    ]);
  });
});

describe("node identity", () => {
  const psa = evidence({ "psa-instance-id": "psa-1" });
  const none = { subject: null };

  it("prefers the subject, then the operator's pointer, then known claims", async () => {
    const pointer = { settings: { nodeIdPointer: "/ear.verifier-id/build" } };
    expect((await verdict(token(psa), { ...pointer, subject: "n1" })).identities).toEqual([
      { kind: "custom", value: "n1" },
    ]);
    expect((await verdict(token(psa), { ...pointer, ...none })).identities).toEqual([
      { kind: "custom", value: "b1" },
    ]);
    expect((await verdict(token(psa), none)).identities).toEqual([{ kind: "psa_instance", value: "psa-1" }]);
  });

  it("gives a pointer to a known claim that claim's kind", async () => {
    const nodeIdPointer = "/submods/test/ear.veraison.annotated-evidence/psa-instance-id";
    const { identities } = await verdict(token(psa), { ...none, settings: { nodeIdPointer } });
    expect(identities).toEqual([{ kind: "psa_instance", value: "psa-1" }]);
  });

  it.each([
    [{ "cca-platform-instance-id": "c" }, "cca_platform_instance"],
    [{ cca: { platform: { "cca-platform-instance-id": "c" } } }, "cca_platform_instance"],
    [{ ueid: "c" }, "ueid"],
    [{ "node-id": "c" }, "custom"],
  ])("finds the device in %j", async (claims, kind) => {
    expect((await verdict(token(evidence(claims)), none)).identities).toEqual([{ kind, value: "c" }]);
  });

  it("refuses a token that names no node, or a pointer that leads nowhere", async () => {
    expect(await problem(token(), none)).toBe("claims event/unknown-node");
    expect(await problem(token(psa), { ...none, settings: { nodeIdPointer: "/nowhere" } })).toBe(
      "claims event/unknown-node",
    );
  });

  it("refuses a token whose submodules name different devices", async () => {
    const of = (id: string) => ({ "ear.status": 2, ...evidence({ "psa-instance-id": id }) });
    expect(await problem(token({}, { submods: { a: of("1"), b: of("2") } }), none)).toBe(
      "claims event/identity-conflict",
    );
    expect(
      (await verdict(token({}, { submods: { a: of("1"), b: of("1") } }), none)).identities[0]?.value,
    ).toBe("1");
  });

  it("keeps foreign text exactly and refuses what is no name", async () => {
    for (const name of ["e\u0301", "\u00e9", "нода", "a‮b"]) {
      expect((await verdict(token(), { subject: name })).identities[0]?.value).toBe(name);
    }
    for (const name of ["", " ", "a\nb", "a\u0000", "x".repeat(257)]) {
      expect(await problem(token(), { subject: name })).toBe("claims event/claims");
    }
    expect(await problem(token(evidence({ "psa-instance-id": { a: 1 } })), none)).toBe("claims event/claims");
  });
});

describe("time", () => {
  it("refuses old, expired, future and not yet valid tokens", async () => {
    expect(await problem(token({}, { iat: IAT - 301 }))).toBe("expired event/expired");
    expect(await problem(token({}, { iat: IAT - 10, exp: IAT - 1 }))).toBe("expired event/expired");
    expect(await problem(token({}, { iat: IAT + 301 }))).toBe("expired event/future");
    expect(await problem(token({}, { nbf: IAT + 301 }))).toBe("expired event/future");
  });

  it("accepts old tokens as history and keeps their dates", async () => {
    const old = await verdict(token({}, { iat: 1000, exp: 1300 }), { backfill: true });
    expect(old).toMatchObject({ observedAtMs: 1_000_000, expiresAtMs: 1_300_000 });
  });

  it("asks for the claims before the date", async () => {
    expect(await problem(token({ "ear.status": "?" }, { iat: 1 }))).toBe("claims event/claims");
  });
});
