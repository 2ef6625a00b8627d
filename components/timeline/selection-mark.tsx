import type { Block, Marker } from "#lib/client/timeline-layout";
import { eventLaneOf, type Selected } from "#lib/client/timeline-select";
import type { StayBox } from "#lib/client/timeline-stays";
import type { Row } from "./rows.ts";

type Hovered =
  | { kind: "block"; row: Row; block: Block }
  | { kind: "stay"; row: Row; box: StayBox }
  | { kind: "events"; row: Row; marker: Marker };
type ByLane<T> = ReadonlyMap<string, readonly T[]>;

type Frame = { x: number; y: number; width: number; height: number };

const MARGIN_PX = 4;
const MARKER_PX = 12;

function frameOfBlock(row: Row, block: Pick<Block, "xPx" | "widthPx">): Frame {
  return {
    x: block.xPx - 1.5,
    y: row.topPx + row.stripTopPx - MARGIN_PX,
    width: block.widthPx + 2,
    height: row.stripHeightPx + 2 * MARGIN_PX,
  };
}

function frameOfMarker(row: Row, marker: Marker): Frame {
  return {
    x: marker.xPx - MARKER_PX / 2 - 3,
    y: row.topPx + row.stripTopPx + row.stripHeightPx / 2 - MARKER_PX / 2 - 3,
    width: MARKER_PX + 6,
    height: MARKER_PX + 6,
  };
}

/** Frames around what is selected and what is under the pointer, drawn above everything else. */
export function SelectionMark({
  rows,
  blocks,
  markers,
  stays,
  selected,
  hovered,
}: {
  rows: readonly Row[];
  blocks: ByLane<Block>;
  markers: ByLane<Marker>;
  stays: readonly StayBox[];
  selected: Selected | null;
  hovered: Hovered | null;
}) {
  const chosen = selected ? frameOfSelected(rows, { blocks, markers, stays }, selected) : null;
  const under = hovered ? frameOfHovered(hovered) : null;
  return (
    <g fill="none">
      {under && <rect {...under} rx={3} stroke="var(--fg-muted)" />}
      {chosen && (
        <>
          <rect {...chosen} rx={3} stroke="var(--bg)" strokeWidth={4} />
          <rect {...chosen} rx={3} stroke="var(--accent)" strokeWidth={2} />
        </>
      )}
    </g>
  );
}

function frameOfSelected(
  rows: readonly Row[],
  drawn: { blocks: ByLane<Block>; markers: ByLane<Marker>; stays: readonly StayBox[] },
  selected: Selected,
): Frame | null {
  if (selected.kind === "event") {
    const laneKey = eventLaneOf(selected.event.type);
    const row = rows.find(({ key }) => key === laneKey);
    const marker = drawn.markers.get(laneKey)?.find(({ ids }) => ids.includes(selected.event.id));
    return row && marker ? frameOfMarker(row, marker) : null;
  }
  if (selected.kind === "stay") {
    const row = rows.find(({ kind }) => kind === "lifecycle");
    const box = drawn.stays.find(({ stay }) => stay.from === selected.stay.from);
    return row && box ? frameOfBlock(row, box) : null;
  }
  const row = rows.find(({ key }) => key === selected.lane.key);
  const atMs = Date.parse(selected.interval.from);
  const block = drawn.blocks
    .get(selected.lane.key)
    ?.find(({ fromMs, toMs }) => fromMs <= atMs && (atMs < toMs || fromMs === atMs));
  return row && block ? frameOfBlock(row, block) : null;
}

function frameOfHovered(hovered: Hovered): Frame {
  switch (hovered.kind) {
    case "block":
      return frameOfBlock(hovered.row, hovered.block);
    case "stay":
      return frameOfBlock(hovered.row, hovered.box);
    case "events":
      return frameOfMarker(hovered.row, hovered.marker);
  }
}
