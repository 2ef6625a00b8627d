/** Who asks, from a request's headers. */
import "server-only";
import type { Actor } from "#lib/domain/access";
import { sessionActor } from "#lib/services/user/session";
import { authenticateApiKey } from "./api-key.ts";
import { issuersOfInstallation } from "./ask-issuer.ts";
import { readSessionId } from "./auth-session.ts";
import { database } from "./runtime.ts";
import { shared } from "./shared.ts";
import { workloadActor } from "./workload.ts";

/** Header in which `server.ts` passes the peer's address on. It removes what came from outside. */
export const ADDRESS_HEADER = "x-touchstone-address";

/** `true` once `server.ts` filters the header; behind any other server it could be forged. */
export function addressIsVouched(): { value: boolean } {
  return shared("address-vouched", () => ({ value: false }));
}

/** The caller's network address; `null` when nobody can vouch for it. */
export function addressOf(headers: Headers): string | null {
  return addressIsVouched().value ? headers.get(ADDRESS_HEADER) : null;
}

/**
 * The caller, by API key, by workload token or by session cookie.
 *
 * A request with an `Authorization` header is judged by it alone, so that a bad key never falls back
 * on a cookie that happens to be there.
 */
export async function actorOf(headers: Headers): Promise<Actor | null> {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const now = new Date();
    const byKey = await authenticateApiKey(database(), authorization, now);
    return byKey?.actor ?? (await workloadActor(database(), authorization, issuersOfInstallation(), now));
  }
  const sid = await readSessionId(headers.get("cookie"));
  return sid ? sessionActor(database(), sid, new Date()) : null;
}
