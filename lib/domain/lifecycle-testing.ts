import type { LifecycleFacts } from "./lifecycle-guards.ts";
import { LIFECYCLE_POLICY, type LifecycleRecord } from "./lifecycle-record.ts";
import type { LifecycleEventType } from "./lifecycle-table.ts";
import {
  type LifecycleStanding,
  newborn,
  VERDICT_PAGE,
  type Walked,
  walkLifecycle,
} from "./lifecycle-walk.ts";

/** Everything established that any guard asks for. */
export const ALL_FACTS: LifecycleFacts = {
  sourceMayIntroduceNodes: true,
  credentialBound: true,
  evidenceAtMs: 2_000,
  nonceIssuedAtMs: 1_500,
  baselineActive: true,
  keyBoundToCredential: true,
  everyVerifierPasses: true,
  anomalyAcknowledged: true,
  approved: true,
  autoQuarantineAllowed: true,
  breakGlass: true,
  causedByOwnRequest: false,
  containmentObserved: true,
  rollbackVerified: true,
  requester: "ann",
  approvers: ["bob", "cem"],
  evidenceHoldCleared: true,
  drainedOrContained: true,
  compromise: true,
  evidenceSnapshotTaken: true,
  newIncarnationOpened: true,
  oldCredentialsRevoked: true,
  wipeRecorded: true,
  identityInvalid: true,
  externalObjectsGone: true,
};

/** A record as tests write it; its verdicts count as they are, without a log to look them up in. */
export function recordAt(
  occurredAtMs: number,
  type: LifecycleEventType,
  facts: Partial<LifecycleFacts> = {},
  key = "",
): LifecycleRecord {
  return {
    type,
    occurredAtMs,
    key,
    facts,
    notes: [],
    cause: { kind: "trigger", id: key },
    actor: { kind: "system", id: "test" },
    policyVersion: LIFECYCLE_POLICY,
  };
}

/** Walk to the end with a log of verdicts in memory. */
export function walkAll(
  records: readonly LifecycleRecord[],
  {
    verdicts = [],
    untilMs = null,
    from = newborn(0),
  }: {
    verdicts?: readonly LifecycleRecord[];
    untilMs?: number | null;
    from?: LifecycleStanding;
  } = {},
): Walked {
  const walk = walkLifecycle(from, records, untilMs);
  for (let step = walk.next(); ; ) {
    if (step.done) return step.value;
    const { after, passesOnly, untilMs: toMs } = step.value;
    const page = verdicts
      .filter(({ type }) => !passesOnly || type === "verdict.pass")
      .filter(
        ({ occurredAtMs: atMs, key }) =>
          (atMs > after.atMs || (atMs === after.atMs && key > after.hash)) && (toMs === null || atMs <= toMs),
      )
      .sort((a, b) => a.occurredAtMs - b.occurredAtMs || (a.key < b.key ? -1 : 1))
      .slice(0, VERDICT_PAGE);
    step = walk.next(page);
  }
}

/** Where records lead, with the transitions and the forbidden edges on the way. */
export function foldAll(records: readonly LifecycleRecord[]) {
  const { standing, log } = walkAll(records);
  return {
    state: standing.state,
    ...standing.memory,
    path: log.flatMap((entry) =>
      entry.outcome === "moved"
        ? [{ transitionId: entry.transitionId, to: entry.to, atMs: entry.position.atMs }]
        : [],
    ),
    alerts: log.flatMap((entry) =>
      entry.outcome === "refused" && entry.ruleId
        ? [{ forbiddenId: entry.ruleId, atMs: entry.position.atMs }]
        : [],
    ),
  };
}
