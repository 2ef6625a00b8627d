/**
 * The life cycle of a node, as data: states, transitions and the edges that must never exist.
 *
 * Three things are kept apart: this state, the trust status (what the latest evidence says) and the
 * disposition (what operators want). Maintenance, pauses and lost connections are overlays, no states.
 */
import type { BootstrapEventType, BootstrapPhase } from "./bootstrap-event.ts";

/** Every state with the phase that it belongs to; a terminal state is never left. */
export const LIFECYCLE_STATES = {
  discovered: { phase: "provisioning", terminal: false },
  provisioning: { phase: "provisioning", terminal: false },
  enrolling: { phase: "enrollment", terminal: false },
  attesting: { phase: "attestation", terminal: false },
  trusted: { phase: "operation", terminal: false },
  suspect: { phase: "operation", terminal: false },
  quarantining: { phase: "remediation", terminal: false },
  quarantined: { phase: "remediation", terminal: false },
  reprovisioning: { phase: "remediation", terminal: false },
  failed: { phase: "remediation", terminal: false },
  decommissioning: { phase: "decommission", terminal: false },
  decommissioned: { phase: "decommission", terminal: true },
} as const satisfies Record<string, { phase: BootstrapPhase | "attestation"; terminal: boolean }>;
export type LifecycleState = keyof typeof LIFECYCLE_STATES;
export const INITIAL_STATE: LifecycleState = "discovered";

/** What moves a node besides bootstrap events: verdicts, timers, people and executed remediation. */
export const LIFECYCLE_TRIGGERS = [
  "verdict.pass",
  "verdict.warn",
  "verdict.fail",
  "timer.provision_timeout",
  "timer.enroll_timeout",
  "timer.attest_timeout",
  "timer.verdict_stale",
  "timer.reprovision_timeout",
  "anomaly.correlation",
  "baseline.revoked",
  "operator.retry_provision",
  "operator.retry_enroll",
  "containment.verified",
  "decommission.verified",
  "decommission.failed",
  "remediation.quarantine.executing",
  "remediation.quarantine.executed",
  "remediation.quarantine.aborted",
  "remediation.release.executing",
  "remediation.release.executed",
  "remediation.release.aborted",
  "remediation.reprovision.executing",
  "remediation.reprovision.executed",
  "remediation.reprovision.aborted",
  "remediation.decommission.executing",
  "remediation.decommission.executed",
  "remediation.decommission.aborted",
] as const;
export type LifecycleEventType = BootstrapEventType | (typeof LIFECYCLE_TRIGGERS)[number];

/** Conditions of transitions; what each one asks for stands in `lifecycle-guards.ts`. */
export type GuardName =
  | "sourceIntroducesNodes"
  | "credentialIsBound"
  | "enrollmentIsLost"
  | "evidenceIsComplete"
  | "trustIsRegained"
  | "containmentIsWarranted"
  | "containmentIsObserved"
  | "abortIsSafe"
  | "releaseIsApproved"
  | "reprovisioningIsApproved"
  | "rebuildIsClean"
  | "neverHadCredential"
  | "failedWhileEnrolling"
  | "decommissioningIsApproved"
  | "nothingIsLeft";

export type Transition = {
  id: string;
  from: readonly LifecycleState[];
  to: LifecycleState;
  on: readonly LifecycleEventType[];
  /** Who carries it out: the system by itself, an executor of approved requests, or a person. */
  by: "system" | "executor" | "human";
  /** `null` = always allowed. */
  guard: GuardName | null;
};

export const TRANSITIONS: readonly Transition[] = [
  {
    id: "T01",
    from: ["discovered"],
    to: "provisioning",
    on: ["provisioning.registered", "provisioning.inspection_started", "provisioning.image_started"],
    by: "system",
    guard: null,
  },
  {
    id: "T02",
    from: ["discovered"],
    to: "enrolling",
    on: ["enrollment.requested"],
    by: "system",
    guard: "sourceIntroducesNodes",
  },
  {
    id: "T03",
    from: ["provisioning"],
    to: "enrolling",
    on: ["provisioning.image_completed", "enrollment.requested"],
    by: "system",
    guard: null,
  },
  {
    id: "T04",
    from: ["provisioning"],
    to: "failed",
    on: ["provisioning.inspection_failed", "provisioning.image_failed", "timer.provision_timeout"],
    by: "system",
    guard: null,
  },
  {
    id: "T05",
    from: ["enrolling"],
    to: "attesting",
    on: ["enrollment.credential_issued"],
    by: "system",
    guard: "credentialIsBound",
  },
  {
    id: "T06",
    from: ["enrolling"],
    to: "failed",
    on: ["enrollment.denied", "enrollment.failed", "timer.enroll_timeout"],
    by: "system",
    guard: "enrollmentIsLost",
  },
  {
    id: "T07",
    from: ["attesting"],
    to: "trusted",
    on: ["verdict.pass"],
    by: "system",
    guard: "evidenceIsComplete",
  },
  {
    id: "T08",
    from: ["attesting"],
    to: "suspect",
    on: ["verdict.warn", "verdict.fail", "timer.attest_timeout"],
    by: "system",
    guard: null,
  },
  {
    id: "T09",
    from: ["attesting"],
    to: "enrolling",
    on: ["identity.evicted", "enrollment.credential_expired"],
    by: "system",
    guard: null,
  },
  {
    id: "T10",
    from: ["trusted"],
    to: "suspect",
    on: [
      "verdict.fail",
      "verdict.warn",
      "timer.verdict_stale",
      "anomaly.identity",
      "anomaly.correlation",
      "baseline.revoked",
    ],
    by: "system",
    guard: null,
  },
  {
    id: "T11",
    from: ["suspect"],
    to: "trusted",
    on: ["verdict.pass"],
    by: "system",
    guard: "trustIsRegained",
  },
  {
    id: "T12",
    from: ["enrolling", "attesting", "trusted", "suspect", "failed"],
    to: "quarantining",
    on: ["remediation.quarantine.executing", "identity.banned"],
    by: "executor",
    guard: "containmentIsWarranted",
  },
  {
    id: "T13",
    from: ["quarantining"],
    to: "quarantined",
    on: ["containment.verified"],
    by: "executor",
    guard: "containmentIsObserved",
  },
  {
    id: "T14",
    from: ["quarantining"],
    to: "attesting",
    on: ["remediation.quarantine.aborted"],
    by: "human",
    guard: "abortIsSafe",
  },
  {
    id: "T15",
    from: ["quarantined"],
    to: "attesting",
    on: ["remediation.release.executed"],
    by: "executor",
    guard: "releaseIsApproved",
  },
  {
    id: "T16",
    from: ["quarantined", "suspect", "trusted", "failed"],
    to: "reprovisioning",
    on: ["remediation.reprovision.executing"],
    by: "executor",
    guard: "reprovisioningIsApproved",
  },
  {
    id: "T17",
    from: ["reprovisioning"],
    to: "enrolling",
    on: ["provisioning.image_completed"],
    by: "system",
    guard: "rebuildIsClean",
  },
  {
    id: "T18",
    from: ["reprovisioning"],
    to: "failed",
    on: [
      "provisioning.inspection_failed",
      "provisioning.image_failed",
      "provisioning.deprovision_failed",
      "timer.reprovision_timeout",
    ],
    by: "system",
    guard: null,
  },
  {
    id: "T19",
    from: ["failed"],
    to: "provisioning",
    on: ["operator.retry_provision"],
    by: "human",
    guard: "neverHadCredential",
  },
  {
    id: "T20",
    from: ["failed"],
    to: "enrolling",
    on: ["operator.retry_enroll"],
    by: "human",
    guard: "failedWhileEnrolling",
  },
  {
    id: "T21",
    from: ["trusted", "suspect"],
    to: "enrolling",
    on: ["identity.evicted"],
    by: "system",
    guard: null,
  },
  {
    id: "T22",
    from: [
      "discovered",
      "provisioning",
      "enrolling",
      "attesting",
      "trusted",
      "suspect",
      "quarantined",
      "failed",
    ],
    to: "decommissioning",
    on: ["remediation.decommission.executing"],
    by: "executor",
    guard: "decommissioningIsApproved",
  },
  {
    id: "T23",
    from: ["decommissioning"],
    to: "decommissioned",
    on: ["decommission.verified"],
    by: "executor",
    guard: "nothingIsLeft",
  },
  {
    id: "T24",
    from: ["decommissioning"],
    to: "failed",
    on: ["decommission.failed"],
    by: "executor",
    guard: null,
  },
];

/** An edge that must never exist, however it is asked for; `*` stands for every other state. */
export type ForbiddenEdge = { id: string; from: LifecycleState | "*"; to: LifecycleState | "*"; why: string };

export const FORBIDDEN_EDGES: readonly ForbiddenEdge[] = [
  {
    id: "F01",
    from: "quarantined",
    to: "trusted",
    why: "must pass attesting with a verdict newer than the release",
  },
  { id: "F02", from: "quarantining", to: "trusted", why: "containment must be verified or aborted first" },
  { id: "F03", from: "discovered", to: "trusted", why: "no identity, no verdict" },
  { id: "F04", from: "provisioning", to: "trusted", why: "no identity, no verdict" },
  {
    id: "F05",
    from: "enrolling",
    to: "trusted",
    why: "identity is not integrity (node attestors check no PCRs)",
  },
  { id: "F06", from: "reprovisioning", to: "trusted", why: "new incarnation must enroll and attest" },
  { id: "F07", from: "failed", to: "trusted", why: "no identity, no verdict" },
  {
    id: "F08",
    from: "quarantined",
    to: "enrolling",
    why: "an identity event from a quarantined node is an alert, never a transition",
  },
  {
    id: "F09",
    from: "decommissioned",
    to: "*",
    why: "terminal; returning hardware becomes a new node id linked by hardware fingerprint",
  },
  { id: "F10", from: "*", to: "discovered", why: "a known node is never forgotten" },
];
