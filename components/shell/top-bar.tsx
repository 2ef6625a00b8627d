"use client";

import Link from "next/link";
import { paths } from "#lib/client/paths";
import { Brand } from "./brand.tsx";
import { GlobalSearch } from "./global-search.tsx";
import { LiveIndicator } from "./live-indicator.tsx";
import { PaletteButton } from "./palette-button.tsx";
import { ScopeSwitch } from "./scope.tsx";
import { TimeModeSwitch } from "./time-mode.tsx";
import { TimeTravelButton } from "./time-travel.tsx";

/** Above every page: search, the palette, the time zone, and whether the page is live. */
export function TopBar() {
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center justify-between gap-3 border-b border-line bg-bg px-4">
      <Link
        href={paths.overview()}
        aria-label="Touchstone: overview"
        className="touch flex items-center md:hidden"
      >
        <Brand />
      </Link>
      <GlobalSearch />
      <div className="flex items-center gap-2">
        <ScopeSwitch />
        <LiveIndicator />
        <TimeTravelButton />
        <span className="hidden md:inline-flex">
          <TimeModeSwitch />
        </span>
        <PaletteButton />
      </div>
    </header>
  );
}
