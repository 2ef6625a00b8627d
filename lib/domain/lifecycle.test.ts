import { describe, expect, it } from "vitest";
import { BOOTSTRAP_EVENT_TYPES } from "./bootstrap-event.ts";
import { next } from "./lifecycle.ts";
import {
  DEFAULT_LIMITS,
  type LifecycleContext,
  type LifecycleFacts,
  type LifecycleMemory,
  NO_FACTS,
} from "./lifecycle-guards.ts";
import {
  FORBIDDEN_EDGES,
  INITIAL_STATE,
  LIFECYCLE_STATES,
  LIFECYCLE_TRIGGERS,
  type LifecycleEventType,
  type LifecycleState,
  TRANSITIONS,
} from "./lifecycle-table.ts";
import { ALL_FACTS } from "./lifecycle-testing.ts";

const STATES = Object.keys(LIFECYCLE_STATES) as LifecycleState[];
const EVENTS: readonly LifecycleEventType[] = [...BOOTSTRAP_EVENT_TYPES, ...LIFECYCLE_TRIGGERS];

/** The agreed life cycle, written down a second time: id, from, to, on, by. */
const AGREED = [
  [
    "T01",
    "discovered",
    "provisioning",
    "provisioning.registered provisioning.inspection_started provisioning.image_started",
    "system",
  ],
  ["T02", "discovered", "enrolling", "enrollment.requested", "system"],
  ["T03", "provisioning", "enrolling", "provisioning.image_completed enrollment.requested", "system"],
  [
    "T04",
    "provisioning",
    "failed",
    "provisioning.inspection_failed provisioning.image_failed timer.provision_timeout",
    "system",
  ],
  ["T05", "enrolling", "attesting", "enrollment.credential_issued", "system"],
  ["T06", "enrolling", "failed", "enrollment.denied enrollment.failed timer.enroll_timeout", "system"],
  ["T07", "attesting", "trusted", "verdict.pass", "system"],
  ["T08", "attesting", "suspect", "verdict.warn verdict.fail timer.attest_timeout", "system"],
  ["T09", "attesting", "enrolling", "identity.evicted enrollment.credential_expired", "system"],
  [
    "T10",
    "trusted",
    "suspect",
    "verdict.fail verdict.warn timer.verdict_stale anomaly.identity anomaly.correlation baseline.revoked",
    "system",
  ],
  ["T11", "suspect", "trusted", "verdict.pass", "system"],
  [
    "T12",
    "enrolling attesting trusted suspect failed",
    "quarantining",
    "remediation.quarantine.executing identity.banned",
    "executor",
  ],
  ["T13", "quarantining", "quarantined", "containment.verified", "executor"],
  ["T14", "quarantining", "attesting", "remediation.quarantine.aborted", "human"],
  ["T15", "quarantined", "attesting", "remediation.release.executed", "executor"],
  [
    "T16",
    "quarantined suspect trusted failed",
    "reprovisioning",
    "remediation.reprovision.executing",
    "executor",
  ],
  ["T17", "reprovisioning", "enrolling", "provisioning.image_completed", "system"],
  [
    "T18",
    "reprovisioning",
    "failed",
    "provisioning.inspection_failed provisioning.image_failed provisioning.deprovision_failed timer.reprovision_timeout",
    "system",
  ],
  ["T19", "failed", "provisioning", "operator.retry_provision", "human"],
  ["T20", "failed", "enrolling", "operator.retry_enroll", "human"],
  ["T21", "trusted suspect", "enrolling", "identity.evicted", "system"],
  [
    "T22",
    "discovered provisioning enrolling attesting trusted suspect quarantined failed",
    "decommissioning",
    "remediation.decommission.executing",
    "executor",
  ],
  ["T23", "decommissioning", "decommissioned", "decommission.verified", "executor"],
  ["T24", "decommissioning", "failed", "decommission.failed", "executor"],
] as const;

const AGREED_FORBIDDEN = [
  ["F01", "quarantined", "trusted"],
  ["F02", "quarantining", "trusted"],
  ["F03", "discovered", "trusted"],
  ["F04", "provisioning", "trusted"],
  ["F05", "enrolling", "trusted"],
  ["F06", "reprovisioning", "trusted"],
  ["F07", "failed", "trusted"],
  ["F08", "quarantined", "enrolling"],
  ["F09", "decommissioned", "*"],
  ["F10", "*", "discovered"],
] as const;

const context = (
  facts: Partial<LifecycleFacts> = {},
  memory: Partial<LifecycleMemory> = {},
): LifecycleContext => ({
  enteredAtMs: 1_000,
  enrollFailures: 4,
  passesInRow: 1,
  suspectOfAnomaly: true,
  failedFrom: "enrolling",
  credentialEverIssued: false,
  ...memory,
  facts: { ...ALL_FACTS, ...facts },
  limits: DEFAULT_LIMITS,
});

const stepOf = (state: LifecycleState, type: LifecycleEventType, given = context()) =>
  next(state, { type, occurredAtMs: 2_000 }, given);

describe("the table", () => {
  it("holds the agreed transitions and forbidden edges, and nothing else", () => {
    expect(TRANSITIONS.map(({ id, from, to, on, by }) => [id, from.join(" "), to, on.join(" "), by])).toEqual(
      AGREED,
    );
    expect(FORBIDDEN_EDGES.map(({ id, from, to }) => [id, from, to])).toEqual(AGREED_FORBIDDEN);
  });

  it("is deterministic: one state and one event have at most one transition", () => {
    for (const state of STATES) {
      for (const event of EVENTS) {
        const found = TRANSITIONS.filter(({ from, on }) => from.includes(state) && on.includes(event));
        expect(found.length, `${state} on ${event}`).toBeLessThanOrEqual(1);
      }
    }
  });

  const reach = (start: LifecycleState, avoid?: LifecycleState): Set<LifecycleState> => {
    const seen = new Set<LifecycleState>();
    const open = [start];
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      if (seen.has(state) || state === avoid) continue;
      seen.add(state);
      for (const { from, to } of TRANSITIONS) if (from.includes(state)) open.push(to);
    }
    return seen;
  };

  it("reaches every state, and leaves every state but the terminal one", () => {
    expect(reach(INITIAL_STATE)).toEqual(new Set(STATES));
    const left = STATES.filter((state) => TRANSITIONS.some(({ from }) => from.includes(state)));
    expect(STATES.filter((state) => !left.includes(state))).toEqual(["decommissioned"]);
    expect(STATES.filter((state) => LIFECYCLE_STATES[state].terminal)).toEqual(["decommissioned"]);
    for (const state of STATES) expect(reach(state), state).toContain("decommissioned");
  });

  it("has no way to trusted past attesting", () => {
    expect(reach(INITIAL_STATE, "attesting")).not.toContain("trusted");
    for (const state of STATES) {
      if (state === "trusted" || state === "suspect") continue;
      expect(reach(state, "attesting"), state).not.toContain("trusted");
    }
    // A suspect node has attested before: nothing else leads to suspect.
    const before = TRANSITIONS.filter(({ to }) => to === "suspect").flatMap(({ from }) => from);
    expect(new Set(before)).toEqual(new Set(["attesting", "trusted"]));
  });

  it("holds no forbidden edge", () => {
    for (const { from, to } of FORBIDDEN_EDGES) {
      const found = TRANSITIONS.filter(
        (transition) =>
          (from === "*" || transition.from.includes(from)) && (to === "*" || transition.to === to),
      );
      expect(found).toEqual([]);
    }
  });
});

describe("next", () => {
  const rows = AGREED.flatMap(([id, from, to, on]) =>
    from.split(" ").flatMap((state) => on.split(" ").map((event) => [id, state, event, to] as const)),
  );

  it.each(rows)("%s: %s on %s leads to %s", (id, state, event, to) => {
    expect(stepOf(state as LifecycleState, event as LifecycleEventType)).toEqual({
      ok: true,
      state: to,
      transitionId: id,
    });
  });

  it("moves on nothing else", () => {
    const known = new Set(rows.map(([, state, event]) => `${state} ${event}`));
    for (const state of STATES) {
      for (const event of EVENTS) {
        if (!known.has(`${state} ${event}`)) expect(stepOf(state, event).ok, `${state} ${event}`).toBe(false);
      }
    }
  });

  it.each([
    ["quarantined", "verdict.pass", "F01"],
    ["quarantining", "verdict.pass", "F02"],
    ["discovered", "verdict.pass", "F03"],
    ["provisioning", "verdict.pass", "F04"],
    ["enrolling", "verdict.pass", "F05"],
    ["reprovisioning", "verdict.pass", "F06"],
    ["failed", "verdict.pass", "F07"],
    ["quarantined", "enrollment.requested", "F08"],
    ["quarantined", "enrollment.credential_issued", "F08"],
    ["quarantined", "enrollment.credential_renewed", "F08"],
    ["quarantined", "enrollment.approved", "F08"],
    ["quarantined", "identity.evicted", "F08"],
    ["decommissioned", "verdict.pass", "F09"],
    ["decommissioned", "node.ready", "F09"],
    ["decommissioned", "enrollment.requested", "F09"],
    ["trusted", "provisioning.discovered", "F10"],
    ["quarantined", "provisioning.discovered", "F10"],
  ] as const)("names the forbidden edge that %s would take on %s", (state, event, forbiddenId) => {
    expect(stepOf(state, event)).toEqual({ ok: false, refusal: "forbidden", forbiddenId });
  });

  it.each([
    ["trusted", "verdict.pass"],
    ["trusted", "node.ready"],
    ["discovered", "provisioning.discovered"],
    ["quarantined", "enrollment.token_issued"],
    ["attesting", "enrollment.requested"],
  ] as const)("stays %s on %s without an alert", (state, event) => {
    expect(stepOf(state, event)).toEqual({ ok: false, refusal: "none" });
  });

  it("never moves on an event from before the state was entered", () => {
    for (const [, state, event] of rows) {
      const late = next(
        state as LifecycleState,
        { type: event as LifecycleEventType, occurredAtMs: 999 },
        context(),
      );
      expect(late).toEqual({ ok: false, refusal: "late" });
    }
    expect(next("trusted", { type: "verdict.fail", occurredAtMs: 1_000 }, context()).ok).toBe(true);
  });

  it.each<[LifecycleState, LifecycleEventType, string, Partial<LifecycleFacts>, Partial<LifecycleMemory>?]>([
    ["discovered", "enrollment.requested", "T02", { sourceMayIntroduceNodes: false }],
    ["enrolling", "enrollment.credential_issued", "T05", { credentialBound: false }],
    ["enrolling", "enrollment.failed", "T06", {}, { enrollFailures: 3 }],
    ["attesting", "verdict.pass", "T07", { evidenceAtMs: null }],
    ["attesting", "verdict.pass", "T07", { evidenceAtMs: 999, nonceIssuedAtMs: 1_000 }],
    ["attesting", "verdict.pass", "T07", { nonceIssuedAtMs: null }],
    ["attesting", "verdict.pass", "T07", { nonceIssuedAtMs: 999 }],
    ["attesting", "verdict.pass", "T07", { nonceIssuedAtMs: 2_001 }],
    ["attesting", "verdict.pass", "T07", { baselineActive: false }],
    ["attesting", "verdict.pass", "T07", { keyBoundToCredential: false }],
    ["attesting", "verdict.pass", "T07", { everyVerifierPasses: false }],
    ["suspect", "verdict.pass", "T11", { everyVerifierPasses: false }],
    ["suspect", "verdict.pass", "T11", {}, { passesInRow: 0 }],
    ["suspect", "verdict.pass", "T11", { anomalyAcknowledged: false }],
    ["trusted", "identity.banned", "T12", { causedByOwnRequest: true }],
    [
      "trusted",
      "remediation.quarantine.executing",
      "T12",
      { approved: false, autoQuarantineAllowed: false, breakGlass: false },
    ],
    ["quarantining", "containment.verified", "T13", { containmentObserved: false }],
    ["quarantining", "remediation.quarantine.aborted", "T14", { approved: false }],
    ["quarantining", "remediation.quarantine.aborted", "T14", { rollbackVerified: false }],
    ["quarantined", "remediation.release.executed", "T15", { approvers: ["bob"] }],
    ["quarantined", "remediation.release.executed", "T15", { approvers: ["bob", "bob"] }],
    ["quarantined", "remediation.release.executed", "T15", { approvers: ["bob", "ann"] }],
    ["quarantined", "remediation.release.executed", "T15", { requester: null }],
    ["quarantined", "remediation.release.executed", "T15", { evidenceHoldCleared: false }],
    ["suspect", "remediation.reprovision.executing", "T16", { approved: false }],
    ["suspect", "remediation.reprovision.executing", "T16", { drainedOrContained: false }],
    ["suspect", "remediation.reprovision.executing", "T16", { evidenceSnapshotTaken: false }],
    ["reprovisioning", "provisioning.image_completed", "T17", { newIncarnationOpened: false }],
    ["reprovisioning", "provisioning.image_completed", "T17", { oldCredentialsRevoked: false }],
    ["reprovisioning", "provisioning.image_completed", "T17", { wipeRecorded: false }],
    ["failed", "operator.retry_provision", "T19", {}, { credentialEverIssued: true }],
    ["failed", "operator.retry_enroll", "T20", {}, { failedFrom: "provisioning" }],
    ["trusted", "remediation.decommission.executing", "T22", { approved: false }],
    ["quarantined", "remediation.decommission.executing", "T22", { evidenceHoldCleared: false }],
    ["decommissioning", "decommission.verified", "T23", { identityInvalid: false }],
    ["decommissioning", "decommission.verified", "T23", { externalObjectsGone: false }],
    ["decommissioning", "decommission.verified", "T23", { wipeRecorded: false }],
  ])("keeps %s on %s by the guard of %s when %j (%j)", (state, event, transitionId, facts, memory) => {
    expect(stepOf(state, event, context(facts, memory))).toMatchObject({
      ok: false,
      refusal: "guard",
      transitionId,
      why: expect.stringMatching(/^[a-z].*[a-z]$/),
    });
  });

  it.each<[LifecycleState, LifecycleEventType, Partial<LifecycleFacts>, Partial<LifecycleMemory>?]>([
    ["enrolling", "enrollment.denied", {}, { enrollFailures: 0 }],
    ["enrolling", "timer.enroll_timeout", {}, { enrollFailures: 0 }],
    ["suspect", "verdict.pass", { anomalyAcknowledged: false }, { suspectOfAnomaly: false }],
    ["trusted", "remediation.quarantine.executing", { autoQuarantineAllowed: false, breakGlass: false }],
    ["trusted", "remediation.quarantine.executing", { approved: false, breakGlass: false }],
    ["trusted", "remediation.quarantine.executing", { approved: false, autoQuarantineAllowed: false }],
    ["trusted", "identity.banned", { approved: false, autoQuarantineAllowed: false, breakGlass: false }],
    ["trusted", "remediation.reprovision.executing", { compromise: false, evidenceSnapshotTaken: false }],
    ["trusted", "remediation.decommission.executing", { evidenceHoldCleared: false }],
  ])("lets %s go on %s when %j (%j)", (state, event, facts, memory) => {
    expect(stepOf(state, event, context(facts, memory)).ok).toBe(true);
  });

  it("proves nothing by default", () => {
    const guarded = TRANSITIONS.filter(({ guard }) => guard !== null);
    const nothing: LifecycleContext = {
      ...context({}, { enrollFailures: 0, passesInRow: 0, failedFrom: null, credentialEverIssued: true }),
      facts: NO_FACTS,
    };
    // A ban from outside contains by itself, and a lost enrollment needs no proof.
    const free = ["identity.banned", "enrollment.denied", "timer.enroll_timeout"];
    for (const { from, on, id } of guarded) {
      for (const state of from) {
        for (const type of on.filter((event) => !free.includes(event))) {
          expect(stepOf(state, type, nothing), id).toMatchObject({ ok: false, refusal: "guard" });
        }
      }
    }
  });
});
