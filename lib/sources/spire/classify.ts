/** What an audit line of SPIRE's agent API means (spiffe/spire `doc/auditlog.md`, `agent.proto`). */
import type { BootstrapEventType, BootstrapOutcome, ReasonCode } from "#lib/domain/bootstrap-event";

/** Field of a line that holds the SPIFFE ID of the agent that a call is about. */
export type SubjectField = "agent_id" | "spiffe_id" | "caller_id";

type Rpc = {
  subject: SubjectField;
  /** Whether the node itself makes the call, or someone else about it. */
  calledByNode: boolean;
  success: BootstrapEventType;
  denied: BootstrapEventType;
  failure: BootstrapEventType;
};

const ENROLLMENT_FAILS = { denied: "enrollment.denied", failure: "enrollment.failed" } as const;
/** A ban or an eviction that did not happen must never read like one that did. */
const REMEDIATION_FAILS = {
  denied: "remediation.external_blocked",
  failure: "remediation.external_failed",
} as const;

/**
 * The calls that change something. All others (`CountAgents`, `ListAgents`, `GetAgent`,
 * `PostStatus`) read, or repeat what is known; they say nothing about a node, even when they fail.
 */
const RPCS: Readonly<Partial<Record<string, Rpc>>> = {
  AttestAgent: {
    subject: "agent_id",
    calledByNode: true,
    success: "enrollment.credential_issued",
    ...ENROLLMENT_FAILS,
  },
  RenewAgent: {
    subject: "caller_id",
    calledByNode: true,
    success: "enrollment.credential_renewed",
    ...ENROLLMENT_FAILS,
  },
  CreateJoinToken: {
    subject: "spiffe_id",
    calledByNode: false,
    success: "enrollment.token_issued",
    ...ENROLLMENT_FAILS,
  },
  BanAgent: { subject: "spiffe_id", calledByNode: false, success: "identity.banned", ...REMEDIATION_FAILS },
  DeleteAgent: {
    subject: "spiffe_id",
    calledByNode: false,
    success: "identity.evicted",
    ...REMEDIATION_FAILS,
  },
};

/** How to read a call's line; `undefined` for a call that changes nothing. */
export function rpcOf(method: string): Rpc | undefined {
  return Object.hasOwn(RPCS, method) ? RPCS[method] : undefined;
}

/** Type and outcome of a call, by its gRPC status. `statusCode` is `null` when it succeeded. */
export function typeOf(
  rpc: Rpc,
  statusCode: string | null,
): { type: BootstrapEventType; outcome: BootstrapOutcome } {
  if (statusCode === null) return { type: rpc.success, outcome: "success" };
  if (statusCode === "PermissionDenied") return { type: rpc.denied, outcome: "denied" };
  return { type: rpc.failure, outcome: "failure" };
}

/** Rows are tried in order. Different causes share a gRPC code, so the inner text decides first. */
const TEXTS: readonly (readonly [RegExp, ReasonCode])[] = [
  [/join token does not exist or has already been used/, "token_unknown_or_used"],
  [/join token (has )?expired/, "token_expired"],
  [/agent is banned/, "banned"],
  [/rate limit/, "rate_limited"],
  [/already been used to attest/, "tofu_conflict"],
  [/same TPM|not resident|credential activation/i, "key_not_resident"],
  [/unknown authority|not trusted|untrusted/, "untrusted_issuer"],
  [/signature|verification error|challenge/i, "signature_invalid"],
  [
    /not a member of trust domain|is not an agent in trust domain|cannot collide with the server/,
    "subject_mismatch",
  ],
  [/parse selectors|selectors? (do|does) not match/, "selector_mismatch"],
  [/deadline exceeded|timed? ?out/i, "timeout"],
];

const CODES: Readonly<Partial<Record<string, ReasonCode>>> = {
  DeadlineExceeded: "timeout",
  ResourceExhausted: "rate_limited",
  Internal: "upstream_error",
  Unavailable: "upstream_error",
  DataLoss: "upstream_error",
};

/**
 * Why a call failed. Quoted parts of the message repeat the caller's input and are not looked at:
 * a caller must not be able to choose its own classification.
 */
export function reasonCodeOf(statusCode: string, message: string): ReasonCode {
  const ownWords = message.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const byText = TEXTS.find(([pattern]) => pattern.test(ownWords))?.[1];
  return byText ?? (Object.hasOwn(CODES, statusCode) ? CODES[statusCode] : undefined) ?? "unknown";
}
