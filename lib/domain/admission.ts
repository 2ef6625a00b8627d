/**
 * Whether a node may join or get work: from what is known about it and the rule of its trust domain.
 *
 * Pure and total. Each thing that speaks against the node is an objection with its own answer; the worst one decides,
 * so that nothing good makes up for something bad.
 */
import type { AlarmKind } from "./identity.ts";
import type { LifecycleState } from "./lifecycle-table.ts";
import type { TrustStatus } from "./trust-status.ts";

/** From the mildest on. `warn` admits and says why not to. */
export const ADMISSION_DECISIONS = ["allow", "warn", "deny"] as const;
export type AdmissionDecision = (typeof ADMISSION_DECISIONS)[number];

/** `join` = it asks for a certificate or registers itself; `work` = something is about to run on it. */
export const ADMISSION_PURPOSES = ["join", "work"] as const;
export type AdmissionPurpose = (typeof ADMISSION_PURPOSES)[number];

/** `trusted` = its evidence must be good now; `not_quarantined` = nobody and nothing may have shut it out. */
export const ADMISSION_REQUIREMENTS = ["trusted", "not_quarantined"] as const;
export type AdmissionRequirement = (typeof ADMISSION_REQUIREMENTS)[number];

/** What is asked of a node for one purpose. */
export type AdmissionClause = {
  require: AdmissionRequirement;
  /** Answer about a node that is not known here. */
  unknown: AdmissionDecision;
  /** Answer about a node whose evidence has run out, or is older than `maxEvidenceAgeMs`. */
  stale: AdmissionDecision;
  /** Oldest evidence that counts; `null` = the sources' own limits of silence decide. */
  maxEvidenceAgeMs: number | null;
};

export type AdmissionRule = Readonly<Record<AdmissionPurpose, AdmissionClause>> & {
  /** While what we know is older than `maxStateAgeMs`: `closed` denies, `open` goes by what was known last. */
  outage: "open" | "closed";
  maxStateAgeMs: number;
};

/** Holds in a trust domain for which nobody set another one. */
export const DEFAULT_ADMISSION_RULE: AdmissionRule = {
  join: { require: "not_quarantined", unknown: "deny", stale: "allow", maxEvidenceAgeMs: null },
  work: { require: "trusted", unknown: "deny", stale: "deny", maxEvidenceAgeMs: null },
  outage: "closed",
  maxStateAgeMs: 30_000,
};

export const ADMISSION_LIMITS = {
  stateAgeMs: [5_000, 3_600_000],
  evidenceAgeMs: [60_000, 366 * 86_400_000],
} as const;

/** What is known about a node. Instants are epoch milliseconds. */
export type AdmissionFacts = {
  status: TrustStatus;
  /** Why it has its status, as a sentence. */
  statusReason: string;
  lifecycle: LifecycleState;
  disposition: "in_service" | "no_schedule" | "quarantine" | "retire";
  /** Newest evidence; `null` = never appraised. */
  evidenceAtMs: number | null;
  /** Kinds of the identity alarms about it that nobody has settled. */
  alarms: readonly AlarmKind[];
};

/** Who is asked about: a node, nobody that is known, or a claim that names several nodes. */
export type AdmissionSubject =
  | { kind: "node"; facts: AdmissionFacts }
  | { kind: "unknown" }
  | { kind: "conflict"; why: string };

/** How old the knowledge is that the answer rests on. */
export type AdmissionKnowledge = { asOfMs: number };

export type AdmissionReasonCode =
  | "state_not_fresh"
  | "unknown_node"
  | "identity_conflict"
  | "disposition"
  | "lifecycle"
  | "status"
  | "evidence_stale"
  | "evidence_too_old"
  | "identity_alarm"
  | "met";

export type AdmissionReason = { code: AdmissionReasonCode; answer: AdmissionDecision; text: string };

export type AdmissionAnswer = {
  decision: AdmissionDecision;
  /** The worst first; never empty. */
  reasons: readonly AdmissionReason[];
};

type Question = {
  purpose: AdmissionPurpose;
  subject: AdmissionSubject;
  rule: AdmissionRule;
  knowledge: AdmissionKnowledge;
  nowMs: number;
};

export function decideAdmission({ purpose, subject, rule, knowledge, nowMs }: Question): AdmissionAnswer {
  const clause = rule[purpose];
  const objections = [
    ...aboutKnowledge(rule, knowledge, nowMs),
    ...(subject.kind === "node"
      ? aboutNode(subject.facts, clause, { purpose, nowMs })
      : [aboutNobody(subject, clause)]),
  ].filter(({ answer }) => answer !== "allow");
  if (objections.length === 0) {
    const text =
      subject.kind === "unknown"
        ? "The node is not known, and the rule admits such nodes"
        : `The node meets the rule: ${REQUIREMENT_WORDS[clause.require]}`;
    return { decision: "allow", reasons: [{ code: "met", answer: "allow", text }] };
  }
  const reasons = objections.toSorted((a, b) => rankOf(b.answer) - rankOf(a.answer));
  return { decision: reasons[0]?.answer ?? "deny", reasons };
}

const REQUIREMENT_WORDS: Readonly<Record<AdmissionRequirement, string>> = {
  trusted: "it is trusted",
  not_quarantined: "it is not shut out",
};

const rankOf = (decision: AdmissionDecision): number => ADMISSION_DECISIONS.indexOf(decision);

/** The strictest of several answers; of none, `deny`. */
function strictest(decisions: readonly AdmissionDecision[]): AdmissionDecision {
  return decisions.toSorted((a, b) => rankOf(b) - rankOf(a))[0] ?? "deny";
}

/** The rule that denies whatever one of them denies: for who belongs to none of the domains that could be meant. */
export function strictestRule(rules: readonly AdmissionRule[]): AdmissionRule {
  const [first, ...more] = rules;
  if (!first) return DEFAULT_ADMISSION_RULE;
  return more.reduce(
    (one, other) => ({
      join: strictestClause(one.join, other.join),
      work: strictestClause(one.work, other.work),
      outage: one.outage === "closed" || other.outage === "closed" ? "closed" : "open",
      maxStateAgeMs: Math.min(one.maxStateAgeMs, other.maxStateAgeMs),
    }),
    first,
  );
}

function strictestClause(one: AdmissionClause, other: AdmissionClause): AdmissionClause {
  const ages = [one.maxEvidenceAgeMs, other.maxEvidenceAgeMs].filter((age) => age !== null);
  return {
    require: one.require === "trusted" || other.require === "trusted" ? "trusted" : "not_quarantined",
    unknown: strictest([one.unknown, other.unknown]),
    stale: strictest([one.stale, other.stale]),
    maxEvidenceAgeMs: ages.length === 0 ? null : Math.min(...ages),
  };
}

function aboutKnowledge(
  { outage, maxStateAgeMs }: AdmissionRule,
  { asOfMs }: AdmissionKnowledge,
  nowMs: number,
): AdmissionReason[] {
  const ageMs = nowMs - asOfMs;
  if (ageMs <= maxStateAgeMs) return [];
  const age = `What is known here is ${secondsOf(ageMs)} old, and the rule takes ${secondsOf(maxStateAgeMs)}`;
  return outage === "closed"
    ? [{ code: "state_not_fresh", answer: "deny", text: `${age}: it is closed meanwhile` }]
    : [{ code: "state_not_fresh", answer: "warn", text: `${age}: it stays open, by what was known last` }];
}

function aboutNobody(
  subject: Exclude<AdmissionSubject, { kind: "node" }>,
  { unknown }: AdmissionClause,
): AdmissionReason {
  return subject.kind === "unknown"
    ? { code: "unknown_node", answer: unknown, text: "No node with this identity is known here" }
    : { code: "identity_conflict", answer: "deny", text: subject.why };
}

function aboutNode(
  facts: AdmissionFacts,
  clause: AdmissionClause,
  { purpose, nowMs }: { purpose: AdmissionPurpose; nowMs: number },
): AdmissionReason[] {
  return [
    ...aboutDisposition(facts, purpose),
    ...aboutLifecycle(facts, clause, purpose),
    ...aboutStatus(facts, clause),
    ...aboutEvidence(facts, clause, nowMs),
    ...aboutAlarms(facts, clause),
  ];
}

function aboutDisposition({ disposition }: AdmissionFacts, purpose: AdmissionPurpose): AdmissionReason[] {
  const of = (answer: AdmissionDecision, text: string): AdmissionReason[] => [
    { code: "disposition", answer, text },
  ];
  switch (disposition) {
    case "in_service":
      return [];
    case "no_schedule":
      return of(purpose === "work" ? "deny" : "warn", "Operators want no new work on it");
    case "quarantine":
      return of("deny", "Operators put it into quarantine");
    case "retire":
      return of("deny", "Operators retire it");
  }
}

function aboutLifecycle(
  { lifecycle }: AdmissionFacts,
  { require }: AdmissionClause,
  purpose: AdmissionPurpose,
): AdmissionReason[] {
  const of = (answer: AdmissionDecision, text: string): AdmissionReason[] => [
    { code: "lifecycle", answer, text },
  ];
  switch (lifecycle) {
    case "quarantining":
    case "quarantined":
      return of("deny", "It is being kept apart");
    case "decommissioning":
    case "decommissioned":
      return of("deny", "It is taken out of service");
    case "failed":
      return of("deny", "Putting it in order has failed");
    case "reprovisioning":
      // Only a machine that joins anew can ever come to the end of this.
      return of(purpose === "join" ? "warn" : "deny", "It is being provisioned anew");
    case "suspect":
      return of(require === "trusted" ? "deny" : "warn", "It failed, and nobody has cleared it");
    case "discovered":
    case "provisioning":
    case "enrolling":
    case "attesting":
    case "trusted":
      return [];
  }
}

function aboutStatus(
  { status, statusReason }: AdmissionFacts,
  { require, stale }: AdmissionClause,
): AdmissionReason[] {
  const unless = (answer: AdmissionDecision): AdmissionDecision => (require === "trusted" ? "deny" : answer);
  const of = (answer: AdmissionDecision): AdmissionReason[] => [
    { code: "status", answer, text: `Its trust status is ${status}: ${statusReason}` },
  ];
  switch (status) {
    case "trusted":
      return [];
    case "quarantined":
      return of("deny");
    case "stale":
      return [{ code: "evidence_stale", answer: stale, text: `Its evidence has run out: ${statusReason}` }];
    case "exempt":
      return of("warn");
    case "pending":
      return of(unless("allow"));
    case "degraded":
    case "failed":
      return of(unless("warn"));
  }
}

function aboutEvidence(
  { evidenceAtMs }: AdmissionFacts,
  { stale, maxEvidenceAgeMs }: AdmissionClause,
  nowMs: number,
): AdmissionReason[] {
  if (maxEvidenceAgeMs === null) return [];
  if (evidenceAtMs === null)
    return [{ code: "evidence_too_old", answer: stale, text: "There has never been evidence about it" }];
  const ageMs = nowMs - evidenceAtMs;
  if (ageMs <= maxEvidenceAgeMs) return [];
  const text = `Its newest evidence is ${secondsOf(ageMs)} old, and the rule takes ${secondsOf(maxEvidenceAgeMs)}`;
  return [{ code: "evidence_too_old", answer: stale, text }];
}

const ALARM_WORDS: Readonly<Record<AlarmKind, string>> = {
  anchor_changed: "other hardware claims its name",
  clone: "two machines claim to be it",
  duplicate_key: "another machine has its key",
  weak_id_conflict: "another machine uses its name",
};

function aboutAlarms({ alarms }: AdmissionFacts, { require }: AdmissionClause): AdmissionReason[] {
  return alarms.map((kind) => ({
    code: "identity_alarm",
    // Names anybody can take: by that alone nobody may shut a machine out.
    answer: kind !== "weak_id_conflict" && require === "trusted" ? "deny" : "warn",
    text: `There is an open identity alarm: ${ALARM_WORDS[kind]}`,
  }));
}

function secondsOf(ms: number): string {
  return `${Math.max(0, Math.round(ms / 1_000))} s`;
}
