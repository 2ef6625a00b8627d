import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import type { Verdict } from "#lib/domain/verdict";
import {
  type ContextOptions,
  contextOf,
  messageOf,
  NOW_MS,
  newSigningKey,
  type SigningKey,
  sha256,
  sign,
} from "#tests/source-testing";
import { genericSource } from "./index.ts";

let key: SigningKey;

beforeAll(async () => {
  key = await newSigningKey("k");
});

const base = {
  schema: "touchstone.verdict/1",
  node: { id: "n1", idType: "system_uuid" },
  observedAt: "2026-11-22T12:00:00Z",
  outcome: "verified_good",
};
const bootstrap = {
  schema: "touchstone.bootstrap/1",
  type: "provisioning.registered",
  outcome: "success",
  occurredAt: "2026-11-22T12:00:00Z",
  identities: [{ kind: "serial", value: "s1" }],
};

type Options = ContextOptions & { subject?: string | null };

const interpret = (document: unknown, { subject = null, ...options }: Options = {}) =>
  genericSource.interpret(
    messageOf(typeof document === "string" ? document : JSON.stringify(document), { subject }),
    contextOf(options),
  );

async function only(document: unknown, options?: Options) {
  const { items, rejections } = await interpret(document, options);
  expect(rejections).toEqual([]);
  expect(items).toHaveLength(1);
  const [item] = items;
  if (item === undefined) throw new Error("no item");
  return item;
}

async function verdict(more: object = {}, options?: Options): Promise<Verdict> {
  const item = await only({ ...base, ...more }, options);
  if (item.kind !== "verdict") throw new Error("no verdict");
  return item.verdict;
}

async function event(more: object = {}, options?: Options): Promise<BootstrapEvent> {
  const item = await only({ ...bootstrap, ...more }, options);
  if (item.kind !== "bootstrap") throw new Error("no bootstrap event");
  return item.event;
}

async function problem(document: unknown, options?: Options): Promise<string> {
  const { items, rejections } = await interpret(document, options);
  expect(items).toEqual([]);
  return `${rejections[0]?.category} ${rejections[0]?.code}`;
}

describe("origin", () => {
  it("accepts plain documents on the transport's word while no key is registered", async () => {
    const item = await only(base);
    expect(item).toMatchObject({
      rawMediaType: "application/json",
      signature: { status: "unsigned_transport_auth" },
    });
  });

  it("insists on signed documents once a key is registered", async () => {
    const keys = [key.pinned];
    expect(await problem(base, { keys })).toBe("signature event/signature");
    expect(await problem(` \n${JSON.stringify(base)}`, { keys })).toBe("signature event/signature");
    const token = await sign(key, base);
    const item = await only(token, { keys });
    expect(item).toMatchObject({
      rawMediaType: "application/jose",
      signature: { status: "verified", kid: "k" },
    });
    expect(new TextDecoder().decode(item.raw)).toBe(token);
  });

  it("does not believe a signature that no registered key made", async () => {
    const token = await sign(key, base);
    expect(await problem(token)).toBe("key event/key");
    const other = await newSigningKey("o");
    expect(await problem(token, { keys: [other.pinned] })).toBe("signature event/signature");
  });
});

describe("documents", () => {
  it.each([
    ["no schema", { ...base, schema: undefined }, "claims event/invalid"],
    ["another schema", { ...base, schema: "touchstone.verdict/2" }, "claims event/invalid"],
    ["an unknown member", { ...base, outcom: "x" }, "claims event/invalid"],
    ["an unknown member inside", { ...base, node: { ...base.node, ip: "x" } }, "claims event/invalid"],
    ["no node", { ...base, node: undefined }, "claims event/invalid"],
    ["a node id with a line break", { ...base, node: { id: "a\nb" } }, "claims event/invalid"],
    ["a time without zone", { ...base, observedAt: "2026-11-22T12:00:00" }, "claims event/invalid"],
    ["an unknown outcome", { ...base, outcome: "good" }, "claims event/invalid"],
    ["a vector with an unknown claim", { ...base, vector: { firmware: 2 } }, "claims event/invalid"],
    ["a vector of seven", { ...base, vector: [0, 0, 0, 0, 0, 0, 0] }, "claims event/invalid"],
    ["a vector beyond a byte", { ...base, vector: { hardware: 300 } }, "claims event/invalid"],
    ["an unknown coverage", { ...base, coverage: ["everything"] }, "claims event/invalid"],
    ["a measurement that is no text", { ...base, measurements: { a: 1 } }, "claims event/invalid"],
    ["neither outcome nor status", { ...base, outcome: undefined }, "claims event/claims"],
    [
      "an expiry before the observation",
      { ...base, expiresAt: "2026-11-22T11:00:00Z" },
      "claims event/claims",
    ],
    ["an unknown event type", { ...bootstrap, type: "node.exploded" }, "claims event/invalid"],
    ["an unknown reason", { ...bootstrap, reasonCode: "bad_luck" }, "claims event/invalid"],
    ["a list", [base], "malformed event/malformed"],
    ["a repeated key", '{"schema":"a","schema":"b"}', "malformed event/malformed"],
    [
      "an integer that would be rounded",
      JSON.stringify(base).replace('"outcome"', '"vector":[9007199254740993],"outcome"'),
      "malformed event/malformed",
    ],
  ])("refuses %s", async (_, document, expected) => {
    expect(await problem(document)).toBe(expected);
  });

  it("takes what is left out as not known", async () => {
    expect(await verdict()).toEqual({
      identities: [{ kind: "system_uuid", value: "n1" }],
      displayName: null,
      submod: "",
      observedAtMs: NOW_MS,
      expiresAtMs: null,
      outcome: "verified_good",
      tier: "affirming",
      vector: [0, 0, 0, 0, 0, 0, 0, 0],
      vectorOrigin: "native",
      mappingVersion: null,
      statusMismatch: false,
      coverage: [],
      measurements: {},
      reasons: [],
      policyIds: [],
      verifier: { id: null, build: null },
      freshness: "none",
    });
  });

  it("keeps event logs as evidence, broken or not, and takes nothing from them", async () => {
    const plain = await verdict();
    expect(await verdict({ eventLogs: { tpm2: "AAAA", ima: "no log" } })).toEqual(plain);
    expect(await problem({ ...base, eventLogs: { tmp2: "AAAA" } })).toBe("claims event/invalid");
    expect(await problem({ ...base, eventLogs: { tpm2: ["AAAA"] } })).toBe("claims event/invalid");
  });

  it("reads a vector by names and by position alike", async () => {
    const byName = await verdict({ vector: { executables: 3, hardware: 2 } });
    expect(await verdict({ vector: [0, 0, 3, 0, 2, 0, 0, 0] })).toEqual(byName);
  });

  it("lists every identity once, the node's own first", async () => {
    const identities = [
      { kind: "system_uuid", value: "n1" },
      { kind: "serial", value: "s" },
    ];
    const { identities: found } = await verdict({ node: { ...base.node, hostname: "h", identities } });
    expect(found).toEqual([...identities, { kind: "hostname", value: "h" }]);
  });

  it("refuses a verdict on a node that only weak names point to", async () => {
    expect(await problem({ ...base, node: { id: "h", idType: "hostname" } })).toBe(
      "claims event/unknown-node",
    );
    const identities = [{ kind: "serial", value: "s" }];
    expect((await verdict({ node: { id: "h", idType: "hostname", identities } })).identities).toHaveLength(2);
  });

  it("refuses a subject that names another node", async () => {
    expect((await verdict({}, { subject: "n1" })).identities[0]?.value).toBe("n1");
    expect(await problem(base, { subject: "n2" })).toBe("claims event/identity-conflict");
    expect(await problem(base, { subject: "a\nb" })).toBe("claims event/claims");
    expect(await problem(bootstrap, { subject: "n2" })).toBe("claims event/identity-conflict");
    expect((await event({}, { subject: "s1" })).identities).toEqual(bootstrap.identities);
    expect((await event({ identities: [] }, { subject: "n2" })).identities).toEqual([
      { kind: "custom", value: "n2" },
    ]);
  });
});

describe("trust", () => {
  it.each([
    [{ outcome: "verified_good" }, "verified_good", "affirming"],
    [{ outcome: "verified_bad" }, "verified_bad", "contraindicated"],
    [{ outcome: "not_recognised" }, "not_recognised", "warning"],
    [{ outcome: "could_not_verify" }, "could_not_verify", "warning"],
    [{ outcome: "unreachable" }, "unreachable", "none"],
    [{ outcome: "pending" }, "pending", "none"],
    [{ status: "affirming" }, "verified_good", "affirming"],
    [{ status: "warning" }, "verified_bad", "warning"],
    [{ status: "none" }, "pending", "none"],
    [{ status: "warning", vector: { executables: 33 } }, "not_recognised", "warning"],
    [{ outcome: "not_recognised", vector: { hardware: 97 } }, "not_recognised", "contraindicated"],
    [{ outcome: "could_not_verify", vector: { hardware: 99 } }, "could_not_verify", "contraindicated"],
    [{ outcome: "not_recognised", vector: { executables: 96 } }, "verified_bad", "contraindicated"],
    [{ outcome: "could_not_verify", vector: { hardware: 2 } }, "could_not_verify", "warning"],
  ])("reads %j", async (more, outcome, tier) => {
    expect(await verdict({ outcome: undefined, ...more })).toMatchObject({
      outcome,
      tier,
      statusMismatch: false,
    });
  });

  it.each([
    [{ outcome: "verified_good", vector: { executables: 96 } }, "verified_bad", "contraindicated"],
    [{ outcome: "verified_good", vector: { executables: 33 } }, "not_recognised", "warning"],
    [
      { outcome: undefined, status: "warning", vector: { hardware: 97 } },
      "not_recognised",
      "contraindicated",
    ],
  ])("never lets %j look better than its vector", async (more, outcome, tier) => {
    expect(await verdict(more)).toMatchObject({ outcome, tier, statusMismatch: true });
  });

  it.each([
    { outcome: "verified_good", status: "warning" },
    { outcome: "verified_bad", status: "affirming" },
    { outcome: "unreachable", vector: { hardware: 2 } },
    { outcome: "pending", vector: { hardware: 1 } },
  ])("refuses a document that contradicts itself: %j", async (more) => {
    expect(await problem({ ...base, ...more })).toBe("claims event/claims");
  });

  it("adds a reason per claim that is not affirming to the sender's own", async () => {
    const { reasons } = await verdict({
      outcome: "verified_bad",
      vector: { executables: 96 },
      reasons: [{ code: "x", got: "1" }],
    });
    expect(reasons).toEqual([
      { code: "x", got: "1" },
      expect.objectContaining({ code: "ar4si.executables.96" }),
    ]);
  });
});

describe("bootstrap events", () => {
  it("keeps the sender's id, else takes the digest of the document", async () => {
    expect((await event({ externalId: "e-1" })).externalId).toBe("e-1");
    const bytes = new TextEncoder().encode(JSON.stringify(bootstrap));
    expect((await event()).externalId).toBe(sha256(bytes));
  });

  it("takes what is left out as not known", async () => {
    expect(await event({ identities: [] })).toMatchObject({
      reasonCode: null,
      reasonText: null,
      identities: [],
      displayName: null,
      actor: { kind: "unknown", id: null, address: null },
      method: null,
      requestId: null,
      redactions: [],
    });
  });
});

describe("the provenance of an image", () => {
  const image = { type: "provisioning.image_completed" };
  const digest = "0f".repeat(32);

  it("is what the document states, and nothing when it states nothing", async () => {
    const stated = await event({ ...image, provenance: { verified: true, by: "cosign", digest } });
    expect(stated.provenance).toEqual({ verified: true, by: "cosign", digest });
    const least = { verified: false, by: null, digest: null };
    expect((await event({ ...image, provenance: { verified: false } })).provenance).toEqual(least);
    expect((await event({ ...image, provenance: least })).provenance).toEqual(least);
    expect(await event(image)).not.toHaveProperty("provenance");
  });

  it.each([
    ["of another event", { type: "provisioning.image_failed", provenance: { verified: true } }],
    ["without a verdict", { ...image, provenance: { by: "cosign" } }],
    ["with a verdict that is no boolean", { ...image, provenance: { verified: "true" } }],
    ["with an unknown member", { ...image, provenance: { verified: true, signer: "x" } }],
    ["by nobody", { ...image, provenance: { verified: true, by: " " } }],
    ["by a name that is too long", { ...image, provenance: { verified: true, by: "x".repeat(201) } }],
    ["by a name with a control character", { ...image, provenance: { verified: true, by: "a\u0007b" } }],
    ["of half a digest", { ...image, provenance: { verified: true, digest: digest.slice(2) } }],
    ["of a digest in capitals", { ...image, provenance: { verified: true, digest: digest.toUpperCase() } }],
    ["of null", { ...image, provenance: null }],
  ])("is refused %s", async (_, more) => {
    expect(await problem({ ...bootstrap, ...more })).toBe("claims event/invalid");
  });
});

describe("time", () => {
  it("refuses documents from outside the window, and none as history but the future's", async () => {
    const at = (time: string) => ({ ...base, observedAt: time });
    expect(await problem(at("2026-11-22T11:54:59Z"))).toBe("expired event/expired");
    expect(await problem(at("2026-11-22T12:05:01Z"))).toBe("expired event/future");
    expect(
      await problem({ ...base, observedAt: "2026-11-22T11:58:00Z", expiresAt: "2026-11-22T11:59:00Z" }),
    ).toBe("expired event/expired");
    expect(await problem({ ...bootstrap, occurredAt: "2026-11-22T11:54:59Z" })).toBe("expired event/expired");
    expect((await interpret(at("2020-01-01T00:00:00Z"), { backfill: true })).items).toHaveLength(1);
  });

  it("accepts a day's delay by default", () => {
    expect(genericSource.defaults.acceptPastMs).toBe(86_400_000);
  });
});

describe("the guide", () => {
  it("shows only documents that are accepted as they stand", async () => {
    const page = readFileSync(new URL("../../../docs/guide/connect-generic.md", import.meta.url), "utf8");
    const examples = [...page.matchAll(/(?:<<EOF|```json)\n(\{[\s\S]*?\n\})\n/g)].map(([, text = ""]) => {
      const parsed = JSON.parse(text.replace(/\$\(date [^)]*\)/, base.observedAt));
      return parsed.specversion === undefined ? parsed : parsed.data;
    });
    expect(examples).toHaveLength(4);
    const { defaults: settings } = genericSource;
    for (const example of examples) expect((await interpret(example, { settings })).rejections).toEqual([]);
  });
});
