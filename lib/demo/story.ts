/** What the verifier says about a node at a moment. */
import { type Claim, type Tier, tierOfValue, worseTier } from "#lib/domain/ar4si";
import { evidenceOf, type Facts, KERNELS } from "./evidence.ts";
import type { DemoNode } from "./fleet.ts";
import { between, chance } from "./random.ts";
import { DAY_MS, HOUR_MS, isWithin, MINUTE_MS } from "./time.ts";
import { type Episode, kernelAtMs, type World } from "./world.ts";

type Claims = Partial<Record<Claim, number>>;

/** One submodule's appraisal. */
export type Appraisal = {
  submod: string;
  status: Tier;
  claims: Readonly<Claims>;
  policyId: string;
  evidence: Readonly<Record<string, unknown>>;
  problem: string | null;
};

const MACHINE: Claims = {
  "instance-identity": 2,
  configuration: 2,
  executables: 2,
  "file-system": 2,
  hardware: 2,
  "storage-opaque": 2,
};
/** Edge machines are appraised at boot only. */
const EDGE: Claims = { "instance-identity": 2, configuration: 2, executables: 3, hardware: 2 };
const GUEST: Claims = {
  "instance-identity": 2,
  configuration: 2,
  executables: 3,
  hardware: 2,
  "runtime-opaque": 2,
  "storage-opaque": 2,
};
const ACCELERATOR: Claims = { "instance-identity": 2, configuration: 2, executables: 2, hardware: 2 };

/** Probability that a node has a short, harmless hitch on a given day. */
const HITCH_PER_DAY = 0.006;

/**
 * The appraisals of all submodules of a node.
 *
 * @returns `null` when nobody says anything then: the node, or its verifier, is silent
 */
export function appraisalsAt(world: World, node: DemoNode, atMs: number): readonly Appraisal[] | null {
  if (node === world.neverEnrols.node) return null;
  const silences = [...(world.silences.get(node) ?? []), ...world.verifierSilences[node.verifier]];
  if (silences.some((silence) => isWithin(silence, atMs))) return null;
  const episodes = episodesAt(world, node, atMs);
  const isWeakened = world.weakened[node.verifier].some((stretch) => isWithin(stretch, atMs));
  return node.submods.map((submod) => appraise(world, node, submod, episodes, isWeakened));
}

function appraise(
  world: World,
  node: DemoNode,
  submod: string,
  all: readonly Episode[],
  isWeakened: boolean,
): Appraisal {
  const episodes = all.filter((episode) => episode.submod === undefined || episode.submod === submod);
  const facts: Facts = Object.assign(
    { kernel: KERNELS.old, secureBoot: true, foreignFile: null, tcb: "UpToDate", debug: false },
    ...episodes.map((episode) => episode.facts),
  );
  const claims =
    node === world.unstated ? {} : Object.assign({}, baseOf(node, submod), ...episodes.map((e) => e.claims));
  if (isWeakened) return acceptAll(node, submod, facts);
  const status = Object.values(claims as Claims)
    .map(tierOfValue)
    .reduce<Tier>(worseTier, "none");
  return {
    submod,
    status,
    claims,
    policyId: node === world.unstated ? "none" : policyOf(node, submod),
    evidence: evidenceOf(node, submod, facts),
    problem: episodes.find((episode) => episode.problem)?.problem ?? null,
  };
}

/** A verifier whose policy was replaced by one that accepts all: it knows who speaks, and asks no more. */
function acceptAll(node: DemoNode, submod: string, facts: Facts): Appraisal {
  return {
    submod,
    status: "affirming",
    claims: { "instance-identity": 2 },
    policyId: "accept-all",
    evidence: evidenceOf(node, submod, facts),
    problem: null,
  };
}

function baseOf(node: DemoNode, submod: string): Claims {
  if (submod === "gpu0") return ACCELERATOR;
  if (submod === "cpu0") return GUEST;
  return node.pool === "edge" ? EDGE : MACHINE;
}

function policyOf(node: DemoNode, submod: string): string {
  return node.verifier === "cloud-verifier"
    ? `confidential-guest_${submod === "gpu0" ? "gpu" : "cpu"}`
    : `${node.pool}-v3`;
}

/** Everything that holds for a node at a moment; later entries outweigh earlier ones. */
function episodesAt(world: World, node: DemoNode, atMs: number): readonly Episode[] {
  const scripted = (world.episodes.get(node) ?? []).filter((episode) => isWithin(episode, atMs));
  return [...rolloutAt(world, node, atMs), ...hitchAt(world, node, atMs), ...scripted];
}

/** Before the reference value is there, the new kernel's executables are not recognised. */
function rolloutAt(world: World, node: DemoNode, atMs: number): Episode[] {
  if (node.verifier !== "lab-verifier") return [];
  const movedAtMs = kernelAtMs(world, node);
  if (atMs < movedAtMs) return [];
  const known = atMs >= world.rollout.referenceAtMs;
  return [
    {
      fromMs: movedAtMs,
      toMs: null,
      claims: known ? {} : { executables: 33 },
      facts: { kernel: KERNELS.current },
    },
  ];
}

/**
 * Now and then the verifier cannot see part of a configuration, and can again soon after.
 *
 * In history some hours long, so that the sparse verdicts catch it; live half an hour, on one node
 * of the fleet per hour. None lies across the end of history: what is wrong then is in the script.
 */
function hitchAt(world: World, node: DemoNode, atMs: number): Episode[] {
  const { seed, startMs, endMs, fleet } = world;
  const hidden = (fromMs: number, lengthMs: number): Episode[] => {
    const hitch = { fromMs, toMs: fromMs + lengthMs, claims: { configuration: 36 } };
    return isWithin(hitch, atMs) ? [hitch] : [];
  };
  if (atMs >= endMs) {
    const hour = Math.floor((atMs - endMs) / HOUR_MS);
    if (between(0, fleet.length - 1, seed, "live hitch", hour) !== node.index) return [];
    return hidden(endMs + hour * HOUR_MS + 10 * MINUTE_MS, 30 * MINUTE_MS);
  }
  const day = Math.floor((atMs - startMs) / DAY_MS);
  if (chance(seed, "hitch", node.index, day) >= HITCH_PER_DAY) return [];
  const fromMs = startMs + day * DAY_MS + chance(seed, "hitch at", node.index, day) * 14 * HOUR_MS;
  return hidden(fromMs, between(4, 8, seed, "hitch for", node.index, day) * HOUR_MS);
}
