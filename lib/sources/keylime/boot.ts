/** Boots, as the TPM counts them. */
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import { externalIdOf } from "#lib/sources/shared/batch";
import { parseInstant } from "#lib/sources/shared/window";
import { identityOf } from "./identity.ts";
import type { PollDocument } from "./poll-document.ts";

/** The boot that a quote belongs to; `null` when the evidence does not say. Each boot has one id. */
export function bootOf({ agentId, attestation, observedAt }: PollDocument): BootstrapEvent | null {
  const clock = attestation?.evidence?.find(({ meta }) => meta?.clock_info)?.meta?.clock_info;
  const resets = clock?.reset_count ?? null;
  if (attestation === null || resets === null) return null;
  const stated = [attestation.system_info?.boot_time, attestation.evidence_received_at]
    .map((text) => (text ? parseInstant(text) : null))
    .find((timeMs) => timeMs !== null);
  return {
    externalId: externalIdOf("boot", agentId, resets),
    type: "node.rebooted",
    outcome: "info",
    reasonCode: null,
    reasonText: `TPM reset count ${resets}, restart count ${clock?.restart_count ?? "unknown"}`,
    occurredAtMs: stated ?? observedAt,
    identities: [identityOf(agentId)],
    displayName: null,
    actor: { kind: "node", id: agentId.slice(0, 256), address: null },
    method: null,
    requestId: null,
    redactions: [],
  };
}
