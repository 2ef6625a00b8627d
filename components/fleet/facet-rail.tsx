"use client";

import { formatCount } from "#lib/client/format";
import { statusesOf, withStatuses } from "#lib/client/node-filter";
import { TRUST_STATUSES, type TrustStatus } from "#lib/domain/trust-status";
import { cn } from "../ui/cn.tsx";
import { StatusShape } from "./status-badge.tsx";
import { STATUS_LABELS } from "./status-words.tsx";

/** Matches by status; each is a switch that goes into the query, so that the query says everything. */
export function FacetRail({
  q,
  facets,
  onChange,
}: {
  q: string;
  /** `undefined` while the first answer is outstanding. */
  facets: Readonly<Record<TrustStatus, number>> | undefined;
  onChange: (q: string) => void;
}) {
  const chosen = statusesOf(q);
  return (
    <fieldset className="min-w-0">
      <legend className="label px-2 pb-1 max-lg:sr-only">Status</legend>
      <div className="flex gap-1 overflow-x-auto pb-1 lg:flex-col lg:gap-0">
        {TRUST_STATUSES.map((status) => {
          const on = chosen.includes(status);
          return (
            <button
              key={status}
              type="button"
              aria-pressed={on}
              onClick={() =>
                onChange(
                  withStatuses(
                    q,
                    TRUST_STATUSES.filter((other) => (other === status ? !on : chosen.includes(other))),
                  ),
                )
              }
              className={cn(
                "touch flex h-8 shrink-0 items-center gap-2 rounded-[4px] px-2 text-data whitespace-nowrap",
                on ? "bg-selected text-fg" : "text-muted hover:bg-hover hover:text-fg",
              )}
            >
              <StatusShape status={status} size={13} />
              <span className="flex-1 text-left">{STATUS_LABELS[status]}</span>
              <span className="text-small tabular-nums">
                {facets === undefined ? "–" : formatCount(facets[status])}
              </span>
            </button>
          );
        })}
      </div>
    </fieldset>
  );
}
