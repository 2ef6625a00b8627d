/** Imported frameworks that are about to be changed. */
import type { Tx } from "#db/client";
import { type FrameworkRow, ownFrameworkLock } from "#db/queries/own-framework";
import { storedFrameworkId } from "#lib/domain/measure/own-framework";
import { requireInUse, unknownFramework } from "#lib/services/compliance/framework-of";

/**
 * The framework, which nobody else changes until the transaction ends.
 *
 * @throws {ProblemError} `compliance/unknown-framework`, also for a built-in one; `compliance/framework-retired`
 */
export async function lockFramework(tx: Tx, scope: readonly string[], id: string): Promise<FrameworkRow> {
  const stored = storedFrameworkId(id);
  const row = stored === null ? undefined : await ownFrameworkLock(tx, scope, stored);
  if (!row) throw unknownFramework(id);
  requireInUse(row);
  return row;
}
