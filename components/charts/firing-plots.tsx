"use client";

import { Bar, BarChart, Tooltip, XAxis, YAxis } from "recharts";
import { type FiringRow, mostOf } from "#lib/client/firing-rows";
import { formatCount } from "#lib/client/format";
import type { Series } from "./trend-rows.ts";

/** Heights in pixels; `gap` is above each strip, `axis` below the last one. */
type Sizes = { strip: number; gap: number; axis: number };

/** A tick without its words keeps its place. */
const NO_WORDS = () => <g />;

/** The bars of a firing chart. Kept apart, because the chart library comes with them. */
export function FiringPlots({
  rows,
  series,
  sizes,
}: {
  rows: readonly FiringRow[];
  series: readonly Series[];
  sizes: Sizes;
}) {
  return series.map((one, index) => (
    <Plot
      key={one.key}
      rows={rows}
      series={one}
      sizes={{ ...sizes, axis: index === series.length - 1 ? sizes.axis : 0 }}
    />
  ));
}

function Plot({
  rows,
  series: { key, label, color },
  sizes: { strip, gap, axis },
}: {
  rows: readonly FiringRow[];
  series: Series;
  sizes: Sizes;
}) {
  return (
    <BarChart
      responsive
      data={rows}
      syncId="firings"
      style={{ width: "100%", height: gap + strip + axis }}
      margin={{ top: gap, right: 0, bottom: 0, left: 0 }}
      // The table beside the chart is the way for keyboards and screen readers.
      accessibilityLayer={false}
      barCategoryGap="10%"
    >
      <XAxis
        dataKey="day"
        tickFormatter={(day: string) => day.slice(5)}
        interval="equidistantPreserveStart"
        minTickGap={16}
        tickLine={false}
        axisLine={{ stroke: "var(--line-strong)" }}
        tick={axis > 0 ? { fill: "var(--fg-muted)", fontSize: 11 } : NO_WORDS}
        height={Math.max(1, axis)}
      />
      <YAxis hide domain={[0, mostOf(rows, key)]} />
      {/* A rule's name may hold a dot, which the library would take for a path. */}
      <Bar
        dataKey={({ values }: FiringRow) => values[key] ?? 0}
        fill={color}
        maxBarSize={24}
        isAnimationActive={false}
      />
      <Tooltip
        isAnimationActive={false}
        cursor={{ fill: "var(--bg-hover)" }}
        position={{ y: 0 }}
        allowEscapeViewBox={{ y: true }}
        wrapperStyle={{ zIndex: 10 }}
        content={({ active, payload }) =>
          active && payload[0] ? (
            <Readout row={payload[0].payload as FiringRow} name={key} label={label} />
          ) : null
        }
      />
    </BarChart>
  );
}

/** The exact figure at the pointer. */
function Readout({ row: { day, values }, name, label }: { row: FiringRow; name: string; label: string }) {
  return (
    <p className="rounded-[4px] border border-line-strong bg-bg px-2 py-0.5 text-small whitespace-nowrap">
      <span className="text-muted">{day}</span> {label}: {formatCount(values[name] ?? 0)}
    </p>
  );
}
