/** What the collector remembers of agents between two polls. */
import { z } from "zod";

const Seconds = z.int().nullable();
const Digest = z.string().nullable();

/** Evidence that the verifier shows in push mode, as far as it is forwarded. */
const Attestation = z.record(z.string(), z.unknown()).nullable();

const AgentMemory = z.strictObject({
  /** Digest of the statement that was forwarded last; `""` when there was none. */
  statement: z.string(),
  state: z.int().nullable(),
  status: z.string().nullable(),
  count: Seconds,
  quoteAt: Seconds,
  successAt: Seconds,
  /** Where this activation began: the last success that was known then. */
  activation: z.strictObject({ seen: z.enum(["first", "again"]), successAt: Seconds }),
  /** Seconds between the last few quotes that were seen. */
  gaps: z.array(z.int()),
  /** Polls in a row in which the verifier was retrying; counts to {@link MAX_COUNTED}. */
  unansweredPolls: z.int(),
  attestation: Attestation,
  /** The quote that `attestation` belongs to. */
  attestationOf: z.string(),
  /** Times in a row that the evidence of this quote could not be read. */
  attestationFailures: z.int(),
  isGone: z.boolean(),
});
export type AgentMemory = z.output<typeof AgentMemory>;

const Registration = z.strictObject({
  /** SHA-256 of the keys as the registrar shows them now. */
  ek: Digest,
  aik: Digest,
  regcount: z.int().nullable(),
  /** The same when the agent was first seen, or when an operator last accepted a change. */
  pinnedEk: Digest,
  pinnedAik: Digest,
  /** Digest of the entry that was forwarded last. */
  entry: z.string(),
  isGone: z.boolean(),
});
export type Registration = z.output<typeof Registration>;

export const Memory = z.strictObject({
  agents: z.record(z.string(), AgentMemory),
  registrations: z.record(z.string(), Registration),
  sweptAtMs: z.number(),
});
export type Memory = z.output<typeof Memory>;

export const NO_MEMORY: Memory = { agents: {}, registrations: {}, sweptAtMs: 0 };

/** Counters stop here: beyond it nothing new is learnt, and every change is a document. */
export const MAX_COUNTED = 3;
const MAX_GAPS = 8;
/** What a push agent does by default, for one whose rhythm is not known yet. */
const DEFAULT_CADENCE_SECONDS = 60;

/** What an agent's status says about its quotes. */
export type Reading = Pick<AgentMemory, "state" | "status" | "count" | "quoteAt" | "successAt">;

/** States in which the verifier is not asking for quotes: registered, started, saved, ended, failed. */
const RESTING: ReadonlySet<number> = new Set([0, 1, 2, 7, 8, 9, 10]);
/** States in which an answer is overdue. */
const RETRYING: ReadonlySet<number> = new Set([4, 6]);

/** Fold one more reading of an agent into what is known of it. */
export function remember(before: AgentMemory | undefined, reading: Reading): AgentMemory {
  return {
    ...(before ?? BLANK),
    ...reading,
    activation: activationOf(before, reading),
    gaps: gapsOf(before, reading),
    unansweredPolls: isRetrying(reading) ? Math.min(MAX_COUNTED, (before?.unansweredPolls ?? 0) + 1) : 0,
    isGone: false,
  };
}

const BLANK: Omit<AgentMemory, keyof Reading | "activation" | "gaps"> = {
  statement: "",
  unansweredPolls: 0,
  attestation: null,
  attestationOf: "",
  attestationFailures: 0,
  isGone: false,
};

const isResting = ({ state, status }: Reading) => (state === null ? status === "FAIL" : RESTING.has(state));
const isRetrying = ({ state }: Reading) => state !== null && RETRYING.has(state);

/** Whether an agent was taken up again since the last reading: after a rest, or counting from zero. */
export function isReactivated(before: AgentMemory | undefined, reading: Reading): boolean {
  if (before === undefined) return false;
  const restarts = (reading.count ?? 0) < (before.count ?? 0);
  return before.isGone || restarts || (isResting(before) && !isResting(reading));
}

function activationOf(before: AgentMemory | undefined, reading: Reading): AgentMemory["activation"] {
  if (before === undefined) return { seen: "first", successAt: reading.successAt };
  if (!isReactivated(before, reading)) return before.activation;
  return { seen: "again", successAt: before.successAt };
}

function gapsOf(before: AgentMemory | undefined, { quoteAt }: Reading): number[] {
  if (before === undefined) return [];
  const gap = (quoteAt ?? 0) - (before.quoteAt ?? 0);
  if (!before.quoteAt || gap <= 0) return before.gaps;
  return [...before.gaps, gap].slice(-MAX_GAPS);
}

/** How long an agent usually takes between two quotes; `null` when too few were seen. */
export function cadenceOf({ gaps }: AgentMemory): number | null {
  const sorted = [...gaps].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

/** Quotes that should have come since the last one; counts to {@link MAX_COUNTED}. */
export function missedQuotes(agent: AgentMemory, nowMs: number): number {
  const cadence = cadenceOf(agent) ?? DEFAULT_CADENCE_SECONDS;
  const silentSeconds = nowMs / 1000 - (agent.quoteAt ?? 0);
  return Math.max(0, Math.min(MAX_COUNTED, Math.floor(silentSeconds / cadence) - 1));
}
