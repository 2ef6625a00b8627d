/** Finding the baseline and the version that a request names. */
import type { Conn } from "#db/client";
import {
  type BaselineRow,
  baselineFind,
  baselineLock,
  type ListedBaseline,
  rolloutList,
  type VersionRow,
  versionFind,
} from "#db/queries/baseline";
import type { RolloutPart } from "#lib/domain/baseline";
import type { StoredRollout } from "#lib/domain/baseline-rollout";
import { ProblemError } from "#lib/domain/problems";

/** @throws {ProblemError} `baseline/not-found`, for "there is none" and "you may not see it" alike */
export async function visibleBaseline(
  conn: Conn,
  scope: readonly string[],
  id: string,
): Promise<ListedBaseline> {
  const found = await baselineFind(conn, scope, id);
  if (!found) throw new ProblemError("baseline/not-found", `No baseline ${id}.`);
  return found;
}

/** The same, held until the transaction ends. */
export async function lockedBaseline(tx: Conn, scope: readonly string[], id: string): Promise<BaselineRow> {
  const found = await baselineLock(tx, scope, id);
  if (!found) throw new ProblemError("baseline/not-found", `No baseline ${id}.`);
  return found;
}

/** @throws {ProblemError} `baseline/version-not-found` */
export async function versionOf(
  conn: Conn,
  { trustDomainId, id, name }: Pick<BaselineRow, "trustDomainId" | "id" | "name">,
  version: number,
): Promise<VersionRow> {
  const found = await versionFind(conn, { trustDomainId, baselineId: id, version });
  if (!found) throw new ProblemError("baseline/version-not-found", `${name} has no version ${version}.`);
  return found;
}

/** The rollouts of a baseline as rules read them. */
export async function rolloutsOf(
  conn: Conn,
  { trustDomainId, id }: Pick<BaselineRow, "trustDomainId" | "id">,
): Promise<StoredRollout[]> {
  const rows = await rolloutList(conn, [trustDomainId], [id]);
  return rows.map(({ id: rolloutId, version, part, selector, percent, validFrom, validTo }) => ({
    id: rolloutId,
    version,
    part: part as RolloutPart,
    selector,
    percent,
    fromMs: validFrom.getTime(),
    toMs: validTo?.getTime() ?? null,
  }));
}
