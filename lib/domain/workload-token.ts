/** What a workload token has to say to count as a service account. Pure; its signature is checked elsewhere. */

const AUDIENCE = "urn:touchstone:service-account:";
const ACCOUNT = /^urn:touchstone:service-account:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Longest life of a token, from its issue to its end. Seconds. */
export const TOKEN_LIFE_MAX_S = 3_600;
/** How far the issuer's clock may be from ours. Seconds. */
export const TOKEN_SKEW_S = 30;

/**
 * What the token of an account names as its audience. It names the account, so that no token counts for two, and what
 * one domain trusts cannot get in the way of another.
 */
export function audienceOf(serviceAccountId: string): string {
  return `${AUDIENCE}${serviceAccountId}`;
}

/** The account that a token is meant for; `null` when it is meant for anything else, or for something else besides. */
export function accountOfAudience(aud: unknown): string | null {
  const only = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  return typeof only === "string" ? (ACCOUNT.exec(only)?.[1] ?? null) : null;
}

/** What an account trusts of an issuer. `subject: null` = the claims decide alone. */
export type TrustedSubject = { subject: string | null; claims: Readonly<Record<string, string>> };

/** Whether a token is about the trusted subject: the same text everywhere, and every claim there as a text. */
export function isTrustedSubject(
  token: Readonly<Record<string, unknown>>,
  { subject, claims }: TrustedSubject,
): boolean {
  const wanted = Object.entries(claims);
  if (subject === null && wanted.length === 0) return false;
  return (
    (subject === null || token.sub === subject) &&
    wanted.every(([name, text]) => Object.hasOwn(token, name) && token[name] === text)
  );
}

/** Whether a token counts at an instant: begun, not over, and made for an hour at most. */
export function isTokenCurrent(token: Readonly<Record<string, unknown>>, nowMs: number): boolean {
  const { iat, exp, nbf } = token;
  if (!isSeconds(iat) || !isSeconds(exp) || (nbf !== undefined && !isSeconds(nbf))) return false;
  const now = nowMs / 1_000;
  return (
    exp > iat &&
    exp - iat <= TOKEN_LIFE_MAX_S &&
    iat <= now + TOKEN_SKEW_S &&
    (nbf === undefined || nbf <= now + TOKEN_SKEW_S) &&
    exp > now - TOKEN_SKEW_S
  );
}

const isSeconds = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
