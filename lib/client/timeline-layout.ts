/**
 * What is drawn of a lane: blocks for intervals, markers for events.
 *
 * Pure. Intervals too narrow to see are merged with their neighbours; the worst state among them wins
 * and the count says how many there are. A stretch without an interval stays empty.
 */
import type { IntervalView } from "#lib/contracts/node";
import type { BootstrapOutcome } from "#lib/domain/bootstrap-event";
import type { TrustStatus } from "#lib/domain/trust-status";
import { type Range, xOf } from "./timeline-scale.ts";

/** What the layout needs of an interval. */
export type Stretch = Pick<IntervalView, "from" | "to" | "state" | "verdicts">;

/** One rectangle. */
export type Block = {
  fromMs: number;
  toMs: number;
  xPx: number;
  widthPx: number;
  /** The worst state of the intervals that it stands for. */
  state: TrustStatus;
  /** Positions of the first and last interval in the lane. */
  first: number;
  last: number;
  /** Intervals that it stands for. */
  count: number;
  verdicts: number;
  /** A silence among them, which a worse state may hide. */
  hasGap: boolean;
};

/** From least to worst: which of several merged states is shown. */
const RANK: Record<TrustStatus, number> = {
  exempt: 0,
  pending: 1,
  trusted: 2,
  stale: 3,
  degraded: 4,
  quarantined: 5,
  failed: 6,
};

export function worseStatus(a: TrustStatus, b: TrustStatus): TrustStatus {
  return RANK[b] > RANK[a] ? b : a;
}

/** Blocks in drawing order: the worse a state, the later, so that nothing covers it. */
export function drawingOrder(blocks: readonly Block[]): Block[] {
  return [...blocks].sort((a, b) => RANK[a.state] - RANK[b.state] || a.fromMs - b.fromMs);
}

const MIN_BLOCK_PX = 2;
const HOLE_PX = 1;
/** How many times the smallest width a merged block may grow before the next one begins. */
const MERGE_WIDTHS = 2;

/**
 * Blocks of one lane within the range, in time order.
 *
 * @param intervals ordered by `from`, without overlaps
 * @param nowMs end of an interval that is still open; nothing is drawn beyond it
 * @param minPx intervals narrower than this are merged
 */
export function layoutLane(
  intervals: readonly Stretch[],
  range: Range,
  widthPx: number,
  nowMs: number,
  minPx = MIN_BLOCK_PX,
): Block[] {
  const blocks: Block[] = [];
  let merged: Block | null = null;
  const flush = () => {
    if (merged) blocks.push(merged);
    merged = null;
  };
  intervals.forEach((interval, index) => {
    const block = blockOf(interval, index, range, widthPx, nowMs);
    if (!block) return;
    if (block.widthPx >= minPx) {
      flush();
      blocks.push(block);
      return;
    }
    if (merged && fits(merged, block, minPx)) {
      merged = join(merged, block);
      return;
    }
    flush();
    merged = block;
  });
  flush();
  return blocks.map((block) => widen(block, widthPx));
}

function blockOf(
  interval: Stretch,
  index: number,
  range: Range,
  widthPx: number,
  nowMs: number,
): Block | null {
  const fromMs = Date.parse(interval.from);
  const toMs = interval.to === null ? Math.max(nowMs, fromMs) : Date.parse(interval.to);
  if (fromMs >= range.toMs || toMs < range.fromMs || (toMs === range.fromMs && fromMs < toMs)) return null;
  const xPx = Math.max(0, xOf(range, widthPx, fromMs));
  return {
    fromMs,
    toMs,
    xPx,
    widthPx: Math.max(0, Math.min(widthPx, xOf(range, widthPx, toMs)) - xPx),
    state: interval.state,
    first: index,
    last: index,
    count: 1,
    verdicts: interval.verdicts,
    hasGap: interval.state === "stale",
  };
}

function fits(merged: Block, next: Block, minPx: number): boolean {
  const hole = next.xPx - (merged.xPx + merged.widthPx);
  const width = next.xPx + next.widthPx - merged.xPx;
  return hole < HOLE_PX && width <= minPx * MERGE_WIDTHS;
}

function join(a: Block, b: Block): Block {
  return {
    fromMs: a.fromMs,
    toMs: b.toMs,
    xPx: a.xPx,
    widthPx: b.xPx + b.widthPx - a.xPx,
    state: worseStatus(a.state, b.state),
    first: a.first,
    last: b.last,
    count: a.count + b.count,
    verdicts: a.verdicts + b.verdicts,
    hasGap: a.hasGap || b.hasGap,
  };
}

/** A block wide enough to be seen, kept within the frame. */
function widen(block: Block, frameWidthPx: number): Block {
  if (block.widthPx >= MIN_BLOCK_PX) return block;
  const xPx = Math.max(0, Math.min(block.xPx, frameWidthPx - MIN_BLOCK_PX));
  return { ...block, xPx, widthPx: MIN_BLOCK_PX };
}

/**
 * Blocks of all lanes, with at most `maxBlocks` in all: the more there are, the more are merged.
 */
export function layoutLanes(
  lanes: readonly (readonly Stretch[])[],
  range: Range,
  widthPx: number,
  nowMs: number,
  maxBlocks = 2_000,
): Block[][] {
  for (let minPx = MIN_BLOCK_PX; ; minPx *= 2) {
    const layout = lanes.map((intervals) => layoutLane(intervals, range, widthPx, nowMs, minPx));
    const total = layout.reduce((sum, blocks) => sum + blocks.length, 0);
    if (total <= maxBlocks || minPx > widthPx) return layout;
  }
}

/** What the layout needs of an event. */
export type Moment = { id: string; occurredAt: string; outcome: BootstrapOutcome };

/** One marker: an event, or several that lie too close to be told apart. */
export type Marker = {
  xPx: number;
  fromMs: number;
  toMs: number;
  /** The worst outcome among them. */
  outcome: BootstrapOutcome;
  ids: string[];
};

const OUTCOME_RANK: Record<BootstrapOutcome, number> = {
  info: 0,
  success: 1,
  pending: 2,
  denied: 3,
  failure: 4,
};

/**
 * Markers within the range, in time order, at least `minGapPx` apart.
 *
 * @param events ordered by `occurredAt`
 */
export function clusterEvents(
  events: readonly Moment[],
  range: Range,
  widthPx: number,
  minGapPx = 14,
): Marker[] {
  const markers: Marker[] = [];
  for (const event of events) {
    const atMs = Date.parse(event.occurredAt);
    if (atMs < range.fromMs || atMs >= range.toMs) continue;
    const xPx = xOf(range, widthPx, atMs);
    const open = markers.at(-1);
    if (open && xPx - open.xPx < minGapPx) {
      open.toMs = atMs;
      open.ids.push(event.id);
      if (OUTCOME_RANK[event.outcome] > OUTCOME_RANK[open.outcome]) open.outcome = event.outcome;
    } else {
      markers.push({ xPx, fromMs: atMs, toMs: atMs, outcome: event.outcome, ids: [event.id] });
    }
  }
  return markers;
}

/** The block or marker under a horizontal position, with some slack for narrow ones; the worst wins. */
export function blockAt(blocks: readonly Block[], xPx: number, slackPx = 3): Block | null {
  let best: Block | null = null;
  for (const block of blocks) {
    const narrow = block.widthPx <= slackPx * 2;
    const slack = narrow ? slackPx : 0;
    if (xPx < block.xPx - slack || xPx > block.xPx + block.widthPx + slack) continue;
    if (!best || (narrow && RANK[block.state] >= RANK[best.state])) best = block;
  }
  return best;
}
