/** All agents that a SPIRE Server knows. Reads, and can do nothing else. */
import { z } from "zod";
import { AgentEntry, AgentId, OUTPUT_MASK, type SpireAgent } from "./agent.ts";
import { type CallOptions, openSpire, SpireError } from "./connection.ts";
import type { SpireEndpoint } from "./endpoint.ts";
import { LIST_AGENTS } from "./protocol.ts";

/** As the server's own default; it may give fewer. */
const PAGE_SIZE = 500;
const MAX_AGENTS = 100_000;
export type AgentList = {
  agents: ReadonlyMap<string, SpireAgent>;
  /** Agents that are listed, but of which nothing usable is said. */
  unread: ReadonlySet<string>;
  /** Entries that name nobody. */
  nameless: number;
};

const Page = z.object({ agents: z.array(z.record(z.string(), z.unknown())), nextPageToken: z.string() });

/**
 * Page through all agents: the whole list or none, so that nobody is missed because a page was.
 *
 * @throws {SpireError}
 */
export async function listAgents(endpoint: SpireEndpoint, options: CallOptions): Promise<AgentList> {
  const connection = await openSpire(endpoint, options);
  try {
    const agents = new Map<string, SpireAgent>();
    const unread = new Set<string>();
    let nameless = 0;
    const tokens = new Set<string>();
    let pageToken = "";
    do {
      const request = { outputMask: OUTPUT_MASK, pageSize: PAGE_SIZE, pageToken };
      const page = Page.safeParse(await connection.call(LIST_AGENTS, request));
      if (!page.success) throw unusable("an answer is no list of agents");
      for (const entry of page.data.agents) {
        const id = AgentId.safeParse(entry.id);
        const rest = AgentEntry.safeParse(entry);
        if (!id.success) nameless += 1;
        else if (!rest.success || agents.has(id.data)) unread.add(id.data);
        else agents.set(id.data, { id: id.data, ...rest.data });
      }
      for (const id of unread) agents.delete(id);
      pageToken = page.data.nextPageToken;
      if (tokens.has(pageToken)) throw unusable("the pages of the list go round in circles");
      tokens.add(pageToken);
      if (agents.size > MAX_AGENTS || tokens.size > MAX_AGENTS / 50) {
        throw unusable(`the list goes on beyond ${MAX_AGENTS} agents`);
      }
    } while (pageToken !== "");
    return { agents, unread, nameless };
  } finally {
    connection.close();
  }
}

function unusable(text: string): SpireError {
  return new SpireError(`${LIST_AGENTS.path}: ${text}`, { isTransient: false });
}
