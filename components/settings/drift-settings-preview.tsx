"use client";

import { formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { DriftSettingsPreview } from "#lib/contracts/drift-setting";
import { TimeLink } from "../shell/time-travel.tsx";
import { Card } from "../ui/card.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";

type NodeEffect = DriftSettingsPreview["effects"][number]["effect"];

const EFFECT_WORDS: Readonly<Record<NodeEffect, string>> = {
  none: "nothing differs",
  note: "changes nothing",
  degrade: "degrades the node",
  fail: "fails the node",
};

/** What the typed settings would do to the nodes, by what they show now. */
export function SettingsPreview({ preview }: { preview: DriftSettingsPreview }) {
  const { nodes, effects, moves, findings, partial, complete } = preview;
  return (
    <section aria-label="What would change" className="flex flex-col gap-3">
      <p role="status" className="text-data font-medium">
        {moves.total === 0 ? "No node moves" : formatPlural(moves.total, "node moves", "nodes move")}, of{" "}
        {formatPlural(nodes, "node")} that {nodes === 1 ? "is" : "are"} compared with a baseline.{" "}
        {formatCount(findings.reweighed)} of {formatPlural(findings.total, "difference")} would weigh
        something else.
      </p>
      {!complete && (
        <p className="text-small text-warn-fg">Only the first 20,000 nodes that differ were asked.</p>
      )}
      {partial > 0 && (
        <p className="text-small text-warn-fg">
          {formatPlural(partial, "node has", "nodes have")} more differences than are kept one by one, and may
          become worse than is said here.
        </p>
      )}
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <Card title="Nodes by what their drift does" flush>
          <TableFrame>
            <Table aria-label="Nodes by what their drift does">
              <TableHead>
                <tr>
                  <TableHeader>Drift</TableHeader>
                  <TableHeader numeric>Current</TableHeader>
                  <TableHeader numeric>Proposed</TableHeader>
                  <TableHeader numeric>Δ</TableHeader>
                </tr>
              </TableHead>
              <TableBody>
                {effects.map(({ effect, current, proposed }) => (
                  <TableRow key={effect}>
                    <TableCell>{EFFECT_WORDS[effect]}</TableCell>
                    <TableCell numeric>{formatCount(current)}</TableCell>
                    <TableCell numeric>{formatCount(proposed)}</TableCell>
                    <TableCell numeric>{signed(proposed - current)}</TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </TableFrame>
        </Card>
        {moves.total > 0 && (
          <Card title="Nodes that move" flush>
            <ul aria-label="Nodes that move">
              {moves.items.map(({ nodeId, name, from, to, why }) => (
                <li key={nodeId} className="border-b border-line px-3 py-1.5 text-data last:border-b-0">
                  <TimeLink href={paths.nodeDrift(nodeId)} className="link touch">
                    <HostileText text={name} max={60} />
                  </TimeLink>{" "}
                  <span className="text-small break-words text-muted">
                    {EFFECT_WORDS[from]} → {EFFECT_WORDS[to]}: {why}
                  </span>
                </li>
              ))}
            </ul>
            {moves.total > moves.items.length && (
              <p className="px-3 py-2 text-small text-muted">
                The first {formatCount(moves.items.length)} of {formatCount(moves.total)}.
              </p>
            )}
          </Card>
        )}
      </div>
    </section>
  );
}

const signed = (difference: number) =>
  difference > 0 ? `+${formatCount(difference)}` : formatCount(difference);
