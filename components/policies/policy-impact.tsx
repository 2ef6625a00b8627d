"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { policyImpactOptions } from "#lib/client/policies";
import type { PolicyImpactView } from "#lib/contracts/policy";
import { TRUST_STATUSES } from "#lib/domain/trust-status";
import { StatusBadge } from "../fleet/status-badge.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { useSettled } from "../ui/settled.ts";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { DecidedOtherwise } from "./decided-otherwise.tsx";
import { ALL_NODES, PartFields, partOf } from "./part-fields.tsx";
import { usePolicy } from "./policy-frame.tsx";
import { subjectOf, VersionField } from "./subject.tsx";

const TYPING_MS = 400;

/** What would move now if a version were enforced: by status, by node, and which rules would be gone. */
export function PolicyImpactPage({ name, version: asked }: { name: string; version: number | null }) {
  const router = useRouter();
  const policy = usePolicy(name);
  const [part, setPart] = useState(ALL_NODES);
  const selector = useSettled(part.selector.trim(), TYPING_MS);
  const percent = useSettled(part.percent, TYPING_MS);
  const stated = partOf({ selector, percent });
  const subject = policy && subjectOf(policy, asked);
  const impact = useQuery({
    ...policyImpactOptions({ ...subject?.proposed, ...(stated ?? {}) }),
    enabled: subject !== undefined && stated !== null,
  });
  if (!policy || !subject) return null;
  return (
    <div className="flex flex-col gap-3">
      <p className="max-w-[80ch] text-data text-muted">
        {policy.builtIn
          ? "What would move if the built-in policy decided about all nodes again."
          : "What would move if this version decided from now on. It is the same computation that decides, and stores nothing."}
      </p>
      <div className="grid gap-3 lg:grid-cols-[1fr_2fr]">
        <VersionField
          id="impact-version"
          policy={policy}
          version={subject.version}
          onChange={(version) => router.replace(paths.policy(name, "impact", { version }), { scroll: false })}
        />
        <PartFields id="impact" value={part} onChange={setPart} />
      </div>
      <ProgressBar active={impact.isFetching} />
      {impact.isPending && stated !== null && <SkeletonRows rows={7} label="Computing what would move" />}
      {impact.error && (
        <div className="flex flex-col items-start gap-2">
          <FormProblem error={impact.error} />
          <Button onClick={() => void impact.refetch()}>Try again</Button>
        </div>
      )}
      {impact.data && <Impact impact={impact.data} />}
    </div>
  );
}

function Impact({ impact }: { impact: PolicyImpactView }) {
  const { nodes, movedTotal, removedRules } = impact;
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="text-data font-medium">
        {movedTotal === 0 ? "No node moves" : formatPlural(movedTotal, "node moves", "nodes move")}, of{" "}
        {formatPlural(nodes, "node")} compared.
      </p>
      <div className="grid items-start gap-3 lg:grid-cols-2">
        <Card title="Nodes by status" flush>
          <StatusTable statuses={impact.statuses} />
        </Card>
        <Card title="Rules that would be gone" flush>
          {removedRules.length === 0 ? (
            <p className="px-3 py-2 text-data text-muted">
              Every rule that decides about one of these nodes now exists in this version too.
            </p>
          ) : (
            <ul aria-label="Rules that would be gone">
              {removedRules.map(({ policyVersion, ruleId, nodes: count }) => (
                <li
                  key={`${policyVersion} ${ruleId}`}
                  className="flex flex-wrap items-center justify-between gap-x-3 border-b border-line px-3 py-2 text-data last:border-b-0"
                >
                  <span>
                    <span className="sr-only">removed: </span>
                    <del className="font-mono text-danger">{ruleId}</del>{" "}
                    <span className="text-small text-muted">of {policyVersion}</span>
                  </span>
                  <span className="text-small">decides about {formatPlural(count, "node")} now</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
      {movedTotal > 0 && <Moved impact={impact} />}
    </div>
  );
}

function StatusTable({ statuses }: Pick<PolicyImpactView, "statuses">) {
  const rows = TRUST_STATUSES.flatMap((status) => statuses.filter((row) => row.status === status));
  return (
    <TableFrame>
      <Table aria-label="Nodes by status">
        <TableHead>
          <tr>
            <TableHeader>Status</TableHeader>
            <TableHeader numeric>Current</TableHeader>
            <TableHeader numeric>Proposed</TableHeader>
            <TableHeader numeric>
              <abbr title="Difference" className="no-underline">
                Δ
              </abbr>
            </TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {rows.map(({ status, current, proposed }) => (
            <TableRow key={status}>
              <TableCell>
                <StatusBadge status={status} />
              </TableCell>
              <TableCell numeric>{formatCount(current)}</TableCell>
              <TableCell numeric>{formatCount(proposed)}</TableCell>
              <TableCell numeric className={current === proposed ? "text-muted" : "font-semibold"}>
                {signed(proposed - current)}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

const signed = (value: number): string =>
  value === 0 ? "0" : `${value > 0 ? "+" : "−"}${formatCount(Math.abs(value))}`;

function Moved({ impact: { named, movedTotal } }: { impact: PolicyImpactView }) {
  return (
    <Card title={formatPlural(movedTotal, "node moves", "nodes move")} flush>
      <DecidedOtherwise
        label="Nodes that move"
        total={movedTotal}
        nodes={named.map((node) => ({ ...node, key: node.id }))}
      />
    </Card>
  );
}
