/**
 * Maintenance windows: times in which some layers of some nodes are expected to change.
 *
 * Pure. A window is planned, never made in retrospect: it cannot begin in the past, and what is over cannot
 * be changed any more, so nobody explains a change away after it was seen. Times are epoch milliseconds.
 */
import { RULES } from "./drift-rules.ts";

export const WINDOW_STATES = ["running", "planned", "past"] as const;
export type WindowState = (typeof WINDOW_STATES)[number];

/** The course of a window. */
export type WindowCourse = {
  fromMs: number;
  toMs: number;
  /** Ended by somebody before it was over; before it began = it was withdrawn. `null` = not. */
  endedMs: number | null;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const WINDOW_LIMITS = {
  /** Longest window. What takes longer is a rollout of the baseline. */
  lengthMs: 7 * DAY_MS,
  /** How far ahead one may begin. */
  aheadMs: 90 * DAY_MS,
  /** Windows of one trust domain that are not over. */
  live: 100,
} as const;

/** When a window is over, or was. */
export function windowEnd({ toMs, endedMs }: Pick<WindowCourse, "toMs" | "endedMs">): number {
  return endedMs === null ? toMs : Math.min(toMs, endedMs);
}

export function windowState(course: WindowCourse, nowMs: number): WindowState {
  if (windowEnd(course) <= nowMs || course.endedMs !== null) return "past";
  return course.fromMs <= nowMs ? "running" : "planned";
}

/** Why a window cannot be planned so; `null` = it can. */
export function refuseWindow(
  { fromMs, toMs }: { fromMs: number; toMs: number },
  nowMs: number,
): { field: "from" | "until"; detail: string } | null {
  const { aheadMs, lengthMs } = WINDOW_LIMITS;
  if (fromMs < nowMs) return { field: "from", detail: "A window begins now or later, never in the past." };
  if (fromMs - nowMs > aheadMs) {
    return { field: "from", detail: `A window begins within ${aheadMs / DAY_MS} days.` };
  }
  if (toMs <= fromMs) return { field: "until", detail: "A window ends after it begins." };
  if (toMs - fromMs > lengthMs) {
    return { field: "until", detail: `A window lasts ${lengthMs / DAY_MS} days at most.` };
  }
  return null;
}

const LAST_WORD = RULES.findIndex(({ id }) => id === "maintenance-window");

/**
 * Rules that a window comes before: what they would have decided is authorised while it is open. What the
 * rules above them find, such as Secure Boot off, no window allows.
 */
export const RULES_BEHIND_WINDOW: ReadonlySet<string> = new Set(
  RULES.slice(LAST_WORD + 1)
    .filter((rule) => rule.class === "unexplained" || rule.class === "malicious_like")
    .map(({ id }) => id),
);
