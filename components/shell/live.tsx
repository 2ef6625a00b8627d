"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import { fleetKeys } from "#lib/client/fleet";
import { isNodeDrift } from "#lib/client/node";
import { eventKeys, sourceKeys } from "#lib/client/sources";
import { type ChangeHint, openChangeStream, type StreamState } from "#lib/client/stream";

type Listener = (hint: ChangeHint) => void;
type Live = { state: StreamState; listen: (listener: Listener) => () => void };

const LiveContext = createContext<Live | null>(null);

/**
 * Holds the tab's change stream. Fleet figures, sources, events and single nodes (`["node", id]`) refresh by
 * themselves; lists of nodes do not, they listen and offer a refresh.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queryClient = useQueryClient();
  const listeners = useRef(new Set<Listener>());
  const [state, setState] = useState<StreamState>({ phase: "connecting", sinceMs: 0 });

  useEffect(() => {
    const stale = (queryKey: readonly unknown[]) => void queryClient.invalidateQueries({ queryKey });
    return openChangeStream({
      onState: (next) => {
        setState(next);
        // What changed after the page was made and before anybody listened was told to nobody.
        if (next.phase === "live") stale(["node"]);
      },
      onHint: (hint) => {
        if (hint.topics.includes("fleet") || hint.topics.includes("nodes")) stale(fleetKeys.all);
        if (hint.topics.includes("sources")) stale(sourceKeys.all);
        if (hint.topics.includes("events")) stale(eventKeys.all);
        if (hint.topics.includes("drift")) {
          void queryClient.invalidateQueries({ predicate: ({ queryKey }) => isNodeDrift(queryKey) });
        }
        if (hint.caughtUp) stale(["node"]);
        for (const id of hint.nodes) stale(["node", id]);
        for (const listener of listeners.current) listener(hint);
      },
    });
  }, [queryClient]);

  const [listen] = useState(() => (listener: Listener) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  });

  return <LiveContext value={{ state, listen }}>{children}</LiveContext>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("LiveProvider is missing above this component");
  return live;
}

export function useStreamState(): StreamState {
  return useLive().state;
}

/** Calls back for every change hint while mounted; the callback may change between renders. */
export function useChangeHints(onHint: Listener): void {
  const { listen } = useLive();
  const latest = useRef(onHint);
  useEffect(() => {
    latest.current = onHint;
  });
  useEffect(() => listen((hint) => latest.current(hint)), [listen]);
}
