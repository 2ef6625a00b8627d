/** Signing in and out. All that the sign-in library does is carry the session id in a cookie. */
import "server-only";
import { randomUUID } from "node:crypto";
import NextAuth, { type NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { ProblemError } from "#lib/domain/problems";
import { sessionActor, signOut } from "#lib/services/user/session";
import { SESSION_MAX_MS, signIn } from "#lib/services/user/sign-in";
import { addressOf } from "./context.ts";
import { sessionCookieName } from "./cookie.ts";
import { env } from "./env.ts";
import { log } from "./log.ts";
import { database } from "./runtime.ts";
import { authSecret } from "./secret.ts";
import { shared } from "./shared.ts";

const CREDENTIAL_MAX = 254;

/** What `authorize` hands to the `jwt` callback. */
type SignedIn = { id: string; sid: string };

function options(): NextAuthOptions {
  const { url } = env();
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
        credentials: { email: { type: "email" }, password: { type: "password" } },
        authorize: (credentials, request) => authorize(credentials, new Headers(stringsOf(request.headers))),
      }),
    ],
    callbacks: {
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
  credentials: Record<"email" | "password", string> | undefined,
  headers: Headers,
): Promise<SignedIn | null> {
  const { email, password } = credentials ?? {};
  if (typeof email !== "string" || typeof password !== "string") return null;
  if (email.length > CREDENTIAL_MAX || password.length > CREDENTIAL_MAX) return null;
  const requestId = randomUUID();
  try {
    const result = await signIn(database(), {
      email,
      password,
      address: addressOf(headers),
      userAgent: headers.get("user-agent"),
      requestId,
      now: new Date(),
    });
    if (result.ok) return { id: result.userId, sid: result.sid };
    log().info({ requestId, code: result.code }, "sign-in refused");
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

/** Handler of everything under `/api/auth/`. Made on first use: a build has no configuration. */
export const authHandler: AuthHandler = (request, context) =>
  shared("auth-handler", () => NextAuth(options()) as AuthHandler)(request, context);
