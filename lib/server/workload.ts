/** Tokens with which a program proves who it is to its own platform's issuer, and through it to us. */
import "server-only";
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JWTPayload,
  jwtVerify,
  type RemoteJWKSet,
} from "jose";
import { z } from "zod";
import type { Db } from "#db/client";
import { workloadTrustsOf, workloadTrustTouch } from "#db/queries/service-account";
import {
  accountOfAudience,
  audienceOf,
  isTokenCurrent,
  isTrustedSubject,
  TOKEN_SKEW_S,
} from "#lib/domain/workload-token";
import { type ServiceActor, serviceActor, TOUCH_MS } from "#lib/services/service-account/actor";
import { log } from "./log.ts";

/** Signatures that are taken: none that a public key could be mistaken for the secret of. */
const ALGORITHMS = [
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
];
const BEARER = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i;
const TOKEN_MAX_LENGTH = 8_192;
/** Keys are asked for anew after this long, and no sooner than the other for a key that is not among them. Milliseconds. */
const KEYS_AGE_MS = 10 * 60_000;
const KEYS_COOLDOWN_MS = 30_000;
/** How long it is believed where an issuer has its keys. Milliseconds. */
const DISCOVERY_AGE_MS = 3_600_000;
/** Before an issuer that did not answer is asked again. Milliseconds. */
const RETRY_MS = 10_000;

/** Asks an address of an issuer for JSON. The one seam to the outside: the composition root says how. */
export type AskIssuer = (url: string, signal: AbortSignal) => Promise<{ status: number; body: string }>;

export type WorkloadIssuers = {
  /** Issuers that the installation accepts, exactly as they write themselves. */
  readonly accepted: readonly string[];
  /** @throws when the issuer cannot be asked or does not describe itself */
  readonly keysOf: (issuer: string, nowMs: number) => Promise<RemoteJWKSet>;
};

const Discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }).max(2_000) });

/**
 * The accepted issuers with their keys, found by OpenID discovery. Keys are kept, and asked for again when they are old
 * or one is missing; what failed is not tried again at once, so that strangers cannot make us ask.
 */
export function workloadIssuers(accepted: readonly string[], ask: AskIssuer): WorkloadIssuers {
  const found = new Map<string, { keys: Promise<RemoteJWKSet>; untilMs: number }>();
  return {
    accepted,
    keysOf(issuer, nowMs) {
      if (!accepted.includes(issuer)) return Promise.reject(new Error("The issuer is not accepted"));
      const held = found.get(issuer);
      if (held && nowMs < held.untilMs) return held.keys;
      const entry = { keys: discover(issuer, ask), untilMs: nowMs + DISCOVERY_AGE_MS };
      found.set(issuer, entry);
      entry.keys.catch(() => {
        entry.untilMs = nowMs + RETRY_MS;
      });
      return entry.keys;
    },
  };
}

async function discover(issuer: string, ask: AskIssuer): Promise<RemoteJWKSet> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const { status, body } = await ask(url, AbortSignal.timeout(5_000));
  if (status !== 200) throw new Error(`The issuer answered ${status}`);
  const { issuer: named, jwks_uri: keysUrl } = Discovery.parse(JSON.parse(body));
  if (named !== issuer) throw new Error("The issuer describes another one");
  return createRemoteJWKSet(new URL(keysUrl), {
    cacheMaxAge: KEYS_AGE_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    [customFetch]: async (address, { signal }) => {
      const answer = await ask(address, signal);
      return new Response(answer.body, { status: answer.status });
    },
  });
}

/**
 * The account that a token speaks for: its only audience names the account, the account trusts its issuer and subject,
 * and the issuer signed it for an hour at most.
 *
 * @param header value of the `Authorization` header
 * @returns `null` when it is no such token; the caller cannot tell why, the log can
 */
export async function workloadActor(
  db: Db,
  header: string,
  issuers: WorkloadIssuers,
  now: Date,
): Promise<ServiceActor | null> {
  const token = header.length > TOKEN_MAX_LENGTH ? undefined : BEARER.exec(header)?.[1];
  if (token === undefined) return null;
  const said = readUnverified(token);
  const accountId = accountOfAudience(said?.aud);
  if (accountId === null || typeof said?.iss !== "string" || !issuers.accepted.includes(said.iss))
    return null;
  const trusted = await workloadTrustsOf(db, accountId, said.iss);
  if (trusted.length === 0) return null;
  const payload = await verified(token, said.iss, accountId, issuers, now);
  if (payload === null || !isTokenCurrent(payload, now.getTime())) return null;
  const match = trusted.find(({ trust }) => isTrustedSubject(payload, trust));
  if (!match) return null;
  const { trust, account } = match;
  const actor = await serviceActor(db, account, trust.scopes, now);
  if (actor && now.getTime() - (trust.lastUsedAt?.getTime() ?? 0) >= TOUCH_MS)
    await workloadTrustTouch(db, trust, now);
  return actor;
}

function readUnverified(token: string): JWTPayload | null {
  try {
    return decodeJwt(token);
  } catch {
    return null;
  }
}

/** The claims, once the issuer's signature stands; `null` when it does not, or the issuer cannot be asked. */
async function verified(
  token: string,
  issuer: string,
  accountId: string,
  issuers: WorkloadIssuers,
  now: Date,
): Promise<JWTPayload | null> {
  try {
    const keys = await issuers.keysOf(issuer, now.getTime());
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer,
      audience: audienceOf(accountId),
      requiredClaims: ["exp", "iat", "sub"],
      clockTolerance: TOKEN_SKEW_S,
      currentDate: now,
    });
    return payload;
  } catch (error) {
    // The code of the library names what is wrong and quotes nothing of the token.
    const why = error instanceof errors.JOSEError ? error.code : "the issuer could not be asked";
    log().info({ issuer, serviceAccountId: accountId, why }, "workload token refused");
    return null;
  }
}
