/** Stays in states of the life cycle as they are drawn. Pure. */
import type { LifecycleStay } from "#lib/contracts/node";
import { formatPlural } from "./format.ts";
import { LIFECYCLE_WORDS, moverWords } from "./lifecycle-words.ts";
import { type Range, xOf } from "./timeline-scale.ts";

/** One stay within the frame. */
export type StayBox = {
  stay: LifecycleStay;
  xPx: number;
  widthPx: number;
  /** The state's name; `null` where there is no room for it. */
  label: string | null;
};

const MIN_PX = 2;
const CHAR_PX = 7;
const LABEL_ROOM_PX = 12;

/** @param nowMs end of the stay that is still open */
export function layoutStays(
  stays: readonly LifecycleStay[],
  range: Range,
  widthPx: number,
  nowMs: number,
): StayBox[] {
  return stays.flatMap((stay) => {
    const fromMs = Date.parse(stay.from);
    const toMs = stay.to === null ? Math.max(nowMs, fromMs) : Date.parse(stay.to);
    if (fromMs >= range.toMs || toMs < range.fromMs) return [];
    const left = Math.max(0, Math.min(widthPx - MIN_PX, xOf(range, widthPx, fromMs)));
    const boxPx = Math.max(MIN_PX, Math.min(widthPx, xOf(range, widthPx, toMs)) - left);
    const word = LIFECYCLE_WORDS[stay.state];
    const label = boxPx >= word.length * CHAR_PX + LABEL_ROOM_PX ? word : null;
    return [{ stay, xPx: left, widthPx: boxPx, label }];
  });
}

/** The stay under a horizontal position; the narrowest of several. */
export function stayAt(boxes: readonly StayBox[], xPx: number, slackPx = 3): StayBox | null {
  const hit = boxes.filter((box) => xPx >= box.xPx - slackPx && xPx <= box.xPx + box.widthPx + slackPx);
  return hit.reduce<StayBox | null>((best, box) => (best && best.widthPx <= box.widthPx ? best : box), null);
}

/** What led into a stay, and what was refused during it. */
export function stayReason({ rule, event, refused }: LifecycleStay): string {
  const began = event === null ? "First seen" : `${moverWords(event)} (${rule})`;
  return refused > 0 ? `${began}; ${formatPlural(refused, "attempt")} refused meanwhile` : began;
}
