import { formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { TrustStatus } from "#lib/domain/trust-status";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";

type Node = {
  /** Unique in the list: a node may stand in it more than once. */
  key: string;
  id: string;
  name: string;
  from: TrustStatus;
  to: TrustStatus;
  ruleId: string;
  reason: string;
};

/** Nodes about which another policy would decide otherwise: from what to what, by which rule and why. */
export function DecidedOtherwise({
  label,
  total,
  nodes,
}: {
  label: string;
  /** Of all of them; `nodes` may be the first. */
  total: number;
  nodes: readonly Node[];
}) {
  return (
    <>
      <ul
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={label}
        className="max-h-[420px] overflow-y-auto"
      >
        {nodes.map(({ key, id, name, from, to, ruleId, reason }) => (
          <li key={key} className="border-b border-line px-3 py-1.5 last:border-b-0">
            <span className="flex flex-wrap items-center justify-between gap-x-3">
              <TimeLink href={paths.node(id)} className="link touch inline-flex min-w-0 items-center">
                <HostileText text={name} className="font-mono text-small" />
              </TimeLink>
              <Becomes from={from} to={to} />
            </span>
            <span className="block text-small break-words text-muted">
              <code className="font-mono">{ruleId}</code>:{" "}
              <HostileText text={reason} className="[&_bdi]:whitespace-normal" />
            </span>
          </li>
        ))}
      </ul>
      {total > nodes.length && (
        <p className="px-3 py-2 text-small text-muted">
          The first {formatCount(nodes.length)} of {formatCount(total)}.
        </p>
      )}
    </>
  );
}

function Becomes({ from, to }: { from: TrustStatus; to: TrustStatus }) {
  return (
    <span className="inline-flex items-center gap-2 text-small">
      <StatusBadge status={from} size="sm" />
      <span aria-hidden>→</span>
      <span className="sr-only">becomes</span>
      <StatusBadge status={to} size="sm" />
    </span>
  );
}
