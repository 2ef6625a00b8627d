/** Configuration. The only reader of `process.env`. */
import "server-only";
import { resolve } from "node:path";
import { z } from "zod";
import { MASTER_KEY_BYTES } from "#db/sealing";
import { type Allowed, readAllowed } from "#lib/outbound/address";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

/** An empty variable means the same as none: shells and compose files cannot unset. */
const optional = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
const withDefault = <S extends z.ZodType>(schema: S, value: z.input<S>) =>
  z.preprocess((given) => (given === "" || given === undefined ? value : given), schema);

const Environment = z.object({
  DATABASE_URL: optional(
    z.string().regex(/^postgres(ql)?:\/\//, "must be a postgres:// or postgresql:// address"),
  ),
  TOUCHSTONE_APP_DATABASE_URL: optional(
    z.string().regex(/^postgres(ql)?:\/\//, "must be a postgres:// or postgresql:// address"),
  ),
  TOUCHSTONE_DATA_DIR: withDefault(z.string(), "./.touchstone"),
  PORT: withDefault(
    z.string().regex(/^\d+$/, "must be a port number").transform(Number).pipe(z.int().min(0).max(65_535)),
    "3000",
  ),
  HOST: withDefault(z.string().max(253), "127.0.0.1"),
  TOUCHSTONE_URL: optional(
    z
      .url({ protocol: /^https?$/ })
      .refine((url) => new URL(url).pathname === "/" && !url.includes("?"), "must have no path and no query"),
  ),
  NEXTAUTH_SECRET: optional(z.string().min(32, "must have 32 characters or more")),
  TOUCHSTONE_SECRET_KEY: optional(
    z
      .base64("must be base64")
      .transform((text) => Buffer.from(text, "base64"))
      .refine(({ byteLength }) => byteLength === MASTER_KEY_BYTES, "must be 32 random bytes in base64"),
  ),
  TOUCHSTONE_ADMIN_EMAIL: withDefault(
    z.string().regex(/^[^\s@]+@[^\s@]+$/, "must be an e-mail address"),
    "admin@localhost",
  ),
  TOUCHSTONE_ADMIN_PASSWORD: optional(z.string().min(12, "must have 12 characters or more").max(200)),
  TOUCHSTONE_OIDC_ISSUER: optional(z.url({ protocol: /^https?$/ })),
  TOUCHSTONE_OIDC_CLIENT_ID: optional(z.string().max(300)),
  TOUCHSTONE_OIDC_CLIENT_SECRET: optional(z.string().max(1_000)),
  TOUCHSTONE_OIDC_SCOPE: withDefault(z.string().max(500), "openid email profile"),
  TOUCHSTONE_OIDC_GROUPS_CLAIM: withDefault(z.string().min(1).max(200), "groups"),
  TOUCHSTONE_WORKLOAD_ISSUERS: withDefault(z.string().max(10_000), ""),
  TOUCHSTONE_OUTBOUND_ALLOW: withDefault(z.string().max(10_000), ""),
  WORKER: withDefault(z.enum(["on", "off"]), "on"),
  LOG_LEVEL: withDefault(z.enum(LOG_LEVELS), "info"),
});

/** Where the identity provider is and what we are to it. */
export type OidcSettings = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  /** Name of the claim with the person's groups. */
  groupsClaim: string;
};

export type Env = {
  /** `null` = local accounts only. */
  oidc: OidcSettings | null;
  /** Issuers whose workload tokens may count for service accounts; each exactly as it writes itself. */
  workloadIssuers: readonly string[];
  /** `undefined` = the launcher starts a database of its own. */
  databaseUrl: string | undefined;
  /** Address for what people ask for, as a role that owns nothing; `undefined` = the other one, in that role. */
  appDatabaseUrl: string | undefined;
  /** Absolute path. */
  dataDir: string;
  host: string;
  /** 0 = any free one. */
  port: number;
  /** Address that people use, without a trailing slash. */
  url: string;
  /** The same where it was configured; `null` = nobody said where other systems reach us. */
  ownUrl: string | null;
  /** `undefined` = read from or generated into the data directory. */
  nextauthSecret: string | undefined;
  /** Master key of the secrets at rest; `undefined` = read from or generated into the data directory. */
  secretKey: Uint8Array | undefined;
  /** Destinations that requests may have beside the public internet. */
  outboundAllow: Allowed;
  adminEmail: string;
  adminPassword: string | undefined;
  worker: boolean;
  logLevel: (typeof LOG_LEVELS)[number];
};

let cached: Env | null = null;

/**
 * The configuration, read on first use so that a build needs none of it.
 *
 * Also tells the sign-in library its own address: left to itself it assumes port 3000.
 *
 * @throws with one line per wrong variable, and never with a value: it may be a secret
 */
export function env(): Env {
  if (!cached) {
    cached = readEnv(process.env);
    process.env.NEXTAUTH_URL = cached.url;
  }
  return cached;
}

/** Parse an environment. Pure; for `env()` and for tests. */
export function readEnv(variables: Readonly<Record<string, string | undefined>>): Env {
  const parsed = Environment.safeParse(variables);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new Error(`Wrong configuration: ${lines.join("; ")}`);
  }
  const values = parsed.data;
  const shownHost = ["0.0.0.0", "::"].includes(values.HOST) ? "127.0.0.1" : values.HOST;
  const local = `http://${shownHost.includes(":") ? `[${shownHost}]` : shownHost}:${values.PORT}`;
  return {
    oidc: oidcOf(values),
    workloadIssuers: issuersOf(values.TOUCHSTONE_WORKLOAD_ISSUERS),
    databaseUrl: values.DATABASE_URL,
    appDatabaseUrl: values.TOUCHSTONE_APP_DATABASE_URL,
    dataDir: resolve(values.TOUCHSTONE_DATA_DIR),
    host: values.HOST,
    port: values.PORT,
    url: values.TOUCHSTONE_URL ? new URL(values.TOUCHSTONE_URL).origin : local,
    ownUrl: values.TOUCHSTONE_URL ? new URL(values.TOUCHSTONE_URL).origin : null,
    nextauthSecret: values.NEXTAUTH_SECRET,
    secretKey: values.TOUCHSTONE_SECRET_KEY,
    outboundAllow: allowedOf(values),
    adminEmail: values.TOUCHSTONE_ADMIN_EMAIL.toLowerCase(),
    adminPassword: values.TOUCHSTONE_ADMIN_PASSWORD,
    worker: values.WORKER === "on",
    logLevel: values.LOG_LEVEL,
  };
}

/** @throws with the entry that cannot be read: it is no secret */
function allowedOf({ TOUCHSTONE_OUTBOUND_ALLOW: list }: z.output<typeof Environment>): Allowed {
  try {
    return readAllowed(list);
  } catch (error) {
    throw new Error(`Wrong configuration: TOUCHSTONE_OUTBOUND_ALLOW: ${(error as Error).message}`);
  }
}

/** @throws when only a part is set, or the provider is asked over the network without TLS */
function oidcOf(values: z.output<typeof Environment>): OidcSettings | null {
  const issuer = values.TOUCHSTONE_OIDC_ISSUER;
  const clientId = values.TOUCHSTONE_OIDC_CLIENT_ID;
  const clientSecret = values.TOUCHSTONE_OIDC_CLIENT_SECRET;
  if (!issuer && !clientId && !clientSecret) return null;
  if (!issuer || !clientId || !clientSecret)
    throw new Error(
      "Wrong configuration: TOUCHSTONE_OIDC_ISSUER, TOUCHSTONE_OIDC_CLIENT_ID and TOUCHSTONE_OIDC_CLIENT_SECRET belong together",
    );
  if (!isOverTls(issuer))
    throw new Error("Wrong configuration: TOUCHSTONE_OIDC_ISSUER must be an https address");
  const { TOUCHSTONE_OIDC_SCOPE: scope, TOUCHSTONE_OIDC_GROUPS_CLAIM: groupsClaim } = values;
  return { issuer, clientId, clientSecret, scope, groupsClaim };
}

/** @throws when one is no address that can be asked over TLS, or on this machine */
function issuersOf(text: string): string[] {
  const issuers = [...new Set(text.split(/[\s,]+/).filter((issuer) => issuer !== ""))];
  if (issuers.every((issuer) => URL.canParse(issuer) && isOverTls(issuer))) return issuers;
  throw new Error("Wrong configuration: TOUCHSTONE_WORKLOAD_ISSUERS must be https addresses");
}

/** Or never leaves this machine. */
function isOverTls(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  return (
    protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname))
  );
}

/**
 * Tell every copy of this module which port is really listened on; only `server.ts` does.
 *
 * With `PORT=0` the system chooses one, and the bundle of the pages reads its own configuration.
 */
export function listeningOn(port: number): void {
  process.env.PORT = String(port);
  cached = null;
}
