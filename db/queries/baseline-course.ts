/** Baselines as whoever judges evidence reads them: what is expected of which nodes, and since when. */
import type { ClientBase } from "pg";
import { soundnessOf } from "#db/baseline-soundness";
import type { PublicKey } from "#db/signing";
import type { BaselineContent, Rollout, RolloutPart } from "#lib/domain/baseline";
import { type BaselineCourse, byName } from "#lib/domain/baseline-course";

type BaselineRow = {
  id: string;
  name: string;
  selector: string;
  source_id: string | null;
  submod: string | null;
};
type RolloutRow = {
  baseline_id: string;
  version: number;
  part: RolloutPart;
  selector: string;
  percent: number;
  valid_from: Date;
  valid_to: Date | null;
};
type VersionRow = {
  baseline_id: string;
  version: number;
  digest: Buffer;
  content: BaselineContent;
  signature: unknown;
};

/** The names of the versions that are rolled out but were tampered with. */
export type BrokenVersion = { baselineId: string; version: number };

/**
 * All baselines of a domain that ever held for anybody, by name.
 *
 * A version that was not signed, or is not what was signed, is left out with its rollouts: evidence is
 * never judged by what nobody agreed on. {@link brokenVersions} says which ones.
 */
export async function baselineCourse(
  client: Pick<ClientBase, "query">,
  trustDomainId: string,
): Promise<BaselineCourse[]> {
  const { baselines, rollouts, versions, keys } = await readAll(client, trustDomainId);
  const sound = versions.filter((row) => isSound(row, trustDomainId, keys));
  return baselines.sort(byName).map(({ source_id, ...baseline }) => {
    const contents = new Map(
      sound.flatMap(({ baseline_id, version, content }) =>
        baseline_id === baseline.id ? [[version, content] as const] : [],
      ),
    );
    const own = rollouts.filter((row) => row.baseline_id === baseline.id && contents.has(row.version));
    return { ...baseline, sourceId: source_id, rollouts: own.map(rolloutOf), contents };
  });
}

/** Versions that a rollout names and that {@link baselineCourse} leaves out. */
export async function brokenVersions(
  client: Pick<ClientBase, "query">,
  trustDomainId: string,
): Promise<BrokenVersion[]> {
  const { versions, keys } = await readAll(client, trustDomainId);
  return versions
    .filter((row) => !isSound(row, trustDomainId, keys))
    .map(({ baseline_id, version }) => ({ baselineId: baseline_id, version }));
}

const isSound = ({ baseline_id, ...row }: VersionRow, trustDomainId: string, keys: readonly PublicKey[]) =>
  soundnessOf({ ...row, trustDomainId, baselineId: baseline_id }, keys).state === "sound";

function rolloutOf({ version, part, selector, percent, valid_from, valid_to }: RolloutRow): Rollout {
  const toMs = valid_to?.getTime() ?? null;
  return { version, part, selector, percent, fromMs: valid_from.getTime(), toMs };
}

async function readAll(client: Pick<ClientBase, "query">, trustDomainId: string) {
  const values = [trustDomainId];
  const { rows: baselines } = await client.query<BaselineRow>(
    `SELECT id, name, selector, source_id, submod FROM baseline b WHERE trust_domain_id = $1 AND EXISTS (
       SELECT FROM baseline_rollout r WHERE r.trust_domain_id = b.trust_domain_id AND r.baseline_id = b.id)`,
    values,
  );
  const { rows: rollouts } = await client.query<RolloutRow>(
    `SELECT baseline_id, version, part, selector, percent, valid_from, valid_to FROM baseline_rollout
     WHERE trust_domain_id = $1 ORDER BY valid_from, id`,
    values,
  );
  const { rows: versions } = await client.query<VersionRow>(
    `SELECT baseline_id, version, digest, content, signature FROM baseline_version v
     WHERE trust_domain_id = $1 AND EXISTS (
       SELECT FROM baseline_rollout r WHERE r.trust_domain_id = v.trust_domain_id
         AND r.baseline_id = v.baseline_id AND r.version = v.version)
     ORDER BY baseline_id, version`,
    values,
  );
  const { rows: keys } = await client.query<PublicKey>(
    'SELECT kid, public_key AS "publicKey" FROM signing_key WHERE trust_domain_id = $1',
    values,
  );
  return { baselines, rollouts, versions, keys };
}
