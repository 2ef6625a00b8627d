"use client";

import { useSyncExternalStore } from "react";
import type { TimeMode } from "#lib/client/format";

/** What a person set for this browser; nothing here changes what is true, only how it is shown. */
export type Preferences = { timeMode: TimeMode; singleKeys: boolean };

const DEFAULTS: Preferences = { timeMode: "utc", singleKeys: true };
const STORAGE_KEY = "touchstone.preferences";

const listeners = new Set<() => void>();
let current: Preferences | undefined;

function read(): Preferences {
  if (current) return current;
  current = DEFAULTS;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    if (typeof stored === "object" && stored !== null) {
      current = {
        timeMode: "timeMode" in stored && stored.timeMode === "local" ? "local" : "utc",
        singleKeys: !("singleKeys" in stored && stored.singleKeys === false),
      };
    }
  } catch {
    // Storage is shut off or holds something else: the defaults serve.
  }
  return current;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Changes some preferences and keeps them for the next visit. */
export function setPreferences(change: Partial<Preferences>): void {
  current = { ...read(), ...change };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
  } catch {
    // Without storage the choice lasts until the tab is closed.
  }
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, read, () => DEFAULTS);
}

/** Whether instants are shown in UTC or in the browser's zone. */
export function useTimeMode(): TimeMode {
  return usePreferences().timeMode;
}
