"use client";

import { PhoneBrand } from "./brand.tsx";
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
      <PhoneBrand />
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
