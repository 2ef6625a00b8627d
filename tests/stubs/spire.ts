/** A SPIRE Server, as far as its list of agents goes: real gRPC over a socket or mutual TLS. */
import { join } from "node:path";
import { Server, ServerCredentials, type ServiceDefinition, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
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

type ListRequest = {
  output_mask: Record<string, boolean> | null;
  page_size: number;
  page_token: string;
};

export type SpireStub = {
  agents: StubAgent[];
  /** Agents on one page, whatever was asked for. */
  pageSize: number;
  /** How the list is answered: as it is, with an error, never, in a circle, without an end, with no protobuf at all. */
  mode: "list" | "unavailable" | "denied" | "hang" | "circle" | "endless" | "garbage";
  /** Method and request of every call, in order. */
  calls: { method: string; request: ListRequest }[];
  /** Where it listens: a socket's path, or a port of this machine. */
  url: string;
  close: () => void;
};

/** @param tls with it the stub listens on 127.0.0.1 and takes only callers that the authority knows */
export async function startSpire(dir: string, tls?: { ca: string; own: Certified }): Promise<SpireStub> {
  const server = new Server();
  const stub: SpireStub = { agents: [], pageSize: 500, mode: "list", calls: [], url: "", close };
  const service = serviceOf();
  server.addService(service, {
    ListAgents(call: { request: ListRequest }, answer: Answer) {
      stub.calls.push({ method: "ListAgents", request: call.request });
      if (stub.mode === "hang") return;
      if (stub.mode === "unavailable") return answer({ code: status.UNAVAILABLE, details: "secret words" });
      if (stub.mode === "denied") return answer({ code: status.PERMISSION_DENIED, details: "secret words" });
      const start = Number(call.request.page_token || 0);
      const end = start + stub.pageSize;
      const more = end < stub.agents.length || stub.mode === "endless";
      const next = stub.mode === "circle" ? "1" : more ? String(end) : "";
      answer(null, { agents: stub.agents.slice(start, end), next_page_token: next });
    },
    BanAgent: changes("BanAgent"),
    DeleteAgent: changes("DeleteAgent"),
  });

  function changes(method: string) {
    return (call: { request: ListRequest }, answer: Answer) => {
      stub.calls.push({ method, request: call.request });
      answer(null, {});
    };
  }

  function serviceOf(): ServiceDefinition {
    const loaded = loadSync(join(import.meta.dirname, "spire.proto"), {
      keepCase: true,
      longs: String,
      defaults: true,
    });
    const definition = loaded["spire.api.server.agent.v1.Agent"] as ServiceDefinition;
    const list = definition.ListAgents;
    if (list === undefined) throw new Error("no ListAgents");
    const responseSerialize = (value: object) =>
      stub.mode === "garbage" ? Buffer.from([0x0a, 0xff, 0xff, 0x7f]) : list.responseSerialize(value);
    return { ...definition, ListAgents: { ...list, responseSerialize } };
  }

  function close() {
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
