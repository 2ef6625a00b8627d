/** The two times that a page shows, as the address holds them. Pure. */

/** `null` = now. `knownAt` alone shows what was believed then about then. */
export type TimeTravel = { asOf: string | null; knownAt: string | null };

export const PRESENT: TimeTravel = { asOf: null, knownAt: null };

const INSTANT = /^(?!0000)\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** An instant in the wire's form; text that is none counts as absent. */
function instantOf(text: string | null | undefined): string | null {
  if (!text || !INSTANT.test(text)) return null;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** The times of an address; what cannot be read counts as now. */
export function timeTravelOf(params: {
  asOf?: string | string[] | null | undefined;
  knownAt?: string | string[] | null | undefined;
}): TimeTravel {
  const single = (value: string | string[] | null | undefined) => (Array.isArray(value) ? value[0] : value);
  return { asOf: instantOf(single(params.asOf)), knownAt: instantOf(single(params.knownAt)) };
}

export function isPresent({ asOf, knownAt }: TimeTravel): boolean {
  return asOf === null && knownAt === null;
}

/** The valid instant that is shown; `null` = now. */
export function shownInstant({ asOf, knownAt }: TimeTravel): string | null {
  return asOf ?? knownAt;
}

/** As parameters of a request or a path: those that are now are left out. */
export function timeParams({ asOf, knownAt }: TimeTravel): { asOf?: string; knownAt?: string } {
  return { ...(asOf === null ? {} : { asOf }), ...(knownAt === null ? {} : { knownAt }) };
}

/** For what is recorded when it happens: the one instant. */
export function recordedParams(time: TimeTravel): { asOf?: string } {
  const asOf = shownInstant(time);
  return asOf === null ? {} : { asOf };
}

/** An address of this site that shows the same times; its own parameters win. */
export function withTime(href: string, time: TimeTravel): string {
  if (isPresent(time)) return href;
  const [base = "", search = ""] = href.split("?");
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(timeParams(time))) {
    if (!params.has(name)) params.set(name, value);
  }
  return `${base}?${params}`;
}
