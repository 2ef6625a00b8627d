/** Words for instants, ages, durations and text that strangers chose. Pure: the clock is an argument. */

export type TimeMode = "utc" | "local";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY_MS = 24 * HOUR;

const two = (value: number) => String(value).padStart(2, "0");

/**
 * An instant as an absolute time, 24 h with seconds: `2026-11-21 10:02:07Z`, or with the browser's offset
 * (`2026-11-21 11:02:07+01:00`) in local mode. Text that is no instant comes back unchanged.
 */
export function formatInstant(iso: string, { mode }: { mode: TimeMode }): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  if (mode === "utc") return `${date.toISOString().slice(0, 19).replace("T", " ")}Z`;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}${formatOffset(-date.getTimezoneOffset())}`;
}

/** An offset from UTC in minutes as `+01:00`. */
function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/**
 * A length of time in its two largest units: `2 h 5 m`, `41 m`, `9 s`, `3 d 4 h`; below a second `250 ms`.
 * A negative length reads like the positive one.
 */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  if (!Number.isFinite(size)) return "–";
  if (size < SECOND) return `${Math.round(size)} ms`;
  if (size < MINUTE) return `${Math.floor(size / SECOND)} s`;
  if (size < HOUR) return pair(size, MINUTE, "m", SECOND, "s");
  if (size < DAY_MS) return pair(size, HOUR, "h", MINUTE, "m");
  return pair(size, DAY_MS, "d", HOUR, "h");
}

function pair(ms: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((ms % big) / small);
  const head = `${Math.floor(ms / big)} ${bigUnit}`;
  return rest === 0 ? head : `${head} ${rest} ${smallUnit}`;
}

/** How long ago an instant was, in its largest unit: `9 s`, `3 m`, `5 h`, `12 d`. The future reads `0 s`. */
export function formatAge(fromIso: string, nowMs: number): string {
  const ms = Math.max(0, nowMs - Date.parse(fromIso));
  if (Number.isNaN(ms)) return "–";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} m`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** `12,431`; the same on server and browser whatever their locale. */
export function formatCount(value: number): string {
  return value.toLocaleString("en-US");
}

/**
 * A share (0..1) as a percentage that never rounds to a false whole: 0.9996 is `>99.9 %`, 0.0002 is `<0.1 %`.
 */
export function formatShare(ratio: number): string {
  if (ratio > 0 && ratio < 0.001) return "<0.1 %";
  if (ratio < 1 && ratio > 0.999) return ">99.9 %";
  return `${(ratio * 100).toFixed(1).replace(/\.0$/, "")} %`;
}

/** `one` or `many` with its number: `1 node`, `1,200 nodes`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Shortens from the middle, so that both the beginning and the end of an identifier stay readable. */
export function middleEllipsis(text: string, max: number): string {
  const chars = [...text];
  if (chars.length <= max) return text;
  if (max <= 1) return "…";
  const head = Math.ceil((max - 1) / 2);
  const tail = max - 1 - head;
  return `${chars.slice(0, head).join("")}…${tail > 0 ? chars.slice(-tail).join("") : ""}`;
}

/**
 * Characters that a reader cannot see or that turn the text round: C0/C1 controls, line separators,
 * zero-width and bidirectional formatting, variation selectors, tags, lone surrogates and other format characters.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Text from outside as it may be shown: characters that hide or reorder are written as escapes such as
 * `\u{202E}`, and `hostile` says that there were any.
 */
export function displayText(text: string): { text: string; hostile: boolean } {
  const safe = text.replace(
    UNSEEN,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}}`,
  );
  return { text: safe, hostile: safe !== text };
}

/** Size of a file. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_024 * 1_024) return `${Math.ceil(bytes / 1_024)} KiB`;
  return `${(bytes / (1_024 * 1_024)).toFixed(1)} MiB`;
}
