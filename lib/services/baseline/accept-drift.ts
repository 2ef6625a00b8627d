/** Accepting changes: a new draft of the baseline that they differ from. Two people still have to publish it. */

import type { Tx } from "#db/client";
import { baselineLock, versionList } from "#db/queries/baseline";
import { type AcceptedChange, withAccepted } from "#lib/domain/accept-drift";
import { ProblemError } from "#lib/domain/problems";
import { addDraft } from "./add-draft.ts";

/** A draft that was made, and those that it takes the place of. */
export type AcceptedDraft = { version: number; replaces: readonly number[] };

/**
 * Put changes into a new draft, on top of the newest draft, else of the newest published version.
 *
 * Versions never change, so a draft that exists is withdrawn in favour of the new one, which holds all of it.
 *
 * @throws {ProblemError} `drift/no-baseline` when the baseline is archived or has no version
 */
export async function acceptIntoDraft(
  tx: Tx,
  {
    trustDomainId,
    baselineId,
    changes,
    author,
    note,
    now,
  }: {
    trustDomainId: string;
    baselineId: string;
    changes: readonly AcceptedChange[];
    author: string;
    note: string;
    now: Date;
  },
): Promise<AcceptedDraft> {
  const baseline = await baselineLock(tx, [trustDomainId], baselineId);
  const versions = await versionList(tx, [trustDomainId], [baselineId]);
  const base =
    versions.find(({ state }) => state === "draft") ?? versions.find(({ state }) => state === "published");
  if (!baseline || baseline.archivedAt || !base) {
    throw new ProblemError("drift/no-baseline", "The baseline is archived, or has no version to build on.");
  }
  const { version, withdrawn } = await addDraft(
    tx,
    baseline,
    {
      content: withAccepted(base.content, changes),
      origin: "drift",
      originDetail: { base: base.version, paths: changes.map(({ path }) => path) },
      note,
      author,
    },
    now,
  );
  return { version, replaces: withdrawn };
}
