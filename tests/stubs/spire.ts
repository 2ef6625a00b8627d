/** A SPIRE Server, as far as its agents go: real gRPC over a socket or mutual TLS. */
import { join } from "node:path";
import { Server, ServerCredentials, type ServiceDefinition, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { FakeSystem } from "./conduct.ts";
import type { Certified } from "./pki.ts";

export type StubAgent = {
  id: { trust_domain: string; path: string } | null;
  attestation_type: string;
  x509svid_serial_number: string;
  x509svid_expires_at: string;
  selectors: { type: string; value: string }[];
  banned: boolean;
  can_reattest: boolean;
  agent_version?: string;
};

type AgentRequest = { id: { trust_domain: string; path: string } | null };
type ListRequest = {
  output_mask: Record<string, boolean> | null;
  page_size: number;
  page_token: string;
};

export type SpireStub = FakeSystem & {
  agents: StubAgent[];
  /** Agents on one page, whatever was asked for. */
  pageSize: number;
  /** How the list is answered: as it is, with an error, never, in a circle, without an end, with no protobuf at all. */
  mode: "list" | "unavailable" | "denied" | "hang" | "circle" | "endless" | "garbage";
  /** Method and request of every call, in order. */
  calls: { method: string; request: ListRequest & AgentRequest }[];
  /** Where it listens: a socket's path, or a port of this machine. */
  url: string;
};

/** @param tls with it the stub listens on 127.0.0.1 and takes only callers that the authority knows */
export async function startSpire(dir: string, tls?: { ca: string; own: Certified }): Promise<SpireStub> {
  const server = new Server();
  const stub: SpireStub = {
    agents: [],
    pageSize: 500,
    mode: "list",
    conduct: "plain",
    calls: [],
    requests: [],
    effects: [],
    url: "",
    close,
  };
  const service = serviceOf();
  server.addService(service, {
    ListAgents: conducted<ListRequest>("ListAgents", (request) => {
      if (stub.mode === "hang") return null;
      if (stub.mode === "unavailable") return { code: status.UNAVAILABLE, details: "secret words" };
      if (stub.mode === "denied") return { code: status.PERMISSION_DENIED, details: "secret words" };
      if (stub.mode === "garbage") return Buffer.from([0x0a, 0xff, 0xff, 0x7f]);
      const start = Number(request.page_token || 0);
      const end = start + stub.pageSize;
      const more = end < stub.agents.length || stub.mode === "endless";
      const next = stub.mode === "circle" ? "1" : more ? String(end) : "";
      return { agents: stub.agents.slice(start, end), next_page_token: next };
    }),
    GetAgent: conducted<AgentRequest>("GetAgent", (request) => agentOf(request) ?? UNKNOWN_AGENT),
    BanAgent: conducted<AgentRequest>("BanAgent", (request) => {
      const agent = agentOf(request);
      if (!agent) return UNKNOWN_AGENT;
      stub.effects.push(`ban ${agent.id?.path}`);
      Object.assign(agent, { banned: true, x509svid_serial_number: "" });
      return {};
    }),
    DeleteAgent: conducted<AgentRequest>("DeleteAgent", (request) => {
      const agent = agentOf(request);
      if (!agent) return UNKNOWN_AGENT;
      stub.effects.push(`delete ${agent.id?.path}`);
      stub.agents = stub.agents.filter((other) => other !== agent);
      return {};
    }),
  });

  function agentOf({ id }: AgentRequest): StubAgent | undefined {
    return stub.agents.find(
      (agent) => agent.id?.path === id?.path && agent.id?.trust_domain === id?.trust_domain,
    );
  }

  /** @param act what it does; a Buffer is sent as it is, `null` = it never answers */
  function conducted<R>(method: string, act: (request: R) => object | null) {
    return (call: { request: R }, answer: Answer) => {
      const body = JSON.stringify(call.request);
      stub.calls.push({ method, request: call.request as ListRequest & AgentRequest });
      const path = `/spire.api.server.agent.v1.Agent/${method}`;
      stub.requests.push({ method: "POST", path, query: new URLSearchParams(), headers: {}, body });
      const { conduct } = stub;
      if (conduct === "hang") return;
      if (typeof conduct === "string" && conduct !== "plain") return answer(null, HOSTILE[conduct](body));
      if (typeof conduct === "object" && "status" in conduct)
        return answer({ code: CODES[conduct.status] ?? status.UNKNOWN, details: body });
      const before = stub.effects.length;
      const said = act(call.request);
      if (conduct !== "plain" && stub.effects.length > before) {
        conduct.lose -= 1;
        if (conduct.lose === 0) return server.drain(stub.url.replace(/^https:\/\//, ""), 0);
      }
      if (said === null) return;
      if ("code" in said) answer(said as typeof UNKNOWN_AGENT);
      else answer(null, said);
    };
  }

  function serviceOf(): ServiceDefinition {
    const loaded = loadSync(join(import.meta.dirname, "spire.proto"), {
      keepCase: true,
      longs: String,
      defaults: true,
    });
    const definition = loaded["spire.api.server.agent.v1.Agent"] as ServiceDefinition;
    for (const method of Object.values(definition)) {
      const { responseSerialize } = method;
      method.responseSerialize = (value: object) =>
        Buffer.isBuffer(value) ? value : responseSerialize(value);
    }
    return definition;
  }

  async function close() {
    server.forceShutdown();
  }

  const address = tls ? "127.0.0.1:0" : `unix:${join(dir, "api.sock")}`;
  const credentials = tls
    ? ServerCredentials.createSsl(
        Buffer.from(tls.ca),
        [{ cert_chain: Buffer.from(tls.own.cert), private_key: Buffer.from(tls.own.key) }],
        true,
      )
    : ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  stub.url = tls ? `https://127.0.0.1:${port}` : `unix://${join(dir, "api.sock")}`;
  return stub;
}

const UNKNOWN_AGENT = { code: status.NOT_FOUND, details: "secret words" };

/** What of gRPC stands where HTTP would have its status. */
const CODES: Readonly<Record<number, number>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.ABORTED,
  422: status.FAILED_PRECONDITION,
  429: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
};

/** Bytes instead of the message that was asked for. */
const HOSTILE = {
  echo: (body: string) => Buffer.from(body),
  html: () => Buffer.from("<html>sign in</html>"),
  huge: () => Buffer.alloc(5_000_000, 0x0a),
  /** The right message with nothing in it. */
  wrong: () => Buffer.from([0x0a, 0x00]),
  /** An agent, and another one than was asked for. */
  redirect: () => Buffer.from("\x0a\x1b\x0a\x05other\x12\x12/spire/agent/other"),
} as const;

type Answer = (error: { code: number; details: string } | null, value?: object) => void;

/** An agent that attested with a TPM, unless said otherwise. */
export function stubAgent(name: string, more: Partial<StubAgent> = {}): StubAgent {
  return {
    id: { trust_domain: "td.example", path: `/spire/agent/tpm_devid/${name}` },
    attestation_type: "tpm_devid",
    x509svid_serial_number: `10${name.charCodeAt(0)}`,
    x509svid_expires_at: String(Date.parse("2026-03-01T13:00:00Z") / 1000),
    selectors: [{ type: "tpm_devid", value: `subject:cn:${name}` }],
    banned: false,
    can_reattest: true,
    ...more,
  };
}
