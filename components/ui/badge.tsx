import type { ReactNode } from "react";
import { cn } from "./cn.tsx";

const TONE = {
  neutral: "border-line-strong text-muted",
  accent: "border-accent text-accent",
  warn: "border-warn-line bg-warn-bg text-warn-fg",
  danger: "border-danger text-danger",
} as const;

/** A short label in a frame. Never for a trust status: that is `StatusBadge`. */
export function Badge({
  tone = "neutral",
  title,
  className,
  children,
}: {
  tone?: keyof typeof TONE;
  title?: string | undefined;
  className?: string | undefined;
  children: ReactNode;
}) {
  return (
    <span
      title={title}
      className={cn(
        "inline-flex h-[18px] shrink-0 align-middle items-center gap-1 rounded-[3px] border px-1 font-mono text-label whitespace-nowrap uppercase",
        TONE[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
