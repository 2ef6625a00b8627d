import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ADMISSION_DECISIONS,
  ADMISSION_PURPOSES,
  ADMISSION_REQUIREMENTS,
  type AdmissionFacts,
  type AdmissionRule,
  DEFAULT_ADMISSION_RULE,
  decideAdmission,
  strictestRule,
} from "./admission.ts";
import { ALARM_KINDS } from "./identity.ts";
import { LIFECYCLE_STATES, type LifecycleState } from "./lifecycle-table.ts";
import { TRUST_STATUSES } from "./trust-status.ts";

const NOW = Date.parse("2026-06-01T12:00:00Z");
const answers = fc.constantFrom(...ADMISSION_DECISIONS);
const purposes = fc.constantFrom(...ADMISSION_PURPOSES);
const clauses = fc.record({
  require: fc.constantFrom(...ADMISSION_REQUIREMENTS),
  unknown: answers,
  stale: answers,
  maxEvidenceAgeMs: fc.option(fc.integer({ min: 60_000, max: 3_600_000 })),
});
const rules: fc.Arbitrary<AdmissionRule> = fc.record({
  join: clauses,
  work: clauses,
  outage: fc.constantFrom("open" as const, "closed" as const),
  maxStateAgeMs: fc.integer({ min: 5_000, max: 120_000 }),
});
const dispositions = fc.constantFrom(
  "in_service",
  "no_schedule",
  "quarantine",
  "retire",
) satisfies fc.Arbitrary<AdmissionFacts["disposition"]>;
const anyFacts: fc.Arbitrary<AdmissionFacts> = fc.record({
  status: fc.constantFrom(...TRUST_STATUSES),
  statusReason: fc.string(),
  lifecycle: fc.constantFrom(...(Object.keys(LIFECYCLE_STATES) as LifecycleState[])),
  disposition: dispositions,
  evidenceAtMs: fc.option(fc.integer({ min: NOW - 7_200_000, max: NOW })),
  alarms: fc.uniqueArray(fc.constantFrom(...ALARM_KINDS)),
});
const ages = fc.integer({ min: 0, max: 240_000 });
const subjects = fc.oneof(
  anyFacts.map((facts) => ({ kind: "node" as const, facts })),
  fc.constant({ kind: "unknown" as const }),
  fc.constant({ kind: "conflict" as const, why: "two nodes" }),
);
const rankOf = (decision: string) => (ADMISSION_DECISIONS as readonly string[]).indexOf(decision);

const GOOD: AdmissionFacts = {
  status: "trusted",
  statusReason: "Verified good",
  lifecycle: "trusted",
  disposition: "in_service",
  evidenceAtMs: NOW - 1_000,
  alarms: [],
};
const decide = (
  facts: Partial<AdmissionFacts>,
  { purpose = "work", rule = {} }: { purpose?: "join" | "work"; rule?: Partial<AdmissionRule> } = {},
  asOfMs = NOW,
) =>
  decideAdmission({
    purpose,
    subject: { kind: "node", facts: { ...GOOD, ...facts } },
    rule: { ...DEFAULT_ADMISSION_RULE, ...rule },
    knowledge: { asOfMs },
    nowMs: NOW,
  });

describe("admission", () => {
  it("answers every question with the worst of its reasons, and never without one", () => {
    fc.assert(
      fc.property(purposes, subjects, rules, ages, (purpose, subject, rule, ageMs) => {
        const { decision, reasons } = decideAdmission({
          ...{ purpose, subject, rule, nowMs: NOW },
          knowledge: { asOfMs: NOW - ageMs },
        });
        expect(reasons.length).toBeGreaterThan(0);
        expect(rankOf(decision)).toBe(Math.max(...reasons.map(({ answer }) => rankOf(answer))));
        for (const { text } of reasons) expect(text).not.toBe("");
      }),
    );
  });

  it("never lets a node in that is quarantined by evidence, by its life or by people, whatever the rule", () => {
    const shutOut = anyFacts.chain((facts) =>
      fc.constantFrom<AdmissionFacts>(
        { ...facts, status: "quarantined" },
        { ...facts, disposition: "quarantine" },
        { ...facts, disposition: "retire" },
        { ...facts, lifecycle: "quarantined" },
        { ...facts, lifecycle: "quarantining" },
        { ...facts, lifecycle: "decommissioned" },
        { ...facts, lifecycle: "failed" },
      ),
    );
    fc.assert(
      fc.property(purposes, shutOut, rules, ages, (purpose, facts, rule, ageMs) => {
        const subject = { kind: "node" as const, facts };
        const knowledge = { asOfMs: NOW - ageMs };
        expect(decideAdmission({ purpose, subject, rule, knowledge, nowMs: NOW }).decision).toBe("deny");
      }),
    );
  });

  it("admits without a word, where trust is asked, only what is trusted and in service", () => {
    fc.assert(
      fc.property(purposes, anyFacts, rules, (purpose, facts, base) => {
        const rule = { ...base, [purpose]: { ...base[purpose], require: "trusted" as const } };
        const subject = { kind: "node" as const, facts };
        const { decision } = decideAdmission({
          purpose,
          subject,
          rule,
          knowledge: { asOfMs: NOW },
          nowMs: NOW,
        });
        if (decision !== "allow") return;
        expect(facts.disposition).toBe("in_service");
        expect(facts.alarms).toEqual([]);
        expect(
          facts.status === "trusted" || (facts.status === "stale" && rule[purpose].stale === "allow"),
        ).toBe(true);
      }),
    );
  });

  it("denies everything while what is known is too old and the rule is closed, and says so", () => {
    fc.assert(
      fc.property(purposes, subjects, rules, (purpose, subject, base) => {
        const rule = { ...base, outage: "closed" as const };
        const knowledge = { asOfMs: NOW - rule.maxStateAgeMs - 1 };
        const answer = decideAdmission({ purpose, subject, rule, knowledge, nowMs: NOW });
        expect(answer.decision).toBe("deny");
        expect(answer.reasons.map(({ code }) => code)).toContain("state_not_fresh");
      }),
    );
  });

  it("goes by what was known last while the rule is open, never better than that and never silently", () => {
    fc.assert(
      fc.property(purposes, subjects, rules, (purpose, subject, base) => {
        const rule = { ...base, outage: "open" as const };
        const at = (asOfMs: number) =>
          decideAdmission({ purpose, subject, rule, knowledge: { asOfMs }, nowMs: NOW });
        const late = at(NOW - rule.maxStateAgeMs - 1);
        expect(rankOf(late.decision)).toBe(Math.max(rankOf("warn"), rankOf(at(NOW).decision)));
        expect(late.reasons.map(({ code }) => code)).toContain("state_not_fresh");
      }),
    );
  });

  it("is never milder under the strictest of several rules than under one of them", () => {
    fc.assert(
      fc.property(purposes, subjects, fc.array(rules, { minLength: 1, maxLength: 4 }), ages, (...drawn) => {
        const [purpose, subject, several, ageMs] = drawn;
        const under = (rule: AdmissionRule) =>
          rankOf(
            decideAdmission({ purpose, subject, rule, knowledge: { asOfMs: NOW - ageMs }, nowMs: NOW })
              .decision,
          );
        const strict = under(strictestRule(several));
        for (const rule of several) expect(strict).toBeGreaterThanOrEqual(under(rule));
      }),
    );
  });

  it("is closed where nobody set a rule: no unknown node, no node with old evidence, nothing on old knowledge", () => {
    const ask = (subject: Parameters<typeof decideAdmission>[0]["subject"], purpose: "join" | "work") =>
      decideAdmission({
        ...{ purpose, subject, nowMs: NOW, rule: DEFAULT_ADMISSION_RULE },
        knowledge: { asOfMs: NOW },
      }).decision;
    for (const purpose of ADMISSION_PURPOSES) {
      expect(ask({ kind: "unknown" }, purpose)).toBe("deny");
      expect(ask({ kind: "conflict", why: "two" }, purpose)).toBe("deny");
      expect(decide({}, { purpose }, NOW - 30_001).decision).toBe("deny");
    }
    expect(decide({ status: "stale" }).decision).toBe("deny");
    expect(strictestRule([])).toEqual(DEFAULT_ADMISSION_RULE);
  });

  it("denies a claim that names several nodes, also where unknown ones are admitted", () => {
    fc.assert(
      fc.property(purposes, rules, (purpose, rule) => {
        const subject = { kind: "conflict" as const, why: "two nodes" };
        const question = { purpose, subject, rule, knowledge: { asOfMs: NOW }, nowMs: NOW };
        expect(decideAdmission(question).decision).toBe("deny");
      }),
    );
  });

  it("tells joining from getting work", () => {
    expect(decide({ disposition: "no_schedule" }).decision).toBe("deny");
    expect(decide({ disposition: "no_schedule" }, { purpose: "join" }).decision).toBe("warn");
    expect(decide({ lifecycle: "reprovisioning", status: "pending" }).decision).toBe("deny");
    expect(decide({ lifecycle: "reprovisioning", status: "pending" }, { purpose: "join" }).decision).toBe(
      "warn",
    );
    expect(decide({ lifecycle: "attesting", status: "pending" }, { purpose: "join" }).decision).toBe("allow");
  });

  it("takes evidence up to the age that the rule names, and none older", () => {
    const work = { ...DEFAULT_ADMISSION_RULE.work, maxEvidenceAgeMs: 60_000 };
    expect(decide({ evidenceAtMs: NOW - 60_000 }, { rule: { work } }).decision).toBe("allow");
    expect(decide({ evidenceAtMs: NOW - 60_001 }, { rule: { work } }).decision).toBe("deny");
    expect(decide({ evidenceAtMs: null }, { rule: { work } }).reasons[0]?.code).toBe("evidence_too_old");
  });

  it("lets nobody shut a machine out by taking its name, but denies one whose key is in two places", () => {
    expect(decide({ alarms: ["weak_id_conflict"] }).decision).toBe("warn");
    for (const kind of ["anchor_changed", "clone", "duplicate_key"] as const)
      expect(decide({ alarms: [kind] }).decision).toBe("deny");
  });

  it("says in words what speaks against a node, the worst first", () => {
    const { reasons } = decide({ status: "exempt", disposition: "quarantine", statusReason: "Waived" });
    expect(reasons.map(({ text }) => text)).toEqual([
      "Operators put it into quarantine",
      "Its trust status is exempt: Waived",
    ]);
  });
});
