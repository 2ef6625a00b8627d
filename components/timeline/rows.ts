/** Where the lanes of the chart lie; equal for narrow and wide screens, so that nothing jumps. */

import { eventLanes, LIFECYCLE_LANE, laneKeys } from "#lib/client/timeline-select";
import type { Timeline } from "#lib/contracts/node";

export type Row = {
  key: string;
  label: string;
  kind: "trust" | "lifecycle" | "source" | "events";
  topPx: number;
  heightPx: number;
  /** The strip's own place within the row. */
  stripTopPx: number;
  stripHeightPx: number;
};

export const AXIS_HEIGHT_PX = 26;
const LABEL_HEIGHT_PX = 16;
/** Room above the first lane for the names of instants such as "now". */
const LANDMARKS_HEIGHT_PX = 15;
const STRIP_PX = { trust: 24, lifecycle: 16, source: 16, events: 16 } as const;
const ROW_PADDING_PX = 10;

/**
 * Rows of a timeline from top to bottom. On a narrow screen the label stands above its strip; beside it,
 * the strip is in the middle of the same height.
 */
export function rowsOf({ lanes, events }: Pick<Timeline, "lanes" | "events">, labelsAbove: boolean): Row[] {
  const known = new Map<string, Pick<Row, "label" | "kind">>([
    [LIFECYCLE_LANE, { label: "Life cycle", kind: "lifecycle" }],
    ...lanes.map(({ key, label, kind }) => [key, { label, kind }] as const),
    ...eventLanes(events).map(({ key, label }) => [key, { label, kind: "events" as const }] as const),
  ]);
  const kinds = laneKeys({ lanes, events }).flatMap((key) => {
    const row = known.get(key);
    return row ? [{ key, ...row }] : [];
  });
  let topPx = LANDMARKS_HEIGHT_PX;
  return kinds.map(({ key, label, kind }) => {
    const stripHeightPx = STRIP_PX[kind];
    const heightPx = stripHeightPx + LABEL_HEIGHT_PX + ROW_PADDING_PX;
    const stripTopPx = labelsAbove ? LABEL_HEIGHT_PX + ROW_PADDING_PX / 2 : (heightPx - stripHeightPx) / 2;
    const row = { key, label, kind, topPx, heightPx, stripTopPx, stripHeightPx };
    topPx += heightPx;
    return row;
  });
}

export function heightOf(rows: readonly Row[]): number {
  const last = rows.at(-1);
  return last ? last.topPx + last.heightPx : 0;
}

export function rowAt(rows: readonly Row[], yPx: number): Row | null {
  return rows.find(({ topPx, heightPx }) => yPx >= topPx && yPx < topPx + heightPx) ?? null;
}
