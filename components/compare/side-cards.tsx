"use client";

import { StatusBadge } from "#components/fleet/status-badge";
import { TimeLink } from "#components/shell/time-travel";
import { HostileText } from "#components/ui/hostile-text";
import { Timestamp } from "#components/ui/timestamp";
import { paths } from "#lib/client/paths";
import type { ComparedSide, NodeComparison } from "#lib/contracts/compare";

/** The two sides next to each other: which node at which instant, what it was and why. */
export function SideCards({ comparison: { a, b } }: { comparison: NodeComparison }) {
  return (
    <div className="grid grid-cols-1 gap-3 md:grid-cols-2">
      <SideCard name="A" side={a} />
      <SideCard name="B" side={b} />
    </div>
  );
}

export function SideCard({ name, side }: { name: "A" | "B"; side: ComparedSide }) {
  return (
    <section
      aria-label={`Side ${name}`}
      className="flex min-w-0 gap-3 rounded-[6px] border border-line bg-bg px-3 py-2"
    >
      <h2 className="font-mono text-title font-semibold text-muted">{name}</h2>
      <div className="flex min-w-0 flex-col gap-0.5">
        <p className="flex flex-wrap items-baseline gap-x-2 text-data">
          <TimeLink href={paths.node(side.nodeId)} className="link touch inline-flex min-w-0 items-center">
            <HostileText text={side.displayName} max={48} />
          </TimeLink>
          <span>
            at <Timestamp iso={side.at} absolute />
          </span>
        </p>
        <p className="flex flex-wrap items-baseline gap-x-2 text-small text-muted">
          <StatusBadge status={side.status} />
          <span>
            since <Timestamp iso={side.since} absolute className="text-small" />
          </span>
        </p>
        <p className="text-small break-words text-muted">
          <HostileText text={side.reason} className="[&_bdi]:whitespace-normal" />
        </p>
      </div>
    </section>
  );
}
