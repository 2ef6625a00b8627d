/** Lives of nodes follow what was recorded about them, and the clock. */
import { type DueNode, lifecycleDue, lifecycleOverdue } from "#db/queries/lifecycle-fold";
import type { SqlPool } from "#db/transaction";
import type { LifecycleState } from "#lib/domain/lifecycle-table";
import { STATE_TIMEOUTS } from "#lib/domain/lifecycle-walk";
import { foldLives } from "#lib/services/lifecycle/fold";
import type { Job } from "./job.ts";

/** Nodes per turn: short enough that ingest never waits long for their locks. */
const BATCH = 100;

/** Fold the lives of nodes about which something new was recorded. */
export const foldLifecycle: Job = {
  name: "fold-lifecycle",
  everyMs: 1_000,
  async run({ db, now }, signal) {
    const due = await lifecycleDue(db.$client, now(), BATCH);
    await foldByDomain(db.$client, due, now, signal);
    return due.length === BATCH ? "more" : "idle";
  },
};

/** Let the timers of nodes speak that have been in a state for too long; each speaks once. */
export const runLifecycleTimers: Job = {
  name: "lifecycle-timers",
  everyMs: 5_000,
  async run({ db, now }, signal) {
    let more = false;
    for (const [state, { afterMs }] of Object.entries(STATE_TIMEOUTS)) {
      const at = now();
      const overdue = await lifecycleOverdue(db.$client, state as LifecycleState, {
        before: new Date(at.getTime() - afterMs),
        now: at,
        limit: BATCH,
      });
      await foldByDomain(db.$client, overdue, now, signal);
      if (overdue.length === BATCH) more = true;
    }
    return more ? "more" : "idle";
  },
};

async function foldByDomain(
  pool: SqlPool,
  nodes: readonly DueNode[],
  now: () => Date,
  signal: AbortSignal,
): Promise<void> {
  for (const [trustDomainId, some] of Map.groupBy(nodes, ({ trustDomainId }) => trustDomainId)) {
    if (signal.aborted) return;
    await foldLives(
      pool,
      trustDomainId,
      some.map(({ nodeId }) => nodeId),
      now(),
    );
  }
}
