/** What part of a node's life is shown: relative and absolute instants as the URL holds them. */
import type { Range, Zone } from "./timeline-scale.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Shown when the URL names no range. */
export const DEFAULT_FROM = "now-7d";
export const DEFAULT_TO = "now";

/** Ranges with a button of their own. `all` reaches back to the first thing ever recorded. */
export const RANGE_PRESETS = [
  { label: "24 h", name: "Last 24 hours", from: "now-24h" },
  { label: "7 d", name: "Last 7 days", from: "now-7d" },
  { label: "14 d", name: "Last 14 days", from: "now-14d" },
  { label: "30 d", name: "Last 30 days", from: "now-30d" },
  { label: "All", name: "The node's whole life", from: "all" },
] as const;

const RELATIVE = /^now(?:-(\d{1,6})([smhdw]))?(\/d)?$/;
const ABSOLUTE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?Z$/;

/**
 * Instant that a text in the URL stands for: `now`, `now-7d`, `now/d` or ISO 8601 in UTC.
 *
 * @returns epoch milliseconds; `null` when the text is none of these
 */
export function resolveInstant(text: string, nowMs: number): number | null {
  if (ABSOLUTE.test(text)) {
    const atMs = Date.parse(text);
    return Number.isNaN(atMs) ? null : atMs;
  }
  const match = RELATIVE.exec(text);
  if (!match) return null;
  const [, amount, unit, dayStart] = match;
  const atMs = nowMs - Number(amount ?? 0) * (UNIT_MS[unit ?? "s"] ?? 0);
  return dayStart ? atMs - (atMs % (UNIT_MS.d ?? 1)) : atMs;
}

/**
 * The range that the URL asks for.
 *
 * A text that cannot be read falls back to the default, never to an empty chart.
 *
 * @param earliestMs where `all` begins
 */
export function resolveRange(from: string, to: string, nowMs: number, earliestMs: number): Range {
  const toMs = resolveInstant(to, nowMs) ?? nowMs;
  const fromMs = from === "all" ? earliestMs : resolveInstant(from, nowMs);
  const usual = toMs - 7 * (UNIT_MS.d ?? 0);
  if (fromMs === null) return { fromMs: usual, toMs };
  return fromMs < toMs ? { fromMs, toMs } : { fromMs: Math.min(usual, toMs - 1), toMs };
}

/** A range with room at both ends, so that the first and the last interval do not touch the frame. */
export function padRange({ fromMs, toMs }: Range, share = 0.02): Range {
  const pad = Math.max(1_000, Math.round((toMs - fromMs) * share));
  return { fromMs: fromMs - pad, toMs: toMs + pad };
}

/**
 * The stretch to ask the server for: the range grown to a coarse grid.
 *
 * Small moves stay within the same stretch and need no new answer; so does the passing of time.
 */
export function fetchWindow({ fromMs, toMs }: Range): Range {
  const span = Math.max(toMs - fromMs, 1);
  const grid = 2 ** Math.ceil(Math.log2(Math.max(span / 4, 60_000)));
  return { fromMs: Math.floor(fromMs / grid) * grid, toMs: (Math.floor(toMs / grid) + 1) * grid };
}

/** An instant as the wire and the URL write it. */
export function isoOf(atMs: number): string {
  return new Date(atMs).toISOString();
}

const two = (value: number) => String(value).padStart(2, "0");

/** An instant as a date-and-time field of the form shows it, on the chosen clock. */
export function fieldTextOf(atMs: number, zone: Zone): string {
  const date = new Date(atMs);
  if (zone === "utc") return date.toISOString().slice(0, 19);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The inverse of {@link fieldTextOf}; `null` for an unfinished entry. */
export function instantOfField(text: string, zone: Zone): number | null {
  const atMs = Date.parse(zone === "utc" ? `${text}Z` : text);
  return Number.isNaN(atMs) ? null : atMs;
}
