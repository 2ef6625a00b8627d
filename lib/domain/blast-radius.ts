/**
 * Blast radius: what else would be unavailable if some nodes went away now.
 *
 * Pure. Counts every cause of unavailability, whoever caused it: quarantine, drains and reboots of
 * other tools, and nodes that are simply not ready.
 */

export type FleetMember = {
  nodeId: string;
  name: string;
  /** Nodes that do the same work, for example a machine deployment; `""` = not known. */
  pool: string;
  /** Zone or rack; `null` = not known. */
  failureDomain: string | null;
  /** Takes part in a quorum: control plane, etcd. Named, because quorums are counted apart. */
  quorum: string | null;
  /** Why it does not serve now, in a few words; `null` = it serves. */
  unavailable: string | null;
};

export type BlastLimits = {
  /** Share of a pool that may be away at a time; rounds down, but one node always may. */
  poolPercent: number;
  /** Share of a pool that must serve after the action. */
  minHealthyPercent: number;
  /** Failure domains of one pool in which nodes may be away at a time. */
  maxFailureDomains: number;
  /** Members of a quorum that may be acted on at a time. */
  quorumAtATime: number;
};

/** From when on failures are taken for one event. */
export type StormLimits = {
  /** More than this share of a pool. */
  stormPercent: number;
  /** So many pools. */
  stormPools: number;
  /** Fewer nodes than this are never a storm: one failed node of a small pool is a failed node. */
  stormNodes: number;
};

export type BlastCheck = {
  rule: "pool_share" | "pool_health" | "failure_domains" | "quorum_majority" | "quorum_at_a_time";
  /** The pool or quorum that it is about. */
  about: string;
  ok: boolean;
  /** One sentence with the figures. */
  sentence: string;
};

const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;

/**
 * Every limit that the action touches, kept or broken.
 *
 * @param members all nodes of the pools and quorums of the targets
 * @param targetIds nodes that would go away; who is away already is counted once
 */
export function blastRadius(
  members: readonly FleetMember[],
  targetIds: readonly string[],
  limits: BlastLimits,
): BlastCheck[] {
  const targets = new Set(targetIds);
  const touched = members.filter(({ nodeId }) => targets.has(nodeId));
  const pools = [...new Set(touched.map(({ pool }) => pool))].sort();
  const quorums = [...new Set(touched.flatMap(({ quorum }) => quorum ?? []))].sort();
  return [
    ...pools.flatMap((pool) =>
      checkPool(
        pool,
        members.filter((member) => member.pool === pool),
        targets,
        limits,
      ),
    ),
    ...quorums.flatMap((quorum) =>
      checkQuorum(
        quorum,
        members.filter((member) => member.quorum === quorum),
        targets,
        limits,
      ),
    ),
  ];
}

/**
 * What a pool of some size allows.
 *
 * @returns `allowed` by its share, `needed` = must serve, `mayBeAway` = what both leave
 */
export function poolRoom(
  nodes: number,
  { poolPercent, minHealthyPercent }: Pick<BlastLimits, "poolPercent" | "minHealthyPercent">,
): { allowed: number; needed: number; mayBeAway: number } {
  const allowed = Math.max(1, Math.floor((nodes * poolPercent) / 100));
  const needed = Math.ceil((nodes * minHealthyPercent) / 100);
  return { allowed, needed, mayBeAway: nodes === 1 ? 1 : Math.min(allowed, nodes - needed) };
}

function checkPool(
  pool: string,
  members: readonly FleetMember[],
  targets: ReadonlySet<string>,
  limits: BlastLimits,
): BlastCheck[] {
  const about = pool === "" ? "nodes without a pool" : pool;
  const inPool = pool === "" ? "without a pool" : `of ${pool}`;
  const away = members.filter(({ nodeId, unavailable }) => unavailable !== null || targets.has(nodeId));
  const others = away.filter(({ nodeId }) => !targets.has(nodeId));
  const { allowed, needed } = poolRoom(members.length, limits);
  const healthy = members.length - away.length;
  const domains = [...new Set(away.flatMap(({ failureDomain }) => failureDomain ?? []))].sort();
  const besides = others.length > 0 ? `, ${others.length} of them for other reasons` : "";
  const checks: BlastCheck[] = [
    {
      rule: "pool_share",
      about,
      ok: away.length <= allowed,
      sentence: `${away.length} of ${plural(members.length, "node")} ${inPool} would be away${besides}; ${allowed} may be.`,
    },
    {
      rule: "pool_health",
      about,
      // A pool of one can never keep a majority; whether it may be touched is what the share says.
      ok: members.length === 1 || healthy >= needed,
      sentence: `This would leave ${healthy} of ${plural(members.length, "node")} ${inPool} serving; ${needed} must.`,
    },
  ];
  if (domains.length > 0) {
    checks.push({
      rule: "failure_domains",
      about,
      ok: domains.length <= limits.maxFailureDomains,
      sentence: `Nodes ${inPool} would be away in ${plural(domains.length, "failure domain")} (${domains.join(", ")}); ${limits.maxFailureDomains} may be at a time.`,
    });
  }
  return checks;
}

function checkQuorum(
  about: string,
  members: readonly FleetMember[],
  targets: ReadonlySet<string>,
  limits: BlastLimits,
): BlastCheck[] {
  const acted = members.filter(({ nodeId }) => targets.has(nodeId)).length;
  const healthy = members.filter(
    ({ nodeId, unavailable }) => unavailable === null && !targets.has(nodeId),
  ).length;
  const majority = Math.floor(members.length / 2) + 1;
  return [
    {
      rule: "quorum_at_a_time",
      about,
      ok: acted <= limits.quorumAtATime,
      sentence: `${acted} of ${plural(members.length, "member")} of ${about} at a time; ${limits.quorumAtATime} may be.`,
    },
    {
      rule: "quorum_majority",
      about,
      ok: healthy >= majority,
      sentence: `This would leave ${healthy} of ${plural(members.length, "member")} of ${about}; ${majority} are a majority.`,
    },
  ];
}

/** A node that was seen to fail. */
export type FailureMove = { atMs: number; nodeId: string; pool: string; reason: string; baseline: string };

export type Storm = { reason: string; baseline: string; nodes: number; pools: string[]; sinceMs: number };

/** Within which failures count as one event, and how long it takes to be over. */
export const STORM_WINDOW_MS = 600_000;

/**
 * Failures that look like a broken baseline or verifier rather than broken nodes: many nodes of a pool,
 * or several pools, for one reason within ten minutes. Nothing is done automatically while one lasts.
 *
 * @param sizes nodes per pool
 */
export function findStorm(
  moves: readonly FailureMove[],
  sizes: ReadonlyMap<string, number>,
  nowMs: number,
  { stormPercent, stormPools, stormNodes }: StormLimits,
): Storm | null {
  const recent = moves.filter(({ atMs }) => atMs > nowMs - STORM_WINDOW_MS && atMs <= nowMs);
  const byCause = Map.groupBy(recent, ({ reason, baseline }) => JSON.stringify([reason, baseline]));
  for (const [, group] of [...byCause].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [first] = group;
    const nodes = new Set(group.map(({ nodeId }) => nodeId));
    if (!first || nodes.size < stormNodes) continue;
    const byPool = Map.groupBy(group, ({ pool }) => pool);
    const wide = [...byPool].some(([pool, inPool]) => {
      const hit = new Set(inPool.map(({ nodeId }) => nodeId)).size;
      return hit * 100 > (sizes.get(pool) ?? hit) * stormPercent && hit >= stormNodes;
    });
    if (!wide && byPool.size < stormPools) continue;
    return {
      reason: first.reason,
      baseline: first.baseline,
      nodes: nodes.size,
      pools: [...byPool.keys()].sort(),
      sinceMs: Math.min(...group.map(({ atMs }) => atMs)),
    };
  }
  return null;
}

/** How many nodes automatic containment may still take now, over all pools. */
export function autoBudget(startsMs: readonly number[], nowMs: number, perWindow: number): number {
  const recent = startsMs.filter((at) => at > nowMs - STORM_WINDOW_MS && at <= nowMs).length;
  return Math.max(0, perWindow - recent);
}
