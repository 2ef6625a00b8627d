import { memo } from "react";
import { type Block, drawingOrder, type Marker } from "#lib/client/timeline-layout";
import type { StayBox } from "#lib/client/timeline-stays";
import { BlockShape } from "./block-shape.tsx";
import { EventGlyphPath } from "./event-glyph.tsx";
import type { Row } from "./rows.ts";

/** The blocks of one lane. Where there is no interval, there is nothing. */
export const LaneStrip = memo(function LaneStrip({
  row,
  blocks,
  prefix,
  widthPx,
}: {
  row: Row;
  blocks: readonly Block[];
  prefix: string;
  widthPx: number;
}) {
  const middle = row.stripHeightPx / 2;
  return (
    <g transform={`translate(0 ${row.topPx + row.stripTopPx})`}>
      <line x1={0} x2={widthPx} y1={middle} y2={middle} stroke="var(--line-strong)" strokeDasharray="1 5" />
      {drawingOrder(blocks).map((block) => (
        <BlockShape key={block.first} block={block} heightPx={row.stripHeightPx} prefix={prefix} />
      ))}
    </g>
  );
});

/** Stays in states of the life cycle: frames with words, in no colour of a trust status. */
export const StayStrip = memo(function StayStrip({
  row,
  boxes,
  widthPx,
}: {
  row: Row;
  boxes: readonly StayBox[];
  widthPx: number;
}) {
  const height = row.stripHeightPx;
  return (
    <g transform={`translate(0 ${row.topPx + row.stripTopPx})`}>
      <line
        x1={0}
        x2={widthPx}
        y1={height / 2}
        y2={height / 2}
        stroke="var(--line-strong)"
        strokeDasharray="1 5"
      />
      {boxes.map(({ stay, xPx, widthPx: boxPx, label }) => (
        <g key={stay.from}>
          <rect
            x={xPx + 0.5}
            y={0.5}
            width={Math.max(1, boxPx - 1.5)}
            height={height - 1}
            rx={boxPx > 6 ? 2 : 0}
            fill="var(--bg-sunken)"
            stroke="var(--fg-muted)"
          />
          {stay.refused > 0 && <rect x={xPx} y={height - 3} width={boxPx} height={3} fill="var(--danger)" />}
          {label && (
            <text x={xPx + 6} y={height / 2 + 4} className="fill-fg font-mono text-[11px]">
              {label}
            </text>
          )}
        </g>
      ))}
    </g>
  );
});

const GLYPH_PX = 12;

/** Events as points; several that lie too close together are one point with their number. */
export const EventStrip = memo(function EventStrip({
  row,
  markers,
  widthPx,
}: {
  row: Row;
  markers: readonly Marker[];
  widthPx: number;
}) {
  const middle = row.stripHeightPx / 2;
  return (
    <g transform={`translate(0 ${row.topPx + row.stripTopPx})`}>
      <line x1={0} x2={widthPx} y1={middle} y2={middle} stroke="var(--line)" />
      {markers.map(({ xPx, outcome, ids }) => (
        <g key={ids[0]}>
          <svg
            x={xPx - GLYPH_PX / 2}
            y={middle - GLYPH_PX / 2}
            width={GLYPH_PX}
            height={GLYPH_PX}
            viewBox="0 0 12 12"
            aria-hidden="true"
          >
            <EventGlyphPath outcome={outcome} />
          </svg>
          {ids.length > 1 && (
            <text x={xPx} y={-3} textAnchor="middle" className="fill-fg font-mono text-[10px]">
              {ids.length}
            </text>
          )}
        </g>
      ))}
    </g>
  );
});
