/** The setting of how long verdicts are kept, as people change it. */
import { eq } from "drizzle-orm";
import type { Tx } from "#db/client";
import { retention } from "#db/schema/retention";

type Setting = { verdictDays: number; rawDays: number };

/** The setting, locked until the transaction ends. */
export async function retentionLock(tx: Tx): Promise<Setting> {
  const [row] = await tx
    .select({ verdictDays: retention.verdictDays, rawDays: retention.rawDays })
    .from(retention)
    .for("update");
  if (!row) throw new Error("The retention setting is missing");
  return row;
}

export async function retentionUpdate(tx: Tx, { verdictDays, rawDays }: Setting): Promise<void> {
  await tx.update(retention).set({ verdictDays, rawDays }).where(eq(retention.id, true));
}
