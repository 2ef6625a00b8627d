/** One question put to the state: who is meant, which rule holds, what is answered. */
import type { AdmissionView, KubernetesReview, KubernetesReviewAnswer } from "#lib/contracts/admission";
import { type AdmissionAnswer, type AdmissionPurpose, decideAdmission } from "#lib/domain/admission";
import { type NodeClaim, type ReviewQuestion, reviewQuestion } from "#lib/domain/admission-review";
import { type RuleInForce, ruleForNobody, ruleOfDomain } from "#lib/domain/admission-rules";
import { IDENTITY_KINDS, isStrongIdentity } from "#lib/domain/verdict";
import { commonNameOf } from "#lib/sources/kubernetes/csr-subject";
import type { AdmissionState } from "./follow.ts";
import type { Found, KnownNode } from "./mirror.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Kubernetes shows longer warnings cut, and refuses none. */
const WARNING_CHARS = 250;
const WARNINGS_MAX = 8;

/** Where the question is put: what is known, what the caller may see, and when. */
export type Place = { state: AdmissionState; domains: readonly string[]; nowMs: number };

/** What was answered, and about whom; for the record. */
export type Judged = AdmissionAnswer & {
  subject: string;
  purpose: AdmissionPurpose;
  operation: string;
  node: KnownNode | null;
  inForce: RuleInForce;
  /** Where the record goes: the node's domain, else the caller's first one. */
  trustDomainId: string | null;
};

/** @param reference an id, `kind:value` of a strong identity, or a name */
export function judgeReference(place: Place, reference: string, purpose: AdmissionPurpose): Judged {
  const domains = new Set(place.domains);
  const found = UUID.test(reference)
    ? place.state.mirror.byId(domains, reference.toLowerCase())
    : place.state.mirror.byClaim(domains, claimOf(reference));
  return judged(place, found, { purpose, subject: reference, operation: "query" });
}

/** @param subject the claim as people read it */
export function judgeClaim(
  place: Place,
  claim: NodeClaim,
  asked: Pick<Judged, "purpose" | "subject" | "operation">,
): Judged & { isKnown: boolean } {
  const found = place.state.mirror.byClaim(new Set(place.domains), claim);
  return { ...judged(place, found, asked), isKnown: found.subject.kind !== "unknown" };
}

function claimOf(reference: string): NodeClaim {
  const [head = "", ...rest] = reference.split(":");
  const kind = IDENTITY_KINDS.find((known) => known === head && isStrongIdentity(known));
  return kind && rest.length > 0
    ? { name: null, identities: [{ kind, value: rest.join(":") }] }
    : { name: reference, identities: [] };
}

function judged(
  place: Place,
  { subject, node }: Found,
  asked: Pick<Judged, "purpose" | "subject" | "operation">,
): Judged {
  const { state, domains, nowMs } = place;
  const inForce = node ? ruleOfDomain(state.rules, node.trustDomainId) : ruleForNobody(state.rules, domains);
  const knowledge = { asOfMs: state.asOfMs };
  const answer = decideAdmission({ purpose: asked.purpose, subject, rule: inForce.rule, knowledge, nowMs });
  return { ...answer, ...asked, node, inForce, trustDomainId: node?.trustDomainId ?? domains[0] ?? null };
}

/** As the API answers it. */
export function admissionView({ state, nowMs }: Place, it: Judged): AdmissionView {
  const { rule, origin, trustDomainId } = it.inForce;
  return {
    asked: it.subject,
    purpose: it.purpose,
    decision: it.decision,
    admitted: it.decision !== "deny",
    reasons: it.reasons.map(({ code, answer, text }) => ({ code, answer, text })),
    node: it.node && { id: it.node.id, name: it.node.name, trustDomainId: it.node.trustDomainId },
    rule: { trustDomainId, origin, outage: rule.outage, maxStateAgeMs: rule.maxStateAgeMs },
    knownAt: new Date(state.asOfMs).toISOString(),
    decidedAt: new Date(nowMs).toISOString(),
  };
}

/** The answer to an API server, and what is to be recorded; `null` when nobody was judged. */
export function answerReview(
  place: Place,
  { request }: KubernetesReview,
): { answer: KubernetesReviewAnswer; judged: Judged | null } {
  const question = reviewQuestion(request, commonNameOf);
  const { uid } = request;
  if (question.kind === "pass") return { answer: reviewOf({ uid, allowed: true }), judged: null };
  if (question.kind === "unasked") {
    const status = { code: 400, reason: "BadRequest", message: `Touchstone: ${question.why}` };
    return { answer: reviewOf({ uid, allowed: false, status }), judged: null };
  }
  const it = judgeQuestion(place, question);
  return { answer: reviewOf({ uid, ...outcomeOf(it) }), judged: it };
}

function judgeQuestion(place: Place, question: Extract<ReviewQuestion, { kind: "ask" | "refuse" }>): Judged {
  const { claim, operation } = question;
  const subject = claim.name ?? claim.identities.map(({ kind, value }) => `${kind}:${value}`)[0] ?? "-";
  const domains = new Set(place.domains);
  if (question.kind === "refuse") {
    const found: Found = { subject: { kind: "conflict", why: question.why }, node: null };
    return judged(place, found, { purpose: "join", subject, operation });
  }
  const found = place.state.mirror.byClaim(domains, claim);
  return judged(place, found, { purpose: question.purpose, subject, operation });
}

type Outcome = Omit<KubernetesReviewAnswer["response"], "uid">;

function outcomeOf({ decision, reasons, subject }: Judged): Outcome {
  const said = reasons.filter(({ answer }) => answer !== "allow");
  if (decision === "deny") {
    const unfit = said.filter(({ answer }) => answer === "deny");
    const why = unfit.map(({ text }) => text).join("; ");
    const message = plainText(`Touchstone denies ${subject}: ${why}`, 1_000);
    // What is only because we know nothing new may be tried again.
    const ours = unfit.every(({ code }) => code === "state_not_fresh");
    const status = ours
      ? { code: 503, reason: "ServiceUnavailable", message }
      : { code: 403, reason: "Forbidden", message };
    return { allowed: false, status };
  }
  if (said.length === 0) return { allowed: true };
  const warnings = said
    .slice(0, WARNINGS_MAX)
    .map(({ text }) => plainText(`Touchstone: ${text}`, WARNING_CHARS));
  return { allowed: true, warnings };
}

function reviewOf(response: KubernetesReviewAnswer["response"]): KubernetesReviewAnswer {
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
}

/** Warnings travel in a header and messages to terminals: what could break out of either is spelled out. */
function plainText(text: string, maxChars: number): string {
  const plain = text.replace(/[^\x20-\x7e]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  return plain.length > maxChars ? `${plain.slice(0, maxChars - 3)}...` : plain;
}
