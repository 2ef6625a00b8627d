import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOOTSTRAP_EVENT_TYPES } from "./bootstrap-event.ts";
import { transitionOf } from "./lifecycle.ts";
import type { LifecycleFacts } from "./lifecycle-guards.ts";
import { comparePositions, type LifecycleRecord, positionOf } from "./lifecycle-record.ts";
import { LIFECYCLE_TRIGGERS, type LifecycleEventType, type LifecycleState } from "./lifecycle-table.ts";
import { ALL_FACTS, foldAll, recordAt, walkAll } from "./lifecycle-testing.ts";

const EVENTS: readonly LifecycleEventType[] = [...BOOTSTRAP_EVENT_TYPES, ...LIFECYCLE_TRIGGERS];

describe("the fold of a life", () => {
  let count = 0;
  const at = (
    occurredAtMs: number,
    type: LifecycleEventType,
    facts: Partial<LifecycleFacts> = {},
  ): LifecycleRecord => {
    count += 1;
    return recordAt(occurredAtMs, type, facts, String(count).padStart(4, "0"));
  };
  const pass = (ms: number, more: Partial<LifecycleFacts> = {}) =>
    at(ms, "verdict.pass", { ...ALL_FACTS, evidenceAtMs: ms, nonceIssuedAtMs: ms, ...more });
  const toTrusted = () => [
    at(1, "provisioning.registered"),
    at(2, "provisioning.image_completed"),
    at(3, "enrollment.credential_issued", { credentialBound: true }),
    pass(4),
  ];
  const pathOf = (records: readonly LifecycleRecord[]) =>
    foldAll(records).path.map(({ transitionId }) => transitionId);

  it("follows a node from discovery to trust", () => {
    const folded = foldAll(toTrusted());
    expect(folded).toMatchObject({
      state: "trusted",
      enteredAtMs: 4,
      credentialEverIssued: true,
      alerts: [],
    });
    expect(folded.path.map(({ transitionId, to, atMs }) => [transitionId, to, atMs])).toEqual([
      ["T01", "provisioning", 1],
      ["T03", "enrolling", 2],
      ["T05", "attesting", 3],
      ["T07", "trusted", 4],
    ]);
    expect(foldAll([])).toMatchObject({ state: "discovered", path: [] });
  });

  it("asks for passes in a row, and starts over after a failure or a stale pass", () => {
    const suspect = [...toTrusted(), at(5, "verdict.fail")];
    expect(foldAll([...suspect, pass(6)]).state).toBe("suspect");
    expect(foldAll([...suspect, pass(6), pass(7)]).state).toBe("trusted");
    expect(foldAll([...suspect, pass(6), at(7, "verdict.warn"), pass(8)]).state).toBe("suspect");
    expect(foldAll([...suspect, pass(6), pass(7, { evidenceAtMs: 4 }), pass(8)]).state).toBe("suspect");
    const anomalous = [...suspect, pass(6), at(7, "anomaly.identity")];
    expect(foldAll([...anomalous, pass(8), pass(9, { anomalyAcknowledged: false })]).state).toBe("suspect");
    expect(foldAll([...anomalous, pass(8), pass(9)]).state).toBe("trusted");
  });

  it("remembers an anomaly as the reason of suspicion", () => {
    const folded = foldAll([...toTrusted(), at(5, "anomaly.correlation")]);
    expect(folded).toMatchObject({ state: "suspect", suspectOfAnomaly: true });
  });

  it("counts failed enrollments of the current try only", () => {
    const enrolling = [at(1, "provisioning.registered"), at(2, "enrollment.requested")];
    const fail = (ms: number) => at(ms, "enrollment.failed");
    const four = [3, 4, 5, 6].map(fail);
    expect(foldAll([...enrolling, ...four])).toMatchObject({ state: "enrolling", enrollFailures: 4 });
    const failed = [...enrolling, ...four, fail(7)];
    expect(foldAll(failed)).toMatchObject({ state: "failed", failedFrom: "enrolling" });
    expect(pathOf([...failed, at(8, "operator.retry_enroll"), fail(9)])).toEqual([
      "T01",
      "T03",
      "T06",
      "T20",
    ]);
    expect(pathOf([...failed, at(8, "operator.retry_provision")]).at(-1)).toBe("T19");
  });

  it("does not provision again what had a credential, until it is a new incarnation", () => {
    const issued = at(3, "enrollment.credential_issued", { credentialBound: false });
    const start = [at(1, "provisioning.registered"), at(2, "enrollment.requested"), issued];
    const failed = [...start, at(4, "enrollment.denied")];
    expect(foldAll([...failed, at(5, "operator.retry_provision")]).state).toBe("failed");
    const again = [
      ...failed,
      at(5, "remediation.reprovision.executing", ALL_FACTS),
      at(6, "provisioning.image_completed", ALL_FACTS),
    ];
    expect(foldAll(again)).toMatchObject({ state: "enrolling", credentialEverIssued: false });
  });

  it("keeps a quarantined node where it is, and names what it tried", () => {
    const quarantined = [
      ...toTrusted(),
      at(5, "identity.banned"),
      at(6, "containment.verified", ALL_FACTS),
      pass(7),
      at(8, "enrollment.credential_renewed"),
    ];
    const folded = foldAll(quarantined);
    expect(folded.state).toBe("quarantined");
    expect(folded.alerts.map(({ forbiddenId, atMs }) => [forbiddenId, atMs])).toEqual([
      ["F01", 7],
      ["F08", 8],
    ]);
  });

  const anyRecord = fc
    .record({
      key: fc.uuid(),
      type: fc.constantFrom(...EVENTS),
      occurredAtMs: fc.integer({ min: 0, max: 30 }),
      facts: fc.constantFrom<Partial<LifecycleFacts>>(
        {},
        ALL_FACTS,
        { ...ALL_FACTS, evidenceAtMs: 30, nonceIssuedAtMs: 30 },
        { credentialBound: true, sourceMayIntroduceNodes: true },
      ),
    })
    .map(({ key, type, occurredAtMs, facts }) => recordAt(occurredAtMs, type, facts, key));
  const anyHistory = fc.uniqueArray(anyRecord, { maxLength: 60, selector: ({ key }) => key });

  it("gives the same for any order of arrival, and never trusts past attesting", () => {
    const shuffled = anyHistory.chain((records) =>
      fc.tuple(
        fc.constant(records),
        fc.shuffledSubarray(records, { minLength: records.length, maxLength: records.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([records, other]) => {
        const folded = foldAll(records);
        expect(foldAll(other)).toEqual(folded);
        const states = ["discovered", ...folded.path.map(({ to }) => to)] as LifecycleState[];
        expect(folded.state).toBe(states.at(-1));
        states.forEach((state, index) => {
          if (state === "trusted") expect(["attesting", "suspect"]).toContain(states[index - 1]);
          if (state === "decommissioned") expect(index).toBe(states.length - 1);
        });
        const trustedAt = states.indexOf("trusted");
        if (trustedAt >= 0) expect(states.slice(0, trustedAt)).toContain("attesting");
      }),
      { numRuns: 300 },
    );
  });

  it("can be taken up again step by step: each prefix leads to the whole", () => {
    fc.assert(
      fc.property(anyHistory, (records) => {
        const sorted = [...records].sort((a, b) => comparePositions(positionOf(a), positionOf(b)));
        const whole = walkAll(sorted);
        sorted.forEach((_, index) => {
          const prefix = walkAll(sorted.slice(0, index + 1));
          const rest = walkAll(sorted, { from: prefix.standing });
          expect([...prefix.log, ...rest.log]).toEqual(whole.log);
          expect(rest.standing).toEqual(whole.standing);
        });
      }),
      { numRuns: 50 },
    );
  });

  it("has a transition for every row that it walked", () => {
    expect(transitionOf("trusted", "verdict.fail")?.id).toBe("T10");
    expect(transitionOf("decommissioned", "verdict.fail")).toBeUndefined();
  });
});
