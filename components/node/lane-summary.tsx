"use client";

import { Popover } from "radix-ui";
import { StatusShape } from "#components/fleet/status-badge";
import { STATUS_LABELS } from "#components/fleet/status-words";
import { useReferenceNow } from "#components/ui/clock";
import { HostileText } from "#components/ui/hostile-text";
import { formatAge, formatDuration, formatPlural } from "#lib/client/format";
import type { LaneView } from "#lib/contracts/node";

/** A line is fresh while its silence limit, if it has one, lies ahead. */
function isFresh({ state, staleAt }: LaneView, nowMs: number): boolean {
  return state !== "stale" && (staleAt === null || Date.parse(staleAt) > nowMs);
}

/** How many lines of evidence are fresh; opens the list of them. */
export function LaneSummary({ lanes }: { lanes: readonly LaneView[] }) {
  const nowMs = useReferenceNow();
  if (lanes.length === 0) return <span className="text-muted">no source has appraised it yet</span>;
  const fresh = lanes.filter((lane) => isFresh(lane, nowMs)).length;
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button type="button" className="touch link inline-flex min-h-6 items-center">
          {fresh} of {lanes.length} {lanes.length === 1 ? "line" : "lines"} fresh
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Lines of evidence"
          className="z-50 max-h-[60vh] w-[380px] max-w-[calc(100vw-16px)] overflow-y-auto rounded-[6px] border border-line-strong bg-bg p-1"
        >
          <ul>
            {lanes.map((lane) => (
              <li
                key={`${lane.sourceId}/${lane.submod}`}
                className="flex items-center gap-2 px-2 py-1.5 text-small"
              >
                <StatusShape status={lane.state} />
                <span className="min-w-0 flex-1">
                  <HostileText text={laneName(lane)} max={36} className="font-medium" />
                  <span className="block text-muted">
                    {STATUS_LABELS[lane.state]} · {formatPlural(lane.verdicts, "verdict")} · last{" "}
                    {formatAge(lane.lastAt, nowMs)} ago
                    {lane.cadenceMs !== null && <> · every {formatDuration(lane.cadenceMs)}</>}
                  </span>
                  {lane.silence !== null && (
                    <span className="block text-muted">
                      {lane.silence === "source"
                        ? "Its whole source is silent"
                        : "Its source is heard, but not about this line"}
                    </span>
                  )}
                  {lane.coverageLoss !== null && (
                    <span className="block text-muted">
                      Checked before, not any more:{" "}
                      <HostileText text={lostWords(lane.coverageLoss)} max={120} />
                    </span>
                  )}
                </span>
                <span className="text-right text-muted">{cadenceWords(lane, nowMs)}</span>
              </li>
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function laneName({ sourceName, submod }: LaneView): string {
  return submod === "" ? sourceName : `${sourceName} / ${submod}`;
}

function lostWords({ lost, policiesAfter }: NonNullable<LaneView["coverageLoss"]>): string {
  return lost
    .map((item) =>
      item === "policy"
        ? `policy (now ${policiesAfter.join(", ") || "none"})`
        : item.replace("coverage:", "").replaceAll("_", " "),
    )
    .join(", ");
}

function cadenceWords({ staleAt }: LaneView, nowMs: number): string {
  if (staleAt === null) return "no time limit";
  const leftMs = Date.parse(staleAt) - nowMs;
  return leftMs > 0
    ? `stale in ${formatAge(new Date(nowMs - leftMs).toISOString(), nowMs)}`
    : "silent too long";
}
