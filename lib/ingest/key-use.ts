/** Noting that a key is in use, so that an operator sees when the old one may be retired. */
import type { Db } from "#db/client";
import { sourceKeyTouch } from "#db/queries/source-key";
import type { Facts } from "./interpret.ts";
import type { LoadedSource } from "./load-source.ts";

/** A use is noted at most this often for each key. Milliseconds. */
const NOTE_MS = 60_000;

/** Note the keys that vouched for accepted facts; a statement for each key and minute at most. */
export async function noteKeyUse(
  db: Db,
  { trustDomainId, id, keysUsedAt }: Pick<LoadedSource, "trustDomainId" | "id" | "keysUsedAt">,
  { verdicts, bootstrap }: Facts,
  at: Date,
): Promise<void> {
  const kids = new Set([...verdicts, ...bootstrap].map(({ kid }) => kid));
  for (const kid of kids) {
    const before = kid === null ? undefined : keysUsedAt.get(kid);
    if (kid === null || before === undefined || at.getTime() - (before?.getTime() ?? 0) < NOTE_MS) continue;
    await sourceKeyTouch(db, { trustDomainId, sourceId: id, kid }, at, new Date(at.getTime() - NOTE_MS));
  }
}
