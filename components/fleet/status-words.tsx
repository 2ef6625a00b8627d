import type { TrustStatus } from "#lib/domain/trust-status";

/** The word of each status. */
export const STATUS_LABELS: Readonly<Record<TrustStatus, string>> = {
  trusted: "Trusted",
  degraded: "Degraded",
  failed: "Failed",
  quarantined: "Quarantined",
  pending: "Pending",
  stale: "Stale",
  exempt: "Exempt",
};

/** What each status means, in one sentence. */
export const STATUS_MEANINGS: Readonly<Record<TrustStatus, string>> = {
  trusted: "The newest evidence is affirming and within its time limit.",
  degraded: "The newest evidence carries a warning or could not be verified.",
  failed: "The newest evidence is contraindicated.",
  quarantined: "Set apart by a decision of people.",
  pending: "Known, but no verdict has said anything yet.",
  stale: "Silent for longer than its source allows, or the verifier got no answer.",
  exempt: "Not attested on purpose.",
};

/** Class that fills an area with the status's colour and texture. */
export const STATUS_FILLS: Readonly<Record<TrustStatus, string>> = {
  trusted: "status-fill-trusted",
  degraded: "status-fill-degraded",
  failed: "status-fill-failed",
  quarantined: "status-fill-quarantined",
  pending: "status-fill-pending",
  stale: "status-fill-stale",
  exempt: "status-fill-exempt",
};
