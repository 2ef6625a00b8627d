/** Loading the history: lanes of parcels, some at a time, each in time order. */
import { MAX_PARCEL_EVENTS, type PackOptions, packEvents } from "./envelope.ts";
import { type Channel, type DemoEvent, eventsBetween } from "./history.ts";
import type { Outbox } from "./outbox.ts";
import { type PostTarget, postParcel } from "./post.ts";
import type { World } from "./world.ts";

/** A part of a channel that is sent one parcel after the other. */
type Lane = { name: string; channel: Channel; part: number; parts: number };

/**
 * One stage after the other: the provisioner's events name all identities of a node, so every later
 * sender finds it. Lanes of one stage run at the same time and never share a node, so each node's
 * verdicts arrive in order.
 */
const STAGES: readonly (readonly Lane[])[] = [
  [{ name: "provisioner", channel: "provisioner", part: 0, parts: 1 }],
  [{ name: "spire", channel: "spire", part: 0, parts: 1 }],
  [
    { name: "lab-0", channel: "lab-verifier", part: 0, parts: 2 },
    { name: "lab-1", channel: "lab-verifier", part: 1, parts: 2 },
    { name: "cloud", channel: "cloud-verifier", part: 0, parts: 1 },
  ],
];

export type LoadTotals = { accepted: number; duplicate: number; rejected: number };
export type LoadProgress = (step: { channel: Channel; events: number; upToMs: number }) => void;
export type LoadOptions = {
  target: PostTarget;
  pack: Omit<PackOptions, "backfill">;
  outbox: Outbox;
  onProgress: LoadProgress;
  /** Told when all of some channels is stored. */
  onStage: (channels: readonly Channel[], seconds: number) => void;
};

/**
 * Send the whole history, or what is left of it after an interrupted load.
 *
 * @throws when the server refuses anything of it: the demo's own history is always in order
 */
export async function loadHistory(world: World, options: LoadOptions): Promise<LoadTotals> {
  const totals: LoadTotals = { accepted: 0, duplicate: 0, rejected: 0 };
  for (const stage of STAGES) {
    const startMs = performance.now();
    await Promise.all(stage.map((lane) => loadLane(world, lane, options, totals)));
    const channels = [...new Set(stage.map(({ channel }) => channel))];
    options.onStage(channels, (performance.now() - startMs) / 1000);
  }
  return totals;
}

async function loadLane(world: World, lane: Lane, options: LoadOptions, totals: LoadTotals): Promise<void> {
  const { target, pack, outbox, onProgress } = options;
  const pending = await outbox.pending(lane.name);
  const done = await outbox.done(lane.name);
  let number = 0;
  for (const events of parcels(world, lane)) {
    const upToMs = events.at(-1)?.atMs ?? world.startMs;
    if (number >= done) {
      const isPending = pending?.number === number;
      const parcel = isPending
        ? pending.parcel
        : await packEvents(lane.channel, events, { ...pack, backfill: true });
      if (!isPending) await outbox.keep(lane.name, number, parcel);
      const { accepted, duplicate, rejected } = await postParcel(target, parcel);
      const [first] = rejected;
      if (first)
        throw new Error(
          `the server refused ${rejected.length} events of ${lane.channel}: ${first.problem.detail}`,
        );
      totals.accepted += accepted;
      totals.duplicate += duplicate;
      await outbox.complete(lane.name, number);
    }
    onProgress({ channel: lane.channel, events: events.length, upToMs });
    number += 1;
  }
}

/** A lane's events in the same parcels every time. */
function* parcels(world: World, { channel, part, parts }: Lane): Generator<DemoEvent[]> {
  const nodes = world.fleet.filter(({ index }) => index % parts === part);
  const window = { fromMs: world.startMs, toMs: world.endMs };
  let parcel: DemoEvent[] = [];
  for (const event of eventsBetween(world, window, { channels: [channel], nodes })) {
    parcel.push(event);
    if (parcel.length < MAX_PARCEL_EVENTS) continue;
    yield parcel;
    parcel = [];
  }
  if (parcel.length > 0) yield parcel;
}
