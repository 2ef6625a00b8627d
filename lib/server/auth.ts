/** Signing in and out. All that the sign-in library does is carry the session id in a cookie. */
import "server-only";
import { randomUUID } from "node:crypto";
import NextAuth, { type NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { ProblemError } from "#lib/domain/problems";
import { sessionActor, signOut } from "#lib/services/user/session";
import { SESSION_MAX_MS, signIn } from "#lib/services/user/sign-in";
import { OIDC_PROVIDER, oidcProvider, openFederated } from "./auth-oidc.ts";
import { readSessionId } from "./auth-session.ts";
import { addressOf } from "./context.ts";
import { sessionCookieName } from "./cookie.ts";
import { env } from "./env.ts";
import { problemResponse } from "./http/problem.ts";
import { countStranger } from "./http/rate-limit.ts";
import { log } from "./log.ts";
import { database } from "./runtime.ts";
import { authSecret, sealer } from "./secret.ts";

const CREDENTIAL_MAX = 254;

/** What `authorize` hands to the `jwt` callback. */
type SignedIn = { id: string; sid: string };

/** Who is asking, for the record and the list of sessions. */
type Caller = { address: string | null; userAgent: string | null };

function options(caller: Caller): NextAuthOptions {
  const { url } = env();
  const { oidc, outboundAllow } = env();
  const secure = url.startsWith("https:");
  return {
    secret: authSecret(),
    session: { strategy: "jwt", maxAge: SESSION_MAX_MS / 1_000 },
    pages: { signIn: "/sign-in", signOut: "/", error: "/sign-in", verifyRequest: "/sign-in", newUser: "/" },
    cookies: {
      sessionToken: {
        name: sessionCookieName(url),
        options: { httpOnly: true, sameSite: "lax", path: "/", secure },
      },
    },
    providers: [
      CredentialsProvider({
        name: "Account",
        credentials: { email: { type: "email" }, password: { type: "password" }, code: { type: "text" } },
        authorize: (credentials, request) => authorize(credentials, new Headers(stringsOf(request.headers))),
      }),
      ...(oidc ? [oidcProvider(oidc, outboundAllow)] : []),
    ],
    callbacks: {
      // Who comes from the provider gets a session here; without a role there is none.
      async signIn({ user, account, profile }) {
        if (account?.provider !== OIDC_PROVIDER) return true;
        if (!oidc) return false;
        const opened = await openFederated((user as { profile?: unknown }).profile ?? profile, oidc, caller);
        if (!opened) return "/sign-in?error=NoRole";
        Object.assign(user, opened);
        return true;
      },
      // The cookie carries the id and nothing else: rights are read from the database each time.
      jwt: ({ token, user }) => (user ? { sid: (user as SignedIn).sid } : { sid: token.sid }),
      async session({ session, token }) {
        const actor =
          typeof token.sid === "string" ? await sessionActor(database(), token.sid, new Date()) : null;
        // The library types this as never null, but answers `null` to the browser as we want.
        return actor ? { expires: session.expires, user: { email: actor.email } } : (null as never);
      },
      redirect: ({ url: target }) => (new URL(target, url).origin === url ? new URL(target, url).href : url),
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.sid !== "string") return;
        await signOut(database(), token.sid, { now: new Date(), requestId: randomUUID(), address: null });
      },
    },
    logger: {
      error: (code, metadata) => log().warn({ code, err: errorOf(metadata) }, "sign-in library"),
      warn: (code) => log().debug({ code }, "sign-in library"),
      debug: () => {},
    },
  };
}

async function authorize(
  credentials: Partial<Record<"email" | "password" | "code", string>> | undefined,
  headers: Headers,
): Promise<SignedIn | null> {
  const { email, password, code } = credentials ?? {};
  if (typeof email !== "string" || typeof password !== "string") return null;
  if (email.length > CREDENTIAL_MAX || password.length > CREDENTIAL_MAX) return null;
  const requestId = randomUUID();
  try {
    const result = await signIn(database(), sealer(), {
      email,
      password,
      code: typeof code === "string" && code !== "" ? code.slice(0, 40) : undefined,
      address: addressOf(headers),
      userAgent: headers.get("user-agent"),
      requestId,
      now: new Date(),
    });
    if (result.ok) return { id: result.userId, sid: result.sid };
    log().info({ requestId, code: result.code }, "sign-in refused");
    if (result.code === "auth/code-required") throw new ProblemError(result.code, "A code is wanted.");
    return null;
  } catch (error) {
    if (!(error instanceof ProblemError)) log().error({ requestId, err: error }, "sign-in failed");
    throw error instanceof ProblemError ? error : new Error("server/error");
  }
}

function errorOf(metadata: unknown): unknown {
  return metadata instanceof Error ? metadata : (metadata as { error?: unknown } | undefined)?.error;
}

function stringsOf(headers: Record<string, unknown> | undefined): [string, string][] {
  return Object.entries(headers ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
}

type AuthHandler = (
  request: Request,
  context: { params: Promise<{ nextauth: string[] }> },
) => Promise<Response>;

/**
 * Handler of everything under `/api/auth/`. The session that the browser had ends with a new sign-in, so that an id
 * that somebody else knew is worth nothing afterwards.
 */
export const authHandler: AuthHandler = async (request, context) => {
  const caller = { address: addressOf(request.headers), userAgent: request.headers.get("user-agent") };
  if (request.method === "POST") {
    try {
      await countStranger(caller.address);
    } catch (error) {
      return problemResponse(error, randomUUID());
    }
  }
  const handler = NextAuth(options(caller)) as AuthHandler;
  const before = await readSessionId(request.headers.get("cookie"));
  const response = await handler(request, context);
  const after = await readSessionId(cookiesSetBy(response));
  if (before !== null && after !== null && before !== after) {
    await signOut(database(), before, { now: new Date(), requestId: randomUUID(), address: caller.address });
  }
  return response;
};

/** What the browser's `Cookie` header will hold of this answer. */
function cookiesSetBy(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0] ?? "")
    .join("; ");
}
