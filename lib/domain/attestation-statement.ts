/**
 * What the installation says about a node, in forms that other gatekeepers read: an in-toto statement with a SLSA
 * verification summary or a test result, and the claims of an EAT Attestation Result. Pure; signed elsewhere.
 */
import type { AdmissionAnswer } from "./admission.ts";
import type { Tier } from "./ar4si.ts";
import type { TrustStatus } from "./trust-status.ts";

export const ATTESTATION_FORMATS = ["vsa", "test-result", "ear"] as const;
export type AttestationFormat = (typeof ATTESTATION_FORMATS)[number];

/** How long an attestation result may be believed: the next evidence may say something else. Seconds. */
const EAR_LIFE_S = 300;

/** Everything that the statement rests on. Instants are ISO 8601. */
export type NodeStatement = {
  nodeId: string;
  name: string;
  status: TrustStatus;
  since: string;
  reason: string;
  /** As the history names them; `null` = none was in force. */
  policyVersion: string | null;
  baselineVersion: string | null;
  /** Newest verdict of each line of evidence, by label. */
  evidence: readonly { label: string; state: string; observedAt: string; rawSha256: string }[];
  /** Whether the node gets work where trust is required, and why not. */
  answer: AdmissionAnswer;
  statedAt: string;
  /** Who states it: the address of the installation, and its version. */
  verifier: { id: string; version: string };
};

const IN_TOTO = "https://in-toto.io/Statement/v1";
/** Member of our own in a predicate: names of extensions are URIs. */
const STATE_MEMBER = "urn:touchstone:node-state:v1";

/** What was true of the node, as every format carries or digests it. */
export function statedState({ answer, verifier, ...state }: NodeStatement) {
  return { ...state, decision: answer.decision, reasons: answer.reasons.map(({ text }) => text) };
}

/** @param digest SHA-256 of the canonical text of {@link statedState}, in hex */
export function inTotoStatement(
  format: Exclude<AttestationFormat, "ear">,
  node: NodeStatement,
  digest: string,
): Readonly<Record<string, unknown>> {
  const subject = [{ name: `urn:touchstone:node:${node.nodeId}`, digest: { sha256: digest } }];
  return format === "vsa"
    ? {
        ...{ _type: IN_TOTO, subject },
        predicateType: "https://slsa.dev/verification_summary/v1",
        predicate: summary(node),
      }
    : {
        ...{ _type: IN_TOTO, subject },
        predicateType: "https://in-toto.io/attestation/test-result/v0.1",
        predicate: testResult(node),
      };
}

/** A summary knows no warning and no expiry: only what is plainly admitted has passed. */
function summary(node: NodeStatement) {
  const passed = node.answer.decision === "allow";
  return {
    verifier: { id: node.verifier.id, version: { touchstone: node.verifier.version } },
    timeVerified: node.statedAt,
    resourceUri: `urn:touchstone:node:${node.nodeId}`,
    policy: { uri: policyUri(node) },
    inputAttestations: node.evidence.map(({ label, rawSha256 }) => ({
      uri: `urn:touchstone:evidence:${encodeURIComponent(label)}`,
      digest: { sha256: rawSha256 },
    })),
    verificationResult: passed ? "PASSED" : "FAILED",
    verifiedLevels: passed ? ["TOUCHSTONE_TRUSTED"] : [],
    [STATE_MEMBER]: statedState(node),
  };
}

const RESULT = { allow: "PASSED", warn: "WARNED", deny: "FAILED" } as const;

function testResult(node: NodeStatement) {
  const labels = (...states: string[]) =>
    node.evidence.filter(({ state }) => states.includes(state)).map(({ label }) => label);
  return {
    result: RESULT[node.answer.decision],
    configuration: [
      { name: policyUri(node) },
      ...(node.baselineVersion === null ? [] : [{ name: `urn:touchstone:baseline:${node.baselineVersion}` }]),
    ],
    passedTests: labels("trusted"),
    warnedTests: labels("degraded", "pending"),
    failedTests: labels("failed", "stale"),
    [STATE_MEMBER]: statedState(node),
  };
}

const policyUri = ({ policyVersion }: NodeStatement) =>
  `urn:touchstone:policy:${encodeURIComponent(policyVersion ?? "none")}`;

/** Claims of draft-ietf-rats-ear-03, with the node as the one submodule. */
export function earClaims(
  node: NodeStatement,
  digest: string,
  statedAtMs: number,
): Readonly<Record<string, unknown>> {
  const issuedAt = Math.floor(statedAtMs / 1_000);
  return {
    eat_profile: "tag:ietf.org,2026:rats/ear#03",
    iat: issuedAt,
    exp: issuedAt + EAR_LIFE_S,
    iss: node.verifier.id,
    sub: `urn:touchstone:node:${node.nodeId}`,
    ear_verifier_id: { developer: node.verifier.id, build: `touchstone ${node.verifier.version}` },
    submods: {
      node: { ear_status: tierOf(node), ear_appraisal_policy_ids: [policyUri(node)] },
    },
    [STATE_MEMBER]: { sha256: digest, ...statedState(node) },
  };
}

/** Never better than the decision: a trusted node that is not to get work is not affirmed. */
function tierOf({ answer, status }: NodeStatement): Tier {
  if (answer.decision === "allow") return "affirming";
  if (answer.decision === "warn") return "warning";
  return status === "pending" || status === "stale" ? "none" : "contraindicated";
}
