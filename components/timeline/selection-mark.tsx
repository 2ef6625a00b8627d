import type { Block, Marker } from "#lib/client/timeline-layout";
import type { Selected } from "#lib/client/timeline-select";
import type { Row } from "./rows.ts";

type Hovered = { kind: "block"; row: Row; block: Block } | { kind: "events"; row: Row; key: string };

type Frame = { x: number; y: number; width: number; height: number };

const MARGIN_PX = 4;
const MARKER_PX = 12;

function frameOfBlock(row: Row, block: Block): Frame {
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
  selected,
  hovered,
}: {
  rows: readonly Row[];
  blocks: readonly (readonly Block[])[];
  markers: readonly Marker[];
  selected: Selected | null;
  hovered: Hovered | null;
}) {
  const chosen = selected ? frameOfSelected(rows, blocks, markers, selected) : null;
  const under = hovered ? frameOfHovered(markers, hovered) : null;
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
  blocks: readonly (readonly Block[])[],
  markers: readonly Marker[],
  selected: Selected,
): Frame | null {
  if (selected.kind === "event") {
    const row = rows.find(({ kind }) => kind === "events");
    const marker = markers.find(({ ids }) => ids.includes(selected.event.id));
    return row && marker ? frameOfMarker(row, marker) : null;
  }
  const position = rows.findIndex(({ key }) => key === selected.lane.key);
  const row = rows[position];
  const atMs = Date.parse(selected.interval.from);
  const block = blocks[position]?.find(
    ({ fromMs, toMs }) => fromMs <= atMs && (atMs < toMs || fromMs === atMs),
  );
  return row && block ? frameOfBlock(row, block) : null;
}

function frameOfHovered(markers: readonly Marker[], hovered: Hovered): Frame | null {
  if (hovered.kind === "block") return frameOfBlock(hovered.row, hovered.block);
  const marker = markers.find(({ ids }) => hovered.key.endsWith(`@${ids[0]}`));
  return marker ? frameOfMarker(hovered.row, marker) : null;
}
