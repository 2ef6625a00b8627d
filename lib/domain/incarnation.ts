/** Incarnations: the provisionings of one node, folded from when each of their identities was first seen. */

/** An identity of role `provisioning`, with the earliest instant that it was seen at. */
export type ProvisioningId = { kind: string; value: string; firstSeenMs: number };

export type Incarnation = {
  openedMs: number;
  /** `null` = it is the one that holds now. */
  closedMs: number | null;
  why: string;
  /** The first opened it. */
  members: readonly ProvisioningId[];
};

/**
 * The provisionings that a node has gone through.
 *
 * A second value of a kind that the open one already has means that the machine was provisioned again;
 * another kind is one more name for the same. The result depends on first sightings only, so neither
 * order of arrival nor repetition changes it.
 */
export function foldIncarnations(ids: readonly ProvisioningId[]): Incarnation[] {
  const incarnations: (Incarnation & { members: ProvisioningId[] })[] = [];
  for (const id of [...ids].sort(bySighting)) {
    const open = incarnations.at(-1);
    if (open && !open.members.some(({ kind }) => kind === id.kind)) {
      open.members.push(id);
      continue;
    }
    if (open) open.closedMs = id.firstSeenMs;
    const why = open ? `A new ${id.kind} appeared` : `First seen with a ${id.kind}`;
    incarnations.push({ openedMs: id.firstSeenMs, closedMs: null, why, members: [id] });
  }
  return incarnations;
}

/**
 * When another value of the same kind appeared after an identity; `null` = it is the newest of its kind.
 *
 * Two that were first seen at one instant came in one message and do not replace each other.
 */
export function supersededMs(id: ProvisioningId, all: readonly ProvisioningId[]): number | null {
  const later = all.filter(({ kind, firstSeenMs }) => kind === id.kind && firstSeenMs > id.firstSeenMs);
  return later.length === 0 ? null : Math.min(...later.map(({ firstSeenMs }) => firstSeenMs));
}

function bySighting(a: ProvisioningId, b: ProvisioningId): number {
  const [left, right] = [`${a.kind} ${a.value}`, `${b.kind} ${b.value}`];
  return a.firstSeenMs - b.firstSeenMs || (left < right ? -1 : Number(left > right));
}
