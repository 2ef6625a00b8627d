/** Our own steps: keep what is known, tell the life cycle, read back, wait for a verdict. */
import { createHash } from "node:crypto";
import type { Tx } from "#db/client";
import { approversOf, type RequestRow, type StepRow, stepSet } from "#db/queries/execution";
import {
  dispositionSet,
  freshVerdict,
  newKeySince,
  nodeKnown,
  triggerOutcome,
  triggerWithFacts,
} from "#db/queries/execution-node";
import { planNodes } from "#db/queries/remediation-facts";
import { canonicalJson } from "#lib/domain/audit/canonical-json";
import { isGone, pauseAfter } from "#lib/domain/execution";
import type { LifecycleFacts } from "#lib/domain/lifecycle-guards";
import { LIFECYCLE_POLICY } from "#lib/domain/lifecycle-record";
import { type LifecycleEventType, type LifecycleState, TRANSITIONS } from "#lib/domain/lifecycle-table";
import { RECIPES } from "#lib/domain/recipe";
import { REQUIREMENTS } from "#lib/domain/recipe-steps";
import type { RemediationAction } from "#lib/domain/remediation";
import { targetsFor } from "#lib/services/connector/open";
import { foldLives } from "#lib/services/lifecycle/fold";
import { fleetChecks } from "#lib/services/remediation/facts";
import { limitsInForce } from "#lib/services/remediation/limits";
import { uuidv7 } from "#lib/services/uuidv7";
import { callConnector } from "./call.ts";
import { settle, wentWithRebuild } from "./connector-step.ts";
import { keeping, type Work } from "./lease.ts";
import { recordIntention } from "./record.ts";

const POLL_MS = 5_000;
const READ_BACKS = 3;
const DONE = { state: "done", dueMs: null, over: true, problem: null } as const;
const failed = (problem: string) => ({ state: "failed", dueMs: null, over: true, problem }) as const;

/** @param steps all of the node */
export async function runOwnStep(
  work: Work,
  request: RequestRow,
  step: StepRow,
  steps: readonly StepRow[],
): Promise<void> {
  switch (step.verb) {
    case "snapshot":
      return snapshot(work, request, step, steps);
    case "lifecycle":
      return tellLife(work, request, step, steps);
    case "read_back":
      return readBack(work, step, steps);
    case "verdict":
      return awaitVerdict(work, step, {
        since: step.startedAt ?? work.now(),
        lives: request.action === "release",
      });
    case "new_key":
      return awaitNewKey(work, step, steps);
    case REQUIREMENTS.verb:
      // Its steps were put together without what was missing: doing them now would be half of the recipe.
      return settle(work, step, failed("What the recipe needs was missing; ask for it anew"), {});
    default:
      return settle(work, step, failed(`This version knows no step ${step.verb}`), {});
  }
}

/** First of all steps, so here it is checked once more whether the node may be acted on at all. */
async function snapshot(
  work: Work,
  request: RequestRow,
  step: StepRow,
  steps: readonly StepRow[],
): Promise<void> {
  const obstacle = (await changedTarget(work, step, steps)) ?? (await brokenCheck(work, request, step));
  if (obstacle !== null) return settle(work, step, failed(obstacle), {});
  const known = await nodeKnown(work.db, step);
  const sha256 = createHash("sha256")
    .update(canonicalJson(known ?? null), "utf8")
    .digest("hex");
  await settle(work, step, DONE, { sha256, known: known ?? null });
}

/** Whether a system calls the node what it called it when the steps were put together. */
async function changedTarget(
  { db, tools }: Work,
  { trustDomainId, nodeId }: StepRow,
  steps: readonly StepRow[],
): Promise<string | null> {
  const known = (await targetsFor(db, tools.connectors, trustDomainId, [nodeId])).get(nodeId) ?? [];
  for (const { connectorId, connectorKind, target } of steps) {
    if (target === null) continue;
    const now = known.find((one) => one.connectorId === connectorId)?.target;
    if (!now) return `A connector of kind ${connectorKind} does not know the node any more`;
    if (now.ref !== target.ref || now.uid !== target.uid)
      return `${target.words} is another registration than the one that was approved`;
  }
  return null;
}

/** What our own data forbids now; who broke glass has been told before and goes on. */
async function brokenCheck(work: Work, request: RequestRow, step: StepRow): Promise<string | null> {
  const { trustDomainId, nodeId } = step;
  const nodes = await planNodes(work.db, [trustDomainId], [nodeId], request.id);
  const action = request.action as RemediationAction;
  const checks = await fleetChecks(work.db, trustDomainId, {
    ...{ action, nodes, own: request.id, limits: await limitsInForce(work.db, trustDomainId) },
    now: work.now(),
  });
  const broken = checks.filter(({ ok, blocking }) => blocking && !ok);
  const counted = request.origin === "break_glass" ? broken.filter(({ rule }) => rule === "pause") : broken;
  return counted.length > 0 ? counted.map(({ sentence }) => sentence).join(" ") : null;
}

const DISPOSITIONS: Partial<Record<LifecycleEventType, string>> = {
  "remediation.quarantine.executing": "quarantine",
  "remediation.quarantine.aborted": "in_service",
  "remediation.decommission.executing": "retire",
};

/** The trigger is committed first and known by its id: after a crash the fold is asked what became of it. */
async function tellLife(
  work: Work,
  request: RequestRow,
  step: StepRow,
  steps: readonly StepRow[],
): Promise<void> {
  const event = step.event as LifecycleEventType;
  const to = TRANSITIONS.find(({ on }) => on.includes(event))?.to ?? null;
  let told = step;
  if (step.state === "pending") {
    if ((await nodeKnown(work.db, step))?.lifecycle === to && event !== "remediation.release.executed") {
      await keeping(work, async (tx, at) => {
        await recordIntention(tx, request, step, { at, after: { event, already: true } });
        await setDisposition(tx, step, event);
      });
      return settle(work, step, DONE, { lifecycle: to, already: true });
    }
    told = await keeping(work, (tx, at) => putTrigger(tx, { request, step, steps, event, at }));
  }
  await foldLives(work.db.$client, step.trustDomainId, [step.nodeId], work.now());
  const { triggerId } = told.observed as { triggerId: string };
  const outcome = await triggerOutcome(work.db, step, triggerId);
  if (outcome?.outcome === "moved")
    return settle(work, told, DONE, { triggerId, lifecycle: outcome.toState });
  const lifecycle = (await nodeKnown(work.db, step))?.lifecycle ?? null;
  const why = outcome?.why ?? `nothing leads there from ${lifecycle}`;
  await settle(work, told, failed(`The life cycle refuses ${event}: ${why}.`), { triggerId, lifecycle });
}

type Told = {
  request: RequestRow;
  step: StepRow;
  steps: readonly StepRow[];
  event: LifecycleEventType;
  at: Date;
};

async function putTrigger(tx: Tx, { request, step, steps, event, at }: Told): Promise<StepRow> {
  const { trustDomainId, nodeId, requestId } = step;
  const known = await nodeKnown(tx, step);
  // After whatever the state rests on, also when its clock is ahead of ours.
  const atMs = Math.max(at.getTime(), (known?.lifecycleSinceMs ?? 0) + 1);
  const id = uuidv7(at);
  const approvers = await approversOf(tx, step);
  await triggerWithFacts(tx, {
    ...{ trustDomainId, nodeId, id, type: event, at: new Date(atMs), requestId },
    actor: { kind: "system", id: "executor" },
    facts: factsOf(request, steps, (known?.lifecycle ?? "discovered") as LifecycleState, approvers),
    policyVersion: LIFECYCLE_POLICY,
  });
  await setDisposition(tx, step, event);
  await recordIntention(tx, request, step, { at, after: { event, triggerId: id } });
  const values = {
    state: "running",
    startedAt: at,
    attempts: step.attempts + 1,
    observed: { triggerId: id },
  };
  await stepSet(tx, step, values);
  return { ...step, ...values };
}

async function setDisposition(tx: Tx, step: StepRow, event: LifecycleEventType): Promise<void> {
  const disposition = DISPOSITIONS[event];
  if (disposition !== undefined) await dispositionSet(tx, step, disposition);
}

/** What the execution has established; everything else stays unproven, and its guard refuses. */
function factsOf(
  { origin, approvedAt, requester }: RequestRow,
  steps: readonly StepRow[],
  lifecycle: LifecycleState,
  approvers: readonly string[],
): Partial<LifecycleFacts> {
  const forward = steps.filter(({ rollsBack }) => rollsBack === null);
  const did = (has: (step: StepRow) => boolean) => forward.some((one) => one.state === "done" && has(one));
  const connector = forward.filter(({ connectorId }) => connectorId !== null);
  const kept = did(({ verb, connectorId }) => verb === "snapshot" && connectorId === null);
  return {
    approved: origin !== "policy" && origin !== "break_glass" && approvedAt !== null,
    autoQuarantineAllowed: origin === "policy",
    breakGlass: origin === "break_glass",
    containmentObserved:
      did(({ effect }) => effect === "isolated") &&
      connector.every(({ mandatory, state }) => !mandatory || state === "done"),
    rollbackVerified: connector.every(
      ({ state, undo }) => state !== "unknown" && (state !== "done" || undo === null),
    ),
    requester,
    approvers,
    evidenceHoldCleared: kept,
    evidenceSnapshotTaken: kept,
    compromise: true,
    drainedOrContained:
      lifecycle === "quarantined" ||
      did(
        ({ effect, verb, connectorId }) =>
          connectorId !== null && (effect === "isolated" || verb === "drain"),
      ),
    identityInvalid: did(({ effect }) => effect === "identity_invalid"),
    wipeRecorded: did(({ effect }) => effect === "rebuilt"),
  };
}

const UNDOES = new Set(
  RECIPES.flatMap(({ steps }) => steps.flatMap((one) => ("undo" in one ? [one.undo] : []))),
);

/** Steps whose effect must last: what was taken back since is none of them. */
function lasting(steps: readonly StepRow[]): StepRow[] {
  const done = steps.filter(({ state, connectorId }) => state === "done" && connectorId !== null);
  return done.filter(
    (one) =>
      (one.undo !== null || UNDOES.has(one.verb) || one.effect === "identity_invalid") &&
      !done.some(
        (later) =>
          later.connectorId === one.connectorId && later.ordinal > one.ordinal && later.verb === one.undo,
      ),
  );
}

/** What is not as it was left, for people; `null` = everything is. `unknown` = it could not be read. */
export async function readAgain(
  work: Pick<Work, "db" | "tools" | "now" | "signal">,
  steps: readonly StepRow[],
  renew?: () => Promise<void>,
): Promise<{ gone: string[]; unknown: string[]; facts: Record<string, unknown> }> {
  const result = { gone: [] as string[], unknown: [] as string[], facts: {} as Record<string, unknown> };
  for (const step of lasting(steps)) {
    const seen = await callConnector(work, step, ({ connector, ctx, target }) =>
      connector.observe(ctx, target, step.verb, step.idempotencyKey),
    );
    const name = `${step.connectorKind} ${step.verb}`;
    if (!seen.ok && isGone(seen.failure) && wentWithRebuild(step, steps)) {
      result.facts[name] = "gone";
      await renew?.();
      continue;
    }
    if (!seen.ok) result.unknown.push(`${name}: ${seen.failure.message}`);
    else if (seen.value.state !== "done") result.gone.push(`${name}: ${seen.value.detail}`);
    result.facts[name] = seen.ok ? seen.value.state : "unknown";
    await renew?.();
  }
  return result;
}

async function readBack(work: Work, step: StepRow, steps: readonly StepRow[]): Promise<void> {
  const { gone, unknown, facts } = await readAgain(
    work,
    steps.filter(({ rollsBack }) => rollsBack === null),
    () => keeping(work, async () => {}),
  );
  const wrong = [...gone, ...unknown];
  if (wrong.length === 0) return settle(work, step, DONE, facts);
  const attempts = step.attempts + 1;
  if (attempts >= READ_BACKS) return settle(work, step, failed(`Read back: ${wrong.join("; ")}`), facts);
  await keeping(work, (tx, at) =>
    stepSet(tx, step, {
      attempts,
      startedAt: step.startedAt ?? at,
      dueAt: new Date(at.getTime() + pauseAfter(attempts)),
      observed: facts,
    }),
  );
}

/** What a step waits for. @param also what else was seen, to be shown with it */
type Awaited = { since: Date; lives?: boolean; also?: Record<string, unknown>; what?: string };

/** Evidence from after an instant, and everything that decides about the node agrees. */
async function awaitVerdict(
  work: Work,
  step: StepRow,
  { since, lives = false, also = {}, what = "fresh affirming verdict" }: Awaited,
): Promise<void> {
  const verdict = await freshVerdict(work.db, step, since);
  const known = await nodeKnown(work.db, step);
  const trusted = known?.status === "trusted" && (!lives || known.lifecycle === "trusted");
  const seen = {
    ...also,
    verdict: verdict ?? null,
    status: known?.status ?? null,
    lifecycle: known?.lifecycle ?? null,
  };
  if (verdict && trusted) return settle(work, step, DONE, seen);
  const why = `the node is ${seen.status}, its life cycle ${seen.lifecycle}`;
  await waitOn(work, step, seen, { what, why });
}

/** Look again in a while, or give up. */
async function waitOn(
  work: Work,
  step: StepRow,
  seen: Record<string, unknown>,
  { what, why }: { what: string; why: string },
): Promise<void> {
  const at = work.now();
  const startedAt = step.startedAt ?? at;
  const timeoutMs = step.timeoutMs ?? 0;
  if (at.getTime() - startedAt.getTime() >= timeoutMs)
    return settle(work, step, failed(`No ${what} within ${timeoutMs / 60_000} minutes: ${why}.`), seen);
  const waits = { state: "running", dueMs: at.getTime() + POLL_MS, over: false, problem: null } as const;
  if (step.startedAt === null) await keeping(work, (tx) => stepSet(tx, step, { startedAt, attempts: 1 }));
  await settle(work, step, waits, seen);
}

/**
 * A key of the node that was replaced since it was rekeyed, which only an approved rebind does, and a verdict from
 * after that. Until then evidence with the new key is refused, and evidence with the old one proves nothing.
 */
async function awaitNewKey(work: Work, step: StepRow, steps: readonly StepRow[]): Promise<void> {
  const begun = steps.flatMap(({ effect, state, startedAt }) =>
    effect === "rekeyed" && state === "done" && startedAt !== null ? [startedAt.getTime()] : [],
  );
  const rekeyedAt = begun.length === 0 ? (step.startedAt ?? work.now()) : new Date(Math.min(...begun));
  const key = await newKeySince(work.db, step, rekeyedAt);
  if (key === undefined) {
    const missing = { what: "approved rebind to a new key", why: "the node counts with its old one" };
    return waitOn(work, step, { key: null }, missing);
  }
  const { kind, value, since } = key;
  const also = { key: { kind, value, since: since.toISOString() } };
  await awaitVerdict(work, step, { since, also, what: "fresh affirming verdict with the new key" });
}
