"use client";

import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { formatPlural } from "#lib/client/format";
import { useChangeHints } from "../shell/live.tsx";
import { Button } from "../ui/button.tsx";

/**
 * Counts the nodes that changed since the list was read. The rows stay where they are until it is pressed.
 * Give it a new `key` for another list.
 */
export function ChangesPill({ onRefresh }: { onRefresh: () => void }) {
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const [missed, setMissed] = useState(false);
  useChangeHints((hint) => {
    if (hint.caughtUp) setMissed(true);
    else if (hint.nodes.length > 0) setChanged((before) => new Set([...before, ...hint.nodes]));
    else if (hint.topics.includes("nodes")) setMissed(true);
  });

  return (
    <span role="status">
      {(changed.size > 0 || missed) && (
        <Button
          size="sm"
          onClick={() => {
            setChanged(new Set());
            setMissed(false);
            onRefresh();
          }}
          className="border-accent text-accent"
        >
          <RefreshCw aria-hidden className="size-3.5" />
          {changed.size > 0 ? formatPlural(changed.size, "change") : "Changes"} · refresh
        </Button>
      )}
    </span>
  );
}
