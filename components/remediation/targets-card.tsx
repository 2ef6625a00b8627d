"use client";

import { useState } from "react";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { LIFECYCLE_WORDS } from "#lib/client/lifecycle-words";
import { paths } from "#lib/client/paths";
import type { RemediationTarget } from "#lib/contracts/remediation";
import { NodeDriftView } from "../drift/node-drift.tsx";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { HostileText } from "../ui/hostile-text.tsx";

/**
 * The nodes that it is about, each with how it stands now and what of its evidence differs. Where the person may
 * approve a part, each can be unticked.
 *
 * @param kept `null` = nothing can be unticked
 */
export function TargetsCard({
  targets,
  kept,
  onKeep,
  evidence,
}: {
  targets: readonly RemediationTarget[];
  kept: ReadonlySet<string> | null;
  onKeep: (nodeId: string, keep: boolean) => void;
  /** Why the evidence may not be looked at; `null` = it may. */
  evidence: string | null;
}) {
  const [only] = targets;
  const [open, setOpen] = useState<string | null>(targets.length === 1 && only ? only.nodeId : null);
  return (
    <Card
      title={formatPlural(targets.length, "node")}
      actions={
        kept !== null &&
        kept.size < targets.length && (
          <span className="text-small text-warn-fg">
            {formatCount(kept.size)} of {formatCount(targets.length)} ticked
          </span>
        )
      }
      flush
    >
      <ul>
        {targets.map((target) => (
          <li key={target.nodeId} className="border-b border-line px-3 py-2 last:border-b-0">
            <Target
              target={target}
              kept={kept === null || targets.length === 1 ? null : kept.has(target.nodeId)}
              onKeep={(keep) => onKeep(target.nodeId, keep)}
            />
            {evidence === null && (
              <Button
                size="sm"
                variant="ghost"
                className="-ml-2"
                aria-expanded={open === target.nodeId}
                onClick={() => setOpen((now) => (now === target.nodeId ? null : target.nodeId))}
              >
                {open === target.nodeId ? "Hide what differs" : "Show what differs from its baselines"}
              </Button>
            )}
            {evidence === null && open === target.nodeId && (
              <div className="pt-1">
                <NodeDriftView nodeId={target.nodeId} />
              </div>
            )}
          </li>
        ))}
      </ul>
      {evidence !== null && (
        <p className="border-t border-line px-3 py-2 text-small text-muted">
          What differs from the baselines is not shown. {evidence}
        </p>
      )}
    </Card>
  );
}

function Target({
  target,
  kept,
  onKeep,
}: {
  target: RemediationTarget;
  kept: boolean | null;
  onKeep: (keep: boolean) => void;
}) {
  const { nodeId, name, status, lifecycle, disposition, pool, failureDomain, quorum, changed } = target;
  const place = [
    pool !== "" && `pool ${displayText(pool).text}`,
    failureDomain !== null && `in ${displayText(failureDomain).text}`,
    quorum !== null && `member of ${displayText(quorum).text}`,
  ].filter((part) => part !== false);
  return (
    <div className="flex min-w-0 items-start gap-2">
      {kept !== null && (
        <label className="touch inline-flex items-center">
          <input
            type="checkbox"
            checked={kept}
            onChange={(event) => onKeep(event.target.checked)}
            aria-label={`Keep ${displayText(name).text} in the request`}
            className="size-4 shrink-0"
          />
        </label>
      )}
      <div className="flex min-w-0 flex-1 flex-col gap-0.5">
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <TimeLink href={paths.node(nodeId)} className="link touch min-w-0 font-medium">
            <HostileText text={name} className="break-all [&_bdi]:whitespace-normal" />
          </TimeLink>
          <StatusBadge status={status} size="sm" />
          <span className="text-small text-muted">
            {LIFECYCLE_WORDS[lifecycle].toLowerCase()}
            {disposition !== "in_service" && ` · ${disposition.replaceAll("_", " ")}`}
          </span>
        </span>
        {place.length > 0 && <span className="text-small break-words text-muted">{place.join(", ")}</span>}
        {changed !== null && (
          <span className="text-small break-words text-danger">{displayText(changed).text}</span>
        )}
      </div>
    </div>
  );
}
