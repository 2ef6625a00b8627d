/** Bring one node's own line up to date after something other than evidence changed it. */
import { notifyChange } from "#db/queries/ingest-log";
import { nodeLock } from "#db/queries/ingest-nodes";
import { sourceNames } from "#db/queries/ingest-source";
import type { SqlClient } from "#db/transaction";
import { reviseNodes } from "./revise-lanes.ts";
import { laneNamer } from "./store.ts";

/** Runs in the caller's transaction and locks the node. */
export async function reviseNode(
  client: SqlClient,
  { trustDomainId, nodeId }: { trustDomainId: string; nodeId: string },
  now: Date,
): Promise<void> {
  const nodes = await nodeLock(client, trustDomainId, [nodeId]);
  const scope = { client, trustDomainId, nowMs: now.getTime(), nodes };
  const names = await sourceNames(client, trustDomainId);
  await reviseNodes(scope, new Set([nodeId]), laneNamer(names));
  await notifyChange(client, trustDomainId, ["fleet", "nodes"], [nodeId]);
}
