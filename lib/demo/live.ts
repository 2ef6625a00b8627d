/** After the history: every node goes on being appraised, at the pace of a real fleet. */
import { setTimeout as sleep } from "node:timers/promises";
import { type PackOptions, packEvents } from "./envelope.ts";
import { CHANNELS, eventsBetween } from "./history.ts";
import { type PostTarget, postParcel } from "./post.ts";
import { MINUTE_MS } from "./time.ts";
import type { World } from "./world.ts";

const TICK_MS = 5_000;
/** Live events older than this are left out: nothing is invented for a time when nobody was there. */
const CATCH_UP_MS = 4 * MINUTE_MS;

export type LiveOptions = {
  target: PostTarget;
  pack: Omit<PackOptions, "backfill">;
  now: () => number;
  /** Told about requests that failed; live goes on. */
  report: (error: unknown) => void;
};

/**
 * Send live events until the target's signal aborts.
 *
 * @param fromMs where the last run, or the history, ended
 */
export async function runLive(world: World, fromMs: number, options: LiveOptions): Promise<void> {
  const { target, now, report } = options;
  const { signal } = target;
  let sentToMs = fromMs;
  while (!signal.aborted) {
    const nowMs = now();
    const window = { fromMs: Math.max(sentToMs, nowMs - CATCH_UP_MS), toMs: nowMs };
    sentToMs = Math.max(sentToMs, nowMs);
    await sendWindow(world, window, options).catch((error) => signal.aborted || report(error));
    await sleep(TICK_MS, undefined, { signal }).catch(() => {});
  }
}

/** Send what happened in `[fromMs, toMs)`; returns how many events there were. */
export async function sendWindow(
  world: World,
  window: { fromMs: number; toMs: number },
  { target, pack }: Pick<LiveOptions, "target" | "pack">,
): Promise<number> {
  const events = [...eventsBetween(world, window)];
  for (const channel of CHANNELS) {
    const ofChannel = events.filter((event) => event.channel === channel);
    if (ofChannel.length === 0) continue;
    await postParcel(target, await packEvents(channel, ofChannel, { ...pack, backfill: false }));
  }
  return events.length;
}
