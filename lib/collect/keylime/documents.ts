/** The documents that a Keylime collector delivers. Their reader is `lib/sources/keylime/`. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { type Fields, isFields } from "./fields.ts";
import { type AgentMemory, cadenceOf, missedQuotes, type Registration } from "./memory.ts";

/** Members in one order and numbers in one spelling, so that the same answer has the same bytes. */
function canonicalText(value: unknown): string {
  return canonicalize(value) ?? "null";
}

export function digestOf(value: unknown): string {
  return createHash("sha256").update(canonicalText(value)).digest("hex");
}

export type PollInput = {
  agentId: string;
  /** `null` = the verifier no longer lists the agent. */
  status: Fields | null;
  agent: AgentMemory;
  registration: Registration | undefined;
  measuredBootPolicy: string | undefined;
  nowMs: number;
};

/** What the verifier says about an agent, with what only somebody who keeps watching can know. */
export function pollStatement({
  agentId,
  status,
  agent,
  registration,
  measuredBootPolicy,
  nowMs,
}: PollInput): Fields {
  const isOverdue = status?.attestation_status === "TIMEOUT";
  return {
    schema: "touchstone.keylime.poll/1",
    agentId,
    status,
    activation: agent.activation,
    unansweredPolls: agent.unansweredPolls,
    silence: isOverdue ? { cadenceSeconds: cadenceOf(agent), missed: missedQuotes(agent, nowMs) } : null,
    attestation: status === null ? null : agent.attestation,
    registration:
      registration === undefined
        ? null
        : {
            ek: registration.ek,
            aik: registration.aik,
            pinnedEk: registration.pinnedEk,
            pinnedAik: registration.pinnedAik,
          },
    configured: { measuredBootPolicy: measuredBootPolicy ?? null },
  };
}

/** The statement with the boot log of its quote, in the place where the verifier has it. */
export function withBootLog(statement: Fields, bootLog: string | null): Fields {
  const { attestation } = statement;
  if (bootLog === null || !isFields(attestation)) return statement;
  const { evidence } = attestation;
  const log = { evidence_class: "log", evidence_type: "uefi_log", data: { entries: bootLog } };
  return {
    ...statement,
    attestation: { ...attestation, evidence: [...(Array.isArray(evidence) ? evidence : []), log] },
  };
}

export type RegistrarInput = {
  agentId: string;
  /** `null` = the registrar no longer knows the agent. */
  entry: Fields | null;
  before: Registration | undefined;
};

/** What the registrar says about an agent, and what it said before. */
export function registrarStatement({ agentId, entry, before }: RegistrarInput): Fields {
  return {
    schema: "touchstone.keylime.registrar/1",
    agentId,
    entry,
    previous: before === undefined ? null : { ek: before.ek, aik: before.aik, regcount: before.regcount },
  };
}

/** The bytes of a statement, with the instant at which it was first heard. */
export function documentOf(statement: Fields, nowMs: number): string {
  return canonicalText({ ...statement, observedAt: new Date(nowMs).toISOString() });
}
