"use client";

import { createContext, type ReactNode, useContext, useSyncExternalStore } from "react";

const TICK_MS = 15_000;

const listeners = new Set<() => void>();
let nowMs = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function tick() {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

/** One timer for the whole tab, running only while something shows an age and the tab is visible. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    timer = setInterval(() => {
      if (document.visibilityState === "visible") tick();
    }, TICK_MS);
    document.addEventListener("visibilitychange", tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    document.removeEventListener("visibilitychange", tick);
  };
}

function snapshot(): number {
  if (nowMs === 0) nowMs = Date.now();
  return nowMs;
}

const RenderedAt = createContext(0);

/** Carries the server's clock into the first render, so that ages agree before and after hydration. */
export function ClockProvider({ renderedAtMs, children }: { renderedAtMs: number; children: ReactNode }) {
  return <RenderedAt value={renderedAtMs}>{children}</RenderedAt>;
}

/** The present, in epoch milliseconds; moves on by itself. */
export function useNow(): number {
  const renderedAtMs = useContext(RenderedAt);
  return useSyncExternalStore(subscribe, snapshot, () => renderedAtMs);
}

const FrozenAt = createContext<number | null>(null);

/** Below it, "for how long" is counted to a moment of the past instead of the present; `null` = the present. */
export function FrozenClock({ atMs, children }: { atMs: number | null; children: ReactNode }) {
  return <FrozenAt value={atMs}>{children}</FrozenAt>;
}

/** The moment to which "for how long" is counted: the present, or the moment that the page shows. */
export function useReferenceNow(): number {
  const now = useNow();
  return useContext(FrozenAt) ?? now;
}
