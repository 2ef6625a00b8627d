import { describe, expect, it } from "vitest";
import { MAX_MEASUREMENTS, measurementsOf } from "./measurements.ts";

describe("measurementsOf", () => {
  it("flattens keyed scalars and names vTPM registers canonically", () => {
    expect(
      measurementsOf({
        "az-snp-vtpm": { tpm: { pcr07: "aa" } },
        "tpm.pcr11": "bb",
        svn: 3,
        debug: false,
        "a/b": { "~": "x" },
        nothing: null,
      }),
    ).toEqual({ "pcr/sha256/7": "aa", "pcr/sha256/11": "bb", svn: "3", debug: "false", "a~1b/~0": "x" });
  });

  it("keeps two registers apart that would share a name", () => {
    expect(measurementsOf({ "tpm.pcr1": "a", x: { "tpm.pcr01": "b" } })).toEqual({
      "pcr/sha256/1": "a",
      "x/tpm.pcr01": "b",
    });
  });

  it("leaves out what changes with every appraisal", () => {
    const names = [
      "psa-nonce",
      "nonce",
      "report_data",
      "cca-realm-challenge",
      "psa-boot-seed",
      "runtime_data_claims",
    ];
    expect(measurementsOf({ ...Object.fromEntries(names.map((name) => [name, "x"])), kept: "y" })).toEqual({
      kept: "y",
    });
  });

  it("never keys a value by its position, unless the position is a register", () => {
    const components = [
      { "measurement-type": "BL", version: "1" },
      { "measurement-type": "OS", version: "2" },
    ];
    expect(measurementsOf({ sw: components })).toMatchObject({ "sw/BL/version": "1", "sw/OS/version": "2" });
    expect(measurementsOf({ sw: [...components, components[0]], list: ["a", "b"] })).toEqual({});
    expect(measurementsOf({ "cca-realm-extensible-measurements": ["a", "b"] })).toEqual({
      "cca-realm-extensible-measurements/0": "a",
      "cca-realm-extensible-measurements/1": "b",
    });
  });

  it("stops at 200 entries and replaces long values by their digest", () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, i]));
    expect(Object.keys(measurementsOf(many))).toHaveLength(MAX_MEASUREMENTS);
    const { a, b, c } = measurementsOf({
      a: "x".repeat(512),
      b: `${"x".repeat(512)}1`,
      c: `${"x".repeat(512)}2`,
    });
    expect(a).toHaveLength(512);
    expect(b).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(b).not.toBe(c);
    expect(measurementsOf({ ["p".repeat(257)]: "x" })).toEqual({});
  });
});
