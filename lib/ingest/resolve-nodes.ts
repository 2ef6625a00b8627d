/** Which node each fact is about. Strong identities decide; weak ones are only noted. */

import {
  type IdentityRow,
  type NewNode,
  nodeIdByIdentity,
  nodeIdentityInsert,
  nodeInsert,
  weakIdentityKeys,
} from "#db/queries/ingest-nodes";
import type { SqlClient } from "#db/transaction";
import { isStrongIdentity, type NodeIdentity } from "#lib/domain/verdict";
import { uuidv7 } from "#lib/services/uuidv7";

/** One fact that names a node. */
export type Claimant = {
  identities: readonly NodeIdentity[];
  displayName: string | null;
  seenAtMs: number;
};

/** Node of a claimant; `null` = it names nobody by a strong identity. */
export type Resolution = { nodeId: string | null } | { conflict: readonly string[] };

/** Another transaction made the same node at the same time; the whole batch runs again. */
export class NodeRaceError extends Error {
  override readonly name = "NodeRaceError";
}

const keyOf = ({ kind, value }: NodeIdentity) => `${kind} ${value}`;

/** Nodes by strong identity, as far as some claimants name them. */
export type Directory = Map<string, string>;

/** Look up everybody whom the claimants name by a strong identity. */
export async function loadDirectory(
  client: SqlClient,
  trustDomainId: string,
  claimants: readonly Claimant[],
): Promise<Directory> {
  const strong = [
    ...new Map(
      claimants.flatMap((claimant) =>
        strongOf(claimant).map((identity) => [keyOf(identity), identity] as const),
      ),
    ),
  ];
  const owners = await nodeIdByIdentity(
    client,
    trustDomainId,
    strong.map(([, identity]) => identity),
  );
  return new Map(strong.flatMap(([key], index) => (owners[index] ? [[key, owners[index]] as const] : [])));
}

/** Nodes that a claimant's strong identities belong to already: none, one, or (a conflict) several. */
export function knownNodes(directory: Directory, claimant: Claimant): string[] {
  return [...new Set(strongOf(claimant).flatMap((identity) => directory.get(keyOf(identity)) ?? []))];
}

const strongOf = ({ identities }: Claimant) => identities.filter(({ kind }) => isStrongIdentity(kind));

/**
 * Resolve claimants to nodes, making nodes that are new and noting aliases that are.
 *
 * A claimant whose strong identities belong to two nodes is a conflict: nodes are never merged here.
 *
 * @param directory extended with what is made
 * @throws {NodeRaceError} when the batch must be retried
 */
export async function resolveNodes(
  client: SqlClient,
  trustDomainId: string,
  directory: Directory,
  claimants: readonly Claimant[],
  now: Date,
): Promise<Resolution[]> {
  const nodes = new Map<string, NewNode>();
  const aliases: (IdentityRow & { nodeId: string })[] = [];
  const resolutions = claimants.map((claimant): Resolution => {
    const own = strongOf(claimant);
    const [firstIdentity] = own;
    if (!firstIdentity) return { nodeId: null };
    const known = knownNodes(directory, claimant);
    if (known.length > 1) return { conflict: known };
    const [found] = known;
    const nodeId = found ?? uuidv7(now);
    if (!found) {
      const displayName = claimant.displayName ?? firstIdentity.value;
      nodes.set(nodeId, { id: nodeId, displayName, firstSeenAt: new Date(claimant.seenAtMs) });
    }
    const made = nodes.get(nodeId);
    if (made && claimant.seenAtMs < made.firstSeenAt.getTime())
      made.firstSeenAt = new Date(claimant.seenAtMs);
    for (const identity of own) {
      if (directory.has(keyOf(identity))) continue;
      directory.set(keyOf(identity), nodeId);
      aliases.push({ ...identity, nodeId, strong: true });
    }
    return { nodeId };
  });

  await nodeInsert(client, trustDomainId, [...nodes.values()], now);
  const weak = await newWeakIdentities(client, trustDomainId, claimants, resolutions);
  if (!(await nodeIdentityInsert(client, trustDomainId, [...aliases, ...weak], now)))
    throw new NodeRaceError();
  return resolutions;
}

async function newWeakIdentities(
  client: SqlClient,
  trustDomainId: string,
  claimants: readonly Claimant[],
  resolutions: readonly Resolution[],
): Promise<(IdentityRow & { nodeId: string })[]> {
  const named = new Map<string, IdentityRow & { nodeId: string }>();
  claimants.forEach(({ identities }, index) => {
    const resolution = resolutions[index];
    const nodeId = resolution && "nodeId" in resolution ? resolution.nodeId : null;
    if (!nodeId) return;
    for (const identity of identities) {
      if (!isStrongIdentity(identity.kind))
        named.set(`${nodeId} ${keyOf(identity)}`, { ...identity, nodeId, strong: false });
    }
  });
  if (named.size === 0) return [];
  const known = await weakIdentityKeys(client, trustDomainId, [
    ...new Set([...named.values()].map((row) => row.nodeId)),
  ]);
  return [...named].filter(([key]) => !known.has(key)).map(([, row]) => row);
}
