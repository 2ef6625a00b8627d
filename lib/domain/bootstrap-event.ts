/** Canonical bootstrap events: what happened to a node before and around its attestation. */
import type { Credential } from "./credential.ts";
import type { NodeIdentity } from "./verdict.ts";

/** Every type, with the phase of the life cycle that it belongs to. */
export const BOOTSTRAP_EVENT_PHASES = {
  "provisioning.discovered": "provisioning",
  "provisioning.registered": "provisioning",
  "provisioning.inspection_started": "provisioning",
  "provisioning.inspection_completed": "provisioning",
  "provisioning.inspection_failed": "provisioning",
  "provisioning.image_started": "provisioning",
  "provisioning.image_completed": "provisioning",
  "provisioning.image_failed": "provisioning",
  "provisioning.deprovision_started": "decommission",
  "provisioning.deprovision_completed": "decommission",
  "provisioning.deprovision_failed": "decommission",
  "provisioning.hardware_changed": "provisioning",
  "enrollment.token_issued": "enrollment",
  "enrollment.token_revoked": "enrollment",
  "enrollment.requested": "enrollment",
  "enrollment.approved": "enrollment",
  "enrollment.denied": "enrollment",
  "enrollment.credential_issued": "enrollment",
  "enrollment.credential_renewed": "operation",
  "enrollment.credential_expired": "operation",
  "enrollment.failed": "enrollment",
  "node.registered": "operation",
  "node.removed": "operation",
  "node.ready": "operation",
  "node.not_ready": "operation",
  "node.rebooted": "operation",
  "node.cordoned": "operation",
  "node.uncordoned": "operation",
  "node.tainted": "operation",
  "node.drained": "operation",
  "node.health_changed": "operation",
  "identity.banned": "remediation",
  "identity.evicted": "remediation",
  "identity.purged": "operation",
  "remediation.external_started": "remediation",
  "remediation.external_succeeded": "remediation",
  "remediation.external_failed": "remediation",
  "remediation.external_blocked": "remediation",
  "anomaly.identity": "operation",
} as const;
export type BootstrapEventType = keyof typeof BOOTSTRAP_EVENT_PHASES;
export type BootstrapPhase = (typeof BOOTSTRAP_EVENT_PHASES)[BootstrapEventType];
export const BOOTSTRAP_EVENT_TYPES = Object.keys(BOOTSTRAP_EVENT_PHASES) as BootstrapEventType[];

export const BOOTSTRAP_OUTCOMES = ["success", "failure", "denied", "pending", "info"] as const;
export type BootstrapOutcome = (typeof BOOTSTRAP_OUTCOMES)[number];

export const REASON_CODES = [
  "token_unknown_or_used",
  "token_expired",
  "banned",
  "rate_limited",
  "untrusted_issuer",
  "signature_invalid",
  "key_not_resident",
  "tofu_conflict",
  "selector_mismatch",
  "csr_denied",
  "subject_mismatch",
  "webhook_denied",
  "voucher_invalid",
  "credential_reuse",
  "timeout",
  "bmc_unreachable",
  "inspection_failed",
  "image_failed",
  "wipe_failed",
  "power_failed",
  "drain_blocked_pdb",
  "fuse_blown",
  "storm_active",
  "quorum_guard",
  "upstream_error",
  "unknown",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** The only type that may say where an image came from. */
export const IMAGE_INSTALLED = "provisioning.image_completed" satisfies BootstrapEventType;

/** Whether somebody checked where an installed image came from. */
export type Provenance = {
  verified: boolean;
  /** Who checked, at most 200 characters; `null` when the source does not say. */
  by: string | null;
  /** SHA-256 of the image in lower-case hex; `null` when the source does not say. */
  digest: string | null;
};

/** One bootstrap event as a source folder hands it over. Times are epoch milliseconds. */
export type BootstrapEvent = {
  /** Unique within its source; the same event delivered again has the same one. */
  externalId: string;
  type: BootstrapEventType;
  outcome: BootstrapOutcome;
  /** `null` when nothing went wrong. */
  reasonCode: ReasonCode | null;
  /** The source's own words, at most 500 characters; `null` when it gave none. */
  reasonText: string | null;
  occurredAtMs: number;
  /** Everything the event says about who the node is; empty for an unattributed failure. */
  identities: readonly NodeIdentity[];
  displayName: string | null;
  actor: {
    kind: "node" | "user" | "service" | "controller" | "unknown";
    id: string | null;
    address: string | null;
  };
  /** How the node proved itself, for example `tpm_devid` or `join_token`; `null` when unknown. */
  method: string | null;
  requestId: string | null;
  /** The credential that the event is about; absent when the source says nothing about one. */
  credential?: Credential;
  /** Of an installed image; absent when the source says nothing about where it came from. */
  provenance?: Provenance;
  /** Paths that were removed from the raw event before it was stored. */
  redactions: readonly string[];
};

/** Phase of the life cycle that an event type belongs to. */
export function phaseOf(type: BootstrapEventType): BootstrapPhase {
  return BOOTSTRAP_EVENT_PHASES[type];
}
