/** All agents that a SPIRE Server knows. Reads, and can do nothing else. */
import { z } from "zod";
import { type CallOptions, openSpire, SpireError } from "./connection.ts";
import type { SpireEndpoint } from "./endpoint.ts";
import { LIST_AGENTS } from "./protocol.ts";

/** As the server's own default; it may give fewer. */
const PAGE_SIZE = 500;
const MAX_AGENTS = 100_000;
/** Latest moment that can be told of: the end of the year 9999. */
const MAX_SECONDS = 253_402_300_799;

/** An agent as the server tells of it. */
export type SpireAgent = {
  /** SPIFFE ID. */
  id: string;
  attestationType: string;
  /** Of its X509-SVID; `""` for a banned agent, which has none. */
  serial: string;
  /** Seconds since 1970; `null` when the server names no end. */
  expiresAt: number | null;
  selectors: readonly { type: string; value: string }[];
  banned: boolean;
  /** It can come back by itself; one that cannot has to be deleted first. */
  canReattest: boolean;
};

export type AgentList = {
  agents: ReadonlyMap<string, SpireAgent>;
  /** Agents that are listed, but of which nothing usable is said. */
  unread: ReadonlySet<string>;
  /** Entries that name nobody. */
  nameless: number;
};

/** No character that would break a line or hide in one. */
const Printable = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]*$/u);

const Id = z
  .object({
    trustDomain: z.string().regex(/^[a-z0-9._-]{1,255}$/),
    path: z.string().regex(/^(\/[A-Za-z0-9._-]+)+$/),
  })
  .transform(({ trustDomain, path }) => `spiffe://${trustDomain}${path}`)
  .pipe(z.string().max(256));

const Entry = z.object({
  attestationType: Printable(128),
  serial: Printable(128),
  expiresAt: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_SECONDS)
    .transform((seconds) => seconds || null),
  selectors: z.array(z.object({ type: Printable(256), value: Printable(2048) })),
  banned: z.boolean(),
  canReattest: z.boolean(),
});

const Page = z.object({ agents: z.array(z.record(z.string(), z.unknown())), nextPageToken: z.string() });

/** Everything but what later versions may add. */
const OUTPUT_MASK = {
  attestationType: true,
  serial: true,
  expiresAt: true,
  selectors: true,
  banned: true,
  canReattest: true,
};

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
        const id = Id.safeParse(entry.id);
        const rest = Entry.safeParse(entry);
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
