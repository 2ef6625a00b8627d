"use client";

import { Area, AreaChart, CartesianGrid, Tooltip, XAxis, YAxis } from "recharts";
import { formatCount } from "#lib/client/format";
import { type Series, type TrendRow, topOf } from "./trend-rows.ts";

/** Heights in pixels; `gap` is above each strip. */
type Sizes = { stack: number; strip: number; gap: number; axis: number };

export type TrendPlotsProps = {
  /** At most some hundred, evenly spaced, oldest first. */
  rows: readonly TrendRow[];
  stacked: readonly Series[];
  singles: readonly Series[];
  /** Instants that are marked on the time axis. */
  ticks: readonly number[];
  formatTick: (atMs: number) => string;
  formatExact: (atMs: number) => string;
  sizes: Sizes;
};

/** A tick without its words keeps its line of the grid. */
const NO_WORDS = () => <g />;

/** The plots of a trend chart. Kept apart, because the chart library comes with them. */
export function TrendPlots({ singles, stacked, sizes, ...rest }: TrendPlotsProps) {
  return (
    <>
      <Plot
        {...rest}
        series={stacked}
        height={sizes.stack}
        axis={singles.length === 0 ? sizes.axis : 0}
        whole
      />
      {singles.map((series, index) => (
        <Plot
          {...rest}
          key={series.key}
          series={[series]}
          height={sizes.strip}
          gap={sizes.gap}
          axis={index === singles.length - 1 ? sizes.axis : 0}
        />
      ))}
    </>
  );
}

type PlotProps = Pick<TrendPlotsProps, "rows" | "ticks" | "formatTick" | "formatExact"> & {
  series: readonly Series[];
  height: number;
  gap?: number;
  /** Height of the time axis below; 0 = none. */
  axis: number;
  /** The stack of everything; it tells the values of the instant at the pointer, which every plot marks. */
  whole?: boolean;
};

function Plot({
  rows,
  ticks,
  formatTick,
  formatExact,
  series,
  height,
  gap = 0,
  axis,
  whole = false,
}: PlotProps) {
  return (
    <AreaChart
      responsive
      data={rows}
      syncId="trend"
      style={{ width: "100%", height: gap + height + axis }}
      margin={{ top: gap, right: 0, bottom: 0, left: 0 }}
      // The table beside the chart is the way for keyboards and screen readers.
      accessibilityLayer={false}
    >
      <XAxis
        dataKey="atMs"
        type="number"
        domain={["dataMin", "dataMax"]}
        ticks={[...ticks]}
        tickFormatter={formatTick}
        interval="equidistantPreserveStart"
        minTickGap={16}
        tickLine={false}
        axisLine={{ stroke: "var(--line-strong)" }}
        tick={axis > 0 ? { fill: "var(--fg-muted)", fontSize: 11 } : NO_WORDS}
        height={Math.max(1, axis)}
      />
      <YAxis hide domain={[0, topOf(rows, series)]} />
      <CartesianGrid horizontal={false} syncWithTicks stroke="var(--line)" />
      {series.map(({ key, color }) => (
        <Area
          key={key}
          dataKey={`values.${key}`}
          // A status holds until the next instant: history is never interpolated, and a gap stays one.
          type="stepAfter"
          connectNulls={false}
          fill={color}
          fillOpacity={whole ? 1 : 0.2}
          stroke={whole ? "none" : color}
          strokeWidth={1.5}
          isAnimationActive={false}
          activeDot={false}
          {...(whole ? { stackId: "all" } : {})}
        />
      ))}
      <Tooltip
        isAnimationActive={false}
        filterNull={false}
        cursor={{ stroke: "var(--fg)" }}
        position={{ y: 4 }}
        offset={8}
        allowEscapeViewBox={{ y: true }}
        wrapperStyle={{ zIndex: 10 }}
        content={({ active, payload }) =>
          active && whole && payload[0] ? (
            <Readout row={payload[0].payload as TrendRow} series={series} formatExact={formatExact} />
          ) : null
        }
      />
    </AreaChart>
  );
}

/** The exact values at the pointer. */
function Readout({
  row,
  series,
  formatExact,
}: {
  row: TrendRow;
  series: readonly Series[];
  formatExact: (atMs: number) => string;
}) {
  return (
    <div className="rounded-[4px] border border-line-strong bg-bg px-2.5 py-1.5 text-small">
      <p className="whitespace-nowrap text-muted">{formatExact(row.atMs)}</p>
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
  );
}
