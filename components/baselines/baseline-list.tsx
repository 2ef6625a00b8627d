"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { baselineListOptions, commonStatesOptions } from "#lib/client/baselines";
import { formatCount, formatPlural, formatShare } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { BaselineSummary, CommonStates } from "#lib/contracts/baseline";
import { NotRefreshed } from "../fleet/tile.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { Coverage, LaneWords, Match } from "./baseline-parts.tsx";

/** What is the reference, who approved it, how much of the fleet matches? */
export function BaselineListPage() {
  const router = useRouter();
  const baselines = useQuery(baselineListOptions());
  const reason = useDisabledReason("baseline:draft");
  const create = (
    <GuardedButton variant="primary" reason={reason} onClick={() => router.push(paths.newBaseline())}>
      Create baseline
    </GuardedButton>
  );
  const { data, error } = baselines;
  const retry = () => void baselines.refetch();
  return (
    <>
      <PageHeader
        title="Baselines"
        meta={data && formatPlural(data.items.length, "baseline")}
        actions={create}
      />
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading baselines" />}
      {data === undefined && error && (
        <ErrorPanel title="The baselines could not be loaded" error={error} onRetry={retry} />
      )}
      {data && error && <NotRefreshed error={error} onRetry={retry} />}
      {data?.items.length === 0 && <NoBaselines action={create} />}
      {data && data.items.length > 0 && <BaselineTable items={data.items} />}
    </>
  );
}

function BaselineTable({ items }: { items: readonly BaselineSummary[] }) {
  return (
    <TableFrame>
      <Table aria-label="Baselines">
        <TableHead>
          <tr>
            <TableHeader>Baseline</TableHeader>
            <TableHeader className="max-lg:hidden">Lane</TableHeader>
            <TableHeader>Version</TableHeader>
            <TableHeader className="max-md:hidden">Coverage</TableHeader>
            <TableHeader>Match</TableHeader>
            <TableHeader className="max-md:hidden">Draft</TableHeader>
            <TableHeader className="max-lg:hidden">Last change</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {items.map((item) => (
            <BaselineRow key={item.id} item={item} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function BaselineRow({ item }: { item: BaselineSummary }) {
  const { id, name, selectorWords, current, active, draft, standing, tampered, lastChange } = item;
  const others = active.filter((version) => version !== current);
  return (
    <TableRow className="hover:bg-hover">
      <TableCell className="max-w-[44vw]">
        <TimeLink
          href={paths.baseline(id)}
          className="touch flex min-w-0 items-center font-medium hover:underline"
        >
          <HostileText text={name} max={60} />
        </TimeLink>
        <span className="block truncate text-small text-muted">
          <HostileText text={selectorWords} max={80} />
        </span>
        {tampered.length > 0 && <Badge tone="danger">version {tampered.join(", ")} tampered</Badge>}
      </TableCell>
      <TableCell className="max-lg:hidden">
        <LaneWords lane={item.lane} />
      </TableCell>
      <TableCell className="whitespace-nowrap">
        {current === null ? <span className="text-muted">none</span> : `v${current}`}
        {others.length > 0 && (
          <span className="block text-small text-muted">
            also {others.map((version) => `v${version}`).join(", ")}
          </span>
        )}
      </TableCell>
      <TableCell className="max-md:hidden">
        <Coverage standing={standing} />
      </TableCell>
      <TableCell>
        <Match standing={standing} />
      </TableCell>
      <TableCell className="max-md:hidden">
        {draft === null ? <span className="text-muted">none</span> : <Badge tone="accent">v{draft}</Badge>}
      </TableCell>
      <TableCell className="max-lg:hidden">
        <Timestamp iso={lastChange.at} />
        {lastChange.by !== null && (
          <span className="block truncate text-small text-muted">{lastChange.by}</span>
        )}
      </TableCell>
    </TableRow>
  );
}

/** The first baseline is mostly what the fleet is already. */
function NoBaselines({ action }: { action: React.ReactNode }) {
  const states = useQuery(commonStatesOptions());
  const { data, error } = states;
  return (
    <>
      <EmptyState title="No baselines yet" action={action}>
        A baseline says what the evidence of some nodes is expected to be. Without one, a node is judged by
        its verifiers alone, and nobody sees what changed on it.
      </EmptyState>
      {data === undefined && !error && <SkeletonRows rows={3} label="Looking for common states" />}
      {error && (
        <ErrorPanel
          title="Common states could not be found"
          error={error}
          onRetry={() => void states.refetch()}
        />
      )}
      {data && data.items.length > 0 && <StateTable items={data.items} />}
    </>
  );
}

function StateTable({ items }: CommonStates) {
  return (
    <section aria-labelledby="common-states">
      <h2 id="common-states" className="px-3 pb-1 text-data font-semibold">
        Create from these most common states
      </h2>
      <TableFrame>
        <Table aria-label="Most common states">
          <TableHead>
            <tr>
              <TableHeader>Cohort</TableHeader>
              <TableHeader>Lane</TableHeader>
              <TableHeader numeric className="max-md:hidden">
                Nodes
              </TableHeader>
              <TableHeader numeric className="max-md:hidden">
                Exactly the same
              </TableHeader>
              <TableHeader numeric className="max-lg:hidden">
                Paths
              </TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {items.map(({ sourceId, sourceName, submod, selector, selectorWords, nodes, same, paths: n }) => (
              <TableRow key={`${sourceId} ${submod} ${selector}`} className="hover:bg-hover">
                <TableCell>
                  <TimeLink
                    href={paths.newBaseline({ from: "cohort", selector, source: sourceId, submod })}
                    className="link touch inline-flex items-center"
                  >
                    <HostileText text={selectorWords} max={60} />
                  </TimeLink>
                </TableCell>
                <TableCell>
                  <LaneWords lane={{ sourceId, sourceName, submod }} />
                </TableCell>
                <TableCell numeric className="max-md:hidden">
                  {formatCount(nodes)}
                </TableCell>
                <TableCell numeric className="max-md:hidden">
                  {formatShare(same / nodes)}
                </TableCell>
                <TableCell numeric className="max-lg:hidden">
                  {formatCount(n)}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableFrame>
    </section>
  );
}
