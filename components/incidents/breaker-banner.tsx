"use client";

import { useQuery } from "@tanstack/react-query";
import { OctagonAlert } from "lucide-react";
import { incidentListOptions } from "#lib/client/drift";
import { formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { TimeLink } from "../shell/time-travel.tsx";

/** Above every page while an incident holds the breaker; nothing otherwise. */
export function BreakerBanner() {
  const { data } = useQuery(incidentListOptions("open"));
  const held = data?.items.filter(({ breaker }) => breaker) ?? [];
  const [first] = held;
  if (!data || data.counts.breaker === 0) return null;
  return (
    <div
      role="note"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-danger px-4 py-1.5 text-data"
    >
      <span className="inline-flex min-w-0 items-center gap-2 font-medium">
        <OctagonAlert aria-hidden className="size-4 shrink-0 text-danger" />
        The breaker is on: suspect the baseline or the verifier before the nodes
      </span>
      <TimeLink
        href={held.length === 1 && first ? paths.incident(first.id) : paths.incidents()}
        className="link touch inline-flex items-center"
      >
        {formatPlural(data.counts.breaker, "incident")}
      </TimeLink>
    </div>
  );
}
