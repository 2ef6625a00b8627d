"use client";

import dynamic from "next/dynamic";
import { type FiringRow, mostOf } from "#lib/client/firing-rows";
import { formatCount } from "#lib/client/format";
import { Skeleton } from "../ui/skeleton.tsx";
import type { Series } from "./trend-rows.ts";

const STRIP_PX = 40;
const GAP_PX = 8;
const AXIS_PX = 20;

/** The chart library is the largest part of the page, so it is fetched after the rest can be used. */
const FiringPlots = dynamic(
  () => import("./firing-plots.tsx").then((module) => module.FiringPlots).catch(() => PlotsMissing),
  { ssr: false, loading: () => <Skeleton className="h-full w-full" /> },
);

/** A strip of bars per series over the same days, each on its own scale: five firings are as visible as five hundred. */
export function FiringChart({ rows, series }: { rows: readonly FiringRow[]; series: readonly Series[] }) {
  return (
    <div
      className="grid grid-cols-[minmax(72px,auto)_1fr] gap-x-2"
      style={{ height: series.length * (GAP_PX + STRIP_PX) + AXIS_PX }}
    >
      <div className="flex max-w-[30vw] flex-col">
        {series.map(({ key, label }) => (
          <div
            key={key}
            style={{ height: STRIP_PX + GAP_PX, paddingTop: GAP_PX }}
            className="flex flex-col items-end leading-4"
          >
            <span className="text-label text-fg">{formatCount(mostOf(rows, key))}</span>
            <span className="max-w-full truncate text-label text-muted" title={label}>
              {label}
            </span>
          </div>
        ))}
      </div>
      <div className="min-w-0 touch-pan-y">
        <FiringPlots rows={rows} series={series} sizes={{ strip: STRIP_PX, gap: GAP_PX, axis: AXIS_PX }} />
      </div>
    </div>
  );
}

/** In place of the plots when their code could not be fetched: the rest of the page stays. */
function PlotsMissing() {
  return <p className="text-small text-muted">The chart could not be loaded. The table has its figures.</p>;
}
