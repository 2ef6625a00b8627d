/** Name of the session cookie. No imports: the proxy needs it, too. */

/** `__Host-` binds it to this host and to https; browsers refuse the prefix on plain http. */
export function sessionCookieName(url: string): string {
  return url.startsWith("https:") ? "__Host-touchstone.session" : "touchstone.session";
}

export const SESSION_COOKIE_NAMES = ["__Host-touchstone.session", "touchstone.session"] as const;
