/** The demo's sources, keys and API keys; made once, through the services, so that they are on record. */
import type { CreateSourceBody, SourceView } from "#lib/contracts/source";
import { CHANNELS, type Channel, STALE_AFTER_MS } from "#lib/demo/history";
import { keepReplayed } from "#lib/demo/refused";
import { type DemoJwk, makeDemoKey, makeSigner, publicJwk, type Signer } from "#lib/demo/token";
import { buildWorld, type WorldOptions } from "#lib/demo/world";
import type { ServiceContext } from "#lib/services/context";
import { createSource } from "#lib/services/source/create";
import { createApiKey } from "#lib/services/source/create-api-key";
import { SOURCES } from "#lib/sources/registry";
import type { DemoState } from "./demo-state.ts";
import { CommandError } from "./output.ts";
import { listSources } from "./source-ref.ts";

const DAY_MS = 86_400_000;
const KEY_DAYS = 365;

const KINDS: Record<Channel, string> = {
  provisioner: "generic",
  spire: "spire",
  "lab-verifier": "ear",
  "cloud-verifier": "ear",
};

/** Signers of the channels that sign. */
export function signersOf(keys: DemoState["keys"]): Partial<Record<Channel, Signer>> {
  return Object.fromEntries(Object.entries(keys).map(([channel, key]) => [channel, makeSigner(key)]));
}

/** First run: register everything and remember it. */
export async function createDemo(ctx: ServiceContext, world: WorldOptions): Promise<DemoState> {
  const taken = await listSources(ctx);
  const keys: DemoState["keys"] = {};
  const sourceIds: Partial<Record<Channel, string>> = {};
  for (const channel of CHANNELS) {
    if (taken.some(({ name }) => name === channel)) {
      throw new CommandError(
        `there is a source ${channel} already; delete the demo's data directory to start over`,
      );
    }
    if (KINDS[channel] === "ear") keys[channel] = makeDemoKey(`${channel}-1`);
    sourceIds[channel] = (await addSource(ctx, channel, keys[channel])).id;
  }
  const state: DemoState = {
    version: 1,
    world,
    sourceIds: sourceIds as Record<Channel, string>,
    apiKeys: {} as Record<Channel, string>,
    apiKeysExpireAtMs: 0,
    keys,
    fixed: keepReplayed(buildWorld(world), signersOf(keys)),
    loaded: false,
  };
  return renewApiKeys(ctx, state);
}

function addSource(ctx: ServiceContext, channel: Channel, key: DemoJwk | undefined): Promise<SourceView> {
  const body: CreateSourceBody = {
    kind: KINDS[channel],
    name: channel,
    staleAfterMs: key ? STALE_AFTER_MS : null,
    ...(key && { jwks: { keys: [publicJwk(key)] } }),
  };
  return createSource(ctx, body, SOURCES);
}

/** New API keys when the old ones end soon. */
export async function renewApiKeys(ctx: ServiceContext, state: DemoState): Promise<DemoState> {
  const nowMs = ctx.now().getTime();
  if (state.apiKeysExpireAtMs > nowMs + DAY_MS) return state;
  const apiKeys = { ...state.apiKeys };
  for (const channel of CHANNELS) {
    const { secret } = await createApiKey(ctx, {
      sourceId: state.sourceIds[channel],
      scopes: ["ingest:write", "ingest:backfill"],
      expiresInDays: KEY_DAYS,
    });
    apiKeys[channel] = secret;
  }
  return { ...state, apiKeys, apiKeysExpireAtMs: nowMs + KEY_DAYS * DAY_MS };
}
