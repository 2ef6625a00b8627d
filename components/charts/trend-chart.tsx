"use client";

import dynamic from "next/dynamic";
import { formatCount } from "#lib/client/format";
import { Skeleton } from "../ui/skeleton.tsx";
import type { TrendPlotsProps } from "./trend-plots.tsx";
import { topOf } from "./trend-rows.ts";

const STACK_PX = 120;
const STRIP_PX = 40;
const GAP_PX = 4;
const AXIS_PX = 20;

/** The chart library is the largest part of the page, so it is fetched after the rest can be used. */
const TrendPlots = dynamic(
  () => import("./trend-plots.tsx").then((module) => module.TrendPlots).catch(() => PlotsMissing),
  { ssr: false, loading: () => <Skeleton className="h-full w-full" /> },
);

/**
 * Several charts over one time axis: everything as a stack, and under it each of the chosen few on its own
 * scale, so that five of ten thousand are as visible as five hundred. Instants without values are gaps.
 */
export function TrendChart(props: Omit<TrendPlotsProps, "sizes">) {
  const { rows, stacked, singles } = props;
  const height = STACK_PX + singles.length * (GAP_PX + STRIP_PX) + AXIS_PX;
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-2" style={{ height }}>
      <div className="flex flex-col" style={{ gap: GAP_PX }}>
        <ScaleTop height={STACK_PX} value={topOf(rows, stacked)} label="All" />
        {singles.map((series) => (
          <ScaleTop key={series.key} height={STRIP_PX} value={topOf(rows, [series])} label={series.label} />
        ))}
      </div>
      <div className="min-w-0 touch-pan-y">
        <TrendPlots {...props} sizes={{ stack: STACK_PX, strip: STRIP_PX, gap: GAP_PX, axis: AXIS_PX }} />
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

/** In place of the plots when their code could not be fetched: the rest of the page stays. */
function PlotsMissing() {
  return <p className="text-small text-muted">The chart could not be loaded. The table has its figures.</p>;
}
