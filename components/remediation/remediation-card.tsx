"use client";

import { MessageSquareText, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { ACTION_WORDS, namesSentence } from "#lib/client/remediation-words";
import type { RemediationSummary } from "#lib/contracts/remediation";
import { isOpenToVotes, isOver } from "#lib/domain/remediation";
import { Badge } from "../ui/badge.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { Countdown } from "./countdown.tsx";
import { RequestStateBadge } from "./request-state.tsx";

/** `Quarantine db-1`, `Release 12 nodes`: what the request is, for titles and links. */
export function requestTitle({ action, nodes }: Pick<RemediationSummary, "action" | "nodes">): string {
  const [name] = nodes.names;
  const what =
    nodes.total === 1 && name !== undefined ? displayText(name).text : `${formatCount(nodes.total)} nodes`;
  return `${ACTION_WORDS[action].label} ${what}`;
}

/** One request in a list: enough to decide whether to open it now. */
export function RemediationCard({ item }: { item: RemediationSummary }) {
  const { id, state, reason, requestedBy, requestedAt, nodes, failedChecks, claimedBy, review, origin } =
    item;
  const more = nodes.total - nodes.names.length;
  return (
    <li className="border-b border-line">
      <Link href={paths.remediation(id)} className="flex min-h-11 flex-col gap-1 px-1 py-2.5 hover:bg-hover">
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="min-w-0 font-medium break-words">{requestTitle(item)}</span>
          <RequestStateBadge state={state} />
          {origin === "break_glass" && <Badge tone="danger">break-glass</Badge>}
          {origin === "drill" && <Badge>rehearsal</Badge>}
          {origin === "real_drill" && <Badge tone="warn">drill</Badge>}
          {review?.state === "open" && <Badge tone="danger">review open</Badge>}
        </span>
        <span className="max-w-[90ch] text-small break-words">{displayText(reason).text}</span>
        {nodes.total > 1 && (
          <span className="font-mono text-small break-all text-muted">
            {namesSentence(
              nodes.names.map((name) => displayText(name).text),
              5,
            )}
            {more > 0 && ` and ${formatCount(more)} more`}
          </span>
        )}
        <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-small text-muted">
          <Standing item={item} />
          {failedChecks > 0 && !isOver(state) && (
            <span className="inline-flex items-center gap-1 text-danger">
              <TriangleAlert aria-hidden className="size-3.5" />
              {formatPlural(failedChecks, "check is broken", "checks are broken")}
            </span>
          )}
          {claimedBy && !isOver(state) && (
            <span className="inline-flex items-center gap-1">
              <MessageSquareText aria-hidden className="size-3.5" />
              {claimedBy.mine ? "You look at it" : `${displayText(claimedBy.email).text} looks at it`}
            </span>
          )}
        </span>
      </Link>
      <p className="px-1 pb-2 text-small break-words text-muted">
        {requestedBy === null ? "Asked for by a policy" : `Asked for by ${displayText(requestedBy).text}`}{" "}
        <Timestamp iso={requestedAt} />
      </p>
    </li>
  );
}

/** Votes and time while it is open, what came of it afterwards. */
function Standing({ item }: { item: RemediationSummary }) {
  const { state, approvals, expiresAt, held, outcome, endedAt } = item;
  if (isOpenToVotes(state)) {
    return (
      <>
        <span className="tabular-nums">
          {formatCount(approvals.have)} of {formatCount(approvals.need)} approvals
        </span>
        <Countdown iso={expiresAt} verb="expires" over="time is over" />
        {held !== null && <span className="break-words">{displayText(held).text}</span>}
      </>
    );
  }
  return (
    <>
      {outcome !== null && <span className="break-words">{displayText(outcome).text}</span>}
      {endedAt !== null && (
        <span>
          ended <Timestamp iso={endedAt} />
        </span>
      )}
    </>
  );
}
