"use client";

import type { ReactNode } from "react";
import { formatCount, formatDuration } from "#lib/client/format";
import { LIFECYCLE_WORDS } from "#lib/client/lifecycle-words";
import { paths } from "#lib/client/paths";
import type { OnboardingBoard, OnboardingNode, StageView } from "#lib/contracts/lifecycle";
import { TimeLink } from "../shell/time-travel.tsx";
import { useReferenceNow } from "../ui/clock.tsx";
import { cn } from "../ui/cn.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** Most nodes of a column that are shown; the others are behind its link. */
const SHOWN = 12;

/** One stage: who is in it, longest first, against how long it usually takes. */
export function StageColumn({ stage: { stage, nodes, p50Ms, p90Ms, n, items } }: { stage: StageView }) {
  return (
    <Column name={stage} nodes={nodes}>
      <p className="border-b border-line px-3 py-1.5 text-small text-muted tabular-nums">
        {p50Ms === null || p90Ms === null ? (
          "No node has gone on yet"
        ) : (
          <>
            <span className="whitespace-nowrap">
              median <span className="text-fg">{formatDuration(p50Ms)}</span>
            </span>{" "}
            <span className="whitespace-nowrap">
              p90 <span className="text-fg">{formatDuration(p90Ms)}</span>
            </span>{" "}
            <span className="whitespace-nowrap">n {formatCount(n)}</span>
          </>
        )}
      </p>
      <NodeItems stage={stage} nodes={nodes} items={items}>
        {(node) => <TimeInStage since={node.since} p50Ms={p50Ms} p90Ms={p90Ms} />}
      </NodeItems>
    </Column>
  );
}

/** Nodes that arrived, the newest first. */
export function TrustedColumn({ trusted }: { trusted: OnboardingBoard["trusted"] }) {
  return (
    <Column name="trusted" nodes={trusted.nodes}>
      <p className="border-b border-line px-3 py-1.5 text-small text-muted">the newest first</p>
      <NodeItems stage="trusted" nodes={trusted.nodes} items={trusted.items}>
        {(node) => (
          <span className="text-small text-muted">
            since <Timestamp iso={node.since} className="relative z-[1]" />
          </span>
        )}
      </NodeItems>
    </Column>
  );
}

function Column({
  name,
  nodes,
  children,
}: {
  name: OnboardingNode["state"];
  nodes: number;
  children: ReactNode;
}) {
  const word = LIFECYCLE_WORDS[name];
  return (
    <li className="min-w-0 rounded-[6px] border border-line bg-bg">
      <h2 className="flex min-h-9 items-center justify-between gap-2 border-b border-line px-3 py-1">
        <span className="label text-fg">{word}</span>
        <span className="font-mono text-small text-muted tabular-nums">{formatCount(nodes)}</span>
      </h2>
      {children}
    </li>
  );
}

function NodeItems({
  stage,
  nodes,
  items,
  children,
}: {
  stage: OnboardingNode["state"];
  nodes: number;
  items: readonly OnboardingNode[];
  children: (node: OnboardingNode) => ReactNode;
}) {
  if (items.length === 0) return <p className="px-3 py-3 text-small text-muted">Nobody</p>;
  const shown = items.slice(0, SHOWN);
  return (
    <>
      <ul aria-label={`Nodes ${LIFECYCLE_WORDS[stage].toLowerCase()}`} className="divide-y divide-line">
        {shown.map((node) => (
          <li key={node.id} className="relative px-3 py-1.5 hover:bg-hover">
            <TimeLink
              href={paths.nodeBootstrap(node.id)}
              prefetch={false}
              className="flex min-w-0 text-data font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
            >
              <HostileText text={node.displayName} max={36} />
            </TimeLink>
            {children(node)}
          </li>
        ))}
      </ul>
      {nodes > shown.length && (
        <p className="border-t border-line px-3 py-1.5 text-small">
          <TimeLink href={paths.nodes({ q: `lifecycle:${stage}` })} className="link">
            All {formatCount(nodes)}
          </TimeLink>
        </p>
      )}
    </>
  );
}

/** Time in the stage, and how it compares: past the 90th percentile is said in words, too. */
function TimeInStage({ since, p50Ms, p90Ms }: { since: string; p50Ms: number | null; p90Ms: number | null }) {
  const nowMs = useReferenceNow();
  const ms = Math.max(0, nowMs - Date.parse(since));
  const late = p90Ms !== null && ms > p90Ms;
  return (
    <>
      <span className={cn("text-small", late ? "text-fg" : "text-muted")}>
        {formatDuration(ms)}
        {late && " · longer than 90 %"}
        {!late && p50Ms !== null && ms > p50Ms && " · longer than half"}
      </span>
      {p90Ms !== null && (
        <span aria-hidden className="mt-1 block h-1 overflow-hidden rounded-full bg-sunken">
          <span
            className={cn("block h-full rounded-full", late ? "bg-danger" : "bg-muted")}
            style={{ width: `${Math.min(100, (ms / Math.max(p90Ms, 1)) * 100)}%` }}
          />
        </span>
      )}
    </>
  );
}
