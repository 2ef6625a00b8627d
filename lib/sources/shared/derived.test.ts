import { describe, expect, it } from "vitest";
import { isDebugStatusOn } from "./debug.ts";
import { type DerivedInput, derivedVerdict, worstValue } from "./derived.ts";
import { underOverallResult } from "./gpu.ts";
import { MAX_MEASUREMENTS, MeasurementSet } from "./measurements.ts";
import { hardwareOfTcbStatus } from "./tcb.ts";

const input: DerivedInput = {
  mappingVersion: "test/1",
  identity: { kind: "custom", value: "n" },
  submod: "",
  times: { issuedAtMs: 1, notBeforeMs: null, expiresAtMs: 2 },
  vector: {},
  coverage: [],
  measurements: {},
  reasons: [],
  policyIds: [],
  verifier: { id: null, build: null },
  freshness: "none",
};
const verdict = (more: Partial<DerivedInput>) => derivedVerdict({ ...input, ...more });

describe("derivedVerdict", () => {
  it("says that it is derived, and by which table", () => {
    expect(verdict({})).toMatchObject({
      vectorOrigin: "derived",
      mappingVersion: "test/1",
      outcome: "pending",
      tier: "none",
      observedAtMs: 1,
      expiresAtMs: 2,
    });
  });

  it("takes a good word back when something was not understood, and no bad one", () => {
    expect(verdict({ vector: { hardware: 2, executables: 1 } })).toMatchObject({
      tier: "none",
      outcome: "could_not_verify",
    });
    expect(verdict({ vector: { hardware: 2, executables: -1 } }).tier).toBe("none");
    expect(verdict({ vector: { hardware: 96, executables: 1 } })).toMatchObject({
      tier: "contraindicated",
      outcome: "verified_bad",
    });
  });

  it("never looks better than what is stated, nor better than nothing", () => {
    expect(verdict({ vector: { hardware: 2 }, stated: "contraindicated" }).outcome).toBe("verified_bad");
    expect(verdict({ vector: { hardware: 2 } }).outcome).toBe("verified_good");
  });

  it("lists coverage once and in its fixed order, and the derived reasons last", () => {
    const { coverage, reasons } = verdict({
      vector: { hardware: 97 },
      coverage: ["tcb_level", null, "identity_key", "tcb_level"],
      reasons: [{ code: "own" }],
    });
    expect(coverage).toEqual(["identity_key", "tcb_level"]);
    expect(reasons.map(({ code }) => code)).toEqual(["own", "ar4si.hardware.97"]);
  });
});

describe("worstValue", () => {
  it.each([
    [[], 0],
    [[0, 2], 2],
    [[2, 1], 1],
    [[1, 0], 1],
    [[2, 1, 32], 32],
    [[32, 96, 1], 96],
    [[97, 96], 97],
    [[-1, 2], -1],
  ])("of %j is %i", (values, worst) => {
    expect(worstValue(...values)).toBe(worst);
  });
});

describe("hardwareOfTcbStatus", () => {
  it.each([
    ["UpToDate", 2],
    ["up-to-date", 2],
    ["TDRelaunchAdvisedConfigurationNeeded", 32],
    ["REVOKED", 96],
    ["", 1],
    ["UpToDateish", 1],
    ["constructor", 1],
  ])("of %j is %i", (status, value) => {
    expect(hardwareOfTcbStatus(status)).toBe(value);
  });
});

describe("isDebugStatusOn", () => {
  it.each([
    ["enabled", true],
    ["disabled", false],
    ["disabled-since-boot", false],
    ["disabled-permanently", false],
    ["disabled-fully-and-permanently", false],
    ["Disabled", null],
    ["not-disabled", null],
    ["disabled-for-now", null],
    ["", null],
  ])("of %j is %s", (status, on) => {
    expect(isDebugStatusOn(status)).toBe(on);
  });
});

describe("underOverallResult", () => {
  it("spreads a bad overall result over parts that do not explain it", () => {
    const good = { vector: { hardware: 2 } };
    const tiers = (passed: boolean, ...parts: Partial<DerivedInput>[]) =>
      underOverallResult(passed, (stated, reasons) =>
        parts.map((part) => verdict({ ...part, stated, reasons })),
      ).map(({ tier }) => tier);
    expect(tiers(true, good)).toEqual(["affirming"]);
    expect(tiers(false, good, good)).toEqual(["contraindicated", "contraindicated"]);
    expect(tiers(false, good, { vector: { hardware: 97 } })).toEqual(["affirming", "contraindicated"]);
  });
});

describe("MeasurementSet", () => {
  it("holds scalars only, up to its limit", () => {
    const set = new MeasurementSet();
    for (const value of [null, undefined, {}, [], { toString: 1 }]) set.add("x", value);
    expect(set.all()).toEqual({});
    for (let at = 0; at < 300; at += 1) set.add(`k${at}`, at);
    expect(Object.keys(set.all())).toHaveLength(MAX_MEASUREMENTS);
    expect([set.isFull, set.has("k1"), set.has("k299")]).toEqual([true, true, false]);
  });
});
