"use client";

import { TimeLink } from "#components/shell/time-travel";
import { laneGroups } from "#lib/client/compare";
import { middleEllipsis } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ComparedSide, CompareLane, CompareLaneSide } from "#lib/contracts/compare";
import { ChangeGroups } from "./change-groups.tsx";
import type { DiffMode } from "./diff-mode.tsx";

/** One line of evidence: the verdicts that both sides rest on, and what differs between them. */
export function LaneDifference({
  lane,
  a,
  b,
  mode,
}: {
  lane: CompareLane;
  a: ComparedSide;
  b: ComparedSide;
  mode: DiffMode;
}) {
  const groups = laneGroups(lane);
  const title = lane.label;
  return (
    <ChangeGroups
      title={title}
      mode={mode}
      groups={groups.length > 0 ? groups : [{ key: "none", title: "Measurements", changes: [], same: 0 }]}
    >
      <span className="flex flex-wrap gap-x-3 text-small text-muted">
        <Rests name="A" side={lane.a} nodeId={a.nodeId} />
        <Rests name="B" side={lane.b} nodeId={b.nodeId} />
      </span>
    </ChangeGroups>
  );
}

/** The verdict that a side rests on. */
export function Rests({
  name,
  side,
  nodeId,
}: {
  name: "A" | "B";
  side: CompareLaneSide | null;
  nodeId: string;
}) {
  if (side === null) return <span>{name}: has no such line</span>;
  if (side.eventHash === null) return <span>{name}: the verdict is no longer stored</span>;
  return (
    <span>
      {name}: verdict{" "}
      <TimeLink
        href={paths.nodeEvidence(nodeId, { event: side.eventHash })}
        className="link touch inline-flex items-center font-mono"
        title={side.eventHash}
      >
        {middleEllipsis(side.eventHash, 14)}
      </TimeLink>
    </span>
  );
}
