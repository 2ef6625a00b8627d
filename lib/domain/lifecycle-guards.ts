/** Conditions under which a transition of the life cycle is allowed. Nothing is proven by default. */
import type { GuardName, LifecycleEventType, LifecycleState } from "./lifecycle-table.ts";

/** What somebody established about the event and the node before asking for a transition. */
export type LifecycleFacts = {
  /** The source of the event is trusted to introduce nodes that nobody provisioned here. */
  sourceMayIntroduceNodes: boolean;
  /** The credential belongs to the incarnation that is open now. */
  credentialBound: boolean;
  /** When the newest evidence behind the verdict was measured; `null` = unknown. */
  evidenceAtMs: number | null;
  /** When the nonce inside that evidence was issued; `null` = there was none. */
  nonceIssuedAtMs: number | null;
  /** The verdict was reached against a version of the baseline that is active now. */
  baselineActive: boolean;
  /** The key that signed the evidence is the incarnation's credential, or is bound to it. */
  keyBoundToCredential: boolean;
  /** Every verifier that the node needs passes, not only the one that just spoke. */
  everyVerifierPasses: boolean;
  /** Somebody acknowledged the anomaly that made the node suspect. */
  anomalyAcknowledged: boolean;
  /** The request behind the step is approved. */
  approved: boolean;
  /** A policy allows quarantine without a person, and its blast radius is not used up. */
  autoQuarantineAllowed: boolean;
  breakGlass: boolean;
  /** The event is the echo of our own request. */
  causedByOwnRequest: boolean;
  /** Every mandatory containment step was read back, not only asked for. */
  containmentObserved: boolean;
  /** Every step that was applied is rolled back, and that was verified. */
  rollbackVerified: boolean;
  requester: string | null;
  approvers: readonly string[];
  evidenceHoldCleared: boolean;
  /** The node runs no workload any more, or cannot reach any. */
  drainedOrContained: boolean;
  /** The reason for reprovisioning is a compromise, so its traces must be kept first. */
  compromise: boolean;
  evidenceSnapshotTaken: boolean;
  newIncarnationOpened: boolean;
  oldCredentialsRevoked: boolean;
  wipeRecorded: boolean;
  /** The node's identity is banned, revoked or expired. */
  identityInvalid: boolean;
  externalObjectsGone: boolean;
};

/** Where nobody established anything: every guard that asks for something refuses. */
export const NO_FACTS: LifecycleFacts = {
  sourceMayIntroduceNodes: false,
  credentialBound: false,
  evidenceAtMs: null,
  nonceIssuedAtMs: null,
  baselineActive: false,
  keyBoundToCredential: false,
  everyVerifierPasses: false,
  anomalyAcknowledged: false,
  approved: false,
  autoQuarantineAllowed: false,
  breakGlass: false,
  causedByOwnRequest: false,
  containmentObserved: false,
  rollbackVerified: false,
  requester: null,
  approvers: [],
  evidenceHoldCleared: false,
  drainedOrContained: false,
  compromise: false,
  evidenceSnapshotTaken: false,
  newIncarnationOpened: false,
  oldCredentialsRevoked: false,
  wipeRecorded: false,
  identityInvalid: false,
  externalObjectsGone: false,
};

/** What the node's own history says at the moment of the event. */
export type LifecycleMemory = {
  enteredAtMs: number;
  /** Enrollments that failed since the node is enrolling, without the event at hand. */
  enrollFailures: number;
  /** Passes in a row since the node is suspect, without the event at hand. */
  passesInRow: number;
  /** The node is suspect because of an anomaly. */
  suspectOfAnomaly: boolean;
  /** State from which the node failed; `null` unless it is failed. */
  failedFrom: LifecycleState | null;
  credentialEverIssued: boolean;
};

export type LifecycleLimits = { maxEnrollFailures: number; passesToRegainTrust: number };
export const DEFAULT_LIMITS: LifecycleLimits = { maxEnrollFailures: 5, passesToRegainTrust: 2 };

export type LifecycleContext = LifecycleMemory & { facts: LifecycleFacts; limits: LifecycleLimits };

/** What a guard looks at: the state that would be left, the event, and what is known. */
export type GuardInput = { state: LifecycleState; event: LifecycleEventType; context: LifecycleContext };

const isEvidenceComplete = ({ enteredAtMs, facts }: LifecycleContext): boolean =>
  facts.evidenceAtMs !== null &&
  facts.evidenceAtMs >= enteredAtMs &&
  facts.nonceIssuedAtMs !== null &&
  facts.nonceIssuedAtMs >= enteredAtMs &&
  facts.nonceIssuedAtMs <= facts.evidenceAtMs &&
  facts.baselineActive &&
  facts.keyBoundToCredential &&
  facts.everyVerifierPasses;

/** Two people other than the one who asked. */
function hasTwoApprovers({ approvers, requester }: LifecycleFacts): boolean {
  return new Set(approvers.filter((approver) => approver !== requester)).size >= 2;
}

export const GUARDS: Readonly<Record<GuardName, (input: GuardInput) => boolean>> = {
  sourceIntroducesNodes: ({ context }) => context.facts.sourceMayIntroduceNodes,
  credentialIsBound: ({ context }) => context.facts.credentialBound,
  enrollmentIsLost: ({ event, context }) =>
    event !== "enrollment.failed" || context.enrollFailures + 1 >= context.limits.maxEnrollFailures,
  evidenceIsComplete: ({ context }) => isEvidenceComplete(context),
  trustIsRegained: ({ context }) =>
    isEvidenceComplete(context) &&
    context.passesInRow + 1 >= context.limits.passesToRegainTrust &&
    (!context.suspectOfAnomaly || context.facts.anomalyAcknowledged),
  containmentIsWarranted: ({ event, context: { facts } }) =>
    event === "identity.banned"
      ? !facts.causedByOwnRequest
      : facts.approved || facts.autoQuarantineAllowed || facts.breakGlass,
  containmentIsObserved: ({ context }) => context.facts.containmentObserved,
  abortIsSafe: ({ context: { facts } }) => facts.approved && facts.rollbackVerified,
  releaseIsApproved: ({ context: { facts } }) =>
    facts.requester !== null && hasTwoApprovers(facts) && facts.evidenceHoldCleared,
  reprovisioningIsApproved: ({ context: { facts } }) =>
    facts.approved && facts.drainedOrContained && (!facts.compromise || facts.evidenceSnapshotTaken),
  rebuildIsClean: ({ context: { facts } }) =>
    facts.newIncarnationOpened && facts.oldCredentialsRevoked && facts.wipeRecorded,
  neverHadCredential: ({ context }) => !context.credentialEverIssued,
  failedWhileEnrolling: ({ context }) => context.failedFrom === "enrolling",
  decommissioningIsApproved: ({ state, context: { facts } }) =>
    facts.approved && (state !== "quarantined" || facts.evidenceHoldCleared),
  nothingIsLeft: ({ context: { facts } }) =>
    facts.identityInvalid && facts.externalObjectsGone && facts.wipeRecorded,
};
