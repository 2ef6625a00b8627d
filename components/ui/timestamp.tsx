"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { DAY_MS, formatAge, formatInstant } from "#lib/client/format";
import { useNow } from "./clock.tsx";
import { cn } from "./cn.tsx";
import { useTimeMode } from "./preferences.tsx";

const TimestampCard = dynamic(() => import("./timestamp-card.tsx").then((module) => module.TimestampCard), {
  ssr: false,
});

/** News may be a little younger than this tab's last tick, and clocks differ: that much is still "now". */
const CLOCK_SLACK_MS = 60_000;

/**
 * An instant: relative while it is younger than a day, absolute afterwards. Hovering or focusing shows it
 * relative, local, in UTC and as epoch milliseconds, each to copy. `absolute` is for evidence and audit.
 */
export function Timestamp({
  iso,
  absolute = false,
  className,
}: {
  iso: string;
  absolute?: boolean;
  className?: string | undefined;
}) {
  const now = useNow();
  const mode = useTimeMode();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const age = now - Date.parse(iso);
  const isAhead = age < -CLOCK_SLACK_MS;
  const relative = isAhead ? "in the future" : `${formatAge(iso, now)} ago`;
  const asAge = !absolute && !isAhead && age < DAY_MS;

  return (
    <>
      <time
        dateTime={iso}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the card with the exact instant opens on focus too
        tabIndex={0}
        onPointerEnter={(event) => setAnchor(event.currentTarget)}
        onFocus={(event) => setAnchor(event.currentTarget)}
        className={cn("whitespace-nowrap tabular-nums", className)}
      >
        {asAge ? relative : <InstantText text={formatInstant(iso, { mode })} />}
      </time>
      {anchor && (
        <TimestampCard anchor={anchor} iso={iso} relative={relative} onClose={() => setAnchor(null)} />
      )}
    </>
  );
}

/** The date bright, the time dim: rows of one day read quickly. */
function InstantText({ text }: { text: string }) {
  const [date, time] = text.split(" ");
  return (
    <>
      {date} <span className="text-muted">{time}</span>
    </>
  );
}
