"use client";

import { formatCount } from "#lib/client/format";
import { LIFECYCLE_WORDS, moverWords, remedyOf } from "#lib/client/lifecycle-words";
import { paths } from "#lib/client/paths";
import type { OnboardingBoard } from "#lib/contracts/lifecycle";
import { TimeLink } from "../shell/time-travel.tsx";
import { Card } from "../ui/card.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** Nodes that failed on the way, why, and what helps; nothing when there is none. */
export function FailedList({ failed }: { failed: OnboardingBoard["failed"] }) {
  if (failed.nodes === 0) return null;
  return (
    <Card flush title={`Failed: ${formatCount(failed.nodes)}`}>
      <ul aria-label="Failed nodes" className="divide-y divide-line">
        {failed.items.map((node) => (
          <li
            key={node.id}
            className="grid min-w-0 grid-cols-1 gap-x-4 gap-y-0.5 px-3 py-2 md:grid-cols-[minmax(160px,1fr)_3fr]"
          >
            <div className="min-w-0">
              <TimeLink
                href={paths.nodeBootstrap(node.id)}
                prefetch={false}
                className="link flex text-data font-medium"
              >
                <HostileText text={node.displayName} max={40} />
              </TimeLink>
              <p className="text-small text-muted">
                {LIFECYCLE_WORDS[node.failedFrom].toLowerCase()} until <Timestamp iso={node.since} />
              </p>
            </div>
            <div className="min-w-0 text-data break-words">
              <p className="text-danger">
                {moverWords(node.event)}
                {node.reasonCode && <span className="font-mono text-small"> {node.reasonCode}</span>}
              </p>
              {node.reasonText && (
                <p className="text-small text-muted">
                  <HostileText text={node.reasonText} className="[&_bdi]:whitespace-normal" />
                </p>
              )}
              <p className="text-small">{remedyOf(node.event)}</p>
            </div>
          </li>
        ))}
      </ul>
      {failed.nodes > failed.items.length && (
        <p className="border-t border-line px-3 py-1.5 text-small">
          <TimeLink href={paths.nodes({ q: "lifecycle:failed" })} className="link">
            All {formatCount(failed.nodes)}
          </TimeLink>
        </p>
      )}
    </Card>
  );
}
