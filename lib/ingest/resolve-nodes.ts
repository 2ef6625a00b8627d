/** Which node each fact is about. Strong identities decide; weak ones are only noted. */

import { nodeAnchors } from "#db/queries/ingest-identity";
import {
  type IdentityHolder,
  type IdentityRow,
  identityHolders,
  type NewNode,
  nodeIdentityInsert,
  nodeInsert,
  weakIdentityKeys,
} from "#db/queries/ingest-nodes";
import type { SqlClient } from "#db/transaction";
import {
  canonicalIdentity,
  decideIdentity,
  type IdentityDecision,
  type IdentityFinding,
  identityKey,
  isOfProvisioning,
  type KnownIdentities,
  roleOf,
} from "#lib/domain/identity";
import { isStrongIdentity, type NodeIdentity } from "#lib/domain/verdict";
import { uuidv7 } from "#lib/services/uuidv7";

/** One fact that names a node. */
export type Claimant = {
  identities: readonly NodeIdentity[];
  displayName: string | null;
  seenAtMs: number;
};

/** Node of a claimant (`null` = it names nobody by a strong identity), or why nothing of it is believed. */
export type Resolution = { nodeId: string | null } | Extract<IdentityDecision, { kind: "refused" }>;

/** Everything that became of the claimants of a batch. */
export type Resolved = {
  /** In the order of the claimants. */
  resolutions: Resolution[];
  /** Nodes that did not exist before. */
  made: readonly NewNode[];
  findings: readonly IdentityFinding[];
  /** First sightings of identities of a provisioning that are new or earlier than known. */
  sightings: readonly Sighting[];
};

export type Sighting = { nodeId: string; identity: NodeIdentity; atMs: number };

/** Another transaction made the same node at the same time; the whole batch runs again. */
export class NodeRaceError extends Error {
  override readonly name = "NodeRaceError";
}

/** Holders of strong identities, as far as some claimants name them. */
export type Directory = Map<string, IdentityHolder>;

/** Look up everybody whom the claimants name by a strong identity. */
export async function loadDirectory(
  client: SqlClient,
  trustDomainId: string,
  claimants: readonly Claimant[],
): Promise<Directory> {
  const strong = [
    ...new Map(
      claimants.flatMap((claimant) =>
        strongOf(claimant).map((identity) => [identityKey(identity), identity] as const),
      ),
    ),
  ];
  const holders = await identityHolders(
    client,
    trustDomainId,
    strong.map(([, identity]) => identity),
  );
  return new Map(strong.flatMap(([key], index) => (holders[index] ? [[key, holders[index]] as const] : [])));
}

/** Nodes that a claimant's strong identities belong to already: none, one, or (a conflict) several. */
export function knownNodes(directory: Directory, claimant: Claimant): string[] {
  return [
    ...new Set(strongOf(claimant).flatMap((identity) => directory.get(identityKey(identity))?.nodeId ?? [])),
  ];
}

const canonicalOf = ({ identities }: Claimant) => identities.map(canonicalIdentity);
const strongOf = (claimant: Claimant) => canonicalOf(claimant).filter(({ kind }) => isStrongIdentity(kind));

type Anchors = Map<string, string>;
const anchorKey = (nodeId: string, kind: string) => `${nodeId} ${kind}`;

/**
 * Anchors of the nodes that the claimants name. Read only when one of them brings an anchor that nobody
 * has: one that is known belongs to the node that it leads to.
 */
async function loadAnchors(
  client: SqlClient,
  trustDomainId: string,
  directory: Directory,
  claimants: readonly Claimant[],
): Promise<Anchors> {
  const news = claimants.some((claimant) =>
    strongOf(claimant).some((identity) => {
      if (roleOf(identity.kind) !== "anchor") return false;
      const holder = directory.get(identityKey(identity))?.nodeId;
      // An earlier claim of the batch may make a known node of one that is not known yet.
      return !holder || knownNodes(directory, claimant).some((nodeId) => nodeId !== holder);
    }),
  );
  if (!news) return new Map();
  const nodeIds = [...new Set([...directory.values()].map(({ nodeId }) => nodeId))];
  const rows = await nodeAnchors(client, trustDomainId, nodeIds);
  return new Map(rows.map(({ nodeId, kind, value }) => [anchorKey(nodeId, kind), value]));
}

/**
 * Resolve claimants to nodes, making nodes that are new and noting identities that are.
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
): Promise<Resolved> {
  const anchors = await loadAnchors(client, trustDomainId, directory, claimants);
  const known: KnownIdentities = {
    holderOf: (identity) => directory.get(identityKey(identity)),
    anchorOf: (nodeId, kind) => anchors.get(anchorKey(nodeId, kind)),
  };
  const nodes = new Map<string, NewNode>();
  const aliases = new Map<string, IdentityRow & { nodeId: string }>();
  const findings: IdentityFinding[] = [];
  const sightings: Sighting[] = [];

  const resolutions = claimants.map((claimant): Resolution => {
    const { seenAtMs, displayName } = claimant;
    const identities = canonicalOf(claimant);
    const decision = decideIdentity(identities, seenAtMs, known);
    if (decision.kind === "nobody") return { nodeId: null };
    if (decision.finding) findings.push(decision.finding);
    if (decision.kind === "refused") return decision;
    const nodeId = decision.nodeId ?? uuidv7(now);
    if (decision.nodeId === null) {
      const name = displayName ?? decision.add[0]?.value ?? nodeId;
      nodes.set(nodeId, { id: nodeId, displayName: name, firstSeenAt: new Date(seenAtMs) });
    }
    const made = nodes.get(nodeId);
    if (made && seenAtMs < made.firstSeenAt.getTime()) made.firstSeenAt = new Date(seenAtMs);
    for (const identity of decision.add) {
      const role = roleOf(identity.kind);
      directory.set(identityKey(identity), { nodeId, firstSeenMs: null, supersededMs: null });
      if (role === "anchor") anchors.set(anchorKey(nodeId, identity.kind), identity.value);
      aliases.set(identityKey(identity), { ...identity, nodeId, strong: true, role, firstSeenAt: null });
    }
    sightings.push(...sightingsOf(identities, nodeId, seenAtMs, directory, aliases));
    return { nodeId };
  });

  await nodeInsert(client, trustDomainId, [...nodes.values()], now);
  const weak = await newWeakIdentities(client, trustDomainId, claimants, resolutions);
  if (!(await nodeIdentityInsert(client, trustDomainId, [...aliases.values(), ...weak], now)))
    throw new NodeRaceError();
  return { resolutions, made: [...nodes.values()], findings, sightings };
}

/** Identities of a provisioning that this claim is the earliest one to name. */
function sightingsOf(
  identities: readonly NodeIdentity[],
  nodeId: string,
  atMs: number,
  directory: Directory,
  aliases: ReadonlyMap<string, IdentityRow>,
): Sighting[] {
  return identities.flatMap((identity) => {
    const holder = directory.get(identityKey(identity));
    if (!holder || !isOfProvisioning(identity.kind)) return [];
    if (holder.firstSeenMs !== null && holder.firstSeenMs <= atMs) return [];
    holder.firstSeenMs = atMs;
    const added = aliases.get(identityKey(identity));
    if (added) added.firstSeenAt = new Date(atMs);
    return [{ nodeId, identity, atMs }];
  });
}

async function newWeakIdentities(
  client: SqlClient,
  trustDomainId: string,
  claimants: readonly Claimant[],
  resolutions: readonly Resolution[],
): Promise<(IdentityRow & { nodeId: string })[]> {
  const named = new Map<string, IdentityRow & { nodeId: string }>();
  claimants.forEach((claimant, index) => {
    const resolution = resolutions[index];
    const nodeId = resolution && "nodeId" in resolution ? resolution.nodeId : null;
    if (!nodeId) return;
    for (const identity of canonicalOf(claimant)) {
      if (isStrongIdentity(identity.kind)) continue;
      const row = { ...identity, nodeId, strong: false, role: "weak", firstSeenAt: null };
      named.set(`${nodeId} ${identityKey(identity)}`, row);
    }
  });
  if (named.size === 0) return [];
  const known = await weakIdentityKeys(client, trustDomainId, [
    ...new Set([...named.values()].map((row) => row.nodeId)),
  ]);
  return [...named].filter(([key]) => !known.has(key)).map(([, row]) => row);
}
