/** What a collector passes on of a verifier's answer about one agent (`touchstone.keylime.poll/1`). */
import { z } from "zod";
import { check } from "#lib/sources/shared/claims";
import { isIdentityText } from "#lib/sources/shared/text";
import { parseInstant } from "#lib/sources/shared/window";

export const AgentId = z.string().refine(isIdentityText, "is not a text of 1 to 256 printable characters");
export const Instant = z.string().transform((text, context) => {
  const timeMs = parseInstant(text);
  if (timeMs !== null) return timeMs;
  context.addIssue("is not an RFC 3339 instant");
  return z.NEVER;
});
export const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .nullable();

/** Unix seconds; Keylime writes 0 or null for never. */
const Seconds = z
  .int()
  .min(0)
  .max(253_402_300_799)
  .nullish()
  .transform((seconds) => seconds || null);
const Count = z.int().min(0).max(Number.MAX_SAFE_INTEGER).nullish();
const Word = z.string().max(512).nullish();
const Flag = z.union([z.boolean(), z.int()]).nullish().transform(Boolean);

/** The fields of a status that mean something here; the others are kept as evidence only. */
const Status = z.object({
  /** `null` or absent in push mode. */
  operational_state: z.int().nullish(),
  attestation_status: Word,
  attestation_count: Count,
  last_received_quote: Seconds,
  last_successful_attestation: Seconds,
  severity_level: z.int().nullish(),
  last_event_id: z
    .string()
    .max(512)
    .refine((text) => text === "" || isIdentityText(text), "is not a printable text")
    .nullish(),
  has_mb_refstate: Flag,
  has_runtime_policy: Flag,
  tpm_policy: z.unknown().optional(),
  verifier_id: z.string().max(256).nullish(),
});
export type Status = z.output<typeof Status>;

const Meta = z.object({
  pcrs: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
  clock_info: z.object({ reset_count: Count, restart_count: Count }).nullish(),
});

const Attestation = z.object({
  evaluation: Word,
  failure_reason: Word,
  evidence_received_at: z.string().max(64).nullish(),
  system_info: z.object({ boot_time: z.string().max(64).nullish() }).nullish(),
  evidence: z
    .array(z.object({ meta: Meta.nullish() }))
    .max(64)
    .nullish(),
});
export type Attestation = z.output<typeof Attestation>;

const PollDocument = z.object({
  schema: z.literal("touchstone.keylime.poll/1"),
  observedAt: Instant,
  agentId: AgentId,
  /** `null` = the verifier no longer lists the agent. */
  status: Status.nullable(),
  /** Since when these quotes count: the last success that was known when the agent was taken up. */
  activation: z.object({ seen: z.enum(["first", "again"]), successAt: Seconds }),
  /** Polls in a row in which the verifier was retrying. */
  unansweredPolls: z.int().min(0).max(1000),
  /** Quotes that should have come by the agent's own rhythm; only with the status TIMEOUT. */
  silence: z.object({ cadenceSeconds: z.int().nullable(), missed: z.int().min(0) }).nullable(),
  attestation: Attestation.nullable(),
  /** SHA-256 of the TPM's keys as the registrar shows them, now and when they were pinned. */
  registration: z.object({ ek: Digest, aik: Digest, pinnedEk: Digest, pinnedAik: Digest }).nullable(),
  /** What the verifier's configuration says and its API does not. */
  configured: z.object({ measuredBootPolicy: z.string().max(128).nullable() }),
});
export type PollDocument = z.output<typeof PollDocument>;

/** @throws {Refusal} category `claims` naming the first member that does not fit */
export function readPollDocument(value: unknown): PollDocument {
  return check(PollDocument, value, "the poll document");
}
