"use client";

import { useQuery } from "@tanstack/react-query";
import { Wrench } from "lucide-react";
import { displayText, formatPlural } from "#lib/client/format";
import { windowListOptions } from "#lib/client/maintenance";
import { paths } from "#lib/client/paths";
import { TimeLink } from "../shell/time-travel.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

const SHOWN = 3;

/** What the inbox does not show because a window allows it, so that silence is never read as calm. */
export function RunningWindows() {
  const { data } = useQuery(windowListOptions("running"));
  if (!data || data.items.length === 0) return null;
  return (
    <ul aria-label="Maintenance windows that run" className="mt-2 rounded-[6px] border border-line bg-sunken">
      {data.items.slice(0, SHOWN).map(({ id, name, until, nodes, allowed }) => (
        <li
          key={id}
          className="flex items-start gap-2 border-b border-line px-3 py-1.5 text-small last:border-b-0"
        >
          <Wrench aria-hidden className="mt-0.5 size-3.5 shrink-0 text-muted" />
          <span className="min-w-0 break-words">
            In maintenance window{" "}
            <TimeLink href={paths.maintenance({ window: id })} className="link touch">
              {displayText(name).text}
            </TimeLink>{" "}
            until <Timestamp iso={until} absolute />: {formatPlural(nodes ?? 0, "node")},{" "}
            {allowed.changes === 0
              ? "nothing authorised so far"
              : `${formatPlural(allowed.changes, "change")} authorised on ${formatPlural(allowed.nodes, "node")}`}
          </span>
        </li>
      ))}
      {data.counts.running > SHOWN && (
        <li className="px-3 py-1.5 text-small">
          <TimeLink href={paths.maintenance()} className="link touch">
            {formatPlural(data.counts.running - SHOWN, "more window runs", "more windows run")}
          </TimeLink>
        </li>
      )}
    </ul>
  );
}
