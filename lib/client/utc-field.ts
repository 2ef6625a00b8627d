/** Instants as they are typed: date fields mean UTC here, like every instant that is shown. */

/** The instant of a date field; `null` = it holds none. */
export function instantOfField(utc: string): string | null {
  const at = Date.parse(`${utc}Z`);
  return utc === "" || Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** What a date field shows for an instant, to the minute. */
export function fieldOfInstant(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16);
}
