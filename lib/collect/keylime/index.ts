/** Keylime: polls a verifier (and its registrar) for what its webhook does not tell. GET only. */
import type { Client, CollectContext, Collected, Collector } from "#lib/collect/contract";
import { FetchError } from "#lib/collect/contract";
import { digestOf, documentOf, pollStatement, withBootLog } from "./documents.ts";
import { type Fields, wholeNumber } from "./fields.ts";
import {
  type AgentMemory,
  cadenceOf,
  isReactivated,
  MAX_COUNTED,
  Memory,
  missedQuotes,
  NO_MEMORY,
  type Reading,
  type Registration,
  remember,
} from "./memory.ts";
import { readRegistrar } from "./registrar.ts";
import { Settings } from "./settings.ts";
import { type Agents, type Api, negotiate, readAgents, readLatestAttestation } from "./verifier.ts";

export const keylimeCollector: Collector<Settings, Memory> = {
  kind: "keylime",
  settings: Settings,
  memory: Memory,
  interval: { minMs: 10_000, maxMs: 30_000 },
  collect,
  acceptIdentity(memory, agentId) {
    const registration = new Map(Object.entries(memory.registrations)).get(agentId);
    if (registration === undefined) return null;
    const { ek, aik, pinnedEk, pinnedAik } = registration;
    if (ek === pinnedEk && aik === pinnedAik) return null;
    const accepted = { ...registration, pinnedEk: ek, pinnedAik: aik };
    return { ...memory, registrations: { ...memory.registrations, [agentId]: accepted } };
  },
};

async function collect(
  settings: Settings,
  memory: Memory | null,
  context: CollectContext,
): Promise<Collected<Memory>> {
  const { agents: agentsBefore, registrations: known, sweptAtMs } = memory ?? NO_MEMORY;
  const before = new Map(Object.entries(agentsBefore));
  const { nowMs, warn } = context;
  const verifier = await context.open(settings.verifier);
  const api = await negotiate(verifier, "agents/");
  const listed = await readAgents(verifier, api, warn);

  const sweep = nowMs - sweptAtMs >= settings.sweepSeconds * 1000;
  const suspects = new Set(
    [...listed.statuses].flatMap(([id, status]) =>
      isReactivated(before.get(id), readingOf(status)) ? [id] : [],
    ),
  );
  const registrar = await registrarOf(settings, context, { before: known, suspects, sweep, nowMs, warn });

  const agents = await withEvidence(verifier, api, listed, before, warn);
  const { registrations } = registrar;
  const documents = [...registrar.documents];
  const after = new Map<string, AgentMemory>();
  let changed = registrar.documents.length > 0;
  for (const { id, status, agent, bootLog, isWithheld } of [...agents, ...departed(listed, before)]) {
    const previous = before.get(id);
    const statement = pollStatement({
      agentId: id,
      status,
      agent,
      registration: new Map(Object.entries(registrations)).get(id),
      measuredBootPolicy: settings.measuredBootPolicy,
      nowMs,
    });
    const digest = digestOf(statement);
    const isNews = digest !== previous?.statement && !isWithheld;
    if (isNews)
      documents.push(documentOf(settings.bootLogs ? withBootLog(statement, bootLog) : statement, nowMs));
    after.set(id, { ...agent, statement: isNews ? digest : (previous?.statement ?? "") });
    changed ||= previous?.state !== agent.state || previous?.status !== agent.status;
  }
  for (const id of listed.unread) {
    const kept = before.get(id);
    if (kept) after.set(id, kept);
  }
  warnOfShortTimeouts(after, nowMs, warn);
  return {
    documents,
    memory: {
      agents: Object.fromEntries(after),
      registrations,
      sweptAtMs: sweep && registrar.isComplete ? nowMs : sweptAtMs,
    },
    changed,
    watched: listed.statuses.size + listed.unread.length,
    waitMs: null,
  };
}

type Said = {
  id: string;
  status: Fields | null;
  agent: AgentMemory;
  /** Only where a new quote's evidence was read just now: it is not remembered. */
  bootLog: string | null;
  isWithheld: boolean;
};

/** The registrar is the lesser part: without it verdicts still flow, by the keys that were known. */
async function registrarOf(
  { registrar }: Settings,
  { open, warn }: CollectContext,
  input: Parameters<typeof readRegistrar>[1],
): Promise<{ registrations: Record<string, Registration>; documents: string[]; isComplete: boolean }> {
  const nothing = { registrations: { ...input.before }, documents: [] };
  if (registrar === undefined) return { ...nothing, isComplete: true };
  try {
    return await readRegistrar(await open(registrar), input);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    warn(`registrar: ${error.message}`);
    return { ...nothing, isComplete: false };
  }
}

function readingOf(status: Fields): Reading {
  const { operational_state, attestation_status } = status;
  return {
    state: wholeNumber(operational_state),
    status: typeof attestation_status === "string" ? attestation_status : null,
    count: wholeNumber(status.attestation_count),
    quoteAt: wholeNumber(status.last_received_quote),
    successAt: wholeNumber(status.last_successful_attestation),
  };
}

/**
 * Agents with the evidence behind their latest quote. Only push agents have any, and it is megabytes
 * on the verifier's side: it is read once for each quote.
 */
function withEvidence(
  client: Client,
  { hasV3 }: Api,
  { statuses }: Agents,
  before: ReadonlyMap<string, AgentMemory>,
  warn: (text: string) => void,
): Promise<Said[]> {
  return Promise.all(
    [...statuses].map(async ([id, status]): Promise<Said> => {
      const reading = readingOf(status);
      const agent = remember(before.get(id), reading);
      const quote = `${reading.quoteAt}:${reading.count}`;
      if (reading.state !== null || !reading.quoteAt || hasV3 === false || quote === agent.attestationOf) {
        return { id, status, agent, bootLog: null, isWithheld: false };
      }
      const found = await readLatestAttestation(client, id, warn);
      if (found !== "unread") {
        const read = { attestation: found.fields, attestationOf: quote, attestationFailures: 0 };
        return { id, status, agent: { ...agent, ...read }, bootLog: found.bootLog, isWithheld: false };
      }
      // A pass can wait a little for its evidence; anything else must not.
      const failures = agent.attestationFailures + 1;
      return {
        id,
        status,
        agent: { ...agent, attestation: null, attestationFailures: failures },
        bootLog: null,
        isWithheld: reading.status === "PASS" && failures < MAX_COUNTED,
      };
    }),
  );
}

/** Agents that the verifier attested and, by a complete answer, no longer does. */
function departed({ statuses, unread }: Agents, before: ReadonlyMap<string, AgentMemory>): Said[] {
  return [...before]
    .filter(([id]) => !statuses.has(id) && !unread.includes(id))
    .map(([id, agent]) => ({
      id,
      status: null,
      agent: { ...agent, isGone: true },
      bootLog: null,
      isWithheld: false,
    }));
}

/** A verifier that gives up before its push agents report calls healthy machines timed out. */
function warnOfShortTimeouts(
  agents: ReadonlyMap<string, AgentMemory>,
  nowMs: number,
  warn: (text: string) => void,
): void {
  const early = [...agents.values()].filter(
    (agent) =>
      agent.state === null &&
      agent.status === "TIMEOUT" &&
      cadenceOf(agent) !== null &&
      missedQuotes(agent, nowMs) < MAX_COUNTED,
  );
  if (early.length === 0) return;
  warn(
    `${early.length} push agents are called TIMEOUT between two quotes; the verifier's quote_interval is probably shorter than theirs`,
  );
}
