"use client";

import { formatAge } from "#lib/client/format";
import type { TrustStatus } from "#lib/domain/trust-status";
import { useReferenceNow } from "../ui/clock.tsx";
import { cn } from "../ui/cn.tsx";
import { STATUS_LABELS } from "./status-words.tsx";

/** Outline of each status on a 16 px grid: the shape alone tells them apart. */
function shapeOf(status: TrustStatus) {
  const ink = {
    stroke: "var(--status-ink)",
    strokeWidth: 1.8,
    strokeLinecap: "round",
    fill: "none",
  } as const;
  const color = `var(--status-${status})`;
  switch (status) {
    case "trusted":
      return (
        <>
          <circle cx="8" cy="8" r="7" fill={color} />
          <path d="M4.8 8.2 7.1 10.5 11.3 5.9" {...ink} strokeLinejoin="round" />
        </>
      );
    case "degraded":
      return (
        <>
          <path d="M8 1.6 15.2 14H.8Z" fill={color} stroke={color} strokeWidth="1.2" strokeLinejoin="round" />
          <path d="M8 6.2v3.6M8 12v.1" {...ink} />
        </>
      );
    case "failed":
      return (
        <>
          <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1Z" fill={color} />
          <path d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" {...ink} />
        </>
      );
    case "quarantined":
      return (
        <>
          <rect x="1" y="1" width="14" height="14" rx="1.5" fill={color} />
          <rect x="4.6" y="7.2" width="6.8" height="5" rx="0.8" fill="var(--status-ink)" />
          <path d="M5.9 7.2V5.6a2.1 2.1 0 0 1 4.2 0v1.6" {...ink} strokeWidth={1.4} />
        </>
      );
    case "pending":
      return (
        <circle cx="8" cy="8" r="6" fill="none" stroke={color} strokeWidth="2" strokeDasharray="3 2.2" />
      );
    case "stale":
      return (
        <>
          <circle cx="8" cy="8" r="6.2" fill="none" stroke={color} strokeWidth="1.8" />
          <path d="M8 4.6V8l2.3 1.6" fill="none" stroke={color} strokeWidth="1.6" strokeLinecap="round" />
        </>
      );
    case "exempt":
      return (
        <>
          <circle cx="8" cy="8" r="6.2" fill="none" stroke={color} strokeWidth="1.6" />
          <path d="m3.8 12.2 8.4-8.4" stroke={color} strokeWidth="1.6" />
        </>
      );
  }
}

/** The sign of a status without its word; the word must stand beside it. */
export function StatusShape({
  status,
  size = 14,
  className,
}: {
  status: TrustStatus;
  size?: number;
  className?: string | undefined;
}) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      width={size}
      height={size}
      className={cn("shrink-0 forced-color-adjust-none", className)}
    >
      {shapeOf(status)}
    </svg>
  );
}

/** A trust status as shape and word, and for how long it has been so. */
export function StatusBadge({
  status,
  since,
  size = "md",
}: {
  status: TrustStatus;
  since?: string | undefined;
  size?: "sm" | "md" | "lg";
}) {
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 align-middle whitespace-nowrap",
        size === "sm" && "text-small",
        size === "lg" && "text-title font-semibold",
      )}
    >
      <StatusShape status={status} size={size === "lg" ? 18 : 14} />
      <span>
        {STATUS_LABELS[status]}
        {since !== undefined && <Since iso={since} />}
      </span>
    </span>
  );
}

function Since({ iso }: { iso: string }) {
  const now = useReferenceNow();
  return (
    <time dateTime={iso} className="font-normal text-muted">
      {" · "}
      {formatAge(iso, now)}
    </time>
  );
}
