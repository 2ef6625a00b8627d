import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import { displayText, formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ChangePreview } from "#lib/contracts/change-request";
import type { TrustStatus } from "#lib/domain/trust-status";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { Card } from "../ui/card.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";

/** What a change would move: the facts, what to think about twice, from × to, and the nodes by name. */
export function ChangePreviewView({ preview }: { preview: ChangePreview }) {
  const { facts, warnings, moves, nodes, reliedOn } = preview;
  return (
    <div className="flex flex-col gap-3">
      {warnings.length > 0 && (
        <ul className="flex flex-col gap-1 rounded-[6px] border border-warn-line bg-warn-bg px-3 py-2 text-data text-warn-fg">
          {warnings.map((warning) => (
            <li key={warning} className="flex gap-2">
              <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span className="min-w-0 break-words">{displayText(warning).text}</span>
            </li>
          ))}
        </ul>
      )}
      <Card title="The plan">
        <dl className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)] gap-x-3 gap-y-1 text-data">
          {facts.map(({ label, value }) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="min-w-0 break-words">{displayText(value).text}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <Card title="Status of nodes" flush>
        {moves.length === 0 ? (
          <p className="px-3 py-2 text-data text-muted">No node’s status moves.</p>
        ) : (
          <TableFrame>
            <Table aria-label="From and to">
              <TableHead>
                <tr>
                  <TableHeader>From</TableHeader>
                  <TableHeader>To</TableHeader>
                  <TableHeader numeric>Nodes</TableHeader>
                </tr>
              </TableHead>
              <TableBody>
                {moves.map(({ from, to, nodes: count }) => (
                  <TableRow key={`${from} ${to}`}>
                    <TableCell>
                      <StatusBadge status={from as TrustStatus} />
                    </TableCell>
                    <TableCell>
                      <StatusBadge status={to as TrustStatus} />
                    </TableCell>
                    <TableCell numeric>{formatCount(count)}</TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </TableFrame>
        )}
      </Card>
      {nodes.total > 0 && (
        <Card title={formatPlural(nodes.total, "node moves", "nodes move")} flush>
          <ul
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label="Nodes that move"
            className="max-h-[320px] overflow-y-auto"
          >
            {nodes.items.map(({ id, name, from, to, reason }) => (
              <li key={id} className="border-b border-line last:border-b-0">
                <Link
                  href={paths.node(id)}
                  className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 px-3 py-1 hover:bg-hover"
                >
                  <HostileText text={name} className="font-mono text-small" />
                  <span className="inline-flex items-center gap-2 text-small">
                    <StatusBadge status={from as TrustStatus} size="sm" />
                    <span aria-hidden>→</span>
                    <span className="sr-only">becomes</span>
                    <StatusBadge status={to as TrustStatus} size="sm" />
                  </span>
                  {reason && (
                    <span className="w-full min-w-0 break-words text-small text-muted">
                      {displayText(reason).text}
                    </span>
                  )}
                </Link>
              </li>
            ))}
          </ul>
          {nodes.total > nodes.items.length && (
            <p className="px-3 py-2 text-small text-muted">
              The first {formatCount(nodes.items.length)} of {formatCount(nodes.total)}.
            </p>
          )}
        </Card>
      )}
      {reliedOn.total > 0 && (
        <Card title={`${formatPlural(reliedOn.total, "change request")} named these nodes`} flush>
          <ul>
            {reliedOn.items.map(({ id, summary, state }) => (
              <li key={id} className="border-b border-line last:border-b-0">
                <Link
                  href={paths.change(id)}
                  className="flex min-h-11 items-center px-3 text-data hover:bg-hover"
                >
                  {displayText(summary).text} ({state})
                </Link>
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}
