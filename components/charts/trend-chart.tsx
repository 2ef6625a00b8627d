"use client";

import { type PointerEvent, type ReactNode, useState } from "react";
import { formatCount } from "#lib/client/format";
import { areaPath, indexAt, stackOf, type TrendRow, topOf } from "./trend-paths.tsx";

/** One series: where its value stands in a row, its word, and its colour. */
export type Series = { key: string; label: string; color: string };
export type { TrendRow };

const WIDTH = 1_000;
const STACK_PX = 120;
const STRIP_PX = 40;

/**
 * Several charts over one time axis: everything as a stack, and under it each of the chosen few on its own
 * scale, so that five of ten thousand are as visible as five hundred. Instants without values are gaps.
 */
export function TrendChart({
  rows,
  stacked,
  singles,
  ticks,
  formatTick,
  formatExact,
}: {
  /** At most some hundred, evenly spaced, oldest first. */
  rows: readonly TrendRow[];
  stacked: readonly Series[];
  singles: readonly Series[];
  /** Instants that are marked on the time axis. */
  ticks: readonly number[];
  formatTick: (atMs: number) => string;
  formatExact: (atMs: number) => string;
}) {
  const [pointed, setPointed] = useState<number | null>(null);
  const [first, last] = [rows[0]?.atMs ?? 0, rows.at(-1)?.atMs ?? 1];
  const share = (atMs: number) => (atMs - first) / Math.max(1, last - first);
  const row = pointed === null ? undefined : rows[pointed];

  function point(event: PointerEvent<HTMLDivElement>) {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setPointed(indexAt(rows.length, (event.clientX - left) / width));
  }

  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-2">
      <div className="flex flex-col gap-1">
        <ScaleTop height={STACK_PX} value={topOf(rows, stacked, true)} label="All" />
        {singles.map((series) => (
          <ScaleTop
            key={series.key}
            height={STRIP_PX}
            value={topOf(rows, [series], false)}
            label={series.label}
          />
        ))}
      </div>
      <div
        className="relative flex min-w-0 touch-pan-y flex-col gap-1"
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setPointed(null)}
      >
        {ticks.map((atMs) => (
          <span
            key={atMs}
            className="absolute inset-y-0 w-px bg-line"
            style={{ left: `${share(atMs) * 100}%` }}
          />
        ))}
        <Plot height={STACK_PX}>
          {stackOf(rows, stacked, WIDTH, STACK_PX).map(({ key, path }, index) => (
            <path key={key} d={path} fill={stacked[index]?.color} />
          ))}
        </Plot>
        {singles.map(({ key, color }) => (
          <Plot key={key} height={STRIP_PX}>
            {areaPath(rows, key, WIDTH, STRIP_PX).map(({ area, line }) => (
              <g key={line}>
                <path d={area} fill={color} fillOpacity="0.2" />
                <path
                  d={line}
                  fill="none"
                  stroke={color}
                  strokeWidth="1.5"
                  vectorEffect="non-scaling-stroke"
                />
              </g>
            ))}
          </Plot>
        ))}
        {row && <Readout row={row} at={share(row.atMs)} series={stacked} time={formatExact(row.atMs)} />}
      </div>
      <div className="relative col-start-2 h-5">
        {ticks.map((atMs, index) => (
          <span
            key={atMs}
            className={`absolute top-1 -translate-x-1/2 text-label whitespace-nowrap text-muted ${index % 2 === 1 ? "max-sm:hidden" : ""}`}
            style={{ left: `${Math.min(97, Math.max(2, share(atMs) * 100))}%` }}
          >
            {formatTick(atMs)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** The word of a strip and the value that its full height stands for. */
function ScaleTop({ height, value, label }: { height: number; value: number; label: string }) {
  return (
    <div style={{ height }} className="flex flex-col items-end leading-4">
      <span className="text-label text-fg">{formatCount(value)}</span>
      <span className="text-label text-muted">{label}</span>
    </div>
  );
}

function Plot({ height, children }: { height: number; children: ReactNode }) {
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      className="relative block w-full border-b border-line-strong"
      style={{ height }}
    >
      {children}
    </svg>
  );
}

/** The exact values at the pointer, on the side of it that has room. */
function Readout({
  row,
  at,
  series,
  time,
}: {
  row: TrendRow;
  /** Place on the time axis, 0 to 1. */
  at: number;
  series: readonly Series[];
  time: string;
}) {
  const side = at > 0.5 ? { right: `calc(${(1 - at) * 100}% + 8px)` } : { left: `calc(${at * 100}% + 8px)` };
  return (
    <>
      <span className="pointer-events-none absolute inset-y-0 w-px bg-fg" style={{ left: `${at * 100}%` }} />
      <div
        className="pointer-events-none absolute top-1 z-10 rounded-[4px] border border-line-strong bg-bg px-2.5 py-1.5 text-small"
        style={side}
      >
        <p className="whitespace-nowrap text-muted">{time}</p>
        <dl className="grid grid-cols-[1fr_auto] gap-x-4">
          {series.map(({ key, label }) => (
            <div key={key} className="contents">
              <dt>{label}</dt>
              <dd className="text-right tabular-nums">
                {row.values[key] == null ? "–" : formatCount(row.values[key])}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </>
  );
}
