/**
 * A Keylime verifier and registrar as their API documentation describes them: HTTPS with client
 * certificates, REST v2 with bulk reading, v3 attestations in push mode. Agents are moved by hand.
 */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type Certified, newAuthority } from "./pki.ts";

/** Secret key share that every agent's status holds. It must never leave the verifier's answers. */
export const CANARY = "canary-share-of-the-secret-key";

export type StubAgent = {
  state: number | null;
  status: "PASS" | "FAIL" | "PENDING" | "TIMEOUT";
  count: number;
  quoteAt: number;
  successAt: number;
  eventId: string | null;
  severity: number | null;
  hasBootPolicy: boolean;
  hasRuntimePolicy: boolean;
  /** Registers and boot counter of the evidence; only push agents show any. */
  evidence: {
    pcrs: Record<string, string>;
    resets: number;
    evaluation: "pass" | "fail";
    /** Base64. */
    bootLog?: string;
  } | null;
};
export type StubRegistration = { ek: string; aik: string; regcount: number };

export type KeylimeStub = {
  agents: Map<string, StubAgent>;
  registrations: Map<string, StubRegistration>;
  /** How the server behaves; may be changed at any time. */
  conduct: {
    /** `list`: bulk reading is ignored, and the list holds plain ids. `nested`: each in a list. */
    agents: "bulk" | "list" | "nested";
    versions: string[] | null;
    /** Answers everything with this status instead. */
    failWith: number | null;
    /** Answers evidence with this status instead. */
    failEvidenceWith: number | null;
    delayMs: number;
  };
  /** Method and path of every request so far. */
  requests: string[];
  /** Most requests that were open at the same time. */
  mostOpen: () => number;
  url: string;
  /** PEM texts for a client. */
  ca: string;
  client: Certified;
  close: () => Promise<void>;
};

/** A `TPM2B_PUBLIC` of an RSA key with an invented modulus, in base64. */
export function inventedKey(seed: string): string {
  const modulus = Buffer.concat(
    Array.from({ length: 8 }, (_, index) => createHash("sha256").update(`${seed}${index}`).digest()),
  );
  modulus[0] = 0xc0;
  const area = Buffer.concat([
    Buffer.from("0001000b000300b20000000600800043001008000000000001", "hex"),
    Buffer.from([0]),
    modulus,
  ]);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(area.byteLength);
  return Buffer.concat([size, area]).toString("base64");
}

export async function startKeylime(): Promise<KeylimeStub> {
  const authority = newAuthority("test authority");
  const serverPair = authority.issue("127.0.0.1", "server");
  let open = 0;
  let mostOpen = 0;
  const stub: Omit<KeylimeStub, "url" | "close"> = {
    agents: new Map(),
    registrations: new Map(),
    conduct: {
      agents: "bulk",
      versions: ["2.5", "2.6", "3.0"],
      failWith: null,
      failEvidenceWith: null,
      delayMs: 0,
    },
    requests: [],
    mostOpen: () => mostOpen,
    ca: authority.cert,
    client: authority.issue("touchstone", "client"),
  };
  const tls = { ...serverPair, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  const server = createServer(tls, (request, response) => {
    stub.requests.push(`${request.method} ${request.url}`);
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    setTimeout(() => {
      open -= 1;
      const { status, body } = answerTo(stub, request.url ?? "/");
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    }, stub.conduct.delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(stub, { url: `https://127.0.0.1:${port}`, close: () => closeServer(server) });
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

const answer = (results: unknown) => ({ status: 200, body: { code: 200, status: "Success", results } });
const failWith = (code: number) => ({
  status: code,
  body: { code, status: `refused, and ${CANARY}`, results: {} },
});

function answerTo(
  { agents, registrations, conduct }: Pick<KeylimeStub, "agents" | "registrations" | "conduct">,
  url: string,
) {
  const { pathname, searchParams } = new URL(url, "https://stub.invalid");
  const { versions } = conduct;
  if (conduct.failWith !== null) return failWith(conduct.failWith);
  const [, role = "", ...rest] = pathname.split("/");
  const [version = "", ...path] = rest;
  if (version === "version") {
    return versions === null
      ? failWith(404)
      : answer({ current_version: versions.at(-1), supported_versions: versions });
  }
  const [collection, id, ...more] = path.map(decodeURIComponent);
  if (collection !== "agents") return failWith(404);
  if (version === "v3" && more.join("/") === "attestations/latest") {
    if (conduct.failEvidenceWith !== null) return failWith(conduct.failEvidenceWith);
    const agent = agents.get(id ?? "");
    return agent?.evidence ? { status: 200, body: attestationOf(agent) } : failWith(404);
  }
  if (!(versions ?? ["2.2"]).map((each) => `v${each}`).includes(version)) return failWith(404);
  const isRegistrar = role === "registrar";
  const ids = [...(isRegistrar ? registrations : agents).keys()];
  if (id) {
    const registration = registrations.get(id);
    const agent = agents.get(id);
    if (isRegistrar) return registration ? answer(registrationOf(registration)) : failWith(404);
    return agent ? answer(statusOf(agent)) : failWith(404);
  }
  if (!isRegistrar && conduct.agents === "bulk" && searchParams.get("bulk") === "true") {
    return answer(Object.fromEntries([...agents].map(([each, agent]) => [each, statusOf(agent)])));
  }
  return answer({ uuids: conduct.agents === "list" ? ids : ids.map((each) => [each]) });
}

function statusOf(agent: StubAgent) {
  return {
    operational_state: agent.state,
    v: CANARY,
    ip: "192.0.2.10",
    port: 9002,
    tpm_policy: '{"22": ["00"], "mask": "0x408000"}',
    meta_data: JSON.stringify({ note: CANARY }),
    has_mb_refstate: Number(agent.hasBootPolicy),
    has_runtime_policy: Number(agent.hasRuntimePolicy),
    accept_tpm_hash_algs: ["sha256"],
    hash_alg: "sha256",
    verifier_id: "rack7",
    severity_level: agent.severity,
    last_event_id: agent.eventId,
    attestation_count: agent.count,
    last_received_quote: agent.quoteAt,
    last_successful_attestation: agent.successAt,
    attestation_status: agent.status,
    attestation_period: "2s",
    maximum_attestation_interval: "10s",
  };
}

function registrationOf({ ek, aik, regcount }: StubRegistration) {
  return { ek_tpm: ek, aik_tpm: aik, ekcert: null, mtls_cert: "PEM", ip: "192.0.2.10", port: 9002, regcount };
}

function attestationOf({ evidence, quoteAt }: StubAgent) {
  const at = new Date(quoteAt * 1000).toISOString();
  return {
    data: {
      type: "attestation",
      id: "7",
      attributes: {
        stage: "verification_complete",
        evaluation: evidence?.evaluation,
        evidence: [
          {
            evidence_class: "certification",
            evidence_type: "tpm_quote",
            data: {
              message: "quote",
              signature: "signature",
              meta: {
                pcrs: { sha256: evidence?.pcrs },
                clock_info: { clock: 1, reset_count: evidence?.resets, restart_count: 0, safe: true },
              },
            },
          },
          { evidence_class: "log", evidence_type: "uefi_log", data: { entries: evidence?.bootLog ?? "" } },
          { evidence_class: "log", evidence_type: "ima_log", data: { entries: "x".repeat(10_000) } },
        ],
        system_info: { boot_time: at },
        evidence_received_at: at,
      },
    },
  };
}
