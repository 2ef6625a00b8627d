/** What the demo remembers between runs, in its data directory and readable by its owner only. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Channel } from "#lib/demo/history";
import type { DemoJwk } from "#lib/demo/token";
import type { WorldOptions } from "#lib/demo/world";
import { CommandError } from "./output.ts";

export type DemoState = {
  version: 1;
  /** Fixed at the first run: the same options make the same history again. */
  world: WorldOptions;
  sourceIds: Record<Channel, string>;
  apiKeys: Record<Channel, string>;
  /** When the API keys stop working. Epoch milliseconds. */
  apiKeysExpireAtMs: number;
  /** Private keys of the demo verifiers. */
  keys: Partial<Record<Channel, DemoJwk>>;
  /** Tokens by event id that are sent twice and so must be the same bytes. */
  fixed: Record<string, string>;
  loaded: boolean;
};

const FILE = "demo.json";

/** @returns `null` before the first run */
export async function readDemoState(dataDir: string): Promise<DemoState | null> {
  const path = join(dataDir, FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  const state = JSON.parse(text) as DemoState;
  if (state.version !== 1)
    throw new CommandError(`${path} is of another version; delete ${dataDir} to start over`);
  return state;
}

export async function writeDemoState(dataDir: string, state: DemoState): Promise<void> {
  const path = join(dataDir, FILE);
  await writeFile(`${path}.tmp`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}
