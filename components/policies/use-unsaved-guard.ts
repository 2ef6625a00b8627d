"use client";

import { useEffect, useState } from "react";

/**
 * Keeps somebody from losing what they typed: the browser asks before the tab is closed or reloaded, and a link
 * within the product is held back until it is confirmed.
 *
 * @returns the address that waits for an answer; `null` = none does
 */
export function useUnsavedGuard(dirty: boolean): { waiting: string | null; stay: () => void } {
  const [waiting, setWaiting] = useState<string | null>(null);
  useEffect(() => {
    if (!dirty) return;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const href = leadsTo(event);
      if (href === null) return;
      event.preventDefault();
      event.stopPropagation();
      setWaiting(href);
    };
    window.addEventListener("beforeunload", onUnload);
    // Before the link itself hears of it.
    document.addEventListener("click", onClick, { capture: true });
    return () => {
      window.removeEventListener("beforeunload", onUnload);
      document.removeEventListener("click", onClick, { capture: true });
    };
  }, [dirty]);
  return { waiting, stay: () => setWaiting(null) };
}

/** Where a plain click would take this tab within the product; `null` = nowhere else. */
function leadsTo(event: MouseEvent): string | null {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || (link.target !== "" && link.target !== "_self")) return null;
  const { origin, pathname, search } = new URL(link.href);
  if (origin !== window.location.origin || link.hasAttribute("download")) return null;
  if (pathname === window.location.pathname && search === window.location.search) return null;
  return `${pathname}${search}`;
}
