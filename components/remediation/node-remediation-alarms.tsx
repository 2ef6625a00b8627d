"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { displayText } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { nodeRemediationAlarmsOptions } from "#lib/client/remediations";
import type { RemediationAlarms } from "#lib/contracts/automatic";
import { useMissingRole } from "../shell/account-context.tsx";
import { Badge } from "../ui/badge.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

const KIND_WORDS: Readonly<Record<RemediationAlarms["items"][number]["kind"], string>> = {
  incomplete: "Not done as asked for",
  drifted: "It did not last",
};

/** What is wrong with what was done to the node, and what to do about it; nothing when nothing is. */
export function NodeRemediationAlarms({ nodeId }: { nodeId: string }) {
  const allowed = useMissingRole("remediation:read") === null;
  const { data, error } = useQuery({ ...nodeRemediationAlarmsOptions(nodeId), enabled: allowed });
  if (error && !data)
    return (
      <p role="alert" className="text-small text-danger">
        Whether something is wrong with what was done to this node could not be read.
      </p>
    );
  if (!data || data.items.length === 0) return null;
  return (
    <ul
      aria-label="Remediation alarms"
      className="rounded-[4px] border border-danger px-3 text-data [&>li+li]:border-t [&>li+li]:border-line"
    >
      {data.items.map(({ requestId, kind, detail, raisedAt, runbook }) => (
        <li key={`${requestId} ${kind}`} className="flex min-w-0 flex-col gap-0.5 py-2">
          <span className="flex min-w-0 flex-wrap items-center gap-2">
            <Badge tone="danger">{KIND_WORDS[kind]}</Badge>
            <span className="min-w-0 break-words">{displayText(detail).text}</span>
          </span>
          <span className="flex flex-wrap items-center gap-x-3 text-small text-muted">
            <Timestamp iso={raisedAt} />
            <Link href={paths.remediation(requestId)} className="link touch inline-flex items-center">
              The remediation
            </Link>
            <Link href={paths.runbook(runbook)} className="link touch inline-flex items-center">
              What to do
            </Link>
          </span>
        </li>
      ))}
    </ul>
  );
}
