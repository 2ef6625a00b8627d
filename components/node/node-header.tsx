"use client";

import { useQuery } from "@tanstack/react-query";
import { StatusBadge } from "#components/fleet/status-badge";
import { TimeLink, useTimeTravel } from "#components/shell/time-travel";
import { Badge } from "#components/ui/badge";
import { FrozenClock, useReferenceNow } from "#components/ui/clock";
import { CopyButton } from "#components/ui/copy-button";
import { ErrorPanel } from "#components/ui/error-panel";
import { HostileText } from "#components/ui/hostile-text";
import { PageHeader } from "#components/ui/page-header";
import { Timestamp } from "#components/ui/timestamp";
import { displayText, formatDuration } from "#lib/client/format";
import { LIFECYCLE_WORDS } from "#lib/client/lifecycle-words";
import { nodeOptions } from "#lib/client/node";
import { paths } from "#lib/client/paths";
import { shownInstant, withTime } from "#lib/client/time-travel";
import type { NodeView } from "#lib/contracts/node";
import { NodeActions, NodeRemediations } from "../remediation/node-actions.tsx";
import { NodeRemediationAlarms } from "../remediation/node-remediation-alarms.tsx";
import { IdentityList } from "./identity-list.tsx";
import { LaneSummary } from "./lane-summary.tsx";
import { NodeAlarms } from "./node-alarms.tsx";
import { NodeLabels } from "./node-labels.tsx";
import { SacrificialBadge, SacrificialMark } from "./sacrificial-mark.tsx";
import { StatementMenu } from "./statement-menu.tsx";

/** Can this node be trusted now; if not, since when and why? Answered before anything else. */
export function NodeHeader({ nodeId }: { nodeId: string }) {
  const { time } = useTimeTravel();
  const { data: node, error, refetch } = useQuery(nodeOptions(nodeId, time));
  if (error && !node) {
    return <ErrorPanel title="The node could not be loaded" error={error} onRetry={() => void refetch()} />;
  }
  if (!node) return null;
  const shown = shownInstant(time);
  const name = displayText(node.displayName).text;
  return (
    <header className="flex flex-col gap-2 pb-3">
      <PageHeader
        crumbs={[{ href: withTime(paths.nodes(), time), label: "Nodes" }]}
        title={
          <HostileText text={node.displayName} max={96} className="break-all [&_bdi]:whitespace-normal" />
        }
        meta={
          <span className="inline-flex items-center font-mono">
            {node.id.slice(0, 8)}…{node.id.slice(-6)}
            <CopyButton value={node.id} label={`Copy the ID of ${name}`} />
          </span>
        }
        actions={
          <>
            <StatementMenu nodeId={node.id} />
            <NodeActions node={node} />
          </>
        }
      />
      <FrozenClock atMs={shown === null ? null : Date.parse(shown)}>
        <Verdict node={node} then={shown !== null} />
        <NodeAlarms node={node} />
        {shown === null && (
          <>
            <NodeRemediationAlarms nodeId={node.id} />
            <NodeRemediations nodeId={node.id} />
          </>
        )}
        <dl className="flex flex-wrap gap-x-6 gap-y-1.5 text-small">
          <Fact name="Life cycle">
            <TimeLink href={paths.nodeBootstrap(node.id)} className="link">
              {LIFECYCLE_WORDS[node.lifecycle.state]}
            </TimeLink>{" "}
            <span className="text-muted">
              since <Timestamp iso={node.lifecycle.since} />
            </span>
            {node.disposition !== null && node.disposition !== "in_service" && (
              <span className="text-muted"> · {node.disposition.replaceAll("_", " ")}</span>
            )}
          </Fact>
          <Fact name="Evidence">
            <LaneSummary lanes={node.lanes} />
          </Fact>
          <Fact name="Next check due">
            <NextDue node={node} />
          </Fact>
          <Fact name="On record since">
            <Timestamp iso={node.createdAt} />
          </Fact>
          {node.labels !== null && (
            <Fact name="Labels">
              <NodeLabels id={node.id} labels={node.labels} />
            </Fact>
          )}
          {shown === null && (
            <Fact name="Drills">
              <SacrificialMark nodeId={node.id} />
            </Fact>
          )}
          <IdentityList identities={node.identities} incarnations={node.incarnations} />
        </dl>
      </FrozenClock>
    </header>
  );
}

/** The status, since when, why, and when it was last good. */
function Verdict({ node, then }: { node: NodeView; then: boolean }) {
  const nowMs = useReferenceNow();
  return (
    <section aria-label={then ? "Trust then" : "Trust now"} className="flex min-w-0 flex-col gap-0.5">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <StatusBadge status={node.status} size="lg" />
        {node.reduced && <Badge tone="warn">Reduced coverage</Badge>}
        {!then && <SacrificialBadge nodeId={node.id} />}
        <p className="text-data text-muted">
          since <Timestamp iso={node.since} absolute className="text-fg" />{" "}
          <span className="whitespace-nowrap">({formatDuration(nowMs - Date.parse(node.since))})</span>
        </p>
      </div>
      <p className="max-w-[90ch] text-data break-words">
        <HostileText text={node.reason} className="[&_bdi]:whitespace-normal" />
      </p>
      {node.silence !== null && (
        <p className="max-w-[90ch] text-small break-words text-muted">
          <HostileText text={node.silence} className="[&_bdi]:whitespace-normal" />
        </p>
      )}
      <p className="text-small text-muted">{lastTrusted(node, nowMs, then)}</p>
    </section>
  );
}

function NextDue({ node: { nextDueAt, lanes } }: { node: NodeView }) {
  const nowMs = useReferenceNow();
  if (nextDueAt === null) return <>{lanes.length === 0 ? "not known" : "no cadence learnt yet"}</>;
  const leftMs = Date.parse(nextDueAt) - nowMs;
  return (
    <>
      <Timestamp iso={nextDueAt} absolute />{" "}
      <span className="text-muted">
        ({leftMs >= 0 ? `in ${formatDuration(leftMs)}` : `${formatDuration(leftMs)} overdue`})
      </span>
    </>
  );
}

function lastTrusted({ status, lastTrustedAt }: NodeView, nowMs: number, then: boolean) {
  if (lastTrustedAt) {
    return (
      <>
        Trusted until <Timestamp iso={lastTrustedAt} absolute className="text-fg" /> —{" "}
        {formatDuration(nowMs - Date.parse(lastTrustedAt))} {then ? "before" : "ago"}
      </>
    );
  }
  return status === "trusted"
    ? then
      ? "Trusted then"
      : "Trusted now"
    : then
      ? "Never trusted until then"
      : "Never trusted so far";
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-1.5">
      <dt className="label">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
