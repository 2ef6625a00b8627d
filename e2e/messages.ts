/** What senders send: signed attestation results, webhooks, audit lines and canonical documents. */
import { newSigningKey, type SigningKey, sign } from "#tests/source-testing";
import { unique } from "./api.ts";

export const EAR_MEDIA_TYPE = "application/eat+jwt";

/** A verifier's key pair; `jwks` is what an operator registers. */
export type Verifier = { kid: string; key: SigningKey; jwks: { keys: Record<string, unknown>[] } };

export async function newVerifier(kid = unique("key")): Promise<Verifier> {
  const key = await newSigningKey(kid);
  return { kid, key, jwks: { keys: [{ ...key.jwk, kid, alg: key.alg, use: "sig" }] } };
}

/** Any payload as a compact token of the verifier. */
export function signed({ kid, key }: Verifier, payload: unknown): Promise<string> {
  return sign(key, payload, { kid, typ: "JWT" });
}

/** A token whose header names an algorithm that proves nothing, with any third part. */
export function tokenOf(header: object, payload: object, signature = ""): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(payload)}.${signature}`;
}

export type Submod = {
  status: string;
  vector: Record<string, number>;
  problem?: string;
  evidence?: Record<string, unknown>;
};

/** Appraisals by what they amount to. */
export const GOOD: Submod = { status: "affirming", vector: { "instance-identity": 2, executables: 2 } };
export const WARNING: Submod = { status: "warning", vector: { "instance-identity": 2, executables: 33 } };
export const BAD: Submod = {
  status: "contraindicated",
  vector: { "instance-identity": 2, executables: 96, configuration: 2 },
};

/** The claims of an EAT Attestation Result about one node, as Veraison states them. */
export function earClaims(
  submods: Readonly<Record<string, Submod>>,
  { nodeId, atMs = Date.now() }: { nodeId?: string; atMs?: number } = {},
): Record<string, unknown> {
  const entries = Object.entries(submods).map(([name, { status, vector, problem, evidence }]) => [
    name,
    {
      "ear.status": status,
      "ear.trustworthiness-vector": vector,
      "ear.appraisal-policy-id": "policy:boot/7",
      ...(nodeId === undefined && evidence === undefined
        ? {}
        : {
            "ear.veraison.annotated-evidence": {
              ...evidence,
              ...(nodeId === undefined ? {} : { "node-id": nodeId }),
            },
          }),
      ...(problem === undefined ? {} : { "ear.veraison.policy-claims": { problem } }),
    },
  ]);
  return {
    eat_profile: "tag:github.com,2023:veraison/ear",
    "ear.verifier-id": { developer: "https://verifier.example", build: "lab 4.2" },
    submods: Object.fromEntries(entries),
    iat: Math.floor(atMs / 1000),
  };
}

type VerdictOptions = { displayName?: string; atMs?: number } & Record<string, unknown>;

/** A canonical verdict document. */
export function verdict(nodeId: string, outcome: string, options: VerdictOptions = {}) {
  const { displayName = nodeId, atMs = Date.now(), ...rest } = options;
  return {
    schema: "touchstone.verdict/1",
    node: { id: nodeId, displayName },
    observedAt: new Date(atMs).toISOString(),
    outcome,
    ...rest,
  };
}

type BootstrapOptions = { displayName?: string; atMs?: number } & Record<string, unknown>;

/** A canonical bootstrap document about a node that is named by one identity. */
export function bootstrap(
  type: string,
  identity: { kind: string; value: string } | null,
  { displayName, atMs = Date.now(), outcome = "success", ...rest }: BootstrapOptions = {},
) {
  return {
    schema: "touchstone.bootstrap/1",
    externalId: unique("event"),
    type,
    outcome,
    occurredAt: new Date(atMs).toISOString(),
    identities: identity === null ? [] : [identity],
    ...(displayName === undefined ? {} : { displayName }),
    ...rest,
  };
}

/** Keylime's revocation webhook: JSON in JSON in JSON, unsigned. */
export function keylimeNotification(agentId: string, eventId = "ima.validation.ima-ng.not_in_allowlist") {
  return JSON.stringify({
    msg: JSON.stringify({
      type: "revocation",
      ip: "192.0.2.14",
      port: "9002",
      tpm_policy: '{"22": ["ffff"]}',
      meta_data: "{}",
      event_time: "2026-11-22 10:41:07",
      event_id: eventId,
      severity_label: "CRITICAL",
      context: JSON.stringify({ message: "File not found in allowlist: /usr/bin/dropper" }),
      agent_id: agentId,
    }),
    signature: "",
  });
}

export type AuditLine = {
  method: string;
  atMs: number;
  agentId?: string;
  error?: { code: string; message: string };
  address?: string;
};

/** Lines of SPIRE Server's audit log. */
export function spireLog(lines: readonly AuditLine[]): string {
  return lines
    .map(({ method, atMs, agentId, error, address = "192.0.2.7:40024" }) =>
      JSON.stringify({
        level: "info",
        msg: "API accessed",
        type: "audit",
        service: "agent.v1.Agent",
        subsystem_name: "api",
        caller_addr: address,
        time: new Date(atMs).toISOString(),
        status: error ? "error" : "success",
        ...(error ? { status_code: error.code, status_message: error.message } : {}),
        method,
        ...(agentId === undefined ? {} : { agent_id: agentId }),
        node_attestor_type: "tpm_devid",
        request_id: unique("request"),
      }),
    )
    .join("\n");
}
