/** Everything that is sent, in time order, for any stretch of time. Knows no clock. */
import type { DemoNode, VerifierName } from "./fleet.ts";
import {
  type BootstrapDocument,
  enrolledAtMs,
  provisionerEvents,
  type SpireLine,
  spireLines,
} from "./provisioning.ts";
import { chance } from "./random.ts";
import { type Appraisal, appraisalsAt } from "./story.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";
import type { World } from "./world.ts";

export const CHANNELS = ["provisioner", "spire", "lab-verifier", "cloud-verifier"] as const;
/** One registered source each. */
export type Channel = (typeof CHANNELS)[number];

/** One event before it is signed and wrapped. `id` is the same whenever it is made again. */
export type DemoEvent = { id: string; atMs: number; node: DemoNode } & (
  | { channel: VerifierName; appraisals: readonly Appraisal[] }
  | { channel: "provisioner"; document: BootstrapDocument }
  | { channel: "spire"; line: SpireLine }
);

/** How often a node is appraised in history: sparse, so that weeks can be loaded in seconds. */
export const HISTORY_CADENCE_MS = 150 * MINUTE_MS;
/** How often a node is appraised live. */
export const LIVE_CADENCE_MS = 10 * MINUTE_MS;
/** Silence after which the demo's verifiers count as stale: more than one sparse cadence and its jitter. */
export const STALE_AFTER_MS = 4 * HOUR_MS;

const GOLDEN = 0.6180339887498949;
const JITTER_MS = 40 * MINUTE_MS;
const WINDOW_MS = 12 * HOUR_MS;

/** What to make events of. */
export type Selection = { channels?: readonly Channel[]; nodes?: readonly DemoNode[] };

/** What is sent in `[fromMs, toMs)`, oldest first. Memory is bounded by half a day's events. */
export function* eventsBetween(
  world: World,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  { channels = CHANNELS, nodes = world.fleet }: Selection = {},
): Generator<DemoEvent> {
  for (let windowMs = fromMs; windowMs < toMs; windowMs += WINDOW_MS) {
    const window = { fromMs: windowMs, toMs: Math.min(windowMs + WINDOW_MS, toMs) };
    const events = nodes.flatMap((node) => [...eventsOfNode(world, node, window, channels)]);
    // A stable sort: within one millisecond, nodes stay in fleet order.
    yield* events.sort((a, b) => a.atMs - b.atMs);
  }
}

/** About how many events history has on a channel, without making the verdicts; for a progress bar. */
export function expectedCount(world: World, channel: Channel): number {
  const { fleet, days, endMs } = world;
  switch (channel) {
    case "provisioner":
      return fleet.reduce((sum, node) => sum + provisionerEvents(world, node).length, 0);
    case "spire":
      return fleet.length * days;
    default: {
      const silentMs = world.verifierSilences[channel].reduce(
        (sum, { fromMs, toMs }) => sum + (toMs ?? endMs) - fromMs,
        0,
      );
      const heardMs = fleet
        .filter((node) => node.verifier === channel && node !== world.neverEnrols.node)
        .reduce((sum, node) => sum + endMs - enrolledAtMs(world, node) - silentMs, 0);
      return Math.round(heardMs / HISTORY_CADENCE_MS);
    }
  }
}

function* eventsOfNode(
  world: World,
  node: DemoNode,
  window: { fromMs: number; toMs: number },
  channels: readonly Channel[],
): Generator<DemoEvent> {
  if (channels.includes("provisioner")) {
    for (const { atMs, document } of provisionerEvents(world, node)) {
      if (atMs < window.fromMs || atMs >= window.toMs) continue;
      yield { id: document.externalId, atMs, node, channel: "provisioner", document };
    }
  }
  if (channels.includes("spire")) {
    for (const { atMs, line } of spireLines(world, node, window)) {
      yield { id: `${line.request_id}:${line.method}`, atMs, node, channel: "spire", line };
    }
  }
  if (!channels.includes(node.verifier)) return;
  for (const atMs of appraisalTimes(world, node, window)) {
    const appraisals = appraisalsAt(world, node, atMs);
    if (appraisals)
      yield { id: `${node.verifier}/${node.index}/${atMs}`, atMs, node, channel: node.verifier, appraisals };
  }
}

/** When a node is appraised: whole seconds, as the tokens state them. */
function* appraisalTimes(
  world: World,
  node: DemoNode,
  window: { fromMs: number; toMs: number },
): Generator<number> {
  const { seed, startMs, endMs } = world;
  // Within a few minutes of enrolling, the first appraisal; the next ones keep a rhythm of their own.
  const firstMs = enrolledAtMs(world, node) + (2 + 3 * chance(seed, "first", node.index)) * MINUTE_MS;
  const historyToMs = Math.min(window.toMs, endMs);
  const since = Math.max(0, Math.floor((window.fromMs - firstMs - JITTER_MS) / HISTORY_CADENCE_MS));
  for (let k = since; firstMs + k * HISTORY_CADENCE_MS < historyToMs; k += 1) {
    const jitter = k === 0 ? 0 : chance(seed, "jitter", node.index, k) * JITTER_MS;
    const atMs = wholeSecond(firstMs + k * HISTORY_CADENCE_MS + jitter);
    if (atMs >= window.fromMs && atMs < historyToMs) yield atMs;
  }
  if (window.toMs <= endMs) return;
  // Steps of the golden ratio: even over the whole cadence, and no pool comes as one block.
  const offsetMs = ((node.index * GOLDEN) % 1) * LIVE_CADENCE_MS;
  const fromMs = Math.max(window.fromMs, endMs, firstMs);
  for (let k = Math.ceil((fromMs - startMs - offsetMs) / LIVE_CADENCE_MS); ; k += 1) {
    const atMs = startMs + offsetMs + k * LIVE_CADENCE_MS;
    if (atMs >= window.toMs) return;
    yield wholeSecond(atMs);
  }
}

function wholeSecond(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}

/** The last appraisal of a node in history that was good all through; `null` when there is none. */
export function lastGoodAppraisalMs(world: World, node: DemoNode): number | null {
  const window = { fromMs: world.endMs - DAY_MS, toMs: world.endMs };
  const good = [...appraisalTimes(world, node, window)].filter((atMs) =>
    appraisalsAt(world, node, atMs)?.every(({ status }) => status === "affirming"),
  );
  return good.at(-1) ?? null;
}
