"use client";

import { useQuery } from "@tanstack/react-query";
import { driftGroupOptions } from "#lib/client/drift";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { DriftGroupView } from "#lib/contracts/drift-group";
import { Sparkline } from "../charts/sparkline.tsx";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { LINK_LABEL } from "./drift-words.ts";

/** What a decision about a change rests on: the difference, who shows it, how it spreads, what was decided before. */
export function DriftPeek({ groupId }: { groupId: string }) {
  const { data, error, refetch } = useQuery(driftGroupOptions(groupId));
  return (
    <section aria-label="Details of the change" className="border-t border-line bg-sunken px-3 py-2.5">
      {!data && !error && <SkeletonRows rows={3} label="Loading the change" />}
      {!data && error && (
        <ErrorPanel
          compact
          title="The change could not be loaded"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data && <Loaded group={data} />}
    </section>
  );
}

function Loaded({ group }: { group: DriftGroupView }) {
  const { why, past, incidents, link, previousId } = group;
  return (
    <div className="grid grid-cols-1 gap-3 text-data lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-2">
        <Difference group={group} />
        <p className="break-words">{displayText(why).text}</p>
        <p className="text-small text-muted">
          {past.sentence}
          {past.suggestion !== null && `. People usually ${VERB[past.suggestion]} it`}
        </p>
        {link !== null && previousId !== null && (
          <p className="text-small text-muted">Follows an earlier group: {LINK_LABEL[link]}.</p>
        )}
        {incidents.map(({ id, title }) => (
          <p key={id} className="text-small">
            Part of the incident{" "}
            <TimeLink href={paths.incident(id)} className="link">
              {displayText(title).text}
            </TimeLink>
          </p>
        ))}
        {group.windows.map(({ id, name, until, nodes }) => (
          <p key={id} className="text-small break-words">
            Authorised on {formatPlural(nodes, "node")} in the maintenance window{" "}
            <TimeLink href={paths.maintenance({ window: id })} className="link">
              {displayText(name).text}
            </TimeLink>{" "}
            until <Timestamp iso={until} absolute />
          </p>
        ))}
        <Decisions decisions={group.decisions} />
      </div>
      <Nodes group={group} />
    </div>
  );
}

const VERB = { record: "accept", ignore: "ignore", remediate: "remediate" } as const;

function Difference({ group: { expected, actual, baselineName } }: { group: DriftGroupView }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1">
      <dt className="text-muted">Expected</dt>
      <dd className="min-w-0 font-mono text-small break-all">
        {expected.length === 0 ? "nothing" : expected.map((value) => displayText(value).text).join(" or ")}
      </dd>
      <dt className="text-muted">Actual</dt>
      <dd className="min-w-0 font-mono text-small font-semibold break-all">
        {actual === null ? "gone" : displayText(actual).text}
      </dd>
      <dt className="text-muted">Baseline</dt>
      <dd className="min-w-0 break-words">{displayText(baselineName).text}</dd>
    </dl>
  );
}

function Decisions({ decisions }: Pick<DriftGroupView, "decisions">) {
  if (decisions.length === 0) return null;
  return (
    <ul aria-label="Decisions" className="flex flex-col gap-1 text-small text-muted">
      {decisions.map(({ id, at, by, kind, reason, detail }) => (
        <li key={id} className="break-words">
          {kind} by {by ?? "somebody"} <Timestamp iso={at} />
          {reason !== "" && `: ${displayText(reason).text}`}
          {typeof detail.requestId === "string" && (
            <>
              {" "}
              <TimeLink href={paths.remediation(detail.requestId)} className="link">
                The request to {detail.action}
              </TimeLink>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Nodes({ group }: { group: DriftGroupView }) {
  const { nodeList, nodesTotal, outliers, outliersTotal, spread, spreadPerHour, excepted } = group;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Sparkline values={spread.nodes} label={`New nodes over time, ${nodesTotal} in all`} width={144} />
        <span className="text-small text-muted">
          +{formatCount(spreadPerHour)} in the last hour, {formatPlural(nodesTotal, "node")} in all
          {excepted > 0 && `, allowed on ${formatCount(excepted)}`}
        </span>
      </p>
      <ul
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Nodes that show it"
        className="max-h-[220px] overflow-y-auto rounded-[4px] border border-line bg-bg"
      >
        {nodeList.map(({ id, name, status, firstAt, goneAt }) => (
          <li key={id} className="border-b border-line last:border-b-0">
            <TimeLink
              href={paths.node(id)}
              className="flex min-h-8 flex-wrap items-center justify-between gap-x-3 px-2 py-0.5 hover:bg-hover"
            >
              <HostileText text={name} max={48} className="font-mono text-small" />
              <span className="inline-flex items-center gap-2 text-small text-muted">
                <span>
                  {goneAt === null ? "since" : "until"} {(goneAt ?? firstAt).slice(0, 16).replace("T", " ")}Z
                </span>
                <StatusBadge status={status} size="sm" />
              </span>
            </TimeLink>
          </li>
        ))}
      </ul>
      {nodesTotal > nodeList.length && (
        <p className="text-small text-muted">
          The first {formatCount(nodeList.length)} of {formatCount(nodesTotal)}.
        </p>
      )}
      {outliersTotal > 0 && (
        <p className="text-small break-words">
          Nearly all nodes of the baseline show it; {formatPlural(outliersTotal, "node")} do not:{" "}
          {outliers.map(({ name }) => displayText(name).text).join(", ")}
        </p>
      )}
    </div>
  );
}
