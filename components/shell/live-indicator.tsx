"use client";

import { formatInstant } from "#lib/client/format";
import type { StreamState } from "#lib/client/stream";
import { cn } from "../ui/cn.tsx";
import { useTimeMode } from "../ui/preferences.tsx";
import { useStreamState } from "./live.tsx";

const PHASE: Readonly<Record<StreamState["phase"], { word: string; meaning: string; dot: string }>> = {
  connecting: {
    word: "Connecting",
    meaning: "Opening the connection for changes.",
    dot: "border border-control",
  },
  live: { word: "Live", meaning: "Changes arrive as they happen.", dot: "bg-accent" },
  reconnecting: {
    word: "Reconnecting",
    meaning: "The connection was lost. Figures are refreshed once a minute until it is back.",
    dot: "border-2 border-warn-line",
  },
  offline: {
    word: "Offline",
    meaning: "This device has no network. What you see is from before.",
    dot: "border-2 border-danger",
  },
  paused: { word: "Paused", meaning: "This tab is hidden.", dot: "border border-control" },
};

/** Whether what is on screen keeps itself up to date, and since when it does not. */
export function LiveIndicator() {
  const { phase, sinceMs } = useStreamState();
  const mode = useTimeMode();
  const { word, meaning, dot } = PHASE[phase];
  const lost = phase === "reconnecting" || phase === "offline";
  const since = lost ? formatInstant(new Date(sinceMs).toISOString(), { mode }).split(" ")[1] : null;
  return (
    <span
      title={meaning}
      className="inline-flex h-8 items-center justify-center gap-1.5 px-2 text-small text-muted"
    >
      <span aria-hidden className={cn("size-2 rounded-full", dot)} />
      <span role="status">
        {word}
        {since && <span className="hidden lg:inline"> since {since}</span>}
        {lost && <span className="sr-only">. {meaning}</span>}
      </span>
    </span>
  );
}
