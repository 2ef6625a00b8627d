import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { laneStateOf, severityOf } from "#lib/domain/trust-status";
import type { Verdict } from "#lib/domain/verdict";
import { type ContextOptions, contextOf, messageOf, NOW_MS, newSigningKey } from "#tests/source-testing";
import { keylimeSource } from "./index.ts";

const AGENT = "0c1f6f1e-6a53-4c0c-9a51-3f7e8d1c2b3a";
const NOW = NOW_MS / 1000;
const KEY = "ab".repeat(32);

const status = (more: object = {}) => ({
  operational_state: 3,
  attestation_status: "PASS",
  attestation_count: 10,
  last_received_quote: NOW - 10,
  last_successful_attestation: NOW - 10,
  severity_level: null,
  last_event_id: null,
  has_mb_refstate: 1,
  has_runtime_policy: 1,
  verifier_id: "rack7",
  ...more,
});
const document = (statusMore: object | null = {}, more: object = {}) => ({
  schema: "touchstone.keylime.poll/1",
  observedAt: new Date(NOW_MS - 1000).toISOString(),
  agentId: AGENT,
  status: statusMore && status(statusMore),
  activation: { seen: "first", successAt: NOW - 1000 },
  unansweredPolls: 0,
  silence: null,
  attestation: null,
  registration: null,
  configured: { measuredBootPolicy: null },
  ...more,
});

const interpret = (value: unknown, options: ContextOptions = {}, mediaType = "application/json") =>
  keylimeSource.interpret(messageOf(JSON.stringify(value), { mediaType }), contextOf(options));

async function verdict(value: unknown): Promise<Verdict | null> {
  const { items, rejections } = await interpret(value);
  expect(rejections.map(({ detail }) => detail)).toEqual([]);
  return items.flatMap((item) => (item.kind === "verdict" ? [item.verdict] : []))[0] ?? null;
}

describe("a pass", () => {
  it("is dated by its quote and claims what the policies cover", async () => {
    expect(await verdict(document())).toMatchObject({
      identities: [{ kind: "agent_uuid", value: AGENT }],
      observedAtMs: NOW_MS - 10_000,
      outcome: "verified_good",
      tier: "affirming",
      vector: [0, 0, 2, 2, 0, 0, 0, 0],
      vectorOrigin: "derived",
      mappingVersion: "keylime-poll/1",
      coverage: ["identity_key", "quote_signature", "measured_boot", "runtime_integrity"],
      verifier: { id: "rack7", build: null },
      freshness: "evidence",
      reasons: [],
    });
  });

  it.each([
    ["no policy", { has_mb_refstate: 0, has_runtime_policy: 0 }, {}, [], 0],
    ["boot only", { has_runtime_policy: 0 }, {}, ["measured_boot"], 3],
    ["files only", { has_mb_refstate: 0 }, {}, ["runtime_integrity"], 2],
    ["accept-all", { has_runtime_policy: 0 }, { configured: { measuredBootPolicy: "accept-all" } }, [], 0],
    ["a mask alone", { has_mb_refstate: 0, has_runtime_policy: 0, tpm_policy: '{"mask":"0x7"}' }, {}, [], 0],
    [
      "other registers",
      { has_mb_refstate: 0, has_runtime_policy: 0, tpm_policy: '{"22":["00"]}' },
      {},
      [],
      0,
    ],
    [
      "boot registers",
      { has_mb_refstate: 0, has_runtime_policy: 0, tpm_policy: '{"7":["00"]}' },
      {},
      ["measured_boot"],
      3,
    ],
    ["an empty list", { has_mb_refstate: 0, has_runtime_policy: 0, tpm_policy: '{"7":[]}' }, {}, [], 0],
    ["an unreadable policy", { has_mb_refstate: 0, has_runtime_policy: 0, tpm_policy: "{" }, {}, [], 0],
  ])("covers nothing beyond its policies: %s", async (_, said, more, coverage, executables) => {
    const found = await verdict(document(said, more));
    expect(found).toMatchObject({ outcome: "verified_good", tier: "affirming" });
    expect(found?.coverage).toEqual(["identity_key", "quote_signature", ...coverage]);
    expect(found?.vector[2]).toBe(executables);
  });

  it("says nothing until a success belongs to this activation", async () => {
    const again = { activation: { seen: "again", successAt: NOW - 10 } };
    expect(await verdict(document({}, again))).toBeNull();
    expect(await verdict(document({ last_successful_attestation: NOW - 9 }, again))).not.toBeNull();
    const failedBefore = { activation: { seen: "first", successAt: NOW - 100 } };
    const stale = { last_received_quote: NOW - 10, last_successful_attestation: NOW - 100 };
    expect(await verdict(document(stale, failedBefore))).toBeNull();
  });

  it("is a warning as long as the verifier keeps a failure that its severity policy tolerates", async () => {
    expect(
      await verdict(document({ last_event_id: "ima.validation.tomtou", severity_level: 2 })),
    ).toMatchObject({
      outcome: "verified_bad",
      tier: "warning",
      reasons: [{ code: "ima.validation.tomtou", detail: expect.stringContaining("severity 2") }],
    });
  });

  it("brings the registers of its evidence, and each boot once", async () => {
    const attestation = {
      evaluation: "pass",
      evidence_received_at: new Date(NOW_MS - 10_000).toISOString(),
      evidence: [
        {
          meta: {
            pcrs: { sha256: { "7": `0x${"0A".repeat(32)}`, "77777": "00", x: "aa" }, "../up": { "0": "bb" } },
            clock_info: { reset_count: 4, restart_count: 1 },
          },
        },
      ],
    };
    const { items } = await interpret(document({ operational_state: null }, { attestation }));
    expect(
      items.map((item) => (item.kind === "verdict" ? item.verdict.measurements : item.event.type)),
    ).toEqual([{ "pcr/sha256/7": "0a".repeat(32) }, "node.rebooted"]);
    const later = await interpret(
      document({ operational_state: null, attestation_count: 11 }, { attestation }),
    );
    const idOf = ({ items: found }: typeof later) =>
      found.flatMap((item) => (item.kind === "bootstrap" ? [item.event.externalId] : []));
    expect(idOf(later)).toEqual(idOf({ items, rejections: [] }));
  });
});

describe("what is not a pass", () => {
  const recent = { last_received_quote: NOW - 5 };
  it.each([
    ["state 9", { operational_state: 9 }, {}, "verified_bad", "failed"],
    ["state 7 although it says PASS", { operational_state: 7 }, {}, "verified_bad", "failed"],
    ["state 10", { operational_state: 10 }, {}, "verified_bad", "failed"],
    ["a push failure", { operational_state: null, attestation_status: "FAIL" }, {}, "verified_bad", "failed"],
    ["a failed evaluation", {}, { attestation: { evaluation: "fail" } }, "verified_bad", "failed"],
    [
      "a broken chain",
      { operational_state: null, attestation_status: "FAIL" },
      { attestation: { evaluation: "fail", failure_reason: "broken_evidence_chain" } },
      "could_not_verify",
      "failed",
    ],
    [
      "an event",
      { attestation_status: "FAIL", last_event_id: "ima.validation.ima-ng.not_in_allowlist" },
      {},
      "not_recognised",
      "failed",
    ],
    [
      "nobody there",
      { attestation_status: "FAIL", last_event_id: "internal.verifier.not_reachable" },
      {},
      "unreachable",
      "stale",
    ],
    ["retrying for long", { operational_state: 4 }, { unansweredPolls: 3 }, "unreachable", "stale"],
    [
      "a late agent",
      { operational_state: null, attestation_status: "TIMEOUT" },
      { silence: { cadenceSeconds: 60, missed: 3 } },
      "unreachable",
      "stale",
    ],
    [
      "a late agent of unknown rhythm",
      { operational_state: null, attestation_status: "TIMEOUT" },
      {},
      "unreachable",
      "stale",
    ],
    ["terminated", { operational_state: 8, attestation_status: "PENDING" }, {}, "unreachable", "stale"],
    [
      "a state of the future",
      { operational_state: 42, attestation_status: "PASS" },
      {},
      "unreachable",
      "stale",
    ],
    [
      "a word of the future",
      { operational_state: null, attestation_status: "FINE" },
      {},
      "unreachable",
      "stale",
    ],
    [
      "a newcomer",
      {
        operational_state: 1,
        attestation_status: "PENDING",
        last_received_quote: 0,
        attestation_count: 0,
        last_successful_attestation: null,
      },
      {},
      "pending",
      "pending",
    ],
  ])("tells %s apart", async (_, said, more, outcome, state) => {
    const found = await verdict(document({ ...recent, ...said }, more));
    expect(found?.outcome).toBe(outcome);
    expect(found && laneStateOf(found)).toBe(state);
    expect(found?.reasons.length).toBeGreaterThan(0);
  });

  it("has no opinion on a first or second unanswered poll", async () => {
    expect(await verdict(document({ operational_state: 4 }, { unansweredPolls: 2 }))).toBeNull();
  });

  it("dates a failure by its quote, and silence later than every quote, whoever's clock is ahead", async () => {
    expect((await verdict(document({ ...recent, operational_state: 9 })))?.observedAtMs).toBe(NOW_MS - 5_000);
    const ahead = { last_received_quote: NOW + 100, last_successful_attestation: NOW + 100 };
    const silent = await verdict(document({ ...ahead, operational_state: 4 }, { unansweredPolls: 3 }));
    expect(silent?.observedAtMs).toBe(NOW_MS + 101_000);
    expect((await verdict(document(null)))?.observedAtMs).toBe(NOW_MS - 1000);
  });

  it.each(["ek", "aik"])(
    "calls a machine with another %s not recognised, whatever its quotes say",
    async (name) => {
      const same = { ek: KEY, aik: KEY, pinnedEk: KEY, pinnedAik: KEY };
      expect((await verdict(document({}, { registration: same })))?.outcome).toBe("verified_good");
      for (const value of ["cd".repeat(32), null]) {
        const registration = { ...same, [name]: value };
        for (const said of [{}, { operational_state: 4 }]) {
          const found = await verdict(document(said, { registration }));
          expect(found).toMatchObject({ outcome: "not_recognised", tier: "contraindicated" });
          expect(found?.vector[0]).toBe(97);
          expect(found?.reasons[0]?.code).toBe(`keylime.${name}_changed`);
        }
      }
      const unpinned = { ek: KEY, aik: KEY, pinnedEk: null, pinnedAik: null };
      expect((await verdict(document({}, { registration: unpinned })))?.outcome).toBe("verified_good");
    },
  );
});

describe("documents", () => {
  it("are read line by line, and a bad one costs no other", async () => {
    const lines = [document(), { schema: "touchstone.keylime.poll/2" }, document({ attestation_count: -1 })];
    const body = lines.map((line) => JSON.stringify(line)).join("\n");
    const message = messageOf(body, { mediaType: "application/x-ndjson" });
    const { items, rejections } = await keylimeSource.interpret(message, contextOf());
    expect([items.length, rejections.map(({ code }) => code)]).toEqual([
      1,
      ["event/malformed", "event/claims"],
    ]);
  });

  it("are not believed once a key says that messages of this source are signed", async () => {
    const keys = [(await newSigningKey("k", "PS256")).pinned];
    const { items, rejections } = await interpret(document(), { keys });
    expect([items, rejections[0]?.code]).toEqual([[], "event/signature"]);
  });

  it("leave a notification alone that only quotes a schema", async () => {
    const msg = JSON.stringify({
      type: "revocation",
      agent_id: AGENT,
      event_id: "ima.pcr_mismatch",
      context: '{"message":"\\"schema\\":\\"touchstone.keylime.poll/1\\""}',
    });
    const { items } = await interpret({ msg, signature: "" });
    expect(items[0]).toMatchObject({ kind: "verdict", verdict: { mappingVersion: "keylime/1" } });
  });

  it("outside the time window are refused", async () => {
    const settings = { acceptPastMs: 60_000 };
    const old = document({ last_received_quote: NOW - 100, last_successful_attestation: NOW - 100 });
    expect((await interpret(old, { settings })).rejections[0]?.code).toBe("event/expired");
    expect((await interpret(document({ last_successful_attestation: NOW + 900 }))).rejections[0]?.code).toBe(
      "event/future",
    );
  });

  const Word = fc.constantFrom("PASS", "FAIL", "PENDING", "TIMEOUT", "", null);
  const Seconds = fc.option(fc.integer({ min: NOW - 250, max: NOW }));
  const anyStatus = fc.record({
    operational_state: fc.option(fc.integer({ min: -1, max: 12 })),
    attestation_status: Word,
    attestation_count: fc.option(fc.nat(100)),
    last_received_quote: Seconds,
    last_successful_attestation: Seconds,
    last_event_id: fc.option(fc.constantFrom("ima.pcr_mismatch", "internal.verifier.no_quote", "x.y")),
    severity_level: fc.option(fc.nat(6)),
    has_mb_refstate: fc.nat(1),
    has_runtime_policy: fc.nat(1),
  });
  const anyMore = fc.record({
    unansweredPolls: fc.nat(3),
    silence: fc.option(fc.record({ cadenceSeconds: fc.constant(60), missed: fc.nat(3) })),
    activation: fc.record({ seen: fc.constantFrom("first", "again"), successAt: Seconds }),
  });

  it("call a node good only with a success, no failure, and an agent that answers", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatus, anyMore, async (said, more) => {
        const found = await verdict(document(said, more));
        if (found?.outcome !== "verified_good") return;
        expect(said.last_successful_attestation).toBeTruthy();
        expect(["PASS", "TIMEOUT"]).toContain(said.attestation_status);
        expect([3, 5, null]).toContain(said.operational_state);
        expect(said.last_event_id).toBeNull();
        expect(found.observedAtMs).toBe((said.last_successful_attestation ?? 0) * 1000);
      }),
      { numRuns: 500 },
    );
  });

  it("never get better by another TPM, or by fewer policies more covered", async () => {
    const changed = { registration: { ek: "cd".repeat(32), aik: KEY, pinnedEk: KEY, pinnedAik: KEY } };
    await fc.assert(
      fc.asyncProperty(anyStatus, anyMore, async (said, more) => {
        const [before, after] = [
          await verdict(document(said, more)),
          await verdict(document(said, { ...more, ...changed })),
        ];
        expect(after).not.toBeNull();
        if (before && after) {
          expect(severityOf(laneStateOf(after))).toBeGreaterThanOrEqual(severityOf(laneStateOf(before)));
        }
        const bare = await verdict(document({ ...said, has_mb_refstate: 0, has_runtime_policy: 0 }, more));
        if (before?.outcome === "verified_good")
          expect(bare?.coverage).toEqual(["identity_key", "quote_signature"]);
      }),
      { numRuns: 300 },
    );
  });

  it("of any other shape are refused or read, and never throw", async () => {
    const anything = fc.anything({ withNullPrototype: false, maxDepth: 3 });
    const members = Object.keys(document());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...members),
        anything,
        fc.constantFrom(...Object.keys(status())),
        anything,
        async (name, value, field, inner) => {
          const hostile = { ...document({ [field]: inner }), [name]: value };
          const text = JSON.stringify(hostile, (_, each) => (typeof each === "bigint" ? String(each) : each));
          const result = await keylimeSource.interpret(messageOf(text), contextOf());
          expect(result.items.length + result.rejections.length).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 500 },
    );
  });
});
