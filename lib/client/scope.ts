/** The trust domain that this tab looks at. The address keeps it; every read of the API names it. */

const PARAM = "scope";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let chosen: string | null = null;

/** @returns `null` = everything that the person sees */
export function scopeOf(search: string): string | null {
  const value = new URLSearchParams(search).get(PARAM);
  return value !== null && UUID.test(value) ? value : null;
}

/** Reads name this domain from now on. */
export function chooseScope(scope: string | null): void {
  chosen = scope;
}

export function chosenScope(): string | null {
  return chosen;
}

/** The address with the chosen domain; one that names a domain already stays as it is. */
export function inScope(path: string, scope: string | null = chosen): string {
  if (scope === null) return path;
  const [base = "", search = ""] = path.split("?");
  const params = new URLSearchParams(search);
  if (!params.has(PARAM)) params.set(PARAM, scope);
  return `${base}?${params}`;
}

/** The address for another choice. */
export function withScope(path: string, scope: string | null): string {
  const [base = "", search = ""] = path.split("?");
  const params = new URLSearchParams(search);
  params.delete(PARAM);
  if (scope !== null) params.set(PARAM, scope);
  return params.size === 0 ? base : `${base}?${params}`;
}
