"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useChangeHints } from "#components/shell/live";
import { nodeDetailKeys } from "#lib/client/node";

/** Least time between two refreshes that no hint asked for by the node's name. */
const UNNAMED_EVERY_MS = 30_000;

/**
 * Keeps an open node fresh. Hints name only nodes whose status changed; new evidence that leaves the status
 * as it is comes without a name, so any hint refreshes this node, but seldom.
 */
export function NodeRefresh({ nodeId }: { nodeId: string }) {
  const queryClient = useQueryClient();
  const refreshedAtMs = useRef(0);
  useChangeHints(({ nodes }) => {
    const nowMs = Date.now();
    if (nodes.includes(nodeId)) {
      // The live provider has refreshed it already.
      refreshedAtMs.current = nowMs;
    } else if (nowMs - refreshedAtMs.current >= UNNAMED_EVERY_MS) {
      refreshedAtMs.current = nowMs;
      void queryClient.invalidateQueries({ queryKey: nodeDetailKeys.one(nodeId) });
    }
  });
  return null;
}
