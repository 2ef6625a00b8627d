/** The life cycle in words: states, what moved a node, and what helps one that failed. */
import type { TransitionView } from "#lib/contracts/lifecycle";
import type { LifecycleState } from "#lib/domain/lifecycle-table";
import { eventWords } from "./bootstrap-stages.ts";

export const LIFECYCLE_WORDS: Record<LifecycleState, string> = {
  discovered: "Discovered",
  provisioning: "Provisioning",
  enrolling: "Enrolling",
  attesting: "Attesting",
  trusted: "Trusted",
  suspect: "Suspect",
  quarantining: "Quarantining",
  quarantined: "Quarantined",
  reprovisioning: "Reprovisioning",
  failed: "Failed",
  decommissioning: "Decommissioning",
  decommissioned: "Decommissioned",
};

const TRIGGER_WORDS: Readonly<Record<string, string>> = {
  "verdict.pass": "Every line of evidence passes",
  "verdict.warn": "The evidence degraded",
  "verdict.fail": "The evidence failed",
  "timer.provision_timeout": "Provisioning took longer than 60 minutes",
  "timer.enroll_timeout": "No credential within 10 minutes",
  "timer.attest_timeout": "No passing verdict within 15 minutes",
  "timer.verdict_stale": "The evidence ran out",
  "timer.reprovision_timeout": "Reprovisioning took longer than 60 minutes",
  "operator.retry_provision": "Provisioning was begun again",
  "operator.retry_enroll": "Enrollment was begun again",
};

/** What happened, in words: a trigger's own, else the event's. */
export function moverWords(event: string): string {
  return TRIGGER_WORDS[event] ?? eventWords(event);
}

/** One transition as a sentence. */
export function transitionSentence({ outcome, from, to, event, reason }: TransitionView): string {
  if (outcome === "moved") return `${moverWords(event)}: ${from} → ${to}`;
  return `${moverWords(event)}: ${to === null ? "refused" : `${from} → ${to} refused`}, ${reason}`;
}

/** What to do about a failed node; by what made it fail. */
export function remedyOf(event: string): string {
  switch (event) {
    case "timer.enroll_timeout":
      return "Look for its attempts among the unattributed events, check that the node can reach its identity provider and holds the right token or device identity, then retry the enrollment.";
    case "enrollment.denied":
      return "Find out who denied it and why. Retry the enrollment once the reason is gone.";
    case "enrollment.failed":
      return "It failed five times in a row. Mend the cause that the events name, then retry the enrollment.";
    case "provisioning.inspection_failed":
    case "timer.provision_timeout":
      return "Check the machine's console, power and network, then begin the provisioning again.";
    case "provisioning.image_failed":
      return "Check the image and the boot network, then begin the provisioning again.";
    case "provisioning.deprovision_failed":
      return "The disk may not be wiped. Keep the machine isolated until it is.";
    default:
      return "Read its events and begin the failed step again.";
  }
}
