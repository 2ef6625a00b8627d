/** Judging failures of nodes for containment without a person, and acting on what may be acted on. */
import type { Db, Tx } from "#db/client";
import { auditInsert } from "#db/queries/audit";
import {
  type AutomaticSetting,
  automaticLock,
  automaticOn,
  automaticStarts,
  type Failure,
  failedEvidence,
  failuresToJudge,
  judgementPut,
} from "#db/queries/automatic";
import { breakerIncident } from "#db/queries/incident";
import { type PlanNodeRow, pausesNow, planNodes } from "#db/queries/remediation-facts";
import { type AutomaticJudgement, judgeFailure } from "#lib/domain/automatic";
import { autoBudget, STORM_WINDOW_MS } from "#lib/domain/blast-radius";
import { recipeFor } from "#lib/domain/recipe";
import { stepsFor } from "#lib/domain/recipe-steps";
import { memberOf, type PlanCheck, targetChange } from "#lib/domain/remediation-plan";
import { targetsFor } from "#lib/services/connector/open";
import type { ConnectorTools } from "#lib/services/connector/tools";
import { fleetChecks, stormNow } from "#lib/services/remediation/facts";
import { fileRequest, planNote } from "#lib/services/remediation/file";
import { limitsInForce } from "#lib/services/remediation/limits";
import { moveRequest, startExecution } from "#lib/services/remediation/move";
import { makePlan } from "#lib/services/remediation/plan";
import type { RemediationTools } from "#lib/services/remediation/tools";
import { uuidv7 } from "#lib/services/uuidv7";

const BATCH = 50;
const ACTION = "quarantine";

export type AutomaticTools = { remediation: RemediationTools; connectors: ConnectorTools };

/** @returns how many failures were judged */
export async function judgeFailures(
  db: Db,
  tools: AutomaticTools,
  now: () => Date,
  signal: AbortSignal,
): Promise<number> {
  let judged = 0;
  for (const setting of await automaticOn(db)) {
    const since = setting.changedAt;
    for (const failure of await failuresToJudge(db, setting.trustDomainId, { since, limit: BATCH })) {
      if (signal.aborted) return judged;
      await db.transaction((tx) => judgeOne(tx, tools, { setting, failure, now: now() }));
      judged += 1;
    }
  }
  return judged;
}

type Case = { setting: AutomaticSetting; failure: Failure; now: Date };

/** One at a time in a domain, under the lock of its setting: a budget that two look at at once is none. */
async function judgeOne(tx: Tx, tools: AutomaticTools, { setting, failure, now }: Case): Promise<void> {
  const { trustDomainId } = setting;
  const { nodeId, failedMs, policyVersion } = failure;
  const locked = await automaticLock(tx, trustDomainId);
  if (locked?.mode !== setting.mode) return;
  const [node] = await planNodes(tx, [trustDomainId], [nodeId], null);
  if (!node) return;
  const evidence = await failedEvidence(tx, trustDomainId, nodeId);
  const judgement = await judge(tx, tools, { trustDomainId, node, evidence, now });
  const acts = judgement.heldBy === null;
  const requestId = acts ? await act(tx, tools, { setting, node, now, why: judgement.why }) : null;
  await judgementPut(tx, {
    ...{ trustDomainId, nodeId, policyVersion, requestId },
    failedAt: new Date(failedMs),
    judgedAt: now,
    mode: setting.mode,
    outcome: acts ? "acts" : "held",
    heldBy: judgement.heldBy,
    why: judgement.why,
    evidenceDigest: evidence[0]?.digest ?? null,
  });
}

async function judge(
  tx: Tx,
  { connectors }: AutomaticTools,
  about: {
    trustDomainId: string;
    node: PlanNodeRow;
    evidence: Awaited<ReturnType<typeof failedEvidence>>;
    now: Date;
  },
): Promise<AutomaticJudgement> {
  const { trustDomainId, node, evidence, now } = about;
  const after = new Date(now.getTime() - STORM_WINDOW_MS);
  const limits = await limitsInForce(tx, trustDomainId);
  const asked = { action: ACTION, nodes: [node], own: null, limits, now } as const;
  const checks = await fleetChecks(tx, trustDomainId, asked);
  const [pause] = await pausesNow(tx, [trustDomainId], now);
  const incident = await breakerIncident(tx, trustDomainId);
  const storm = await stormNow(tx, trustDomainId, limits, now);
  const available = (await targetsFor(tx, connectors, trustDomainId, [node.nodeId])).get(node.nodeId) ?? [];
  const radius = checks.filter(({ rule }) => rule !== "life_cycle" && rule !== "pause" && rule !== "storm");
  return judgeFailure({
    evidence,
    lifeCycle: targetChange(ACTION, node, node),
    quorum: memberOf(node, limits).quorum,
    paused: pause ? `It is held back until ${pause.expiresAt.toISOString()}: ${pause.reason}` : null,
    breaker: incident ? `The breaker is on until an incident is resolved: ${incident.title}` : null,
    storm: storm ? `${storm.nodes} nodes failed alike; suspect the baseline or the verifier.` : null,
    budget: autoBudget(await automaticStarts(tx, trustDomainId, after), now.getTime(), limits.autoPerWindow),
    perWindow: limits.autoPerWindow,
    recipe: broken(stepsFor(recipeFor(ACTION), node, available).checks),
    blastRadius: broken(radius),
  });
}

function broken(checks: readonly PlanCheck[]): string | null {
  const words = checks.filter(({ ok, blocking }) => blocking && !ok).map(({ sentence }) => sentence);
  return words.length > 0 ? words.join(" ") : null;
}

type Act = { setting: AutomaticSetting; node: PlanNodeRow; now: Date; why: string };

/** @returns the request that was filed; `null` in shadow */
async function act(tx: Tx, tools: AutomaticTools, { setting, node, now, why }: Act): Promise<string | null> {
  const { trustDomainId, mode } = setting;
  if (mode !== "request" && mode !== "execute") return null;
  const wanted = {
    action: ACTION,
    nodes: [node],
    recipe: undefined,
    params: {},
    startAtMs: null,
    window: "ignore",
  } as const;
  const plan = await makePlan(tx, trustDomainId, wanted, tools.remediation, { now, refuse: true });
  const asker = { requestedBy: null, requester: "automatic containment", reason: why, ticket: null };
  let row = await fileRequest(tx, trustDomainId, plan, {
    asker: { origin: "policy", ...asker },
    checks: plan.checks,
    now,
  });
  if (mode === "execute") {
    row = await moveRequest(tx, row, "approve", { at: now, set: { approvedAt: now } });
    row = await startExecution(tx, row, { at: now, event: "start" });
  }
  await auditInsert(tx, {
    ...{ trustDomainId, id: uuidv7(now), at: now, actorKind: "system", actorId: "automatic containment" },
    ...{ action: "remediation.automatic", entity: "remediation", entityId: row.id },
    ...{ outcome: "done", problemCode: null, before: null, requestId: row.id, address: null },
    after: { state: row.state, mode, ...planNote(plan), reason: why },
  });
  return row.id;
}
