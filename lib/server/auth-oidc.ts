/** The identity provider: any issuer that speaks OpenID Connect. */
import "server-only";
import { randomUUID } from "node:crypto";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { z } from "zod";
import { type Allowed, opening } from "#lib/outbound/address";
import { guardedAgent } from "#lib/outbound/agent";
import { SESSION_MAX_MS } from "#lib/services/user/sign-in";
import { signInFederated } from "#lib/services/user/sign-in-oidc";
import type { OidcSettings } from "./env.ts";
import { log } from "./log.ts";
import { database } from "./runtime.ts";

export const OIDC_PROVIDER = "oidc";

/** What is read of the ID token and the userinfo answer; groups may be one word or a list. */
const Claims = z.looseObject({
  sub: z.string().min(1).max(255),
  iss: z.string(),
  email: z.string().max(254).optional(),
  auth_time: z.number().optional(),
});

/**
 * The provider for the sign-in library, with PKCE, state and nonce. `max_age` makes providers say when the person
 * proved who they are; what they say is judged by us, not by them.
 *
 * The configuration names the issuer and thereby opens it; where its discovery document leads on must be public or
 * opened by the installation.
 */
export function oidcProvider(
  { issuer, clientId, clientSecret, scope }: OidcSettings,
  allowed: Allowed,
): OAuthConfig<object> {
  const protocol = issuer.startsWith("https:") ? "https:" : "http:";
  return {
    id: OIDC_PROVIDER,
    name: "Single sign-on",
    type: "oauth",
    wellKnown: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    httpOptions: { agent: guardedAgent(protocol, opening(allowed, issuer)) },
    idToken: true,
    checks: ["pkce", "state", "nonce"],
    allowDangerousEmailAccountLinking: false,
    authorization: { params: { scope, max_age: SESSION_MAX_MS / 1_000 } },
    userinfo: {
      // The ID token is signed and wins; a conforming provider says e-mail and groups in userinfo only.
      request: async ({ client, tokens }) => {
        if (!tokens.access_token || !tokens.id_token) throw new Error("The provider sent no token");
        const claims = client.issuer.metadata.userinfo_endpoint
          ? await client.userinfo(tokens.access_token)
          : {};
        return { ...claims, ...claimsOf(tokens.id_token) };
      },
    },
    profile: (profile: { sub?: string }) => ({ id: String(profile.sub ?? ""), profile }),
  };
}

/** The claims of a token whose signature the library has checked before it asks for the profile. */
function claimsOf(idToken: string): Record<string, unknown> {
  const [, payload = ""] = idToken.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>;
}

/**
 * Open a session for what the provider said.
 *
 * @param profile claims of the ID token and userinfo
 * @returns `null` when the person holds no role here
 */
export async function openFederated(
  profile: unknown,
  { issuer, groupsClaim }: OidcSettings,
  { address, userAgent }: { address: string | null; userAgent: string | null },
): Promise<{ id: string; sid: string } | null> {
  const requestId = randomUUID();
  const claims = Claims.safeParse(profile);
  if (!claims.success || claims.data.iss.replace(/\/$/, "") !== issuer.replace(/\/$/, "")) {
    log().warn({ requestId }, "the identity provider's answer is not usable");
    return null;
  }
  const { sub, email = null, auth_time: authTime } = claims.data;
  const result = await signInFederated(database(), {
    issuer: claims.data.iss,
    subject: sub,
    email,
    groups: groupsOf(claims.data[groupsClaim]),
    authenticatedAt: authTime === undefined ? null : new Date(authTime * 1_000),
    address,
    userAgent,
    requestId,
    now: new Date(),
  });
  if (result.ok) return { id: result.userId, sid: result.sid };
  log().info({ requestId, code: result.code }, "sign-in refused");
  return null;
}

function groupsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === "string" && item.length <= 200).slice(0, 500);
}
