"use client";

import { type PointerEvent, useId, useMemo, useRef } from "react";
import { drawingOrder, layoutLane } from "#lib/client/timeline-layout";
import { msAt, panRange, type Range, rangeBetween, spanOf, xOf } from "#lib/client/timeline-scale";
import { loadedFrom } from "#lib/client/timeline-select";
import type { Timeline } from "#lib/contracts/node";
import { BlockPatterns, BlockShape } from "./block-shape.tsx";
import { NotLoaded } from "./time-axis.tsx";
import type { RangeChange } from "./use-plot-pointer.ts";
import { useWidth } from "./use-width.ts";

const STRIP_PX = 14;
const HEIGHT_PX = 28;
const TOP_PX = 7;
const HANDLE_PX = 8;
const MIN_BRUSH_PX = 6;

type Grip = "move" | "from" | "to";

/**
 * The node's whole life in one strip, with the shown range as a brush to move and resize. A pointer's
 * shortcut only: toolbar and keys do the same.
 */
export function MiniMap({
  life,
  range,
  bounds,
  nowMs,
  onRange,
}: {
  life: Timeline;
  range: Range;
  bounds: Range;
  nowMs: number;
  onRange: RangeChange;
}) {
  const prefix = useId();
  const [ref, widthPx] = useWidth();
  const grip = useRef<{ kind: Grip; startPx: number; start: Range } | null>(null);
  const trust = life.lanes.find(({ kind }) => kind === "trust");
  const blocks = useMemo(
    () => drawingOrder(layoutLane(trust?.intervals ?? [], bounds, widthPx, nowMs)),
    [trust, bounds, widthPx, nowMs],
  );

  const left = Math.max(0, xOf(bounds, widthPx, range.fromMs));
  const right = Math.min(widthPx, Math.max(xOf(bounds, widthPx, range.toMs), left + MIN_BRUSH_PX));

  function onPointerDown(event: PointerEvent<SVGSVGElement>) {
    if (event.button !== 0) return;
    const xPx = event.clientX - event.currentTarget.getBoundingClientRect().left;
    event.currentTarget.setPointerCapture(event.pointerId);
    const near = (edge: number) => Math.abs(xPx - edge) <= HANDLE_PX;
    const inside = xPx > left && xPx < right;
    const wide = right - left > HANDLE_PX * 3;
    const kind: Grip = wide && near(left) ? "from" : wide && near(right) ? "to" : "move";
    const centred = panRange(range, msAt(bounds, widthPx, xPx) - (range.fromMs + spanOf(range) / 2), bounds);
    const start = inside || kind !== "move" ? range : centred;
    grip.current = { kind, startPx: xPx, start };
    if (start !== range) onRange(start, "push");
  }

  function onPointerMove(event: PointerEvent<SVGSVGElement>) {
    const current = grip.current;
    if (!current) return;
    const xPx = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const byMs = ((xPx - current.startPx) / Math.max(widthPx, 1)) * spanOf(bounds);
    const { fromMs, toMs } = current.start;
    if (current.kind === "move") onRange(panRange(current.start, byMs, bounds), "replace");
    else if (current.kind === "from") onRange(rangeBetween(Math.round(fromMs + byMs), toMs), "replace");
    else onRange(rangeBetween(fromMs, Math.round(toMs + byMs)), "replace");
  }

  return (
    <div ref={ref} className="min-w-0">
      <svg
        aria-hidden="true"
        width={widthPx}
        height={HEIGHT_PX}
        className="block touch-none cursor-grab overflow-hidden"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => {
          grip.current = null;
        }}
        onPointerCancel={() => {
          grip.current = null;
        }}
      >
        <BlockPatterns prefix={prefix} />
        <g transform={`translate(0 ${TOP_PX})`}>
          {blocks.map((block) => (
            <BlockShape key={block.first} block={block} heightPx={STRIP_PX} prefix={prefix} counts={false} />
          ))}
        </g>
        <NotLoaded range={bounds} widthPx={widthPx} heightPx={HEIGHT_PX} untilMs={loadedFrom(life)} />
        <rect x={0} y={0} width={left} height={HEIGHT_PX} fill="var(--bg-sunken)" fillOpacity="0.72" />
        <rect
          x={right}
          y={0}
          width={Math.max(0, widthPx - right)}
          height={HEIGHT_PX}
          fill="var(--bg-sunken)"
          fillOpacity="0.72"
        />
        <rect
          x={left + 0.5}
          y={0.5}
          width={Math.max(0, right - left - 1)}
          height={HEIGHT_PX - 1}
          rx={2}
          fill="none"
          stroke="var(--fg-muted)"
        />
        {[left, right].map((x, index) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: the two handles never change places
            key={index}
            x={Math.max(0, Math.min(widthPx - 5, x - 2.5))}
            y={8}
            width={5}
            height={12}
            rx={1.5}
            fill="var(--fg-muted)"
            className="cursor-ew-resize"
          />
        ))}
      </svg>
    </div>
  );
}
