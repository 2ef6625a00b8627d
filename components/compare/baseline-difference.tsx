"use client";

import { Equal } from "lucide-react";
import type { ReactNode } from "react";
import { LaneFindings } from "#components/drift/lane-findings";
import { TimeLink } from "#components/shell/time-travel";
import { EmptyState } from "#components/ui/empty-state";
import { HostileText } from "#components/ui/hostile-text";
import { Select } from "#components/ui/select";
import { LAYER_WORDS } from "#lib/client/compare";
import { formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { BaselineComparison, BaselineLane, ComparedBaseline } from "#lib/contracts/compare";
import { LAYERS } from "#lib/domain/layers";
import type { DiffMode } from "./diff-mode.tsx";
import { Rests } from "./lane-difference.tsx";
import { SideCard } from "./side-cards.tsx";

type Props = {
  comparison: BaselineComparison;
  mode: DiffMode;
  /** Takes a version of the baseline; `null` = what held then. */
  onVersion: (version: number | null) => void;
  /** Between the two sides and their differences. */
  children: ReactNode;
};

/** A node at an instant and what a baseline expected of it, lane by lane. */
export function BaselineDifference({ comparison, mode, onVersion, children }: Props) {
  const { node, baseline, baselineSide, lanes } = comparison;
  const nodeSide = baselineSide === "a" ? "b" : "a";
  const cards = [
    <BaselineCard key="baseline" name={baselineSide} baseline={baseline} onVersion={onVersion} />,
    <SideCard key="node" name={nodeSide === "a" ? "A" : "B"} side={node} />,
  ];
  return (
    <>
      <div className="grid grid-cols-1 gap-3 md:grid-cols-2">
        {baselineSide === "a" ? cards : cards.toReversed()}
      </div>
      {children}
      {lanes.length === 0 ? (
        <EmptyState
          title={
            baseline.version === null
              ? "Nothing of this baseline held for the node at that instant"
              : "None of the node's evidence is what this baseline speaks about"
          }
          icon={<Equal aria-hidden className="size-4 text-muted" />}
        >
          {baseline.version === null
            ? "No rollout reached it then. Choose a version to compare with it as if it had held."
            : "The baseline is for another source or for other nodes, or the node had measured nothing by then."}
        </EmptyState>
      ) : (
        lanes.map((lane) => <Lane key={lane.key} lane={lane} comparison={comparison} mode={mode} />)
      )}
    </>
  );
}

function BaselineCard({
  name,
  baseline,
  onVersion,
}: {
  name: "a" | "b";
  baseline: ComparedBaseline;
  onVersion: Props["onVersion"];
}) {
  const { id, version, accepted, inForce, versions } = baseline;
  const asked = baseline.ref.includes("@") ? String(version) : "";
  return (
    <section
      aria-label={`Side ${name.toUpperCase()}`}
      className="flex min-w-0 gap-3 rounded-[6px] border border-line bg-bg px-3 py-2"
    >
      <h2 className="font-mono text-title font-semibold text-muted">{name.toUpperCase()}</h2>
      <div className="flex min-w-0 flex-col gap-1">
        <p className="flex flex-wrap items-baseline gap-x-2 text-data">
          Baseline{" "}
          <TimeLink href={paths.baseline(id)} className="link touch inline-flex min-w-0 items-center">
            <HostileText text={baseline.name} max={48} />
          </TimeLink>
          {version !== null && <span>version {version}</span>}
        </p>
        <p className="text-small text-muted">
          {version === null
            ? "nothing of it was in force"
            : inForce
              ? "what was in force for the node then"
              : "as if it had been in force for the node"}
          {accepted.length > 0 && `; version ${accepted.join(" and ")} accepted too`}
        </p>
        <Select
          aria-label="Version of the baseline"
          value={asked}
          options={[
            { value: "", label: "What held then" },
            ...versions.map((one) => ({ value: String(one), label: `Version ${one}` })),
          ]}
          onChange={({ target }) => onVersion(target.value === "" ? null : Number(target.value))}
          className="max-w-[240px]"
        />
      </div>
    </section>
  );
}

function Lane({
  lane,
  comparison,
  mode,
}: {
  lane: BaselineLane;
  comparison: BaselineComparison;
  mode: DiffMode;
}) {
  const { label, side, measuredBefore, same } = lane;
  const identical = LAYERS.filter((layer) => same[layer] > 0);
  return (
    <section aria-label={label} className="min-w-0 overflow-hidden rounded-[6px] border border-line bg-bg">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2">
        <h2 className="min-w-0 text-data font-semibold">
          <HostileText text={label} max={80} />
        </h2>
        <span className="text-small text-muted">
          <Rests
            name={comparison.baselineSide === "a" ? "B" : "A"}
            side={side}
            nodeId={comparison.node.nodeId}
          />
          {measuredBefore && ", which carries no measurements: those of an earlier one are compared"}
        </span>
      </div>
      <LaneFindings lane={lane} mode={mode} />
      {identical.length > 0 && (
        <p className="px-3 py-2 text-small text-muted">
          As expected:{" "}
          {identical.map((layer) => `${LAYER_WORDS[layer]} (${formatCount(same[layer])})`).join(", ")}
        </p>
      )}
    </section>
  );
}
