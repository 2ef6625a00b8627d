/** Rehearsing: every check and every preview, and nothing that changes anything. */
import type { RequestRow, StepRow } from "#db/queries/execution";
import { stepSet } from "#db/queries/execution";
import { planNodes } from "#db/queries/remediation-facts";
import type { RemediationAction } from "#lib/domain/remediation";
import type { PlanCheck } from "#lib/domain/remediation-plan";
import { fleetChecks } from "#lib/services/remediation/facts";
import { limitsInForce } from "#lib/services/remediation/limits";
import { callConnector } from "./call.ts";
import { keeping, type Work } from "./lease.ts";
import { keyChecks } from "./preview-targets.ts";
import { recordObservation } from "./record.ts";

/**
 * What a step would do and whether it could, as it is now. The step is skipped; one that could not be done is
 * failed, and so is the rehearsal.
 */
export async function rehearseStep(work: Work, request: RequestRow, step: StepRow): Promise<void> {
  // How long the target took to answer is part of what a rehearsal finds out.
  const startedAt = work.now();
  const seen = await (step.connectorId === null ? ownChecks(work, request, step) : previewed(work, step));
  const { obstacle, ...observed } = seen;
  await keeping(work, async (tx, at) => {
    const state = obstacle === null ? "skipped" : "failed";
    await recordObservation(tx, step, { at, after: { state, drill: true, problem: obstacle } });
    await stepSet(tx, step, {
      state,
      startedAt,
      endedAt: at,
      observed: { drill: true, ...observed },
      problem: obstacle,
    });
  });
}

type Rehearsed = { obstacle: string | null; would: readonly string[]; checks: readonly unknown[] };

async function previewed(work: Work, step: StepRow): Promise<Rehearsed> {
  const seen = await callConnector(work, step, ({ connector, ctx, target }) =>
    connector.preview(ctx, target, step.verb),
  );
  if (!seen.ok) return { obstacle: seen.failure.message, would: [], checks: [] };
  const { ok, steps, checks } = seen.value;
  const failed = checks.filter((check) => check.blocking && !check.ok);
  const obstacle = ok ? null : failed.map(({ name, detail }) => `${name}: ${detail}`).join("; ");
  return { obstacle, would: steps, checks };
}

/** The fleet is looked at where an execution looks at it: at a node's first step. */
async function ownChecks(work: Work, request: RequestRow, step: StepRow): Promise<Rehearsed> {
  const would = [step.words];
  if (step.verb !== "snapshot" && step.verb !== "new_key") return { obstacle: null, would, checks: [] };
  const nodes = await planNodes(work.db, [step.trustDomainId], [step.nodeId], request.id);
  if (step.verb === "new_key") return judged(would, await keyChecks(work.db, step.trustDomainId, nodes));
  const action = request.action as RemediationAction;
  const limits = await limitsInForce(work.db, step.trustDomainId);
  const asked = { action, nodes, own: request.id, limits, now: work.now() };
  return judged(would, await fleetChecks(work.db, step.trustDomainId, asked));
}

function judged(would: readonly string[], checks: readonly PlanCheck[]): Rehearsed {
  const broken = checks.filter(({ ok, blocking }) => blocking && !ok);
  const obstacle = broken.length > 0 ? broken.map(({ sentence }) => sentence).join(" ") : null;
  return { obstacle, would, checks };
}
