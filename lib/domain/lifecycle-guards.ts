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

/**
 * Why a guard refuses, as the end of a sentence that begins with "Refused: ".
 *
 * `waits` = nothing is wrong, more of the same is needed: such a refusal is no attempt worth recording.
 */
export type Objection = { why: string; waits: boolean };

const object = (why: string): Objection => ({ why, waits: false });
const wait = (why: string): Objection => ({ why, waits: true });

/** The first demand that is not met; `null` = all are. */
function firstOf(...demands: readonly (readonly [met: boolean, why: string])[]): Objection | null {
  const unmet = demands.find(([met]) => !met);
  return unmet ? object(unmet[1]) : null;
}

function evidenceObjection({ enteredAtMs, facts }: LifecycleContext): Objection | null {
  const { evidenceAtMs, nonceIssuedAtMs } = facts;
  return firstOf(
    [evidenceAtMs !== null && nonceIssuedAtMs !== null, "nothing proves when the evidence was measured"],
    [(evidenceAtMs ?? 0) >= enteredAtMs, "the evidence is older than the state"],
    [(nonceIssuedAtMs ?? 0) >= enteredAtMs, "the nonce is older than the state"],
    [(nonceIssuedAtMs ?? 0) <= (evidenceAtMs ?? 0), "the nonce is newer than the evidence"],
    [facts.baselineActive, "no active baseline version stands behind the verdict"],
    [facts.keyBoundToCredential, "the attested key is not bound to the credential"],
    [facts.everyVerifierPasses, "not every verifier passes"],
  );
}

/** Two people other than the one who asked. */
function hasTwoApprovers({ approvers, requester }: LifecycleFacts): boolean {
  return new Set(approvers.filter((approver) => approver !== requester)).size >= 2;
}

export const GUARDS: Readonly<Record<GuardName, (input: GuardInput) => Objection | null>> = {
  sourceIntroducesNodes: ({ context }) =>
    firstOf([context.facts.sourceMayIntroduceNodes, "the source may not introduce nodes"]),
  credentialIsBound: ({ context }) =>
    firstOf([context.facts.credentialBound, "the credential is not bound to the node"]),
  enrollmentIsLost: ({ event, context: { enrollFailures, limits } }) =>
    event !== "enrollment.failed" || enrollFailures + 1 >= limits.maxEnrollFailures
      ? null
      : wait("the enrollment may still succeed"),
  evidenceIsComplete: ({ context }) => evidenceObjection(context),
  trustIsRegained: ({ context }) => {
    const objection =
      evidenceObjection(context) ??
      firstOf([
        !context.suspectOfAnomaly || context.facts.anomalyAcknowledged,
        "nobody has acknowledged the anomaly",
      ]);
    if (objection) return objection;
    return context.passesInRow + 1 >= context.limits.passesToRegainTrust
      ? null
      : wait("more passes in a row are needed");
  },
  containmentIsWarranted: ({ event, context: { facts } }) =>
    event === "identity.banned"
      ? firstOf([!facts.causedByOwnRequest, "the ban is the echo of our own request"])
      : firstOf([
          facts.approved || facts.autoQuarantineAllowed || facts.breakGlass,
          "nobody approved the quarantine",
        ]),
  containmentIsObserved: ({ context }) =>
    firstOf([context.facts.containmentObserved, "the containment was not observed"]),
  abortIsSafe: ({ context: { facts } }) =>
    firstOf(
      [facts.approved, "nobody approved the abort"],
      [facts.rollbackVerified, "the rollback was not verified"],
    ),
  releaseIsApproved: ({ context: { facts } }) =>
    firstOf(
      [facts.requester !== null, "nobody asked for the release"],
      [hasTwoApprovers(facts), "two approvers other than the requester are needed"],
      [facts.evidenceHoldCleared, "the evidence is still on hold"],
    ),
  reprovisioningIsApproved: ({ context: { facts } }) =>
    firstOf(
      [facts.approved, "nobody approved the reprovisioning"],
      [facts.drainedOrContained, "the node is neither drained nor contained"],
      [!facts.compromise || facts.evidenceSnapshotTaken, "the traces of the compromise were not kept"],
    ),
  rebuildIsClean: ({ context: { facts } }) =>
    firstOf(
      [facts.newIncarnationOpened, "no new incarnation was opened"],
      [facts.oldCredentialsRevoked, "the old credentials are not revoked"],
      [facts.wipeRecorded, "no wipe was recorded"],
    ),
  neverHadCredential: ({ context }) =>
    firstOf([!context.credentialEverIssued, "a credential was issued to this incarnation already"]),
  failedWhileEnrolling: ({ context }) =>
    firstOf([context.failedFrom === "enrolling", "the node did not fail while enrolling"]),
  decommissioningIsApproved: ({ state, context: { facts } }) =>
    firstOf(
      [facts.approved, "nobody approved the decommissioning"],
      [state !== "quarantined" || facts.evidenceHoldCleared, "the evidence is still on hold"],
    ),
  nothingIsLeft: ({ context: { facts } }) =>
    firstOf(
      [facts.identityInvalid, "the identity is still valid"],
      [facts.externalObjectsGone, "objects of the node are left in other systems"],
      [facts.wipeRecorded, "no wipe was recorded"],
    ),
};
