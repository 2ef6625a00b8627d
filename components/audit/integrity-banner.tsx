"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { auditLogsOptions, checkAuditLogs } from "#lib/client/audit";
import { formatCount, formatPlural } from "#lib/client/format";
import type { AuditCheck } from "#lib/contracts/audit";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** Whether the log is signed and uncontradicted, with a check of every entry to start by hand. */
export function IntegrityBanner() {
  const { data, error, refetch } = useQuery(auditLogsOptions());
  const check = useMutation({ mutationFn: checkAuditLogs });
  if (!data) {
    return error ? (
      <ErrorPanel
        title="The state of the log could not be loaded"
        error={error}
        onRetry={() => void refetch()}
      />
    ) : null;
  }
  const contradicted = new Set(
    check.data?.logs.flatMap(({ trustDomainId, fault }) => (fault ? [trustDomainId] : [])),
  );
  return (
    <section aria-label="Integrity" className="flex flex-col gap-2 border border-line bg-sunken px-3 py-2.5">
      <ul className="flex flex-col gap-1 text-data">
        {data.items.map(({ trustDomainId, size, waiting, signedAt, problem }) => (
          <li key={trustDomainId} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <StateBadge problem={problem} contradicted={contradicted.has(trustDomainId)} />
            <span>{formatPlural(size, "entry", "entries")} in the log</span>
            {waiting > 0 && <span className="text-muted">{formatCount(waiting)} waiting to be taken in</span>}
            {signedAt && (
              <span className="text-muted">
                last checkpoint <Timestamp iso={signedAt} />
              </span>
            )}
            {problem && <span className="text-danger">{problem}</span>}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap items-center gap-3">
        <Button size="sm" pending={check.isPending} onClick={() => check.mutate()}>
          Verify now
        </Button>
        <div role="status" className="min-w-0 text-small">
          {check.data && <CheckResult check={check.data} />}
        </div>
      </div>
      {check.error && <ErrorPanel title="The log could not be checked" error={check.error} />}
    </section>
  );
}

function StateBadge({ problem, contradicted }: { problem: string | null; contradicted: boolean }) {
  if (problem !== null) return <Badge tone="danger">not signed</Badge>;
  // Its signatures stand; what the last check read does not match them.
  return contradicted ? <Badge tone="danger">contradicted</Badge> : <Badge tone="accent">signed</Badge>;
}

function CheckResult({ check }: { check: AuditCheck }) {
  const faults = check.logs.flatMap(({ fault }) => (fault ? [fault.detail] : []));
  const total = check.logs.reduce((sum, { size }) => sum + size, 0);
  if (faults.length === 0) {
    return (
      <>
        {formatPlural(total, "entry", "entries")} checked, all as they were signed{" "}
        <Timestamp iso={check.checkedAt} absolute />
      </>
    );
  }
  return <span className="break-words text-danger">{faults.join(". ")}.</span>;
}
