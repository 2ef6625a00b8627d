/**
 * What a poll of a verifier means (Keylime REST v2 status, with v3 evidence where there is any).
 *
 * Keylime's own summary is too kind in two places: an agent that does not answer any more is called
 * PASS while the verifier retries, and so is one that was taken up again and has not been asked yet.
 */
import {
  type Claim,
  NO_CLAIMS,
  type Tier,
  type TrustVector,
  tierOfVector,
  worseTier,
} from "#lib/domain/ar4si";
import {
  COVERAGE,
  type Coverage,
  type Measurements,
  outcomeOf,
  type Reason,
  type Verdict,
} from "#lib/domain/verdict";
import { JsonError, parseJson } from "#lib/sources/shared/json";
import { MeasurementSet } from "#lib/sources/shared/measurements";
import { isMembers, type Members } from "#lib/sources/shared/members";
import { clip } from "#lib/sources/shared/text";
import { reasonsOfVector, uniformVector, vectorOfStated } from "#lib/sources/shared/vector";
import { identityOf } from "./identity.ts";
import { classOfEvent, type EventClass, UNREACHABLE } from "./mapping.ts";
import type { Attestation, PollDocument, Status } from "./poll-document.ts";

/** Change what follows only together with this. */
const POLL_MAPPING_VERSION = "keylime-poll/1";

/** Overdue answers after which an agent counts as unreachable rather than late. */
const PATIENCE = 3;
const RETRYING: ReadonlySet<number> = new Set([4, 6]);
const FAILED: ReadonlySet<number> = new Set([7, 9, 10]);
const ASKED: ReadonlySet<number> = new Set([3, 5]);

const STATE_NAMES = [
  "REGISTERED",
  "START",
  "SAVED",
  "GET_QUOTE",
  "GET_QUOTE_RETRY",
  "PROVIDE_V",
  "PROVIDE_V_RETRY",
  "FAILED",
  "TERMINATED",
  "INVALID_QUOTE",
  "TENANT_FAILED",
] as const;

/** What a poll amounts to, before it is put in the form of a verdict. */
type Finding = {
  outcome: Verdict["outcome"];
  tier: Tier;
  vector: TrustVector;
  coverage: readonly Coverage[];
  reasons: readonly Reason[];
  freshness: Verdict["freshness"];
  /** Instant of the quote that it rests on; `null` = it is about now, not about a quote. */
  quoteAtMs: number | null;
};

/** The verdict of a poll; `null` when it says nothing that the one before it did not. */
export function verdictOfPoll(document: PollDocument): Verdict | null {
  const changed = identityReason(document);
  const finding = findingOf(document) ?? (changed === null ? null : NOTHING_NEW);
  if (finding === null) return null;
  const { status } = document;
  const { outcome, tier, vector, coverage, reasons, freshness, quoteAtMs } =
    changed === null ? finding : withChangedIdentity(finding, changed);
  return {
    identities: [identityOf(document.agentId)],
    displayName: null,
    submod: "",
    observedAtMs: quoteAtMs ?? aboutNowMs(document),
    expiresAtMs: null,
    outcome,
    tier,
    vector,
    vectorOrigin: "derived",
    mappingVersion: POLL_MAPPING_VERSION,
    statusMismatch: false,
    coverage: COVERAGE.filter((item) => coverage.includes(item)),
    measurements: freshness === "evidence" ? registersIn(document.attestation) : {},
    reasons: [...reasons, ...reasonsOfVector(vector)],
    policyIds: [],
    verifier: { id: status?.verifier_id ?? null, build: null },
    freshness,
  };
}

/** Later than every quote that the verifier speaks of, however its clock differs from the collector's. */
function aboutNowMs({ observedAt, status }: PollDocument): number {
  const quoteAt = Math.max(status?.last_received_quote ?? 0, status?.last_successful_attestation ?? 0);
  return Math.max(observedAt, (quoteAt + 1) * 1000);
}

/** @returns `null` = what was said before still stands */
function findingOf(document: PollDocument): Finding | null {
  const { status, attestation, unansweredPolls, silence } = document;
  if (status === null) return silent("keylime.not_listed", "the verifier no longer lists this agent");
  const state = status.operational_state ?? null;
  const word = status.attestation_status ?? null;
  if (word === "FAIL" || attestation?.evaluation === "fail" || (state !== null && FAILED.has(state))) {
    return failure(status, attestation);
  }
  if (state !== null && RETRYING.has(state)) {
    if (unansweredPolls < PATIENCE) return null;
    return silent("keylime.unanswered", `the agent does not answer (${nameOf(state)})`);
  }
  const isAsked = state === null || ASKED.has(state);
  if (word === "TIMEOUT" && (silence?.missed ?? PATIENCE) >= PATIENCE) {
    return silent("keylime.timeout", "the agent has sent no quote for too long");
  }
  // TIMEOUT before three quotes are due says more about the verifier's settings than about the agent.
  if (isAsked && (word === "PASS" || word === "TIMEOUT")) return pass(document, status);
  return notAsked(document, status, state);
}

/** A pass counts once there is a success that belongs to this activation. */
function pass(document: PollDocument, status: Status): Finding | null {
  const { activation, configured } = document;
  const successAt = status.last_successful_attestation;
  const advanced = successAt !== null && successAt > (activation.successAt ?? 0);
  const isLatest = successAt !== null && successAt >= (status.last_received_quote ?? 0);
  if (successAt === null || !(advanced || (activation.seen === "first" && isLatest))) {
    return isNew(document, status) ? pending("keylime.no_success", "no quote has passed yet") : null;
  }
  const ignoresBoot = configured.measuredBootPolicy === "accept-all";
  const measuredBoot = (status.has_mb_refstate && !ignoresBoot) || pinsBootRegisters(status.tpm_policy);
  const runtime = status.has_runtime_policy;
  const claims: Partial<Record<Claim, number>> = {
    ...(measuredBoot || runtime ? { executables: runtime ? 2 : 3 } : {}),
    ...(runtime ? { "file-system": 2 } : {}),
  };
  const vector = vectorOfStated(claims);
  const tolerated = toleratedEvent(status);
  const tier = worseTier(
    worseTier(tierOfVector(vector), "affirming"),
    tolerated === null ? "none" : "warning",
  );
  return {
    outcome: outcomeOf(vector, tier),
    tier,
    vector,
    coverage: [
      "identity_key",
      "quote_signature",
      ...(measuredBoot ? (["measured_boot"] as const) : []),
      ...(runtime ? (["runtime_integrity"] as const) : []),
    ],
    reasons: [
      ...(tolerated === null ? [] : [tolerated]),
      ...(status.has_mb_refstate && ignoresBoot
        ? [
            {
              code: "keylime.accept_all",
              component: "measured_boot",
              detail: "the verifier accepts any boot log: its measured boot policy is accept-all",
            },
          ]
        : []),
    ],
    freshness: "evidence",
    quoteAtMs: successAt * 1000,
  };
}

/** A failure that the verifier's severity policy lets pass. It stays on the agent until it is added anew. */
function toleratedEvent({ last_event_id, severity_level }: Status): Reason | null {
  if (!last_event_id) return null;
  return {
    code: last_event_id,
    component: last_event_id.split(".")[0] ?? "keylime",
    detail: clip(`the verifier noted ${last_event_id}${severityWords(severity_level)} and kept asking`, 500),
  };
}

function failure(status: Status, attestation: Attestation | null): Finding {
  const { last_event_id, last_received_quote: quoteAt, last_successful_attestation: successAt } = status;
  const found = classOfFailure(last_event_id || null, attestation?.failure_reason ?? null);
  const { outcome, vector, quoteHeld, compared } = found;
  const unreachable = outcome === "unreachable";
  const isOfQuote = !unreachable && quoteAt !== null && quoteAt > (successAt ?? 0);
  const state = status.operational_state ?? null;
  return {
    outcome,
    tier: worseTier(tierOfVector(vector), unreachable ? "none" : "contraindicated"),
    vector,
    coverage: quoteHeld ? ["identity_key", "quote_signature", ...compared] : [],
    reasons: [
      {
        code: last_event_id || (attestation?.failure_reason ?? "keylime.fail"),
        component: last_event_id?.split(".")[0] || "keylime",
        detail: `the verifier reports a failure${severityWords(status.severity_level)}${state === null ? "" : ` (${nameOf(state)})`}`,
      },
    ],
    freshness: quoteHeld ? "evidence" : "none",
    quoteAtMs: isOfQuote ? quoteAt * 1000 : null,
  };
}

const BROKEN_CHAIN: EventClass = {
  outcome: "could_not_verify",
  vector: uniformVector(99),
  quoteHeld: false,
  compared: [],
};

function classOfFailure(eventId: string | null, failureReason: string | null): EventClass {
  return eventId === null && failureReason === "broken_evidence_chain" ? BROKEN_CHAIN : classOfEvent(eventId);
}

/** The verifier does not ask: not yet, not any more, or in a way that is not known here. */
function notAsked(document: PollDocument, status: Status, state: number | null): Finding {
  const how = state === null ? (status.attestation_status ?? "no status") : nameOf(state);
  return isNew(document, status)
    ? pending("keylime.pending", `the verifier has not judged this agent yet (${how})`)
    : silent("keylime.not_asked", `the verifier is not asking this agent (${how})`);
}

/** Nothing was ever judged, so nothing can be hidden by saying that a judgement is pending. */
function isNew({ activation }: PollDocument, status: Status): boolean {
  return activation.seen === "first" && status.last_received_quote === null && !status.attestation_count;
}

const NOTHING_SAID = { vector: NO_CLAIMS, coverage: [], freshness: "none", quoteAtMs: null } as const;

const pending = (code: string, detail: string): Finding => ({
  ...NOTHING_SAID,
  outcome: "pending",
  tier: "none",
  reasons: [{ code, component: "keylime", detail }],
});

const silent = (code: string, detail: string): Finding => ({
  ...NOTHING_SAID,
  outcome: UNREACHABLE.outcome,
  tier: "none",
  reasons: [{ code, component: "keylime", detail }],
});

/** An agent about whose quotes there is no news. */
const NOTHING_NEW: Finding = { ...NOTHING_SAID, outcome: "pending", tier: "none", reasons: [] };

/** Another TPM, or another key of it, answers under the agent's id. */
function identityReason({ registration }: PollDocument): Reason | null {
  if (registration === null) return null;
  const { ek, aik, pinnedEk, pinnedAik } = registration;
  const differs = (now: string | null, pinned: string | null) => pinned !== null && now !== pinned;
  if (differs(ek, pinnedEk)) return changedKey("endorsement key", "ek", ek, pinnedEk);
  return differs(aik, pinnedAik) ? changedKey("attestation key", "aik", aik, pinnedAik) : null;
}

function changedKey(what: string, name: string, got: string | null, expected: string | null): Reason {
  return {
    code: `keylime.${name}_changed`,
    component: "instance-identity",
    got: got ?? "none",
    expected: expected ?? "none",
    detail: `the ${what} is not the one that was first seen under this id`,
  };
}

/** Whatever its quotes say: it is not known to be the same machine. */
function withChangedIdentity(finding: Finding, reason: Reason): Finding {
  const [, ...rest] = finding.vector;
  const vector = [97, ...rest] as unknown as TrustVector;
  const tier = worseTier(finding.tier, tierOfVector(vector));
  const outcome = finding.outcome === "verified_bad" ? finding.outcome : outcomeOf(vector, tier);
  return { ...finding, vector, tier, outcome, reasons: [reason, ...finding.reasons], quoteAtMs: null };
}

/** Registers that firmware and boot loader extend. */
const MAX_BOOT_REGISTER = 9;

/** Whether a TPM policy compares boot registers with values. Its mask alone compares nothing. */
function pinsBootRegisters(policy: unknown): boolean {
  return Object.entries(policyOf(policy)).some(
    ([name, values]) =>
      /^\d{1,2}$/.test(name) &&
      Number(name) <= MAX_BOOT_REGISTER &&
      Array.isArray(values) &&
      values.length > 0,
  );
}

/** The verifier hands it over as a text within the document. What cannot be read compares nothing. */
function policyOf(policy: unknown): Members {
  if (isMembers(policy)) return policy;
  if (typeof policy !== "string") return {};
  try {
    const value = parseJson(policy, { integers: "text" });
    return isMembers(value) ? value : {};
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return {};
  }
}

/** PCR values of the evidence, `pcr/sha256/7`. */
function registersIn(attestation: Attestation | null): Measurements {
  const found = new MeasurementSet();
  for (const { meta } of attestation?.evidence ?? []) {
    for (const [bank, registers] of Object.entries(meta?.pcrs ?? {})) {
      for (const [index, value] of Object.entries(registers)) {
        if (!/^sha\d{1,3}(_\d{3})?$/.test(bank) || !/^\d{1,2}$/.test(index) || typeof value !== "string")
          continue;
        const digest = value.replace(/^0x/, "").toLowerCase();
        if (/^[0-9a-f]{40,128}$/.test(digest)) found.add(`pcr/${bank}/${Number(index)}`, digest);
      }
    }
  }
  return found.all();
}

function nameOf(state: number): string {
  return `state ${state}${STATE_NAMES[state] === undefined ? "" : ` ${STATE_NAMES[state]}`}`;
}

const severityWords = (level: number | null | undefined) =>
  level === null || level === undefined ? "" : ` at severity ${level}`;
