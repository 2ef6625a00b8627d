/** Telling of nodes that begin or cease to fail, with the revision that says so. */
import { nodesCalled } from "#db/queries/announce-names";
import type { SqlClient } from "#db/transaction";
import { announceAll } from "#lib/services/notification/announce";

type Move = { nodeId: string; from: string | null; to: string; reason: string };

/** Moves that are neither into nor out of failing are not told: they are shown. */
export async function announceNodes(
  client: SqlClient,
  trustDomainId: string,
  moves: readonly Move[],
  at: Date,
): Promise<void> {
  const told = moves.filter(({ from, to }) => (from === "failed") !== (to === "failed"));
  if (told.length === 0) return;
  const called = await nodesCalled(
    client,
    trustDomainId,
    told.map(({ nodeId }) => nodeId),
  );
  await announceAll(
    client,
    told.map(({ nodeId, to, reason }) => {
      const { name, labels } = called.get(nodeId) ?? { name: nodeId, labels: {} };
      const fails = to === "failed";
      return {
        kind: fails ? ("node.failed" as const) : ("node.recovered" as const),
        trustDomainId,
        subject: nodeId,
        labels: { ...labels, node: name, status: to },
        title: fails ? `${name} fails` : `${name} does not fail any more: it is ${to}`,
        summary: reason,
        link: `/nodes/${nodeId}`,
        at,
      };
    }),
  );
}
