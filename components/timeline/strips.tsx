import { memo } from "react";
import { type Block, drawingOrder, type Marker } from "#lib/client/timeline-layout";
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
