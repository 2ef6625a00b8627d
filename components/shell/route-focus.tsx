"use client";

import { usePathname } from "next/navigation";
import { useEffect, useRef } from "react";

/** After a change of page the new H1 gets the focus, so that keyboard and screen reader start there. */
export function RouteFocus() {
  const pathname = usePathname();
  const previous = useRef(pathname);
  useEffect(() => {
    if (previous.current === pathname) return;
    previous.current = pathname;
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }, [pathname]);
  return null;
}
