/** Rebinding: two people agree that a node has another anchor from now on. */
import { z } from "zod";
import {
  anchorHolder,
  anchorReplace,
  identityAlarmsOfNode,
  nodeAnchor,
  nodeIdentityLock,
} from "#db/queries/rebind";
import { canonicalIdentity, roleOf } from "#lib/domain/identity";
import { ProblemError } from "#lib/domain/problems";
import { IDENTITY_KINDS } from "#lib/domain/verdict";
import { changeKind } from "#lib/services/change-request/kinds";
import { visibleNode } from "#lib/services/node/find";

const RebindPayload = z.strictObject({
  nodeId: z.uuid(),
  kind: z.enum(IDENTITY_KINDS).refine((kind) => roleOf(kind) === "anchor", "is no kind of anchor"),
  /** The anchor that the node has from then on. */
  value: z.string().trim().min(1).max(256),
});

/** The old anchor is closed and the new one opened in the transaction of the second person's vote. */
export const rebindNode = changeKind({
  kind: "node.rebind",
  label: "Rebind node",
  schema: RebindPayload,
  permissionToPropose: "change:propose",
  permissionToDecide: "change:decide",
  async plan(conn, { actor }, payload) {
    const { kind, value } = canonicalIdentity(payload);
    const { nodeId } = payload;
    const node = await nodeIdentityLock(conn, actor.trustDomainIds, nodeId);
    if (!node) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
    const before = await nodeAnchor(conn, { ...node, kind });
    if (before === null) {
      throw new ProblemError("request/invalid", `The node has no ${kind} that could be replaced.`);
    }
    if (before === value) throw new ProblemError("request/invalid", `The node has this ${kind} already.`);
    const holder = await anchorHolder(conn, { trustDomainId: node.trustDomainId, kind, value });
    if (holder !== null) {
      throw new ProblemError(
        "event/identity-conflict",
        `Another node has this ${kind}. Nodes are never merged.`,
      );
    }
    return {
      trustDomainId: node.trustDomainId,
      subject: nodeId,
      summary: `Rebind ${node.displayName}: another ${kind}`,
      facts: { nodeId, kind, before, value },
    };
  },
  async preview(ctx, payload) {
    const { kind, value } = canonicalIdentity(payload);
    const scope = ctx.actor.trustDomainIds;
    const node = await visibleNode(ctx, scope, payload.nodeId);
    const before = await nodeAnchor(ctx.db, { trustDomainId: node.trustDomainId, nodeId: node.id, kind });
    const alarms = await identityAlarmsOfNode(ctx.db, { trustDomainId: node.trustDomainId, nodeId: node.id });
    return {
      facts: [
        { label: "Node", value: node.displayName },
        { label: `${kind} now`, value: before ?? "none" },
        { label: `${kind} from then on`, value },
      ],
      warnings: [
        "Whoever holds the new identity speaks for this node from then on.",
        ...(alarms === 0 ? ["No alarm says that this node was seen with another identity."] : []),
      ],
      moves: [],
      nodes: {
        total: 1,
        items: [
          { id: node.id, name: node.displayName, from: node.status, to: node.status, reason: node.reason },
        ],
      },
      reliedOn: { total: 0, items: [] },
    };
  },
  async apply(tx, { actor, now }, payload, requestId) {
    const { kind, value } = canonicalIdentity(payload);
    const { nodeId } = payload;
    const node = await nodeIdentityLock(tx, actor.trustDomainIds, nodeId);
    const before = node && (await nodeAnchor(tx, { ...node, kind }));
    if (!node || before === null) throw new ProblemError("node/not-found", `No node ${nodeId}.`);
    const by = { actorId: actor.id, reason: `Rebound by change request ${requestId}` };
    await anchorReplace(tx, { ...node, kind, value, at: now(), ...by });
    return { entity: "node", entityId: nodeId, before: { kind, value: before }, after: { kind, value } };
  },
});
