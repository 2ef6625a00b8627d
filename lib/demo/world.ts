/** One demo world: a fleet, a stretch of time, and what happens in it. Knows no clock. */
import type { Claim } from "#lib/domain/ar4si";
import type { Facts } from "./evidence.ts";
import { buildFleet, type DemoNode, MAX_NODES, MIN_NODES, type VerifierName } from "./fleet.ts";
import { planStories, type StoryId } from "./plan.ts";
import { chance } from "./random.ts";
import { DAY_MS, type Stretch } from "./time.ts";

/** Something that changes what a verifier says about one node for a while. */
export type Episode = Stretch & {
  claims: Readonly<Partial<Record<Claim, number>>>;
  facts?: Readonly<Partial<Facts>>;
  /** The verifier's own words. */
  problem?: string;
  /** Which submodule it is about; all of them when absent. */
  submod?: string;
};

/** A scripted story, for the markers on the console and for the guide. */
export type Story = { id: StoryId; title: string; atMs: number; nodes: readonly string[] };

/** A new kernel moves over the fleet; the verifier learns its reference value late. */
export type Rollout = { startMs: number; lengthMs: number; referenceAtMs: number };

export type WorldOptions = {
  seed: number;
  nodes: number;
  days: number;
  /** Where history ends and live begins. Fixed at the first run, so that history never moves. */
  endMs: number;
};

export type World = WorldOptions & {
  startMs: number;
  fleet: readonly DemoNode[];
  episodes: ReadonlyMap<DemoNode, readonly Episode[]>;
  /** Times at which nobody says anything about a node. */
  silences: ReadonlyMap<DemoNode, readonly Stretch[]>;
  verifierSilences: Readonly<Record<VerifierName, readonly Stretch[]>>;
  /** Times at which a verifier passes everything and looks at next to nothing. */
  weakened: Readonly<Record<VerifierName, readonly Stretch[]>>;
  rollout: Rollout;
  stories: readonly Story[];
  /** The node that asks to enrol, in vain, and when it is found. */
  neverEnrols: { node: DemoNode; atMs: number };
  /** The node whose hardware no appraisal policy covers: its verifier states nothing. */
  unstated: DemoNode;
  /** The node with Secure Boot off for a while; its repair is seen in the provisioner's events. */
  repaired: { node: DemoNode; atMs: number };
  /** An old good token of `from` is sent again, as its own and as `to`'s. */
  replay: { from: DemoNode; to: DemoNode };
  /** The node in whose name tokens with a foreign key are sent. */
  forged: DemoNode;
};

/**
 * Build a world; the same options give the same one.
 *
 * @throws when a number is out of its range
 */
export function buildWorld(options: WorldOptions): World {
  const { seed, nodes, days, endMs } = options;
  if (!Number.isInteger(nodes) || nodes < MIN_NODES || nodes > MAX_NODES) {
    throw new RangeError(`nodes must be a whole number from ${MIN_NODES} to ${MAX_NODES}`);
  }
  if (!Number.isInteger(days) || days < 2 || days > 365)
    throw new RangeError("days must be a whole number from 2 to 365");
  if (!Number.isInteger(seed) || seed < 0 || seed > 0x7fffffff)
    throw new RangeError("seed must be a whole number from 0");
  const fleet = buildFleet(seed, nodes);
  const startMs = endMs - days * DAY_MS;
  return { ...options, startMs, fleet, ...planStories(fleet, { startMs, endMs }) };
}

/** When a node is found by the provisioner. */
export function bornAtMs({ startMs, endMs, neverEnrols }: World, node: DemoNode): number {
  return node === neverEnrols.node
    ? neverEnrols.atMs
    : Math.round(startMs + node.arrival * (endMs - startMs));
}

/** When a node boots the current kernel: a canary wave, two early waves, then everybody else. */
export function kernelAtMs({ seed, rollout: { startMs, lengthMs } }: World, { name }: DemoNode): number {
  const draw = chance(seed, "wave", name);
  const within = chance(seed, "in wave", name) * 0.12;
  const wave = draw < 0.03 ? 0 : draw < 0.12 ? 0.16 : draw < 0.26 ? 0.33 : 0.55 + (draw - 0.26) * 0.4;
  return Math.round(startMs + lengthMs * (wave + within));
}
