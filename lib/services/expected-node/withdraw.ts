/** Counting on a node no longer. */
import { z } from "zod";
import { expectedNodeLock, expectedNodeWithdraw } from "#db/queries/expected-node";
import { ReasonBody } from "#lib/contracts/identity";
import { ProblemError } from "#lib/domain/problems";
import { command } from "#lib/services/command";

/** @throws {ProblemError} `expected-node/not-found` also when it came or was withdrawn already */
export const withdrawExpectedNode = command({
  name: "node.withdraw",
  permission: "node:expect",
  input: ReasonBody.extend({ expectedNodeId: z.uuid() }),
  target: ({ expectedNodeId }) => expectedNodeId,
  async run(tx, { actor, now }, { expectedNodeId, reason }) {
    const row = await expectedNodeLock(tx, actor.trustDomainIds, expectedNodeId);
    if (!row) throw new ProblemError("expected-node/not-found", `No expected node ${expectedNodeId}.`);
    const withdrawnAt = now();
    await expectedNodeWithdraw(tx, row, withdrawnAt);
    return {
      result: { withdrawnAt: withdrawnAt.toISOString() },
      audit: {
        trustDomainId: row.trustDomainId,
        entity: "node",
        entityId: expectedNodeId,
        before: { name: row.name, overdueAt: row.overdueAt },
        after: { withdrawnAt, reason },
      },
    };
  },
});
