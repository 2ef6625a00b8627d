/** SPIRE: polls a server for its agents, for what its audit log does not tell. Never changes anything. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { z } from "zod";
import { type CollectContext, type Collected, type Collector, FetchError } from "#lib/collect/contract";
import type { SpireAgent } from "#lib/spire/agent";
import { SpireError } from "#lib/spire/connection";
import { SpireEndpoint } from "#lib/spire/endpoint";
import { type AgentList, listAgents } from "#lib/spire/list-agents";

/** A line that the product's reader takes is 64 KiB; the rest of a document is small. */
const MAX_SELECTORS_CHARS = 12_000;

const Settings = z.strictObject({ server: SpireEndpoint });

/** What a document says about an agent, but for its id and its selectors. */
const Known = z.strictObject({
  attestationType: z.string(),
  serial: z.string(),
  expiresAt: z.int().nullable(),
  banned: z.boolean(),
  canReattest: z.boolean(),
  /** SHA-256 over the selectors, in one order. */
  selectorsSha256: z.string(),
  /** Its X509-SVID had run out when the list was read. */
  isExpired: z.boolean(),
});
type Known = z.output<typeof Known>;

/** Agents of the last list, by SPIFFE ID. Who left it is forgotten: coming back is beginning anew. */
const Memory = z.strictObject({ agents: z.record(z.string(), Known) });
type Memory = z.output<typeof Memory>;

export const spireCollector: Collector<z.output<typeof Settings>, Memory> = {
  kind: "spire",
  settings: Settings,
  memory: Memory,
  interval: { minMs: 30_000, maxMs: 300_000 },
  async collect({ server }, memory, { nowMs, signal, warn }: CollectContext): Promise<Collected<Memory>> {
    const list = await fetched(() => listAgents(server, { signal }));
    warnOf(list, warn);
    const before = new Map(Object.entries(memory?.agents ?? {}));
    const after = new Map<string, Known>();
    const documents: string[] = [];
    for (const [id, agent] of list.agents) {
      const previous = before.get(id) ?? null;
      const known = knownOf(agent, nowMs);
      after.set(id, known);
      if (previous !== null && canonicalize(previous) === canonicalize(known)) continue;
      documents.push(documentOf({ id, entry: { ...known, selectors: shortOf(agent) }, previous, nowMs }));
    }
    for (const [id, previous] of before) {
      if (list.unread.has(id)) after.set(id, previous);
      else if (!after.has(id)) documents.push(documentOf({ id, entry: null, previous, nowMs }));
    }
    return {
      documents,
      memory: { agents: Object.fromEntries(after) },
      changed: documents.length > 0,
      watched: list.agents.size + list.unread.size,
      waitMs: null,
    };
  },
};

async function fetched<T>(list: () => Promise<T>): Promise<T> {
  try {
    return await list();
  } catch (error) {
    if (!(error instanceof SpireError)) throw error;
    throw new FetchError(error.message, { isTransient: error.isTransient, cause: error });
  }
}

function warnOf({ unread, nameless }: AgentList, warn: (text: string) => void): void {
  if (nameless > 0) warn(`${nameless} entries of the list have no usable SPIFFE ID`);
  if (unread.size > 0) warn(`${unread.size} agents of the list could not be read; they stay as they were`);
}

function knownOf(agent: SpireAgent, nowMs: number): Known {
  const { attestationType, serial, expiresAt, banned, canReattest } = agent;
  const selectors = agent.selectors.map(({ type, value }) => JSON.stringify([type, value])).sort();
  return {
    attestationType,
    serial,
    expiresAt,
    banned,
    canReattest,
    selectorsSha256: createHash("sha256").update(selectors.join("\n")).digest("hex"),
    isExpired: expiresAt !== null && expiresAt * 1000 <= nowMs,
  };
}

/** The selectors; `null` when there are too many to be passed on. */
function shortOf({ selectors }: SpireAgent): SpireAgent["selectors"] | null {
  return JSON.stringify(selectors).length > MAX_SELECTORS_CHARS ? null : selectors;
}

type Statement = {
  id: string;
  /** `null` = the server no longer lists the agent. */
  entry: (Known & { selectors: SpireAgent["selectors"] | null }) | null;
  previous: Known | null;
  nowMs: number;
};

/** What the server says about an agent, and what it said before. Its reader is `lib/sources/spire/`. */
function documentOf({ id, entry, previous, nowMs }: Statement): string {
  const observedAt = new Date(nowMs).toISOString();
  return canonicalize({ schema: "touchstone.spire.agent/1", observedAt, id, entry, previous }) ?? "{}";
}
