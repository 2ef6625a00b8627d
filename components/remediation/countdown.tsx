"use client";

import { useEffect, useState } from "react";
import { countdownWords } from "#lib/client/countdown";
import { formatInstant } from "#lib/client/format";
import { useNow } from "../ui/clock.tsx";
import { cn } from "../ui/cn.tsx";

/** Below this the seconds are counted: somebody may be waiting for the last of them. */
const BY_SECONDS_MS = 120_000;
const SOON_MS = 600_000;

/** How long something is still open. `verb` is what happens then: "expires", "starts". */
export function Countdown({ iso, verb, over }: { iso: string; verb: string; over: string }) {
  const leftMs = useLeft(Date.parse(iso));
  return (
    <span
      title={formatInstant(iso, { mode: "utc" })}
      className={cn("tabular-nums", leftMs < SOON_MS && "font-medium text-warn-fg")}
    >
      {leftMs > 0 ? `${verb} in ${countdownWords(leftMs)}` : over}
    </span>
  );
}

/** The tab's clock moves every 15 s; near the end it is looked at every second. */
function useLeft(endMs: number): number {
  const coarse = useNow();
  const [fine, setFine] = useState(0);
  const leftMs = endMs - Math.max(coarse, fine);
  const near = leftMs > 0 && leftMs < BY_SECONDS_MS;
  useEffect(() => {
    if (!near) return;
    const timer = setInterval(() => setFine(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [near]);
  return leftMs;
}
