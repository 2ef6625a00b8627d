/** One line of SPIRE Server's audit log. */
import { z } from "zod";
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import type { NodeIdentity } from "#lib/domain/verdict";
import { Refusal } from "#lib/sources/shared/refusal";
import { clip, isIdentityText } from "#lib/sources/shared/text";
import { parseInstant } from "#lib/sources/shared/window";
import { reasonCodeOf, rpcOf, typeOf } from "./classify.ts";

/** A caller's own words, shortened: too many of them must not keep its failure out of the history. */
const Words = (max: number) => z.string().transform((text) => clip(text, max));

const AuditLine = z.object({
  type: z.literal("audit"),
  service: z.string().optional(),
  method: z.string().min(1).max(128),
  status: z.enum(["success", "error"]),
  status_code: Words(64).optional(),
  status_message: Words(2048).optional(),
  time: z.string().optional(),
  request_id: z.string().min(1).max(128).optional(),
  agent_id: z.string().optional(),
  spiffe_id: z.string().optional(),
  caller_id: z.string().optional(),
  caller_addr: Words(256).optional(),
  caller_uid: z.union([z.string().max(32), z.number()]).optional(),
  node_attestor_type: Words(128).optional(),
});
type AuditLine = z.output<typeof AuditLine>;

/** What is taken out before a line is stored: secrets, and a CSR's digest that nobody needs. */
const REDACTED = ["token", "join_token", "csr", "payload", "attestation_data"] as const;

type Members = Readonly<Record<string, unknown>>;

/** A line that says something about a node, without the id that depends on its neighbours. */
export type AuditRecord = {
  event: Omit<BootstrapEvent, "externalId" | "occurredAtMs" | "redactions">;
  method: string;
  /** `null` when the line carries no time. */
  occurredAtMs: number | null;
};

/** The line as it may be stored. */
export type StoredLine = {
  raw: Uint8Array;
  /** Pointers to what was taken out; empty when `raw` is the line as it came. */
  redactions: readonly string[];
};

/** Take the secrets out of a line, whether or not it can be used. */
export function redactLine(raw: Uint8Array, line: unknown): StoredLine {
  if (typeof line !== "object" || line === null) return { raw, redactions: [] };
  const names = REDACTED.filter((name) => Object.hasOwn(line, name));
  if (names.length === 0) return { raw, redactions: [] };
  const kept = Object.entries(line).filter(([name]) => !(names as readonly string[]).includes(name));
  return {
    raw: new TextEncoder().encode(JSON.stringify(Object.fromEntries(kept))),
    redactions: names.map((name) => `/${name}`),
  };
}

/**
 * Read one line.
 *
 * @returns `null` for a line that is no audit entry, or is about a call that changes nothing
 * @throws {Refusal} when an audit entry of the agent API is incomplete
 */
export function readAuditLine(line: unknown): AuditRecord | null {
  if (typeof line !== "object" || line === null || Array.isArray(line)) {
    throw new Refusal("malformed", "the line is not a JSON object");
  }
  if ((line as Members).type !== "audit") return null;
  const parsed = AuditLine.safeParse(line);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Refusal("claims", `${issue?.path.join(".") || "line"}: ${issue?.message ?? "is wrong"}`);
  }
  const entry = parsed.data;
  if (entry.service !== undefined && !/(^|\.)agent\.v1\.Agent$/.test(entry.service)) return null;
  const rpc = rpcOf(entry.method);
  if (rpc === undefined) return null;

  const statusCode = entry.status === "success" ? null : (entry.status_code ?? "Unknown");
  const message = entry.status_message ?? "";
  return {
    event: {
      ...typeOf(rpc, statusCode),
      reasonCode: statusCode === null ? null : reasonCodeOf(statusCode, message),
      reasonText: statusCode === null || message === "" ? null : clip(message, 500),
      identities: identitiesOf(entry[rpc.subject]),
      displayName: null,
      actor: actorOf(entry, rpc.calledByNode),
      method: entry.method === "CreateJoinToken" ? "join_token" : (entry.node_attestor_type ?? null),
      requestId: entry.request_id ?? null,
    },
    method: entry.method,
    occurredAtMs: timeOf(entry.time),
  };
}

/** No identity is an honest answer: a failed attestation often does not get far enough to have one. */
function identitiesOf(id: string | undefined): NodeIdentity[] {
  if (id === undefined || id === "") return [];
  if (!id.startsWith("spiffe://") || !isIdentityText(id)) {
    throw new Refusal("claims", "the agent's id is not a SPIFFE ID of at most 256 characters");
  }
  return [{ kind: "spiffe_id", value: id }];
}

function actorOf(entry: AuditLine, calledByNode: boolean): BootstrapEvent["actor"] {
  const address = entry.caller_addr || null;
  const id = entry.caller_id ? clip(entry.caller_id, 256) : null;
  if (calledByNode) return { kind: "node", id, address };
  if (id !== null) return { kind: "service", id, address };
  if (entry.caller_uid !== undefined) return { kind: "user", id: `uid:${entry.caller_uid}`, address };
  return { kind: "unknown", id: null, address };
}

function timeOf(time: string | undefined): number | null {
  if (time === undefined) return null;
  const timeMs = parseInstant(time);
  if (timeMs === null) throw new Refusal("claims", "time is not an RFC 3339 date and time with zone");
  return timeMs;
}
