/** Words of the drift inbox. */
import type { DriftClass } from "#lib/domain/drift";
import type { GroupLink, Urgency } from "#lib/domain/drift-group";
import type { DriftTab } from "#lib/domain/drift-query";

export const TAB_LABEL: Readonly<Record<DriftTab, string>> = {
  undecided: "Undecided",
  regressed: "Regressed",
  remediating: "Remediating",
  accepted: "Accepted",
  ignored: "Ignored",
  snoozed: "Snoozed",
  over: "Over",
};

export const CLASS_LABEL: Readonly<Record<DriftClass, string>> = {
  authorised: "authorised",
  benign: "benign",
  unexplained: "unexplained",
  malicious_like: "malicious-like",
};

export const URGENCY_TONE: Readonly<Record<Urgency, "danger" | "warn" | "neutral">> = {
  urgent: "danger",
  high: "warn",
  medium: "neutral",
  low: "neutral",
};

export const LINK_LABEL: Readonly<Record<GroupLink, string>> = {
  recurred: "came back",
  changed_again: "an accepted value changed again",
  exception_over: "its exception is over",
  beyond_exception: "found beyond its exception",
  draft_withdrawn: "its draft was withdrawn",
};
