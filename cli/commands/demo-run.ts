/** The two halves of a demo run: loading the history once, then going on live. */
import { join } from "node:path";
import { startProgress } from "#cli/progress";
import type { UpContext } from "#cli/up";
import { CHANNELS, expectedCount } from "#lib/demo/history";
import { runLive } from "#lib/demo/live";
import { type LoadTotals, loadHistory } from "#lib/demo/load";
import { Outbox } from "#lib/demo/outbox";
import type { PostTarget } from "#lib/demo/post";
import { sendRefused } from "#lib/demo/refused";
import { buildWorld, type World, type WorldOptions } from "#lib/demo/world";
import { env } from "#lib/server/env";
import { fileSealer } from "#lib/server/secret";
import { addDemoBaseline } from "./demo-baseline.ts";
import { createDemo, renewApiKeys, signersOf } from "./demo-setup.ts";
import { type DemoState, readDemoState, writeDemoState } from "./demo-state.ts";
import { plain } from "./output.ts";
import { openSession } from "./session.ts";

export type LoadedDemo = { world: World; state: DemoState; liveFromMs: number };
type Wanted = Omit<WorldOptions, "endMs">;

/** Set the demo up if it is new, and load its history as far as it is not loaded yet. */
export async function loadDemo(
  { databaseUrl, dataDir, url, signal }: UpContext,
  wanted: Wanted,
): Promise<LoadedDemo> {
  const startedMs = Date.now();
  let state = await prepare(databaseUrl, dataDir, wanted, startedMs);
  const world = buildWorld(state.world);
  tellDifference(state.world, wanted, dataDir);
  if (state.loaded) {
    say("the history is loaded; going on live (the time in between stays a gap)");
    return { world, state, liveFromMs: startedMs };
  }
  say(`loading ${world.days} days of ${world.fleet.length} nodes; look on at ${url}`);
  const target: PostTarget = { url, apiKeys: state.apiKeys, signal };
  const totals = await load(world, state, target, dataDir);
  const codes = await sendRefused(world, Date.now(), { target, pack: packOf(state) });
  await addBaseline({ databaseUrl, dataDir }, world, state);
  state = { ...state, loaded: true };
  await writeDemoState(dataDir, state);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  say(
    `${totals.accepted} verdicts and events stored, ${codes.length} refused on purpose (${[...new Set(codes)].join(", ")}), ${seconds} s`,
  );
  return { world, state, liveFromMs: world.endMs };
}

/** Go on until the product stops. Never rejects: a failed request is told and left behind. */
export function startLive(
  { url, signal }: UpContext,
  { world, state, liveFromMs }: LoadedDemo,
): Promise<void> {
  return runLive(world, liveFromMs, {
    target: { url, apiKeys: state.apiKeys, signal },
    pack: packOf(state),
    now: Date.now,
    report: (error) => say(`live events were not stored: ${(error as Error).message}`),
  });
}

async function prepare(
  databaseUrl: string,
  dataDir: string,
  wanted: Wanted,
  nowMs: number,
): Promise<DemoState> {
  const known = await readDemoState(dataDir);
  const session = await openSession(databaseUrl);
  try {
    const { seed, nodes, days } = wanted;
    const state = known
      ? await renewApiKeys(session.ctx, known)
      : await createDemo(session.ctx, { seed, nodes, days, endMs: Math.floor(nowMs / 1000) * 1000 });
    if (state !== known) await writeDemoState(dataDir, state);
    return state;
  } finally {
    await session.db.$client.end();
  }
}

async function addBaseline(
  { databaseUrl, dataDir }: Pick<UpContext, "databaseUrl" | "dataDir">,
  world: World,
  { sourceIds }: DemoState,
): Promise<void> {
  const session = await openSession(databaseUrl);
  try {
    const { secretKey } = env();
    // The server opens it with the key of the demo's own data directory.
    const sealer = fileSealer(() => ({ secretKey, dataDir }));
    await addDemoBaseline(session.ctx, world, { sourceId: sourceIds["lab-verifier"], sealer });
  } finally {
    await session.db.$client.end();
  }
}

function packOf({ sourceIds, keys, fixed }: DemoState) {
  return { sourceIds, signers: signersOf(keys), fixed };
}

async function load(
  world: World,
  state: DemoState,
  target: PostTarget,
  dataDir: string,
): Promise<LoadTotals> {
  const outbox = new Outbox(join(dataDir, "demo-outbox"));
  await outbox.open();
  const total = CHANNELS.reduce((sum, channel) => sum + expectedCount(world, channel), 0);
  const progress = startProgress("         history", total);
  const stories = world.stories.filter(({ atMs }) => atMs < world.endMs);
  const totals = await loadHistory(world, {
    target,
    pack: packOf(state),
    outbox,
    onProgress: ({ channel, events, upToMs }) => {
      progress.add(events);
      // The verdicts tell the stories, and the largest channel says how far they are.
      while (channel === "lab-verifier" && stories[0] && stories[0].atMs <= upToMs) {
        const { atMs, title, nodes } = stories.shift() ?? stories[0];
        const where = nodes.length > 0 ? ` (${nodes.map(plain).join(", ")})` : "";
        progress.note(`         ${new Date(atMs).toISOString().slice(0, 16)}Z  ${title}${where}`);
      }
    },
    onStage: (channels, seconds) =>
      progress.note(`${seconds.toFixed(1).padStart(6)} s  ${channels.join(", ")} loaded`),
  });
  progress.finish();
  return totals;
}

function tellDifference(kept: WorldOptions, wanted: Wanted, dataDir: string): void {
  const differs = (["nodes", "days", "seed"] as const).filter((name) => kept[name] !== wanted[name]);
  if (differs.length === 0) return;
  const made = `--nodes ${kept.nodes} --days ${kept.days} --seed ${kept.seed}`;
  say(`this demo was made with ${made} and stays so; delete ${dataDir} for another one`);
}

function say(text: string): void {
  console.error(`         ${text}`);
}
