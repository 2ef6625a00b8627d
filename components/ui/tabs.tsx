"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { cn } from "./cn.tsx";

export type Tab = {
  href: string;
  label: ReactNode;
  /** Also the current tab on these paths. */
  also?: readonly string[];
  /** Decides instead of the path, for tabs that live in a query parameter. */
  current?: boolean;
};

/** Tabs that are links: each has an address of its own, so it can be sent and reloaded. */
export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const pathname = usePathname();
  return (
    <nav aria-label={label} className="flex gap-4 overflow-x-auto border-b border-line">
      {tabs.map(({ href, label: text, also, current }) => {
        const path = href.split("?")[0];
        const here = current ?? (pathname === path || (also?.includes(pathname) ?? false));
        return (
          <Link
            key={href}
            href={href}
            aria-current={here ? "page" : undefined}
            className={cn(
              "touch -mb-px inline-flex h-9 items-center gap-1.5 border-b-2 text-data whitespace-nowrap",
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
