"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Badge } from "#components/ui/badge";
import { ErrorPanel } from "#components/ui/error-panel";
import { HostileText } from "#components/ui/hostile-text";
import { SkeletonRows } from "#components/ui/skeleton";
import { Timestamp } from "#components/ui/timestamp";
import { formatPlural } from "#lib/client/format";
import { nodeEventLogDifferenceOptions } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import type {
  BootDifferenceView,
  EventLogDifference as Difference,
  ImaDifferenceView,
} from "#lib/contracts/event-log";

const MISSING = {
  no_earlier_verdict: "There is no earlier verdict of this source to compare with.",
  no_log: "No earlier verdict of this source carries a log.",
  bytes_dropped: "The bytes of earlier verdicts are past their retention, and their logs with them.",
} as const;

/** Which events are different from the verdict before, in words. */
export function EventLogDifference({ nodeId, eventHash }: { nodeId: string; eventHash: string }) {
  const { data, error, refetch } = useQuery(nodeEventLogDifferenceOptions(nodeId, eventHash));
  return (
    <section aria-label="Compared with the previous verdict" className="border-b border-line bg-sunken">
      {data ? (
        <Compared nodeId={nodeId} difference={data} />
      ) : error ? (
        <ErrorPanel
          compact
          title="The logs could not be compared"
          error={error}
          onRetry={() => void refetch()}
        />
      ) : (
        <SkeletonRows label="Comparing the logs" />
      )}
    </section>
  );
}

function Compared({ nodeId, difference }: { nodeId: string; difference: Difference }) {
  const { previous, missing, logs } = difference;
  if (previous === null) {
    return <p className="px-3 py-2 text-data text-muted">{MISSING[missing ?? "no_earlier_verdict"]}</p>;
  }
  return (
    <div className="flex flex-col gap-2 px-3 py-2 text-data">
      <p className="text-muted">
        Since the{" "}
        <Link className="link" href={paths.nodeEvidence(nodeId, { event: previous.eventHash })}>
          verdict of <Timestamp iso={previous.observedAt} absolute />
        </Link>
      </p>
      {logs.map((log, index) =>
        log.form === "tcg" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the logs of a verdict are fixed
          <BootChanges key={index} difference={log} />
        ) : log.form === "ima" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the logs of a verdict are fixed
          <ImaChanges key={index} difference={log} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the logs of a verdict are fixed
          <p key={index} className="text-muted">
            {log.of === "tcg" ? "Boot log" : "IMA log"}: not compared, {log.reason}.
          </p>
        ),
      )}
    </div>
  );
}

function BootChanges({ difference: { registers } }: { difference: BootDifferenceView }) {
  if (registers.length === 0) return <p>Boot log: the same events, in the same order.</p>;
  return (
    <ul aria-label="Changes of the boot log" className="flex flex-col gap-1.5">
      {registers.map(({ register, name, title, total, changes, unchanged }) => (
        <li key={register} className="min-w-0">
          <p>
            <span className="font-medium">{name}</span> <span className="text-muted">{title}</span>{" "}
            <span className="text-small text-muted">
              {formatPlural(total, "change", "changes")}, {formatPlural(unchanged, "event", "events")} as
              before
            </span>
          </p>
          <ul className="flex flex-col">
            {changes.map(({ kind, sentence, before, after }) => (
              <li
                key={`${before} ${after} ${sentence}`}
                className="flex min-w-0 flex-wrap items-center gap-x-2 pl-3"
              >
                <Badge>{kind}</Badge>
                <Words text={`${name}: ${sentence}`} />
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function ImaChanges({ difference: { total, changes } }: { difference: ImaDifferenceView }) {
  if (total === 0) return <p>IMA log: the same files with the same content.</p>;
  return (
    <div className="min-w-0">
      <p>IMA log: {formatPlural(total, "file differs", "files differ")}</p>
      <ul aria-label="Changes of the IMA log" className="flex max-h-[320px] flex-col overflow-auto">
        {changes.map(({ path, kind }) => (
          <li key={path} className="flex min-w-0 flex-wrap items-center gap-x-2 pl-3">
            <Badge>{kind}</Badge>
            <Words text={path} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Words({ text }: { text: string }) {
  return <HostileText text={text} className="[&_bdi]:break-words [&_bdi]:whitespace-pre-wrap" />;
}
