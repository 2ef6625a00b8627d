"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { STATUS_LABELS } from "#components/fleet/status-words";
import { useTimeTravel } from "#components/shell/time-travel";
import { useNow } from "#components/ui/clock";
import { cn } from "#components/ui/cn";
import { ErrorPanel } from "#components/ui/error-panel";
import { useTimeMode } from "#components/ui/preferences";
import { ProgressBar } from "#components/ui/progress-bar";
import { Skeleton } from "#components/ui/skeleton";
import { formatDuration, formatInstant } from "#lib/client/format";
import { LIFECYCLE_WORDS } from "#lib/client/lifecycle-words";
import { nodeOptions } from "#lib/client/node";
import { RANGE_PRESETS } from "#lib/client/timeline-range";
import { clampRange, panRange, spanOf, zoomRange } from "#lib/client/timeline-scale";
import { findSelected, isWhole, type Selected } from "#lib/client/timeline-select";
import { stayReason } from "#lib/client/timeline-stays";
import { DistrustedNote } from "./distrusted-note.tsx";
import { KnownAtForm } from "./known-at.tsx";
import { Legend } from "./legend.tsx";
import { MiniMap } from "./mini-map.tsx";
import { SelectionPanel } from "./selection-panel.tsx";
import { type Landmark, TimelineChart } from "./timeline-chart.tsx";
import { TimelineList } from "./timeline-list.tsx";
import { TimelineToolbar } from "./timeline-toolbar.tsx";
import { useTimelineData } from "./use-timeline-data.ts";
import { instantOf, rangeShowing, timelineKeys } from "./use-timeline-keys.ts";
import { useTimelineUrl } from "./use-timeline-url.ts";

/** Share of the selected interval's length shown on either side after zooming to it. */
const ZOOM_ROOM = 0.4;

/** A node's history: chart, mini-map, selection and table over one range that lives in the URL. */
export function TimelineView({ nodeId }: { nodeId: string }) {
  const clockMs = useNow();
  const zone = useTimeMode();
  const { time } = useTimeTravel();
  const { url, setRange, setPreset, select, setKnownAt, setLane } = useTimelineUrl();
  const [choosingKnownAt, setChoosingKnownAt] = useState(false);
  const { data: node } = useQuery(nodeOptions(nodeId, time));
  const { timeline, life, range, bounds, knownAt, error, isStale, isFetching, retry } = useTimelineData(
    nodeId,
    url,
    clockMs,
  );
  // What was known then says nothing about what came afterwards: open intervals end there.
  const nowMs = knownAt ? Math.min(clockMs, Date.parse(knownAt)) : clockMs;

  const lastTrustedAt = node?.lastTrustedAt ?? null;
  const landmarks = useMemo(() => {
    const lines: Landmark[] = [{ atMs: clockMs, label: "now", tone: "accent" }];
    if (lastTrustedAt && !knownAt)
      lines.push({ atMs: Date.parse(lastTrustedAt), label: "last trusted", tone: "ink" });
    if (time.asOf) lines.push({ atMs: Date.parse(time.asOf), label: "as of", tone: "accent" });
    if (knownAt) lines.push({ atMs: Date.parse(knownAt), label: "known at", tone: "accent" });
    return lines;
  }, [clockMs, lastTrustedAt, knownAt, time.asOf]);

  if (error && !timeline) {
    return <ErrorPanel title="The timeline could not be loaded" error={error} onRetry={retry} />;
  }
  if (!timeline) return <TimelineSkeleton />;

  const selected = findSelected(timeline, url.e) ?? (life ? findSelected(life, url.e) : null);
  const preset =
    url.to === "now" ? (RANGE_PRESETS.find(({ from }) => from === url.from)?.from ?? null) : null;

  /** The keys walk the whole life, so the range follows the selection. */
  function selectAndShow(key: string | null) {
    select(key, "replace");
    const next = key && timeline ? findSelected(life && isWhole(life) ? life : timeline, key) : null;
    if (!next) return;
    const moved = rangeShowing(instantOf(next), endOf(next, nowMs), range, bounds);
    if (moved !== range) setRange(moved, "replace");
  }

  function zoomTo(target: Selected) {
    const fromMs = instantOf(target);
    const room = Math.max((endOf(target, nowMs) - fromMs) * ZOOM_ROOM, 60_000);
    setRange(
      clampRange(
        { fromMs: Math.round(fromMs - room), toMs: Math.round(endOf(target, nowMs) + room) },
        bounds,
      ),
      "push",
    );
  }

  return (
    <div className="flex flex-col gap-3">
      <DistrustedNote timeline={timeline} zone={zone} />
      <section
        aria-label="Timeline"
        className="min-w-0 overflow-hidden rounded-[6px] border border-line bg-bg"
      >
        <TimelineToolbar
          range={range}
          nowMs={nowMs}
          zone={zone}
          preset={preset}
          endsNow={url.to === "now"}
          knownAtOpen={choosingKnownAt}
          onPreset={setPreset}
          onZoom={(factor) =>
            setRange(zoomRange(range, factor, range.fromMs + spanOf(range) / 2, bounds), "push")
          }
          onPan={(share) => setRange(panRange(range, share * spanOf(range), bounds), "push")}
          onKnownAt={() => setChoosingKnownAt((open) => !open)}
        />
        {choosingKnownAt && (
          <KnownAtForm
            key={zone}
            knownAt={knownAt}
            nowMs={clockMs}
            zone={zone}
            onApply={(instant) => {
              setChoosingKnownAt(false);
              setKnownAt(instant);
            }}
          />
        )}
        {!isWhole(timeline) && (
          <p
            role="status"
            className="border-t border-warn-line bg-warn-bg px-3 py-1.5 text-small text-warn-fg"
          >
            There is more history in this range than one answer holds: the oldest part is missing here. Zoom
            in to see all of it.
          </p>
        )}
        <ProgressBar active={isFetching} />
        <div className={cn("border-t border-line max-sm:px-3", isStale && "opacity-60")}>
          <TimelineChart
            timeline={timeline}
            range={range}
            bounds={bounds}
            nowMs={nowMs}
            zone={zone}
            selected={selected}
            landmarks={landmarks}
            onRange={setRange}
            onSelect={(key) => select(key)}
            onKey={timelineKeys({
              timeline: life && isWhole(life) ? life : timeline,
              selected,
              range,
              bounds,
              onRange: setRange,
              onSelect: selectAndShow,
              onReset: () => setPreset(RANGE_PRESETS[1].from),
            })}
          />
        </div>
        <div className="border-t border-line px-3 py-2">
          {life ? (
            <MiniMap life={life} range={range} bounds={bounds} nowMs={nowMs} onRange={setRange} />
          ) : (
            <div className="h-7" />
          )}
        </div>
        <Legend zone={zone} />
        {selected && (
          <SelectionPanel
            nodeId={nodeId}
            selected={selected}
            nowMs={nowMs}
            zone={zone}
            onClose={() => select(null)}
            onZoom={() => zoomTo(selected)}
            onKnownAt={(instant) => setKnownAt(instant)}
          />
        )}
        <p role="status" className="sr-only">
          {selected && sentenceOf(selected, nowMs)}
        </p>
      </section>
      <TimelineList
        timeline={timeline}
        range={range}
        lane={url.lane}
        nowMs={nowMs}
        zone={zone}
        selectedKey={selected?.key ?? null}
        onLane={setLane}
        onSelect={(key) => selectAndShow(key)}
      />
    </div>
  );
}

function endOf(selected: Selected, nowMs: number): number {
  if (selected.kind === "event") return Date.parse(selected.event.occurredAt);
  const { to } = selected.kind === "stay" ? selected.stay : selected.interval;
  return to === null ? nowMs : Date.parse(to);
}

/** What a screen reader hears when the selection moves. */
function sentenceOf(selected: Selected, nowMs: number): string {
  if (selected.kind === "event") {
    return `${selected.event.type}, ${selected.event.outcome}, ${formatInstant(selected.event.occurredAt, { mode: "utc" })}`;
  }
  const length = formatDuration(endOf(selected, nowMs) - instantOf(selected));
  if (selected.kind === "stay") {
    const { stay } = selected;
    return `Life cycle: ${LIFECYCLE_WORDS[stay.state]} from ${formatInstant(stay.from, { mode: "utc" })} for ${length}. ${stayReason(stay)}`;
  }
  const { lane, interval } = selected;
  return `${lane.label}: ${STATUS_LABELS[interval.state]} from ${formatInstant(interval.from, { mode: "utc" })} for ${length}. ${interval.reason}`;
}

/** The final size before the first data. */
function TimelineSkeleton() {
  return (
    <div role="status" aria-label="Loading the timeline" className="flex flex-col gap-3">
      <Skeleton className="h-[320px] w-full" />
      <Skeleton className="h-[280px] w-full" />
    </div>
  );
}
