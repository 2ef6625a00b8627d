"use client";

import { Lock } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useId } from "react";
import { cn } from "./cn.tsx";

export type Tab = {
  href: string;
  label: ReactNode;
  /** Also the current tab on these paths. */
  also?: readonly string[];
  /** Decides instead of the path, for tabs that live in a query parameter. */
  current?: boolean;
  /** Why it may not be opened, as a sentence; it stays in sight, and in the order of the Tab key. */
  reason?: string | null;
};

const TAB = "touch -mb-px inline-flex h-9 items-center gap-1.5 border-b-2 text-data whitespace-nowrap";

/** Tabs scroll sideways on a narrow screen; the page itself must not move for it. */
function bringIntoSight(tab: HTMLElement | null): void {
  const bar = tab?.parentElement;
  if (!tab || !bar) return;
  const { left, width } = tab.getBoundingClientRect();
  bar.scrollLeft += left - bar.getBoundingClientRect().left - (bar.clientWidth - width) / 2;
}

/** Tabs that are links: each has an address of its own, so it can be sent and reloaded. */
export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const pathname = usePathname();
  return (
    <nav aria-label={label} className="flex gap-4 overflow-x-auto border-b border-line">
      {tabs.map(({ href, label: text, also, current, reason = null }) => {
        if (reason !== null) return <ClosedTab key={href} label={text} reason={reason} />;
        const path = href.split("?")[0];
        const here = current ?? (pathname === path || (also?.includes(pathname) ?? false));
        return (
          <Link
            key={href}
            href={href}
            ref={here ? bringIntoSight : undefined}
            aria-current={here ? "page" : undefined}
            className={cn(
              TAB,
              here ? "border-accent font-medium text-fg" : "border-transparent text-muted hover:text-fg",
            )}
          >
            {text}
          </Link>
        );
      })}
    </nav>
  );
}

/** A tab that may not be opened: it can be focused, so that its reason is read out. */
function ClosedTab({ label, reason }: { label: ReactNode; reason: string }) {
  const id = useId();
  return (
    <>
      <button
        type="button"
        aria-disabled
        aria-describedby={id}
        title={reason}
        className={cn(TAB, "cursor-not-allowed border-transparent text-muted")}
      >
        {label}
        <Lock aria-hidden className="size-3" />
      </button>
      <span id={id} className="sr-only">
        {reason}
      </span>
    </>
  );
}
