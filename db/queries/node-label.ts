/** Labels of nodes. */
import { and, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client";
import { node } from "#db/schema/fleet";
import type { Labels } from "#lib/domain/node-labels";
import type { Scope } from "./sql.ts";

/** A node's labels, locked until the transaction ends; `undefined` when it is none of the scope's. */
export async function nodeLabelsLock(
  tx: Tx,
  scope: Scope,
  nodeId: string,
): Promise<{ trustDomainId: string; labels: Labels } | undefined> {
  const [row] = await tx
    .select({ trustDomainId: node.trustDomainId, labels: node.labels })
    .from(node)
    .where(and(inArray(node.trustDomainId, [...scope]), eq(node.id, nodeId)))
    .for("update");
  return row;
}

export async function nodeLabelsSet(
  tx: Tx,
  { trustDomainId, nodeId }: { trustDomainId: string; nodeId: string },
  labels: Labels,
): Promise<void> {
  await tx
    .update(node)
    .set({ labels })
    .where(and(eq(node.trustDomainId, trustDomainId), eq(node.id, nodeId)));
}
