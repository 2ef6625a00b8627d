"use client";

import { Check, CircleDashed, Minus, X } from "lucide-react";
import { cn } from "#components/ui/cn";
import { HostileText } from "#components/ui/hostile-text";
import { Timestamp } from "#components/ui/timestamp";
import type { Stage, StageState } from "#lib/client/bootstrap-stages";
import { formatDuration } from "#lib/client/format";

const SIGNS = { done: Check, failed: X, pending: CircleDashed, unknown: Minus } as const;
const WORDS: Record<StageState, string> = {
  done: "done",
  failed: "failed",
  pending: "pending",
  unknown: "no event",
};

/** From discovery to trust: the stages that events vouch for, and nothing about the others. */
export function StageStepper({ stages }: { stages: readonly Stage[] }) {
  return (
    <ol aria-label="Stages" className="grid gap-y-3 xl:grid-cols-6 xl:gap-x-2">
      {stages.map((stage, index) => (
        <StageItem key={stage.id} stage={stage} last={index === stages.length - 1} />
      ))}
    </ol>
  );
}

function StageItem({
  stage: { label, state, atMs, afterMs, problem },
  last,
}: {
  stage: Stage;
  last: boolean;
}) {
  const Sign = SIGNS[state];
  return (
    <li className="relative flex min-w-0 gap-3 xl:flex-col xl:gap-1.5">
      {!last && (
        <span
          aria-hidden
          className={cn(
            "absolute top-6 bottom-[-12px] left-[11px] w-px xl:top-[11px] xl:right-[-8px] xl:bottom-auto xl:left-7 xl:h-px xl:w-auto",
            state === "done" ? "bg-fg" : "bg-line-strong",
          )}
        />
      )}
      <span
        aria-hidden
        className={cn(
          "relative inline-flex size-6 shrink-0 items-center justify-center rounded-full border",
          state === "done" && "border-fg bg-fg text-bg",
          state === "failed" && "border-danger bg-danger text-on-danger",
          state === "pending" && "border-control bg-bg text-muted",
          state === "unknown" && "border-dashed border-line-strong bg-bg text-faint",
        )}
      >
        <Sign className="size-3.5" />
      </span>
      <div className="min-w-0">
        <p className={cn("text-data font-medium", state === "unknown" && "text-muted")}>
          {label}{" "}
          <span className={state === "done" ? "sr-only" : "text-small font-normal text-muted"}>
            {WORDS[state]}
          </span>
        </p>
        {atMs !== null && (
          <p className="text-small text-muted">
            <Timestamp iso={new Date(atMs).toISOString()} absolute />
            {afterMs !== null && (
              <span className="block">
                {afterMs < 1_000 ? "at the same moment" : `after ${formatDuration(afterMs)}`}
              </span>
            )}
          </p>
        )}
        {problem && (
          <p className="text-small break-words text-danger">
            {problem.reasonCode ?? problem.outcome}
            {problem.reasonText && (
              <span className="block text-muted">
                <HostileText text={problem.reasonText} className="[&_bdi]:whitespace-normal" />
              </span>
            )}
          </p>
        )}
      </div>
    </li>
  );
}
