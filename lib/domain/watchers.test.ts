import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { misconfigurationsOf } from "./misconfiguration.ts";
import { silentParty, silentPartySentence } from "./silence.ts";
import { SKEW_MS, skewOf, skewSign } from "./skew.ts";
import { findingKey, findingSentence, reviseFindings, type SourceFinding } from "./source-finding.ts";

describe("clock skew", () => {
  const offsets = fc.array(fc.integer({ min: -600_000, max: 300_000 }), { minLength: 5, maxLength: 60 });
  const samples = (list: readonly number[]) =>
    list.map((offset, index) => ({ statedMs: index * 7 + offset, receivedMs: index * 7 }));

  it("is a difference that was observed, in order, whatever the order of the samples", () => {
    fc.assert(
      fc.property(offsets, (list) => {
        const skew = skewOf(samples(list));
        expect(list).toContain(skew?.p50Ms);
        expect(list).toContain(skew?.p95Ms);
        expect(skew?.p50Ms).toBeLessThanOrEqual(skew?.p95Ms ?? 0);
        expect(skewOf(samples(list).toReversed())).toEqual(skew);
      }),
    );
  });

  it("is not decided by delay or by one wrong message", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_600_000), { minLength: 40, maxLength: 60 }), (delays) => {
        const prompt = delays.map((delay, index) => (index % 10 === 0 ? -50 : -delay));
        const skew = skewOf(samples([...prompt, 299_000]));
        expect(skew && skewSign(skew)).toBeNull();
      }),
    );
    expect(skewOf(samples([0, 0, 0, 0]))).toBeNull();
  });

  it("has a sign from a minute on", () => {
    const sign = (offset: number) => skewSign({ p50Ms: offset, p95Ms: offset, samples: 9 });
    expect([SKEW_MS, SKEW_MS + 1, -SKEW_MS, -SKEW_MS - 1].map(sign)).toEqual([null, "ahead", null, "behind"]);
  });
});

describe("settings that cannot work", () => {
  const fine = { cadenceMs: 100, validForMs: [100, 100], fixedLimitMs: 100, outcomes: [] };
  const found = (change: Partial<Parameters<typeof misconfigurationsOf>[0]>) =>
    misconfigurationsOf({ ...fine, ...change }).map(({ subject }) => subject);

  it("are named, each for its own reason", () => {
    expect(found({})).toEqual([]);
    expect(found({ validForMs: [99, 99, 500] })).toEqual(["verdicts-expire"]);
    expect(found({ fixedLimitMs: 99 })).toEqual(["limit-below-cadence"]);
    expect(found({ cadenceMs: null, validForMs: [1], fixedLimitMs: 1 })).toEqual([]);
    expect(found({ validForMs: [], fixedLimitMs: null })).toEqual([]);
  });

  it("show in lines that swing between no answer and good", () => {
    const swinging = [
      "verified_good",
      "unreachable",
      "verified_good",
      "unreachable",
      "verified_good",
    ] as const;
    const once = ["verified_good", "unreachable", "verified_good"] as const;
    expect(found({ outcomes: [swinging, once] })).toEqual(["timeout-below-cadence"]);
    expect(found({ outcomes: [swinging, once, once] })).toEqual([]);
    expect(found({ outcomes: [once] })).toEqual([]);
  });
});

describe("silence of one line and of a whole source", () => {
  it("are told apart by when the source was last heard about anything", () => {
    const source = { heardMs: 100, silentAfterMs: 50 };
    expect([150, 151].map((nowMs) => silentParty(source, nowMs))).toEqual(["lane", "source"]);
    expect(silentParty({ ...source, silentAfterMs: null }, 9_999)).toBe("lane");
    expect(silentPartySentence("lane", "lab")).not.toBe(silentPartySentence("source", "lab"));
  });
});

describe("findings", () => {
  const finding: SourceFinding = {
    kind: "silent",
    subject: "",
    sinceMs: 10,
    untilMs: null,
    detail: { thresholdMs: 1_200_000 },
    nodes: 3,
    firstEvidenceMs: null,
    lastEvidenceMs: 0,
  };

  it("on record change only in what is different, so that a second look writes nothing", () => {
    const kinds = fc.record({
      kind: fc.constantFrom("silent", "weakened", "skewed", "misconfigured"),
      subject: fc.constantFrom("", "a"),
      sinceMs: fc.nat(5),
      untilMs: fc.option(fc.nat(9)),
      nodes: fc.nat(2),
    });
    const lists = fc
      .uniqueArray(kinds, { selector: (some) => findingKey(some), maxLength: 8 })
      .map((list) => list.map((some): SourceFinding => ({ ...finding, ...some })));
    fc.assert(
      fc.property(lists, lists, (stored, computed) => {
        const { supersede, add } = reviseFindings(stored, computed);
        const after = [...stored.filter((old) => !supersede.includes(old)), ...add];
        const sorted = (list: readonly SourceFinding[]) => list.map((some) => JSON.stringify(some)).sort();
        expect(sorted(after)).toEqual(sorted(computed));
        expect(reviseFindings(after, computed)).toEqual({ supersede: [], add: [] });
      }),
    );
  });

  it("say in one sentence what is wrong, open and over", () => {
    expect(findingSentence(finding)).toBe(
      "Nothing has come from the whole source for more than 20 min; what it said before does not count as a pass",
    );
    expect(findingSentence({ ...finding, untilMs: 99 })).toMatch(/^Nothing came from the whole source/);
    const weak = {
      kind: "weakened" as const,
      untilMs: null,
      detail: { before: ["v3"], after: ["accept-all"] },
    };
    expect(findingSentence({ ...weak, subject: "policy" })).toBe(
      "Nodes pass under accept-all, before it was v3: the verifier checks less",
    );
    expect(findingSentence({ ...weak, subject: "coverage:secure_boot" })).toContain(
      "without a check of secure boot",
    );
    for (const subject of ["verdicts-expire", "limit-below-cadence", "timeout-below-cadence"]) {
      const detail = { validForMs: 1, cadenceMs: 2, limitMs: 3 };
      expect(findingSentence({ kind: "misconfigured", subject, untilMs: null, detail })).toMatch(/:|\. /);
    }
    for (const sign of ["ahead", "behind"]) {
      const detail = { sign, p50Ms: 90_000, p95Ms: -90_000 };
      expect(findingSentence({ kind: "skewed", subject: sign, untilMs: null, detail })).toContain(
        `90 s ${sign}`,
      );
    }
  });
});
