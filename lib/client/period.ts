/** Periods that people ask about by name: quarters of the calendar in UTC, and the days up to now. */

const DAY_MS = 86_400_000;
const RECENT: ReadonlyMap<string, number> = new Map([
  ["7d", 7],
  ["30d", 30],
  ["90d", 90],
]);
const QUARTER = /^(\d{4})q([1-4])$/;
/** Earliest year that is offered and understood. */
const FIRST_YEAR = 2_000;

export const DEFAULT_PERIOD = "30d";

export type PeriodBounds = { from: string; to: string };

/**
 * The bounds of a period by its name; one that is not known, or that has not begun, is the default one.
 *
 * A quarter that is not over ends now.
 */
export function boundsOf(name: string, nowMs: number): PeriodBounds {
  const [, year, quarter] = QUARTER.exec(name) ?? [];
  const fromMs = year && quarter ? Date.UTC(Number(year), (Number(quarter) - 1) * 3, 1) : null;
  if (fromMs !== null && Number(year) >= FIRST_YEAR && fromMs < nowMs) {
    const endMs = Date.UTC(Number(year), Number(quarter) * 3, 1);
    return boundsAt(fromMs, Math.min(endMs, nowMs));
  }
  const days = RECENT.get(name) ?? RECENT.get(DEFAULT_PERIOD) ?? 30;
  return boundsAt(nowMs - days * DAY_MS, nowMs);
}

function boundsAt(fromMs: number, toMs: number): PeriodBounds {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** What the picker offers: recent days, and this quarter with the four before it. */
export function periodChoices(nowMs: number): { value: string; label: string }[] {
  const now = new Date(nowMs);
  const current = now.getUTCFullYear() * 4 + Math.floor(now.getUTCMonth() / 3);
  const quarters = [0, 1, 2, 3, 4].map((back) => {
    const [year, quarter] = [Math.floor((current - back) / 4), ((current - back) % 4) + 1];
    return { value: `${year}q${quarter}`, label: `Q${quarter} ${year}${back === 0 ? ", so far" : ""}` };
  });
  return [
    { value: "7d", label: "Last 7 days" },
    { value: "30d", label: "Last 30 days" },
    { value: "90d", label: "Last 90 days" },
    ...quarters,
  ];
}
