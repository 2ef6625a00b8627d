"use client";

import { cn } from "../ui/cn.tsx";
import { setPreferences, useTimeMode } from "../ui/preferences.tsx";

/** Whether instants are written in UTC or in the browser's zone. */
export function TimeModeSwitch() {
  const mode = useTimeMode();
  return (
    <fieldset className="inline-flex rounded-[4px] border border-line p-0.5">
      <legend className="sr-only">Time zone</legend>
      {(["utc", "local"] as const).map((value) => (
        <button
          key={value}
          type="button"
          aria-pressed={mode === value}
          onClick={() => setPreferences({ timeMode: value })}
          className={cn(
            "touch inline-flex h-6 items-center justify-center rounded-[3px] px-2 font-mono text-label uppercase",
            mode === value ? "bg-selected text-fg" : "text-muted hover:text-fg",
          )}
        >
          {value}
        </button>
      ))}
    </fieldset>
  );
}
