/** What the steps of a rotation have in common. */
import type { Tx } from "#db/client";
import { type SourceKeyRow, sourceLock } from "#db/queries/source";
import { sourceKeysOf } from "#db/queries/source-key";
import { ProblemError } from "#lib/domain/problems";
import { type KeyState, type KeyStep, keyStateAfter } from "#lib/domain/source-key";
import type { ServiceContext } from "#lib/services/context";

/**
 * Lock the source and find the key, with the state that the step leads to.
 *
 * The source is locked and not the key: whether a key may go depends on the others.
 *
 * @throws {ProblemError} `source/not-found`, `key/not-found`, `key/wrong-state`
 */
export async function lockForStep(
  tx: Tx,
  { actor }: ServiceContext,
  { sourceId, kid, step }: { sourceId: string; kid: string; step: KeyStep },
): Promise<{ key: SourceKeyRow; state: KeyState; others: readonly SourceKeyRow[] }> {
  const source = await sourceLock(tx, actor.trustDomainIds, sourceId);
  if (!source) throw new ProblemError("source/not-found", `No source ${sourceId}.`);
  const keys = await sourceKeysOf(tx, { trustDomainId: source.trustDomainId, sourceId });
  const key = keys.find((row) => row.kid === kid);
  if (!key) throw new ProblemError("key/not-found", "The source has no key of this id.");
  const state = keyStateAfter(key.state, step);
  if (!state) throw new ProblemError("key/wrong-state", `The key is ${key.state}: it cannot be ${step}d.`);
  return { key, state, others: keys.filter((row) => row !== key) };
}
