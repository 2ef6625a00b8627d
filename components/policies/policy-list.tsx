"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { formatCount, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { policyExceptionOptions, policyListOptions } from "#lib/client/policies";
import type { PolicyList, PolicySummary } from "#lib/contracts/policy";
import { NotRefreshed } from "../fleet/tile.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { PresentOnlyNote, TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { type PolicyException, partWords, STAGE_MEANING, STAGE_TONE, stageOf } from "./policy-words.ts";

/** What rule is in force where, and how much rests on it? */
export function PolicyListPage() {
  const router = useRouter();
  const policies = useQuery(policyListOptions());
  const exceptions = useQuery(policyExceptionOptions());
  const reason = useDisabledReason("policy:write");
  const { data, error } = policies;
  const retry = () => void policies.refetch();
  return (
    <>
      <PageHeader
        title="Policies"
        meta={data && formatPlural(data.items.length, "policy", "policies")}
        actions={
          <GuardedButton
            variant="primary"
            reason={reason}
            onClick={() => router.push(paths.policy("default", "edit"))}
          >
            New policy
          </GuardedButton>
        }
      />
      <PresentOnlyNote>Policies are shown as they are now.</PresentOnlyNote>
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading policies" />}
      {data === undefined && error && (
        <ErrorPanel title="The policies could not be loaded" error={error} onRetry={retry} />
      )}
      {data && error && <NotRefreshed error={error} onRetry={retry} />}
      {data?.deciding && <Deciding deciding={data.deciding} />}
      {data && <PolicyTable items={data.items} exceptions={exceptions.data?.items} />}
      {data?.items.length === 1 && (
        <p className="px-3 py-3 text-data text-muted">
          The built-in policy decides about every node, because no other one is enforced. Start a policy from
          it to be stricter, or to accept something that it does not.
        </p>
      )}
    </>
  );
}

/** After a change of what decides, until every node's status follows it. */
export function Deciding({ deciding: { done, total } }: { deciding: NonNullable<PolicyList["deciding"]> }) {
  return (
    <p role="status" className="border-b border-line px-3 py-2 text-data">
      What decides was changed: {formatCount(done)} of {formatCount(total)} nodes are decided again.
    </p>
  );
}

function PolicyTable({
  items,
  exceptions,
}: {
  items: readonly PolicySummary[];
  exceptions: readonly PolicyException[] | undefined;
}) {
  return (
    <TableFrame>
      <Table aria-label="Policies">
        <TableHead>
          <tr>
            <TableHeader>Policy</TableHeader>
            <TableHeader>Stage</TableHeader>
            <TableHeader className="max-md:hidden">For</TableHeader>
            <TableHeader className="max-lg:hidden">In force</TableHeader>
            <TableHeader className="max-lg:hidden">Newest</TableHeader>
            <TableHeader numeric>
              <abbr title="Nodes whose present status is its word" className="no-underline">
                Decides
              </abbr>
            </TableHeader>
            <TableHeader className="max-md:hidden">Exceptions</TableHeader>
          </tr>
        </TableHead>
        <TableBody>
          {items.map((item) => (
            <PolicyRow
              key={item.name}
              item={item}
              exceptions={exceptions?.filter(({ policy }) => policy === item.name)}
            />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function PolicyRow({
  item,
  exceptions,
}: {
  item: PolicySummary;
  exceptions: readonly PolicyException[] | undefined;
}) {
  const { name, builtIn, description, active, version, decides } = item;
  const stage = stageOf(item);
  const enforced = active.filter((one) => one.stage === "enforced");
  const newestIsDraft = !builtIn && !active.some((one) => one.version === version);
  return (
    <TableRow className="hover:bg-hover">
      <TableCell className="max-w-[44vw]">
        <TimeLink
          href={paths.policy(name)}
          className="touch flex min-w-0 items-center font-medium hover:underline"
        >
          {name}
        </TimeLink>
        <span className="block truncate text-small text-muted">
          <HostileText text={description} max={100} />
        </span>
      </TableCell>
      <TableCell>
        <Badge tone={STAGE_TONE[stage]} title={STAGE_MEANING[stage]}>
          {builtIn ? "built in" : stage}
        </Badge>
      </TableCell>
      <TableCell className="max-w-[24vw] max-md:hidden">
        {builtIn && <span className="text-muted">where nothing else is enforced</span>}
        {active.map((one) => (
          <span key={one.id} className="block truncate" title={partWords(one)}>
            <HostileText text={partWords(one)} max={60} />
          </span>
        ))}
        {!builtIn && active.length === 0 && <span className="text-muted">no node</span>}
      </TableCell>
      <TableCell className="whitespace-nowrap max-lg:hidden">
        {builtIn ? "v1" : enforced.map((one) => `v${one.version}`).join(", ")}
        {!builtIn && enforced.length === 0 && <span className="text-muted">none</span>}
      </TableCell>
      <TableCell className="whitespace-nowrap max-lg:hidden">
        v{version} {newestIsDraft && <Badge>draft</Badge>}
      </TableCell>
      <TableCell numeric>{formatCount(decides)}</TableCell>
      <TableCell className="max-md:hidden">
        <ExceptionWords name={name} exceptions={exceptions} />
      </TableCell>
    </TableRow>
  );
}

/** How many there are, and those that somebody should look at. */
function ExceptionWords({
  name,
  exceptions,
}: {
  name: string;
  exceptions: readonly PolicyException[] | undefined;
}) {
  if (exceptions === undefined) return <span className="text-muted">not known yet</span>;
  if (exceptions.length === 0) return <span className="text-muted">none</span>;
  const count = (state: PolicyException["state"]) => exceptions.filter((one) => one.state === state).length;
  const [unused, expired] = [count("unused"), count("expired")];
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      <TimeLink href={paths.policy(name, "exceptions")} className="link touch inline-flex items-center">
        {formatCount(exceptions.length - expired)} in force
      </TimeLink>
      {unused > 0 && <Badge tone="warn">{unused} unused</Badge>}
      {expired > 0 && <Badge>{expired} expired</Badge>}
    </span>
  );
}
