/** Whether what isolates a node is still there: others may take it away, and nobody would notice. */
import { clientOf, type Db } from "#db/client";
import { alarmRaise, alarmsEnd, watchesDue, watchLooked } from "#db/queries/execution-node";
import { notifyChange } from "#db/queries/ingest-log";
import { executionSteps } from "#db/queries/remediation";
import type { ExecutionTools } from "./lease.ts";
import { readAgain } from "./own-step.ts";

const BATCH = 50;
/** Between two looks at one node. Milliseconds. */
const WATCH_MS = 60_000;

/** @returns how many nodes were looked at */
export async function watchContainment(
  db: Db,
  tools: ExecutionTools,
  now: () => Date,
  signal: AbortSignal,
): Promise<number> {
  const due = await watchesDue(db, now(), BATCH);
  for (const watch of due) {
    if (signal.aborted) break;
    const key = { trustDomainId: watch.trustDomainId, requestId: watch.requestId };
    const all = await executionSteps(db, { trustDomainId: key.trustDomainId, id: key.requestId });
    const steps = all.filter(({ nodeId, rollsBack }) => nodeId === watch.nodeId && rollsBack === null);
    const { gone } = await readAgain({ db, tools, now, signal }, steps);
    const at = now();
    await db.transaction(async (tx) => {
      await watchLooked(tx, watch, { lookedAt: at, nextAt: new Date(at.getTime() + WATCH_MS) });
      const alarm = { nodeId: watch.nodeId, kind: "drifted" };
      if (gone.length === 0) await alarmsEnd(tx, key, { ...alarm, at });
      else if (await alarmRaise(tx, key, { ...alarm, raisedAt: at, detail: gone.join("; ").slice(0, 2_000) }))
        await notifyChange(clientOf(tx), key.trustDomainId, ["nodes"], [watch.nodeId]);
    });
  }
  return due.length;
}
