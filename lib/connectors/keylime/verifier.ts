/** A Keylime verifier, as far as the connector speaks it: the second API over a client certificate. */
import { z } from "zod";
import { type ConnectorContext, ConnectorError, type Target } from "#lib/connectors/contract";
import { type Api, apiOf, BaseUrl, CaPem, read, segment } from "#lib/connectors/shared/http";

const CERTIFICATE = /^-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\s*$/;
const PRIVATE_KEY = /^-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*-----END [A-Z ]*PRIVATE KEY-----\s*$/;

export const Settings = z.strictObject({
  url: BaseUrl.meta({ title: "Verifier", description: "For example https://verifier.example.org:8881" }),
  ca: CaPem,
});
export const Secrets = z.strictObject({
  certificate: z.string().max(65_536).regex(CERTIFICATE, "must be PEM certificates").meta({
    title: "Client certificate",
    description: "PEM, of the authority that the verifier trusts.",
    format: "pem",
  }),
  key: z
    .string()
    .max(65_536)
    .regex(PRIVATE_KEY, "must be a PEM private key")
    .meta({ title: "Private key", description: "PEM, without a passphrase.", format: "pem" }),
});
export type Settings = z.output<typeof Settings>;
export type Secrets = z.output<typeof Secrets>;
export type Context = ConnectorContext<Settings, Secrets>;

/** Versions of the second API that have all that is asked for, newest first. */
const KNOWN = ["2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0"];

const Versions = z.object({ results: z.object({ supported_versions: z.array(z.string()) }) });
const Agent = z.object({ results: z.object({ operational_state: z.int() }) });

/** `operational_state` of an agent. */
export const STATE = { failed: 7, terminated: 8, invalidQuote: 9, stopped: 10 } as const;

/** Being attested, or about to be. */
export const isAttested = (state: number): boolean => state >= 1 && state <= 6;

const api = (ctx: Context): Api =>
  apiOf(ctx, {
    base: ctx.settings.url,
    tls: {
      cert: ctx.secrets.certificate,
      key: ctx.secrets.key,
      ...(ctx.settings.ca === "" ? {} : { ca: ctx.settings.ca }),
    },
  });

export type Verifier = {
  version: string;
  /** `null` = it knows no such agent. */
  stateOf: (target: Target) => Promise<number | null>;
  stop: (target: Target) => Promise<void>;
  reactivate: (target: Target) => Promise<void>;
  remove: (target: Target) => Promise<void>;
  /** Needs the client certificate, unlike the version. */
  list: () => Promise<void>;
};

/** @throws {ConnectorError} `invalid_answer` when it speaks no version that is known here */
export async function verifierOf(ctx: Context): Promise<Verifier> {
  const call = api(ctx);
  const { supported_versions } = read(Versions, await call("GET", "/version"), "GET /version").results;
  const version = KNOWN.find((known) => supported_versions.includes(known));
  if (version === undefined) {
    throw new ConnectorError("invalid_answer", "The verifier speaks no version 2 that is known here");
  }
  const agents = `/v${version}/agents/`;
  const pathOf = ({ ref }: Target, step = "") => `${agents}${segment(ref)}${step}`;
  return {
    version,
    async stateOf(target) {
      const path = pathOf(target);
      const answer = await call("GET", path, { accept: [404] });
      if (answer.status === 404) return null;
      return read(Agent, answer, `GET ${path}`).results.operational_state;
    },
    stop: async (target) => void (await call("PUT", pathOf(target, "/stop"), { body: {} })),
    reactivate: async (target) => void (await call("PUT", pathOf(target, "/reactivate"), { body: {} })),
    remove: async (target) => void (await call("DELETE", pathOf(target), { accept: [404] })),
    list: async () => void (await call("GET", agents)),
  };
}

/** @throws {ConnectorError} `not_found` */
export function known(state: number | null, target: Target): number {
  if (state === null) throw new ConnectorError("not_found", `The verifier has no ${target.words}`);
  return state;
}
