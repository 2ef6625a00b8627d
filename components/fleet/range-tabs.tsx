"use client";

import { parseAsStringLiteral, useQueryState } from "nuqs";
import { TREND_RANGES, type TrendRange } from "#lib/client/fleet";
import { cn } from "../ui/cn.tsx";

/** The range in the address: `?range=7d`. */
export function useTrendRange(): [TrendRange, (range: TrendRange) => void] {
  const [range, setRange] = useQueryState(
    "range",
    parseAsStringLiteral(TREND_RANGES).withDefault("24h").withOptions({ history: "push" }),
  );
  return [range, (next) => void setRange(next)];
}

/** Chooses how far back the page looks. */
export function RangeTabs({ range, onChange }: { range: TrendRange; onChange: (range: TrendRange) => void }) {
  return (
    <fieldset className="inline-flex rounded-[4px] border border-line p-0.5">
      <legend className="sr-only">Range</legend>
      {TREND_RANGES.map((value) => (
        <button
          key={value}
          type="button"
          aria-pressed={range === value}
          onClick={() => onChange(value)}
          className={cn(
            "touch h-6 rounded-[3px] px-2.5 font-mono text-label",
            range === value ? "bg-selected text-fg" : "text-muted hover:text-fg",
          )}
        >
          {value}
        </button>
      ))}
    </fieldset>
  );
}
