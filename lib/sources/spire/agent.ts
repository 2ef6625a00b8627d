/** What a collector passes on of a server's list of agents (`touchstone.spire.agent/1`). */
import { z } from "zod";
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import type { Credential } from "#lib/domain/credential";
import { externalIdOf } from "#lib/sources/shared/batch";
import { check } from "#lib/sources/shared/claims";
import { isIdentityText } from "#lib/sources/shared/text";
import { parseInstant } from "#lib/sources/shared/window";

export const AGENT_SCHEMA = "touchstone.spire.agent/1";
/** Seconds up to the end of the year 9999. */
const MAX_SECONDS = 253_402_300_799;

const Known = z.object({
  attestationType: z.string().max(128),
  serial: z.string().max(128),
  /** Seconds since 1970; `null` = not stated. */
  expiresAt: z.int().min(0).max(MAX_SECONDS).nullable(),
  banned: z.boolean(),
  canReattest: z.boolean(),
  selectorsSha256: z.string().max(64),
  isExpired: z.boolean(),
});
type Known = z.output<typeof Known>;

const AgentDocument = z
  .object({
    schema: z.literal(AGENT_SCHEMA),
    observedAt: z
      .string()
      .transform((text) => parseInstant(text) ?? Number.NaN)
      .refine((timeMs) => !Number.isNaN(timeMs), "must be an RFC 3339 date and time with zone"),
    id: z
      .string()
      .startsWith("spiffe://")
      .refine(isIdentityText, "must be a SPIFFE ID of at most 256 characters"),
    /** `null` = the server no longer lists the agent. */
    entry: Known.nullable(),
    /** What it said before; `null` = the agent was not known before. */
    previous: Known.nullable(),
  })
  .refine(({ entry, previous }) => entry !== null || previous !== null, "says nothing about the agent");

type Said = Pick<BootstrapEvent, "type" | "outcome"> &
  Partial<Pick<BootstrapEvent, "reasonCode" | "reasonText">> & {
    occurredAtMs: number;
    /** What tells this event from others of the agent, whenever it was noticed. */
    key: string;
  };

/**
 * The events between two readings of an agent. A change happened somewhere between them and is dated by
 * the later one; only an end is known to the second.
 *
 * @throws {Refusal} when the document is incomplete
 */
export function eventsOfAgent(value: unknown): Omit<BootstrapEvent, "redactions">[] {
  const { id, entry, previous, observedAt } = check(AgentDocument, value, "the document");
  const said = entry === null ? [departure(previous, observedAt)] : changes(entry, previous, observedAt);
  const told = entry ?? previous;
  return said.map(({ key, reasonCode = null, reasonText = null, ...event }) => ({
    ...event,
    reasonCode,
    reasonText,
    externalId: externalIdOf("agent", id, event.type, key),
    identities: [{ kind: "spiffe_id", value: id }],
    displayName: null,
    actor: { kind: "unknown", id: null, address: null },
    method: told?.attestationType || null,
    requestId: null,
    ...(entry === null || !isIssue(event) ? {} : { credential: credentialOf(entry) }),
  }));
}

const isIssue = ({ type }: Pick<BootstrapEvent, "type">) =>
  type === "enrollment.credential_issued" || type === "enrollment.credential_renewed";

function credentialOf({ serial, expiresAt }: Known): Credential {
  return {
    kind: "x509",
    serial: serial || null,
    fingerprintSha256: null,
    issuer: null,
    notBeforeMs: null,
    notAfterMs: expiresAt === null ? null : expiresAt * 1000,
  };
}

/**
 * Pruning only takes agents that expired long ago, and never banned ones: whoever else is gone was deleted,
 * which also lifts a ban.
 */
function departure(previous: Known | null, observedAtMs: number): Said {
  const isPruned = previous?.isExpired === true && !previous.banned;
  const key = String(observedAtMs);
  return isPruned
    ? { type: "identity.purged", outcome: "info", occurredAtMs: observedAtMs, key }
    : { type: "identity.evicted", outcome: "success", occurredAtMs: observedAtMs, key };
}

function changes(entry: Known, previous: Known | null, observedAtMs: number): Said[] {
  const said: Said[] = [];
  if (previous !== null && previous.attestationType !== entry.attestationType) {
    said.push({
      type: "anomaly.identity",
      outcome: "info",
      reasonText: "the agent is attested by another method than before",
      occurredAtMs: observedAtMs,
      key: `${entry.attestationType}:${observedAtMs}`,
    });
  }
  if (entry.banned) {
    if (previous?.banned === true) return said;
    return [
      ...said,
      { type: "identity.banned", outcome: "success", occurredAtMs: observedAtMs, key: String(observedAtMs) },
    ];
  }
  const isNew = previous === null || previous.banned || previous.serial !== entry.serial;
  if (isNew && !entry.isExpired) {
    const type = isRenewal(entry, previous)
      ? "enrollment.credential_renewed"
      : "enrollment.credential_issued";
    said.push({ type, outcome: "success", occurredAtMs: observedAtMs, key: entry.serial });
  }
  if (entry.isExpired && entry.expiresAt !== null && (isNew || !previous.isExpired)) {
    said.push({
      type: "enrollment.credential_expired",
      outcome: "info",
      reasonText: entry.canReattest ? null : "the agent cannot attest again until it is deleted",
      occurredAtMs: entry.expiresAt * 1000,
      key: entry.serial,
    });
  }
  return said;
}

/** A living SVID was exchanged for another. Other selectors come from attesting again. */
function isRenewal(entry: Known, previous: Known | null): boolean {
  return (
    previous !== null &&
    !previous.banned &&
    !previous.isExpired &&
    previous.selectorsSha256 === entry.selectorsSha256
  );
}
