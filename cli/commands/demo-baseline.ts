/** Labels for the demo fleet, and baselines that are made from what most of its workers say. */

import { userByEmail } from "#db/queries/user";
import type { Sealer } from "#db/sealing";
import { labelsOf } from "#lib/demo/labels";
import type { World } from "#lib/demo/world";
import type { Actor } from "#lib/domain/access";
import { movesOf } from "#lib/server/baseline-moves";
import { readDocument } from "#lib/server/document-reader";
import { createBaseline } from "#lib/services/baseline/create";
import { listBaselines } from "#lib/services/baseline/list";
import { publishBaselineKind } from "#lib/services/baseline/publish";
import { rolloutBaselineKind } from "#lib/services/baseline/roll";
import { decideChange } from "#lib/services/change-request/decide";
import { proposeChange } from "#lib/services/change-request/propose";
import type { ServiceContext } from "#lib/services/context";
import { labelNode } from "#lib/services/node/label";
import { nodeList } from "#lib/services/node/list";
import { createUser } from "#lib/services/user/create";

const PAGE = 200;
const REASON = "The state that most workers have had for days.";

/** One baseline per kind of hardware: machines of two vendors never measure the same firmware. */
function workersOf(world: World): { name: string; selector: string }[] {
  const labels = world.fleet.map(labelsOf).filter(({ role }) => role === "worker");
  const kinds = [...new Set(labels.flatMap(({ hardware }) => hardware ?? []))].sort();
  return kinds.map((hardware) => ({
    name: `Workers on ${hardware}`,
    selector: `node.labels.role == "worker" && node.labels.hardware == ${JSON.stringify(hardware)}`,
  }));
}

/**
 * Label every node, and let two invented people publish and roll out a first baseline per kind of worker.
 *
 * Does nothing for a demo that has it already; after an interruption it goes on where it was.
 */
export async function addDemoBaseline(
  ctx: ServiceContext,
  world: World,
  { sourceId, sealer }: { sourceId: string; sealer: Sealer },
): Promise<void> {
  const known = new Set((await listBaselines(ctx)).items.map(({ name }) => name));
  const missing = workersOf(world).filter(({ name }) => !known.has(name));
  if (missing.length === 0) return;
  const labels = new Map(world.fleet.map((node) => [node.name, labelsOf(node)]));
  for (let cursor: string | undefined; ; ) {
    const page = await nodeList(ctx, { q: "", sort: "name", limit: PAGE, ...(cursor && { cursor }) });
    for (const { id, displayName } of page.items) {
      const own = labels.get(displayName);
      if (own) await labelNode(ctx, { nodeId: id, labels: own });
    }
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  const author = await person(ctx, "analyst");
  const approver = await person(ctx, "approver");
  const lane = { sourceId, submod: "tpm" };
  const full = { part: "target", selector: "", percent: 100, from: null, to: null, acceptOthersUntil: null };
  const kinds = [publishBaselineKind(() => sealer, movesOf), rolloutBaselineKind(movesOf)];
  for (const { name, selector } of missing) {
    const { id: baselineId, version } = await createBaseline(
      author,
      {
        name,
        description: "What the machines of the worker pool are expected to say.",
        selector,
        ...lane,
        origin: { kind: "cohort", selector },
        note: "First baseline",
      },
      readDocument,
    );
    for (const [kind, payload] of [
      ["baseline.publish", { baselineId, version }],
      ["baseline.rollout", { baselineId, version, ...full }],
    ] as const) {
      const change = await proposeChange(author, { kind, payload, reason: REASON }, kinds);
      const { id: requestId, planHash } = change;
      await decideChange(approver, { requestId, planHash, decision: "approve" }, kinds);
    }
  }
}

/** Somebody of the invented staff. Nobody knows the password, so nobody signs in as them. */
async function person(ctx: ServiceContext, role: "analyst" | "approver"): Promise<ServiceContext> {
  const email = `${role}@fleet.example`;
  const id = (await userByEmail(ctx.db, email))?.id ?? (await createUser(ctx, { email, role })).user.id;
  const actor: Actor = {
    kind: "user",
    id,
    sessionId: "demo",
    email,
    role,
    trustDomainIds: ctx.actor.trustDomainIds,
    mustChangePassword: false,
  };
  return { ...ctx, actor };
}
