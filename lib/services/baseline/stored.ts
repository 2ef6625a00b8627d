/** Reading baselines with their versions, each judged by its signature. */

import { soundnessOf } from "#db/baseline-soundness";
import type { Conn } from "#db/client";
import { type ListedBaseline, rolloutList, versionList } from "#db/queries/baseline";
import { signingKeyList } from "#db/queries/signing-key";
import type { StoredBaseline } from "./view.ts";

export async function storedBaselines(
  conn: Conn,
  scope: readonly string[],
  baselines: readonly ListedBaseline[],
): Promise<StoredBaseline[]> {
  const ids = baselines.map(({ id }) => id);
  const keys = await signingKeyList(conn, scope);
  const versions = Map.groupBy(await versionList(conn, scope, ids), ({ baselineId }) => baselineId);
  const rollouts = Map.groupBy(await rolloutList(conn, scope, ids), ({ baselineId }) => baselineId);
  return baselines.map((baseline) => {
    const own = keys.filter(({ trustDomainId }) => trustDomainId === baseline.trustDomainId);
    return {
      baseline,
      versions: (versions.get(baseline.id) ?? []).map((row) => ({
        ...row,
        soundness: soundnessOf(row, own),
      })),
      rollouts: rollouts.get(baseline.id) ?? [],
    };
  });
}
