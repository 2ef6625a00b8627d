"use client";

import { formatDuration } from "#lib/client/format";
import type { ChangeState } from "#lib/domain/change-request";
import { Badge } from "../ui/badge.tsx";
import { useNow } from "../ui/clock.tsx";

const TONES = {
  pending: "accent",
  applied: "neutral",
  denied: "danger",
  expired: "neutral",
  cancelled: "neutral",
} as const;

/** The state of a change request; while it is open, how long it still is. */
export function ChangeStateBadge({ state, expiresAt }: { state: ChangeState; expiresAt: string }) {
  const now = useNow();
  const leftMs = Date.parse(expiresAt) - now;
  return (
    <span className="inline-flex items-center gap-2">
      <Badge tone={TONES[state]}>{state}</Badge>
      {state === "pending" && (
        <span className="text-small text-muted tabular-nums">
          {leftMs > 0 ? `${formatDuration(leftMs)} left` : "time is over"}
        </span>
      )}
    </span>
  );
}
