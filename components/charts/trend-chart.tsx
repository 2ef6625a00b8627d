"use client";

import type { ReactNode } from "react";
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatCount } from "#lib/client/format";

/** One series: where its value stands in a row, its word, and its colour. */
export type Series = { key: string; label: string; color: string };
/** One instant; a series without a value there is a gap and is drawn as one. */
export type TrendRow = { atMs: number; values: Readonly<Record<string, number | null>> };

type Common = {
  rows: readonly TrendRow[];
  /** Charts with the same id show the pointer at the same instant. */
  syncId: string;
  /** Instants that are marked on the time axis. */
  ticks: readonly number[];
  formatTick: (atMs: number) => string;
  formatExact: (atMs: number) => string;
};

const AXIS = { fontSize: 11, fill: "var(--fg-muted)" } as const;
const MARGIN = { top: 6, right: 16, bottom: 0, left: 0 } as const;
const Y_WIDTH = 44;

const readKey = (key: string) => (row: TrendRow) => row.values[key] ?? null;

/**
 * Several charts over one time axis: everything as a stack, and under it each of the chosen few on its own
 * scale, so that five of ten thousand are as visible as five hundred.
 */
export function TrendChart({
  stacked,
  singles,
  ...common
}: Common & { stacked: readonly Series[]; singles: readonly Series[] }) {
  return (
    <div>
      <div className="h-[112px]">
        <Strip {...common} series={stacked} stacked ticksShown={false} />
      </div>
      {singles.map((series, index) => {
        const isLast = index === singles.length - 1;
        return (
          <div key={series.key} className={isLast ? "h-[64px]" : "h-[44px]"}>
            <Strip {...common} series={[series]} stacked={false} ticksShown={isLast} />
          </div>
        );
      })}
    </div>
  );
}

function Strip({
  rows,
  series,
  stacked,
  ticksShown,
  syncId,
  ticks,
  formatTick,
  formatExact,
}: Common & { series: readonly Series[]; stacked: boolean; ticksShown: boolean }): ReactNode {
  const [only] = series;
  const top = stacked
    ? stackTop(rows, series)
    : Math.max(1, ...rows.map((row) => row.values[only?.key ?? ""] ?? 0));
  return (
    <ResponsiveContainer width="100%" height="100%">
      <AreaChart data={[...rows]} syncId={syncId} margin={MARGIN} accessibilityLayer={false}>
        <CartesianGrid horizontal={false} stroke="var(--line)" />
        <XAxis
          dataKey="atMs"
          type="number"
          domain={["dataMin", "dataMax"]}
          ticks={[...ticks]}
          tickFormatter={formatTick}
          tick={ticksShown ? AXIS : false}
          tickLine={false}
          axisLine={{ stroke: "var(--line-strong)" }}
          height={ticksShown ? 20 : 1}
          minTickGap={12}
        />
        <YAxis
          width={Y_WIDTH}
          domain={[0, top]}
          ticks={[0, top]}
          interval={0}
          tick={AXIS}
          tickLine={false}
          axisLine={false}
          tickFormatter={formatCount}
        />
        <Tooltip
          content={<Readout series={series} formatExact={formatExact} />}
          isAnimationActive={false}
          allowEscapeViewBox={{ x: false, y: true }}
          wrapperStyle={{ zIndex: 10 }}
        />
        {series.map(({ key, label, color }) => (
          <Area
            key={key}
            dataKey={readKey(key)}
            name={label}
            type="stepAfter"
            {...(stacked ? { stackId: "all", stroke: "none" } : { stroke: color, strokeWidth: 1.5 })}
            fill={color}
            fillOpacity={stacked ? 0.9 : 0.22}
            connectNulls={false}
            isAnimationActive={false}
            activeDot={false}
          />
        ))}
      </AreaChart>
    </ResponsiveContainer>
  );
}

function stackTop(rows: readonly TrendRow[], series: readonly Series[]): number {
  const sums = rows.map(({ values }) => series.reduce((sum, { key }) => sum + (values[key] ?? 0), 0));
  return Math.max(1, ...sums);
}

type ReadoutProps = {
  series: readonly Series[];
  formatExact: (atMs: number) => string;
  active?: boolean;
  payload?: readonly { payload?: TrendRow }[];
};

/** The exact values at the pointer. */
function Readout({ series, formatExact, active, payload }: ReadoutProps) {
  const row = payload?.[0]?.payload;
  if (!active || !row) return null;
  return (
    <div className="rounded-[4px] border border-line-strong bg-bg px-2.5 py-1.5 text-small">
      <p className="text-muted">{formatExact(row.atMs)}</p>
      <table>
        <tbody>
          {series.map(({ key, label }) => (
            <tr key={key}>
              <td className="pr-4">{label}</td>
              <td className="text-right tabular-nums">{formatCount(row.values[key] ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
