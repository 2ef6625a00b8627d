"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { formatDuration, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { sourceFindingsOptions } from "#lib/client/sources";
import type { FindingView } from "#lib/contracts/source";
import { TimeLink, useTimeTravel } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { useReferenceNow } from "../ui/clock.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { FINDING_LABELS } from "./source-state.tsx";

/** What was wrong with a source and when; open findings first. */
export function FindingList({ sourceId }: { sourceId: string }) {
  const { time } = useTimeTravel();
  const { data, error, refetch } = useQuery(sourceFindingsOptions(sourceId, time));
  if (data === undefined) {
    return error ? (
      <ErrorPanel
        compact
        title="The findings could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    ) : (
      <SkeletonRows rows={2} label="Loading findings" />
    );
  }
  if (data.items.length === 0) {
    return (
      <EmptyState title="Nothing found" icon={<CircleCheck aria-hidden className="size-4 text-muted" />}>
        No silence of the whole source, no weaker checks, no clock or setting that is off.
      </EmptyState>
    );
  }
  return (
    <ul aria-label="Findings">
      {data.items.map((finding) => (
        <Finding key={finding.id} finding={finding} />
      ))}
    </ul>
  );
}

function Finding({ finding }: { finding: FindingView }) {
  const nowMs = useReferenceNow();
  const { kind, since, until, sentence, nodes, nodesQuery, before, after } = finding;
  const lengthMs = (until === null ? nowMs : Date.parse(until)) - Date.parse(since);
  return (
    <li className="flex flex-col gap-1 border-b border-line px-3 py-2 last:border-b-0">
      <p className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5 text-small text-muted">
        <Badge tone={until === null ? "warn" : "neutral"}>{FINDING_LABELS[kind]}</Badge>
        <span>
          {until === null ? "since " : "from "}
          <Timestamp iso={since} absolute className="text-fg" />
          {until !== null && (
            <>
              {" "}
              to <Timestamp iso={until} absolute className="text-fg" />
            </>
          )}{" "}
          <span className="whitespace-nowrap">({formatDuration(lengthMs)})</span>
        </span>
        {nodesQuery !== null && (
          <TimeLink
            href={paths.nodes({ q: nodesQuery, asOf: until === null ? undefined : middle(since, until) })}
            className="link touch inline-flex items-center"
          >
            {formatPlural(nodes, "node")}
          </TimeLink>
        )}
      </p>
      <p className="max-w-[90ch]">
        <HostileText text={sentence} className="[&_bdi]:whitespace-normal" />
      </p>
      {kind === "silent" && <SilentSpan finding={finding} />}
      {before !== null && after !== null && (
        <p className="text-small text-muted">
          before: <HostileText text={words(before)} /> · after: <HostileText text={words(after)} />
        </p>
      )}
    </li>
  );
}

function SilentSpan({ finding: { lastEvidenceAt, firstEvidenceAt } }: { finding: FindingView }) {
  if (lastEvidenceAt === null) return null;
  return (
    <p className="text-small text-muted">
      last evidence before it <Timestamp iso={lastEvidenceAt} absolute />
      {firstEvidenceAt !== null && (
        <>
          {" "}
          · first after it <Timestamp iso={firstEvidenceAt} absolute />
        </>
      )}
    </p>
  );
}

const words = (items: readonly string[]) =>
  items.map((item) => item.replaceAll("_", " ")).join(", ") || "nothing";

/** An instant at which a finding that is over held for most of what it concerned. */
function middle(since: string, until: string): string {
  return new Date((Date.parse(since) + Date.parse(until)) / 2).toISOString();
}
