/** The session id inside the cookie. */
import "server-only";
import { decode } from "next-auth/jwt";
import { sessionCookieName } from "./cookie.ts";
import { env } from "./env.ts";
import { authSecret } from "./secret.ts";

/**
 * Read the session id from a `Cookie` header; `null` when there is none that we made.
 *
 * Whether the session still counts stands in the database and is asked on every request.
 */
export async function readSessionId(cookieHeader: string | null): Promise<string | null> {
  const name = `${sessionCookieName(env().url)}=`;
  const pair = cookieHeader?.split(/;\s*/).find((part) => part.startsWith(name));
  if (!pair) return null;
  try {
    const token = await decode({ token: decodeURIComponent(pair.slice(name.length)), secret: authSecret() });
    return typeof token?.sid === "string" ? token.sid : null;
  } catch {
    return null; // not ours, or made with an older secret
  }
}
