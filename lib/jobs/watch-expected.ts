/** Silence of nodes that somebody counts on: found by looking at the clock, because no event ever tells. */
import { expectationUpdate, expectProvisioned, openExpectations } from "#db/queries/watch-expected";
import { inTransaction } from "#db/transaction";
import { expectationAt } from "#lib/domain/expected-node";
import { uuidv7 } from "#lib/services/uuidv7";
import type { Job } from "./job.ts";

const BATCH = 500;
/** A provisioning that ended longer ago is history that was imported, and not somebody to wait for. */
const LOOK_BACK_MS = 24 * 3_600_000;
const FIRST = "00000000-0000-0000-0000-000000000000";

export const watchExpected: Job = {
  name: "watch-expected",
  everyMs: 15_000,
  async run({ db, now }, signal) {
    const at = now();
    for (let after = FIRST; !signal.aborted; ) {
      const open = await openExpectations(db.$client, BATCH, after);
      for (const expectation of open) {
        const { createdAt, expectedBy, provisionedAt, enrolledAt } = expectation;
        const state = expectationAt(
          {
            createdMs: createdAt.getTime(),
            expectedByMs: expectedBy?.getTime() ?? null,
            provisionedMs: provisionedAt?.getTime() ?? null,
            enrolledMs: enrolledAt?.getTime() ?? null,
          },
          at.getTime(),
        );
        const overdue =
          state.state === "overdue" ? { at: new Date(state.dueMs), reason: state.reason } : null;
        await expectationUpdate(db.$client, expectation, overdue);
      }
      const last = open.at(-1);
      if (!last || open.length < BATCH) break;
      after = last.id;
    }
    // Last, so that a node that is listed already has been recognised and is not waited for twice.
    await inTransaction(db.$client, (client) =>
      expectProvisioned(client, new Date(at.getTime() - LOOK_BACK_MS), at, () => uuidv7(at)),
    );
    return "idle";
  },
};
