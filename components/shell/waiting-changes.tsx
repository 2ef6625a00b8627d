"use client";

import { useQuery } from "@tanstack/react-query";
import { changeListOptions } from "#lib/client/changes";
import { formatCount, formatShare } from "#lib/client/format";
import { useDisabledReason } from "./account-context.tsx";

/** Beside the link to the changes: how many wait for this person, and how far history follows the last one. */
export function WaitingChanges() {
  const allowed = useDisabledReason("change:read") === null;
  const { data } = useQuery({ ...changeListOptions("waiting"), enabled: allowed });
  if (!data) return null;
  const { waitingOnMe, rederiving } = data;
  return (
    <>
      {waitingOnMe > 0 && (
        <span className="rounded-full bg-accent px-1.5 text-label font-semibold text-on-accent tabular-nums">
          {formatCount(waitingOnMe)}
          <span className="sr-only"> waiting on you</span>
        </span>
      )}
      {rederiving && (
        <span
          className="text-label whitespace-nowrap text-muted"
          title="History is being derived anew after a decision about a key"
        >
          {formatShare(rederiving.total === 0 ? 0 : rederiving.done / rederiving.total)}
          <span className="sr-only"> of history derived anew</span>
        </span>
      )}
    </>
  );
}
