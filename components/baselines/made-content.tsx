import { formatCount, formatPlural, formatShare } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { MadeContent } from "#lib/contracts/baseline";
import { LAYER_NAMES } from "#lib/domain/baseline-words";
import { LAYERS, layerOf } from "#lib/domain/layers";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";

/** Most entries that are listed; a policy has tens of thousands. */
const LISTED = 200;

/** What a content would be: its entries by layer, what nodes disagree on, and what is left out and why. */
export function MadeContentView({ made }: { made: MadeContent }) {
  const { content, nodes, left } = made;
  const entries = Object.entries(content.entries);
  const shown = entries
    .map(([path, values]) => ({ path, values, layer: layerOf(path) }))
    .sort((a, b) => LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer))
    .slice(0, LISTED);
  return (
    <div className="flex flex-col gap-3">
      <Card
        title={`${formatPlural(entries.length, "entry", "entries")}${nodes > 1 ? ` from ${formatCount(nodes)} nodes` : ""}`}
        flush
      >
        <TableFrame className="max-h-[360px] overflow-y-auto" role="region" aria-label="Entries" tabIndex={0}>
          <Table aria-label="Entries of the content">
            <TableHead>
              <tr>
                <TableHeader className="max-md:hidden">Layer</TableHeader>
                <TableHeader>Path</TableHeader>
                <TableHeader>Accepted values</TableHeader>
              </tr>
            </TableHead>
            <TableBody>
              {shown.map(({ path, values, layer }) => (
                <TableRow key={path} className="align-top">
                  <TableCell className="text-small whitespace-nowrap max-md:hidden">
                    {LAYER_NAMES[layer]}
                  </TableCell>
                  <TableCell className="font-mono text-small">
                    <HostileText text={path} className="break-all [&_bdi]:whitespace-normal" />
                  </TableCell>
                  <TableCell className="font-mono text-small">
                    <HostileText text={values.join(", ")} className="break-all [&_bdi]:whitespace-normal" />
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </TableFrame>
        {entries.length > LISTED && (
          <p className="px-3 py-2 text-small text-muted">
            The first {LISTED} of {formatCount(entries.length)}.
          </p>
        )}
      </Card>
      <Disputed made={made} />
      {left.length > 0 && (
        <Card title="Not carried over">
          <ul className="list-disc pl-5 text-small">
            {left.map((line) => (
              <li key={line} className="break-all">
                <HostileText text={line} className="[&_bdi]:whitespace-normal" />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

const LEFT_OUT = {
  rare: "left out: most nodes do not have it",
  "too-varied": "left out: no value has a majority",
} as const;

function Disputed({ made: { disputed, disputedTotal } }: { made: MadeContent }) {
  if (disputedTotal === 0) return null;
  return (
    <Card title={`${formatPlural(disputedTotal, "path")} on which the nodes do not agree`} flush>
      <ul>
        {disputed.map(({ path, value, share, differing, differingTotal, leftOut }) => (
          <li key={path} className="border-b border-line px-3 py-2 text-small last:border-b-0">
            <p className="flex flex-wrap items-center gap-x-2">
              <HostileText text={path} className="font-mono break-all [&_bdi]:whitespace-normal" />
              {leftOut === null ? (
                <Badge>{formatShare(share)} agree</Badge>
              ) : (
                <Badge tone="warn">{LEFT_OUT[leftOut]}</Badge>
              )}
            </p>
            <p className="text-muted">
              {value === null ? (
                <>{formatShare(share)} of the nodes lack it; these have it: </>
              ) : (
                <>
                  Most common: <HostileText text={value} max={60} className="font-mono" />. Different on:{" "}
                </>
              )}
              {differing.map(({ id, name }, index) => (
                <span key={id}>
                  {index > 0 && ", "}
                  <TimeLink href={paths.node(id)} className="link">
                    <HostileText text={name} max={40} />
                  </TimeLink>
                </span>
              ))}
              {differingTotal > differing.length &&
                ` and ${formatCount(differingTotal - differing.length)} more`}
            </p>
          </li>
        ))}
      </ul>
      {disputedTotal > disputed.length && (
        <p className="px-3 py-2 text-small text-muted">
          The first {formatCount(disputed.length)} of {formatCount(disputedTotal)}.
        </p>
      )}
    </Card>
  );
}
