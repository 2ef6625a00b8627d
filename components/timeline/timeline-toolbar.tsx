"use client";

import { ChevronLeft, ChevronRight, History, ZoomIn, ZoomOut } from "lucide-react";
import { Button, IconButton } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import { formatDuration, formatInstant } from "#lib/client/format";
import { RANGE_PRESETS } from "#lib/client/timeline-range";
import type { Range, Zone } from "#lib/client/timeline-scale";

/** Presets, zoom and pan, and the range in words with its zone. */
export function TimelineToolbar({
  range,
  nowMs,
  zone,
  preset,
  endsNow,
  knownAtOpen,
  onPreset,
  onZoom,
  onPan,
  onKnownAt,
}: {
  range: Range;
  nowMs: number;
  zone: Zone;
  /** `from` of the preset in force; `null` when a range was chosen otherwise. */
  preset: string | null;
  /** The range moves on with the clock. */
  endsNow: boolean;
  knownAtOpen: boolean;
  onPreset: (from: string) => void;
  /** Below 1 zooms in. */
  onZoom: (factor: number) => void;
  /** Share of the range to move by; negative = earlier. */
  onPan: (share: number) => void;
  onKnownAt: () => void;
}) {
  const mode = { mode: zone };
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2">
      <fieldset className="inline-flex flex-wrap rounded-[4px] border border-line p-0.5">
        <legend className="sr-only">Range</legend>
        {RANGE_PRESETS.map(({ label, name, from }) => (
          <button
            key={from}
            type="button"
            aria-pressed={preset === from}
            aria-label={`${label}: ${name}`}
            title={name}
            onClick={() => onPreset(from)}
            className={cn(
              "touch inline-flex h-6 items-center justify-center rounded-[3px] px-2 text-small whitespace-nowrap",
              preset === from ? "bg-selected font-medium text-fg" : "text-muted hover:text-fg",
            )}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <div className="inline-flex items-center">
        <IconButton label="Earlier" onClick={() => onPan(-0.5)}>
          <ChevronLeft aria-hidden />
        </IconButton>
        <IconButton label="Later" onClick={() => onPan(0.5)}>
          <ChevronRight aria-hidden />
        </IconButton>
        <IconButton label="Zoom in" onClick={() => onZoom(0.5)}>
          <ZoomIn aria-hidden />
        </IconButton>
        <IconButton label="Zoom out" onClick={() => onZoom(2)}>
          <ZoomOut aria-hidden />
        </IconButton>
      </div>
      <p className="min-w-0 font-mono text-small text-muted max-sm:order-last max-sm:basis-full">
        {formatInstant(new Date(range.fromMs).toISOString(), mode)}
        <span className="text-faint"> – </span>
        {endsNow ? "now" : formatInstant(new Date(range.toMs).toISOString(), mode)}
        <span className="whitespace-nowrap">
          {" "}
          · {formatDuration(Math.min(range.toMs, nowMs) - range.fromMs)}
        </span>
      </p>
      <Button size="sm" className="ml-auto" aria-expanded={knownAtOpen} onClick={onKnownAt}>
        <History aria-hidden className="size-3.5" />
        As known at…
      </Button>
    </div>
  );
}
