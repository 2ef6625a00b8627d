/** Reading a verifier: which API it speaks, all agents at once, evidence one by one. */
import { jsonOf } from "#lib/collect/client";
import { type Client, FetchError } from "#lib/collect/contract";
import { attestationFields, bootLogOf, type Fields, isFields, member, statusFields } from "./fields.ts";

/** Versions of the second API, newest first; what is read did not change between them. */
const KNOWN_V2 = ["2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0"] as const;
const MAX_AGENT_ID_CHARS = 256;

export type Api = {
  /** `2.6`, or the newest that the server speaks. */
  v2: string;
  /** Whether the third API is there beside it; `null` = the server does not say. */
  hasV3: boolean | null;
};

/**
 * Agree on a version: the newest that both sides know.
 *
 * @throws {FetchError} when the server speaks none of them
 */
export async function negotiate(client: Client, probe: string): Promise<Api> {
  const answer = await client.get("version");
  if (answer.status === 200) {
    const supported = member(member(jsonOf(answer, "/version"), "results"), "supported_versions");
    const versions = Array.isArray(supported) ? supported.map(String) : [];
    const v2 = KNOWN_V2.find((version) => versions.includes(version));
    if (v2 !== undefined) return { v2, hasV3: versions.some((version) => /^3(\.|$)/.test(version)) };
    if (versions.length > 0) {
      throw new FetchError(`the server speaks only ${versions.join(", ").slice(0, 100)}`, {
        isTransient: false,
      });
    }
  } else if (answer.status !== 404 && answer.status !== 400) {
    jsonOf(answer, "/version");
  }
  // Servers that do not tell are asked, from the newest version down.
  for (const v2 of KNOWN_V2) {
    const { status } = await client.get(`v${v2}/${probe}`);
    if (status === 200) return { v2, hasV3: null };
    if (status !== 404 && status !== 400) {
      throw new FetchError(`GET /v${v2}/${probe} was answered with ${status}`, {
        isTransient: status >= 500,
      });
    }
  }
  throw new FetchError("the server speaks no version of the second API", { isTransient: false });
}

/** All agents that the verifier attests, with their status. */
export type Agents = {
  statuses: ReadonlyMap<string, Fields>;
  /** Agents that are listed, but whose status could not be read: nothing is known of them now. */
  unread: readonly string[];
};

/**
 * One request for all of them; a server without bulk reading is asked for a list and then one by one.
 *
 * @throws {FetchError} when the list could not be read as a whole
 */
export async function readAgents(client: Client, { v2 }: Api, warn: (text: string) => void): Promise<Agents> {
  const path = `v${v2}/agents/?bulk=true`;
  const results = member(jsonOf(await client.get(path), `/${path}`), "results");
  if (!isFields(results)) throw new FetchError(`GET /${path} names no results`, { isTransient: false });
  const uuids = member(results, "uuids");
  if (!Array.isArray(uuids)) {
    const entries = Object.entries(results).filter(([id]) => isAgentId(id, warn));
    const unread = entries.filter(([, value]) => !isFields(value)).map(([id]) => id);
    const read = entries.filter(([, value]) => isFields(value));
    return { statuses: new Map(read.map(([id, value]) => [id, statusFields(value)])), unread };
  }
  const ids = agentIdsIn(uuids, warn);
  const statuses = new Map<string, Fields>();
  const unread: string[] = [];
  await Promise.all(
    ids.map(async (id) => {
      const status = await readOne(client, `v${v2}/agents/${encodeURIComponent(id)}`, warn);
      if (status === "unread") unread.push(id);
      else if (status !== "gone") statuses.set(id, statusFields(status));
    }),
  );
  // In the order of the list, whatever the order of the answers.
  const ordered = ids.flatMap((id) => (statuses.has(id) ? [[id, statuses.get(id) ?? {}] as const] : []));
  return { statuses: new Map(ordered), unread };
}

/** Ids as Keylime lists them: plain (documented) or each in a list of its own (as it does). */
export function agentIdsIn(list: readonly unknown[], warn: (text: string) => void): string[] {
  const ids = list.map((entry) => (Array.isArray(entry) ? entry[0] : entry));
  return [...new Set(ids.filter((id): id is string => typeof id === "string" && isAgentId(id, warn)))];
}

function isAgentId(id: string, warn: (text: string) => void): boolean {
  const isUsable =
    id.length <= MAX_AGENT_ID_CHARS && /^[^\p{Cc}\p{Zl}\p{Zp}]*\S[^\p{Cc}\p{Zl}\p{Zp}]*$/u.test(id);
  if (!isUsable) warn("an agent has an id that is no text of 1 to 256 printable characters");
  return isUsable;
}

/** One agent's entry; it may be deleted between the list and this. */
export async function readOne(
  client: Client,
  path: string,
  warn: (text: string) => void,
): Promise<Fields | "gone" | "unread"> {
  try {
    const answer = await client.get(path);
    if (answer.status === 404) return "gone";
    const results = member(jsonOf(answer, `/${path}`), "results");
    if (isFields(results)) return results;
    warn(`GET /${path} names no results`);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    warn(error.message);
  }
  return "unread";
}

/** The fields of an attestation that are remembered, and its boot log, which is not. */
export type LatestAttestation = { fields: Fields | null; bootLog: string | null };

/** The evidence of an agent's latest attestation; without fields when the verifier shows none. */
export async function readLatestAttestation(
  client: Client,
  agentId: string,
  warn: (text: string) => void,
): Promise<LatestAttestation | "unread"> {
  const path = `v3/agents/${encodeURIComponent(agentId)}/attestations/latest`;
  try {
    const answer = await client.get(path);
    if (answer.status === 404) return NO_ATTESTATION;
    const body = jsonOf(answer, `/${path}`);
    return { fields: attestationFields(body), bootLog: bootLogOf(body) };
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    warn(error.message);
    return error.isTransient ? "unread" : NO_ATTESTATION;
  }
}

const NO_ATTESTATION: LatestAttestation = { fields: null, bootLog: null };
