/**
 * What only shows when many nodes are looked at together: changes that come at once, storms, nodes that
 * stand apart from their like, machines that are too much alike, and verifiers that change their mind.
 *
 * Pure. Times are epoch milliseconds. The thresholds are documented in `docs/guide/incidents.md`.
 */

/** A change is coordinated when this many nodes come to show it within the window. */
export const COORDINATED = { nodes: 5, windowMs: 3_600_000 } as const;
/** A rate is a storm from this count per hour on, when it is that many times what nearly all hours had. */
export const STORM = { count: 10, factor: 5, hours: 24, usualShare: 0.95 } as const;
/** From this many nodes on a cohort has a common state, when this share has it. */
const OUTLIER = { cohort: 5, share: 0.8 } as const;
/** From this many nodes on a cohort is one of individuals, when this share of its states is unique. */
export const CLONE = { cohort: 10, share: 0.9 } as const;
/** Nodes of one source that get worse within the window, and their share: then it is not the nodes. */
export const SHIFT = { nodes: 5, share: 0.5, windowMs: 1_800_000 } as const;
/** From this many nodes and this share of the fleet on, nothing may act on the nodes by itself. */
export const BREAKER = { nodes: 10, share: 0.2 } as const;
/** Changes that are of the same nodes to this extent (shared by both ÷ of either) have one cause. */
const SAME_NODES = 0.5;

export type NodeInstant = { nodeId: string; atMs: number };
/** The nodes of a window, each once, and the instants of the first and the last. */
export type Wave = { nodeIds: readonly string[]; fromMs: number; toMs: number };

/**
 * The window in which most nodes came to show a change; `null` = it came too slowly or to too few.
 *
 * @param instants a node may come several times; its first one within a window counts
 */
export function coordinatedWave(
  instants: readonly NodeInstant[],
  { nodes, windowMs }: { nodes: number; windowMs: number } = COORDINATED,
): Wave | null {
  const sorted = [...instants].sort((a, b) => a.atMs - b.atMs);
  const inside = new Map<string, number>();
  let best = { size: 0, from: 0, to: 0 };
  let from = 0;
  for (const [to, { nodeId, atMs }] of sorted.entries()) {
    inside.set(nodeId, (inside.get(nodeId) ?? 0) + 1);
    for (let first = sorted[from]; first && first.atMs < atMs - windowMs; first = sorted[from]) {
      const left = (inside.get(first.nodeId) ?? 1) - 1;
      if (left === 0) inside.delete(first.nodeId);
      else inside.set(first.nodeId, left);
      from += 1;
    }
    if (inside.size > best.size) best = { size: inside.size, from, to };
  }
  if (best.size < nodes) return null;
  const wave = sorted.slice(best.from, best.to + 1);
  return {
    nodeIds: [...new Set(wave.map(({ nodeId }) => nodeId))],
    fromMs: wave[0]?.atMs ?? 0,
    toMs: wave.at(-1)?.atMs ?? 0,
  };
}

/**
 * Waves put together that have one cause: of mostly the same nodes, at the same time.
 *
 * An upgrade changes three hundred files; people should read of it once.
 */
export function clusterWaves<W extends Wave>(waves: readonly W[]): W[][] {
  const clusters: { waves: W[]; nodes: ReadonlySet<string>; fromMs: number; toMs: number }[] = [];
  for (const wave of [...waves].sort((a, b) => b.nodeIds.length - a.nodeIds.length || a.fromMs - b.fromMs)) {
    const home = clusters.find(
      ({ nodes, fromMs, toMs }) =>
        wave.fromMs <= toMs + COORDINATED.windowMs &&
        fromMs <= wave.toMs + COORDINATED.windowMs &&
        overlap(nodes, wave.nodeIds) >= SAME_NODES,
    );
    if (home) home.waves.push(wave);
    else
      clusters.push({
        waves: [wave],
        nodes: new Set(wave.nodeIds),
        fromMs: wave.fromMs,
        toMs: wave.toMs,
      });
  }
  return clusters.map(({ waves: own }) => own);
}

/** Shared by both ÷ of either. `b` holds each node once. */
function overlap(a: ReadonlySet<string>, b: readonly string[]): number {
  const shared = b.filter((nodeId) => a.has(nodeId)).length;
  return shared / (a.size + b.length - shared);
}

/**
 * Whether an hour is far above what is usual here; with less than a day of past nothing is usual.
 *
 * @param past counts of whole hours before, empty ones among them
 */
export function isStorm(past: readonly number[], current: number): boolean {
  if (past.length < STORM.hours || current < STORM.count) return false;
  const sorted = [...past].sort((a, b) => a - b);
  const usual = sorted[Math.ceil(sorted.length * STORM.usualShare) - 1] ?? 0;
  return current >= STORM.factor * Math.max(1, usual);
}

/** What a node looks like, in one word: nodes in the same state have the same one. */
export type NodeLook = { nodeId: string; look: string };

/**
 * Nodes of a cohort that look different from what nearly all of it looks like.
 *
 * @returns none when there is no common look: then nobody stands apart
 */
export function outliersOf(cohort: readonly NodeLook[]): string[] {
  const [common] = byLook(cohort);
  if (!common || cohort.length < OUTLIER.cohort) return [];
  const [look, alike] = common;
  if (alike.length < cohort.length * OUTLIER.share) return [];
  return cohort.filter((node) => node.look !== look).map(({ nodeId }) => nodeId);
}

/**
 * Nodes that look the same in a cohort where no two should: each measured something of its own.
 *
 * @returns sets of at least two nodes; none where looking alike is normal
 */
export function suspectClones(cohort: readonly NodeLook[]): string[][] {
  const looks = byLook(cohort);
  const unique = looks.filter(([, nodeIds]) => nodeIds.length === 1).length;
  if (cohort.length < CLONE.cohort || unique < looks.length * CLONE.share) return [];
  if (looks.length < cohort.length * CLONE.share) return [];
  return looks.filter(([, nodeIds]) => nodeIds.length > 1).map(([, nodeIds]) => nodeIds);
}

/** Nodes by what they look like, the most common look first. */
function byLook(cohort: readonly NodeLook[]): [string, string[]][] {
  const looks = new Map<string, string[]>();
  for (const { nodeId, look } of cohort) looks.set(look, [...(looks.get(look) ?? []), nodeId]);
  return [...looks].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
}

/** Whether so many nodes of one source got worse at once that the source is the likelier cause. */
export function isVerifierShift({ moved, nodes }: { moved: number; nodes: number }): boolean {
  return moved >= SHIFT.nodes && moved >= nodes * SHIFT.share;
}

/** Whether something hits so much of the fleet that acting on each node would be the greater harm. */
export function tripsBreaker(nodes: number, fleet: number): boolean {
  return nodes >= BREAKER.nodes && nodes >= fleet * BREAKER.share;
}

export const INCIDENT_KINDS = [
  "coordinated_change",
  "drift_storm",
  "failure_storm",
  "verifier_shift",
  "outlier",
  "clone",
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** What is seen now. `subject` tells incidents of a kind apart and stays the same while they last. */
export type Signal = {
  kind: IncidentKind;
  subject: string;
  title: string;
  cause: string;
  nodeIds: readonly string[];
  breaker: boolean;
  /** When the newest of it happened. */
  lastMs: number;
};

/** The guide that says what to do. */
export const RUNBOOKS: Readonly<Record<IncidentKind, string>> = {
  coordinated_change: "coordinated-change",
  drift_storm: "storm",
  failure_storm: "storm",
  verifier_shift: "verifier-shift",
  outlier: "outlier",
  clone: "clone",
};

/** What most likely lies behind it, as a sentence that says where to look first. */
export function causeOf(kind: IncidentKind, breaker: boolean): string {
  switch (kind) {
    case "coordinated_change":
      return breaker
        ? "So much of the fleet changed at once that a roll-out nobody announced, or a baseline that is wrong, is likelier than as many break-ins. Suspect the baseline first."
        : "The same change on several nodes within an hour was brought there by one hand: a deployment, a configuration tool, or an attacker with access to one.";
    case "drift_storm":
      return "Far more nodes began to drift than in nearly every hour before. Look for what was rolled out, or for a baseline version that went into force.";
    case "failure_storm":
      return "Far more nodes failed than in nearly every hour before. Look at what they have in common: source, rack, image, policy.";
    case "verifier_shift":
      return "Most nodes of this source got worse at once. Suspect the verifier, its reference values or its policy before the nodes.";
    case "outlier":
      return "These nodes measure something else than nearly all of their cohort. They were left out of a change, or changed alone.";
    case "clone":
      return "These nodes measure exactly the same where no two others do. One may be answering for another, or be its copy.";
  }
}
