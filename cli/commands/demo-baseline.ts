/** Labels for the demo fleet, and one baseline that is made from what most of its workers say. */

import { userByEmail } from "#db/queries/user";
import type { Sealer } from "#db/sealing";
import { labelsOf } from "#lib/demo/labels";
import type { World } from "#lib/demo/world";
import type { Actor } from "#lib/domain/access";
import { readDocument } from "#lib/server/document-reader";
import { createBaseline } from "#lib/services/baseline/create";
import { listBaselines } from "#lib/services/baseline/list";
import { publishBaselineKind } from "#lib/services/baseline/publish";
import { rolloutBaseline } from "#lib/services/baseline/roll";
import { decideChange } from "#lib/services/change-request/decide";
import { proposeChange } from "#lib/services/change-request/propose";
import type { ServiceContext } from "#lib/services/context";
import { labelNode } from "#lib/services/node/label";
import { nodeList } from "#lib/services/node/list";
import { createUser } from "#lib/services/user/create";

const PAGE = 200;
const NAME = "Workers";
const SELECTOR = 'node.labels.role == "worker"';
const REASON = "The state that most workers have had for days.";

/**
 * Label every node, and let two invented people publish and roll out a first baseline.
 *
 * Does nothing for a demo that has it already; after an interruption it goes on where it was.
 */
export async function addDemoBaseline(
  ctx: ServiceContext,
  world: World,
  { sourceId, sealer }: { sourceId: string; sealer: Sealer },
): Promise<void> {
  const known = (await listBaselines(ctx)).items.find(({ name }) => name === NAME);
  if (known) return;
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
  const { id: baselineId, version } = await createBaseline(
    author,
    {
      name: NAME,
      description: "What the machines of the worker pool are expected to say.",
      selector: SELECTOR,
      ...lane,
      origin: { kind: "cohort", selector: SELECTOR },
      note: "First baseline",
    },
    readDocument,
  );
  const full = { part: "target", selector: "", percent: 100, from: null, to: null, acceptOthersUntil: null };
  const kinds = [publishBaselineKind(() => sealer), rolloutBaseline];
  for (const [kind, payload] of [
    ["baseline.publish", { baselineId, version }],
    ["baseline.rollout", { baselineId, version, ...full }],
  ] as const) {
    const { id: requestId, planHash } = await proposeChange(author, { kind, payload, reason: REASON }, kinds);
    await decideChange(approver, { requestId, planHash, decision: "approve" }, kinds);
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
