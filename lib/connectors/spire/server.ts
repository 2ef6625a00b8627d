/** A SPIRE Server, as far as the connector speaks it: one agent over gRPC, shown an administrator's SVID. */
import { z } from "zod";
import { type ConnectorContext, ConnectorError, type Target } from "#lib/connectors/contract";
import { CaPem } from "#lib/connectors/shared/http";
import { type OutboundCallAnswer, OutboundError, socketPathOf } from "#lib/domain/outbound";
import { AgentEntry, AgentId, OUTPUT_MASK, type SpireAgent } from "#lib/spire/agent";
import { isServerOf, SpireAddress, TrustDomainName } from "#lib/spire/endpoint";
import {
  BAN_AGENT,
  DELETE_AGENT,
  GET_AGENT,
  isTransientStatus,
  LIST_AGENTS,
  type Method,
  statusName,
} from "#lib/spire/protocol";

const CERTIFICATE = /^(-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\s*)?$/;
const PRIVATE_KEY = /^(-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*-----END [A-Z ]*PRIVATE KEY-----\s*)?$/;

export const Settings = z.strictObject({
  url: SpireAddress.meta({
    title: "Server",
    description:
      "For example https://spire.example.org:8081, or unix:///path/to/api.sock where the installation opens it.",
    format: "uri",
  }),
  trustDomain: TrustDomainName.meta({ title: "Trust domain", description: "Its name, without spiffe://." }),
  ca: CaPem.meta({
    title: "Trust bundle",
    description: "PEM, of the trust domain. Empty for a socket.",
    format: "pem",
  }),
  workloadMinutes: z.int().min(1).max(525_600).default(60).meta({
    title: "Lifetime of workload credentials, in minutes",
    description: "The longest that the server issues: so long they outlive a ban.",
  }),
});
export const Secrets = z.strictObject({
  certificate: z.string().max(65_536).regex(CERTIFICATE, "must be PEM certificates").default("").meta({
    title: "Client certificate",
    description: "PEM, the X509-SVID of an administrator. Empty for a socket.",
    format: "pem",
  }),
  key: z.string().max(65_536).regex(PRIVATE_KEY, "must be a PEM private key").default("").meta({
    title: "Private key",
    description: "PEM, without a passphrase. Empty for a socket.",
    format: "pem",
  }),
});
export type Settings = z.output<typeof Settings>;
export type Secrets = z.output<typeof Secrets>;
export type Context = ConnectorContext<Settings, Secrets>;

/** Methods that change nothing. */
export const READS: readonly string[] = [GET_AGENT.path, LIST_AGENTS.path];

/** What an agent's id begins with in a trust domain. */
export const agentsOf = ({ trustDomain }: Settings): string => `spiffe://${trustDomain}/spire/agent/`;

const Agent = z.looseObject({ id: AgentId });
const Page = z.object({ agents: z.array(Agent) });

/** `null` = the server knows no such agent. */
export async function agentOf(ctx: Context, target: Target): Promise<SpireAgent | null> {
  const request = { id: idOf(target), outputMask: OUTPUT_MASK };
  const answer = await asked(ctx, GET_AGENT, request);
  if (statusName(answer.status) === "NOT_FOUND") return null;
  const said = read(GET_AGENT, answer);
  const [agent, entry] = [Agent.safeParse(said), AgentEntry.safeParse(said)];
  if (!agent.success || !entry.success) throw unusable(GET_AGENT);
  if (agent.data.id !== target.ref)
    throw new ConnectorError("invalid_answer", `${GET_AGENT.path} was answered with another agent`);
  return { id: agent.data.id, ...entry.data };
}

export async function banAgent(ctx: Context, target: Target): Promise<void> {
  read(BAN_AGENT, await asked(ctx, BAN_AGENT, { id: idOf(target) }));
}

/** One that is gone already is deleted. */
export async function deleteAgent(ctx: Context, target: Target): Promise<void> {
  const answer = await asked(ctx, DELETE_AGENT, { id: idOf(target) });
  if (statusName(answer.status) !== "NOT_FOUND") read(DELETE_AGENT, answer);
}

/** Wants an administrator, as the changes do. @returns whether the server has any agent */
export async function hasAgents(ctx: Context): Promise<boolean> {
  const page = Page.safeParse(read(LIST_AGENTS, await asked(ctx, LIST_AGENTS, { pageSize: 1 })));
  if (!page.success) throw unusable(LIST_AGENTS);
  if (page.data.agents.some(({ id }) => !id.startsWith(agentsOf(ctx.settings))))
    throw new ConnectorError("invalid_answer", `The server is not that of ${ctx.settings.trustDomain}`);
  return page.data.agents.length > 0;
}

function idOf({ ref }: Target): { trustDomain: string; path: string } {
  const { host, pathname } = new URL(ref);
  return { trustDomain: host, path: pathname };
}

async function asked(ctx: Context, method: Method, request: object): Promise<OutboundCallAnswer> {
  const { settings, signal } = ctx;
  const call = {
    server: settings.url,
    method: method.path,
    message: method.encode(request),
    isServer: (certificate: Uint8Array) => isServerOf(certificate, settings.trustDomain),
    ...tlsOf(ctx),
  };
  try {
    return await ctx.rpc(call, signal);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new ConnectorError(error.failure, error.message, { cause: error });
  }
}

/** @throws {ConnectorError} `refused` when the two sides could not know each other */
function tlsOf({ settings: { url, ca }, secrets: { certificate, key } }: Context) {
  if (socketPathOf(url) !== null) return {};
  if (ca === "" || certificate === "" || key === "")
    throw new ConnectorError(
      "refused",
      "Over the network the trust bundle, a certificate and its key are needed",
    );
  return { tls: { ca, cert: certificate, key } };
}

function read({ path, decode }: Method, { status, message }: OutboundCallAnswer): unknown {
  if (status !== 0) throw failureOf(status, path);
  try {
    return decode(message);
  } catch (cause) {
    throw new ConnectorError("invalid_answer", `${path} was not answered with its message`, { cause });
  }
}

function failureOf(status: number, path: string): ConnectorError {
  const name = statusName(status);
  const said = `${path} was answered with ${name}`;
  if (name === "UNAUTHENTICATED" || name === "PERMISSION_DENIED")
    return new ConnectorError("unauthorized", said);
  if (name === "NOT_FOUND") return new ConnectorError("not_found", said);
  if (name === "DEADLINE_EXCEEDED") return new ConnectorError("timeout", said);
  if (name === "RESOURCE_EXHAUSTED") return new ConnectorError("refused", said, { retry: true });
  if (name === "INTERNAL" || isTransientStatus(status)) return new ConnectorError("unreachable", said);
  return new ConnectorError("refused", said);
}

const unusable = ({ path }: Method) =>
  new ConnectorError("invalid_answer", `${path} is not answered as documented`);

/** @throws {ConnectorError} `not_found` */
export function known(agent: SpireAgent | null, target: Target): SpireAgent {
  if (agent === null) throw new ConnectorError("not_found", `The server has no ${target.words}`);
  return agent;
}
