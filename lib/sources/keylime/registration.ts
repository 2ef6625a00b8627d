/** What a collector passes on of a registrar's entry (`touchstone.keylime.registrar/1`). */
import { z } from "zod";
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import type { NodeIdentity } from "#lib/domain/verdict";
import { externalIdOf } from "#lib/sources/shared/batch";
import { check } from "#lib/sources/shared/claims";
import { identitiesOf } from "#lib/sources/shared/identities";
import { sha256Hex } from "#lib/sources/shared/text";
import { identityOf } from "./identity.ts";
import { AgentId, Digest, Instant } from "./poll-document.ts";
import { fingerprintOf, keyOfCertificate, keyOfPublicArea } from "./tpm-public.ts";

const Text = z.string().max(65_536).nullish();
const Count = z.int().min(0).nullish();

const RegistrarDocument = z.object({
  schema: z.literal("touchstone.keylime.registrar/1"),
  observedAt: Instant,
  agentId: AgentId,
  /** `null` = the registrar no longer knows the agent. */
  entry: z.object({ ek_tpm: Text, aik_tpm: Text, ekcert: Text, ip: Text, regcount: Count }).nullable(),
  /** What it said before, keys as SHA-256; `null` = the agent was not known before. */
  previous: z.object({ ek: Digest, aik: Digest, regcount: Count }).nullable(),
});
export type RegistrarDocument = z.output<typeof RegistrarDocument>;

/** @throws {Refusal} category `claims` naming the first member that does not fit */
export function readRegistrarDocument(value: unknown): RegistrarDocument {
  return check(RegistrarDocument, value, "the registrar document");
}

/**
 * The event behind a changed entry; none when only its address changed.
 *
 * A registrar keeps no dates, so an event is dated by when the collector saw it. Keys that replaced
 * others are told of, but not taken as names of the node: that would make the stranger the node.
 */
export function eventsOfRegistration(document: RegistrarDocument): BootstrapEvent[] {
  const { agentId, entry, previous } = document;
  if (entry === null) return [eventOf(document, { type: "identity.evicted", outcome: "info" })];
  const [ek, aik] = [digestOf(entry.ek_tpm), digestOf(entry.aik_tpm)];
  const changed = [
    previous !== null && previous.ek !== ek ? `endorsement key ${previous.ek} → ${ek}` : null,
    previous !== null && previous.aik !== aik ? `attestation key ${previous.aik} → ${aik}` : null,
  ].filter((text) => text !== null);
  if (changed.length > 0) {
    const reasonText = `other keys under the same agent id: ${changed.join("; ")}`;
    return [
      eventOf(document, {
        type: "anomaly.identity",
        outcome: "info",
        reasonCode: "tofu_conflict",
        reasonText,
      }),
    ];
  }
  const ekKey = keyOfPublicArea(entry.ek_tpm);
  const aikKey = keyOfPublicArea(entry.aik_tpm);
  const certified = keyOfCertificate(entry.ekcert);
  if (ekKey !== null && certified !== null && !ekKey.equals(certified)) {
    return [
      eventOf(document, {
        type: "anomaly.identity",
        outcome: "info",
        reasonCode: "subject_mismatch",
        reasonText: "the endorsement certificate is about another key than the endorsement key",
      }),
    ];
  }
  const regcount = entry.regcount ?? 1;
  if (previous !== null && regcount <= (previous.regcount ?? 0)) return [];
  const isRenewal = previous !== null || regcount > 1;
  return [
    eventOf(
      document,
      {
        type: isRenewal ? "enrollment.credential_renewed" : "enrollment.credential_issued",
        outcome: "success",
        reasonText: regcount > 1 ? `registered ${regcount} times` : null,
      },
      identitiesOf([
        [identityOf(agentId).kind, agentId],
        ["ek_sha256", ekKey && fingerprintOf(ekKey)],
        ["ak_sha256", aikKey && fingerprintOf(aikKey)],
        ["ip", entry.ip ?? null],
      ]),
    ),
  ];
}

function eventOf(
  { agentId, entry, observedAt }: RegistrarDocument,
  what: Pick<BootstrapEvent, "type" | "outcome"> & Partial<BootstrapEvent>,
  identities: readonly NodeIdentity[] = [identityOf(agentId)],
): BootstrapEvent {
  const keys =
    entry === null ? [observedAt] : [digestOf(entry.ek_tpm), digestOf(entry.aik_tpm), entry.regcount ?? 1];
  return {
    externalId: externalIdOf("registrar", agentId, what.type, ...keys),
    reasonCode: null,
    reasonText: null,
    occurredAtMs: observedAt,
    identities,
    displayName: null,
    actor: { kind: "node", id: agentId.slice(0, 256), address: entry?.ip?.slice(0, 256) ?? null },
    method: entry === null ? null : "tpm_ek",
    requestId: null,
    redactions: [],
    ...what,
  };
}

/** As the collector computes it: over the public area, not its spelling. */
function digestOf(text: string | null | undefined): string | null {
  return text ? sha256Hex(Buffer.from(text, "base64")) : null;
}
