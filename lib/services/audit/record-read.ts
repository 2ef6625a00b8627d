/** Puts a read on the record that tells more than the pages do: raw evidence, exports. */
import { auditInsert } from "#db/queries/audit";
import { type AuditNote, entryBase } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";

/**
 * To be awaited before anything is handed out: what cannot be recorded is not read.
 *
 * @param action `entity.verb`, like that of a change
 */
export async function auditRead(
  ctx: ServiceContext,
  action: string,
  note: Omit<AuditNote, "before">,
): Promise<void> {
  const outcome = { outcome: "done", problemCode: null, before: null };
  await auditInsert(ctx.db, { ...entryBase(ctx, action), ...note, ...outcome });
}
