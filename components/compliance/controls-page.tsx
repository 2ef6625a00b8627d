"use client";

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type Asked, controlListOptions, frameworkListOptions } from "#lib/client/compliance";
import { displayText, formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { ControlList, ControlView } from "#lib/contracts/control";
import { CONTROL_STATUSES, type ControlStatus } from "#lib/domain/measure/control";
import { NotRefreshed } from "../fleet/tile.tsx";
import { PresentOnlyNote, TimeLink } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { Field } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Select } from "../ui/select.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Table, TableBody, TableCell, TableFrame, TableHead, TableHeader, TableRow } from "../ui/table.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ComplianceTabs } from "./compliance-tabs.tsx";
import { frameworkWords, STATUS_WORDS } from "./compliance-words.ts";
import { ControlPanel } from "./control-panel.tsx";
import { PeriodBar } from "./period-bar.tsx";

export type ControlsAsked = Asked & { framework: string; control: string | null };

/** For this framework and this period: what can we prove, and what is missing? */
export function ControlsPage({ asked, nowMs }: { asked: ControlsAsked; nowMs: number }) {
  const router = useRouter();
  const { framework, control, ...period } = asked;
  const frameworks = useQuery(frameworkListOptions());
  const { data, error, refetch } = useQuery(controlListOptions(framework, period));
  const retry = () => void refetch();
  return (
    <>
      <PageHeader title="Compliance" meta={data && <StatusCounts counts={data.counts} />} />
      <PresentOnlyNote>
        Periods are shown by what is known now. The HTTP API also answers by what was known at an instant.
      </PresentOnlyNote>
      <ComplianceTabs asked={period} />
      <PeriodBar asked={period} nowMs={nowMs} href={(next) => paths.compliance({ framework, ...next })}>
        <Field id="compliance-framework" label="Framework">
          <Select
            id="compliance-framework"
            value={framework}
            options={(frameworks.data?.items ?? []).map((item) => ({
              value: item.id,
              label: frameworkWords(item),
            }))}
            onChange={(event) => router.push(paths.compliance({ ...period, framework: event.target.value }))}
          />
        </Field>
      </PeriodBar>
      {control !== null && <ControlPanel framework={framework} control={control} asked={period} />}
      {!data && !error && <SkeletonRows rows={8} label="Computing the controls" />}
      {!data && error && (
        <ErrorPanel title="The controls could not be computed" error={error} onRetry={retry} />
      )}
      {data && error && <NotRefreshed error={error} onRetry={retry} />}
      {data && <Controls list={data} asked={asked} />}
    </>
  );
}

/** Five counts that are never added up. */
function StatusCounts({ counts }: { counts: ControlList["counts"] }) {
  return (
    <span className="inline-flex flex-wrap gap-2">
      {CONTROL_STATUSES.map((status) => (
        <span key={status}>
          {STATUS_WORDS[status].label} {formatCount(counts[status] ?? 0)}
        </span>
      ))}
    </span>
  );
}

function Controls({
  list: { items, period, framework },
  asked,
}: {
  list: ControlList;
  asked: ControlsAsked;
}) {
  const unmapped = items.filter(({ own }) => own?.mapping === null).length;
  return (
    <>
      <p className="py-2 text-small text-muted">
        <Timestamp iso={period.from} absolute /> to <Timestamp iso={period.to} absolute />.
        {framework.caution && ` ${framework.caution}`}
        {unmapped > 0 && ` ${unmappedWords(unmapped)}`}
      </p>
      <TableFrame>
        <Table aria-label="Controls">
          <TableHead>
            <tr>
              <TableHeader>Control</TableHeader>
              <TableHeader>Status</TableHeader>
              <TableHeader className="max-lg:hidden">Period before</TableHeader>
              <TableHeader className="max-md:hidden">Measures</TableHeader>
              <TableHeader numeric className="max-lg:hidden">
                Evidence
              </TableHeader>
              <TableHeader numeric className="max-md:hidden">
                Exceptions
              </TableHeader>
            </tr>
          </TableHead>
          <TableBody>
            {items.map((item) => (
              <ControlRow key={item.id} item={item} asked={asked} />
            ))}
          </TableBody>
        </Table>
      </TableFrame>
    </>
  );
}

function unmappedWords(count: number): string {
  return count === 1
    ? "One control is not mapped yet."
    : `${formatCount(count)} controls are not mapped yet.`;
}

function ControlRow({ item, asked }: { item: ControlView; asked: ControlsAsked }) {
  return (
    <TableRow className="hover:bg-hover">
      <TableCell className="max-w-[50vw]">
        <TimeLink
          href={paths.compliance({ ...asked, control: item.id })}
          className="touch flex min-w-0 items-center font-mono font-medium hover:underline"
        >
          {item.id}
        </TimeLink>
        <span className="block text-small text-muted">{displayText(item.line).text}</span>
      </TableCell>
      <TableCell>
        <StatusBadge status={item.status} />
      </TableCell>
      <TableCell className="max-lg:hidden">
        {item.previousStatus === null ? "–" : STATUS_WORDS[item.previousStatus].label}
      </TableCell>
      <TableCell className="font-mono text-small max-md:hidden">
        {item.own?.mapping === null ? "not mapped" : item.measures.map(({ id }) => id).join(", ")}
      </TableCell>
      <TableCell numeric className="max-lg:hidden">
        {formatCount(item.evidence)}
      </TableCell>
      <TableCell numeric className="max-md:hidden">
        {formatCount(item.exceptions)}
      </TableCell>
    </TableRow>
  );
}

function StatusBadge({ status }: { status: ControlStatus }) {
  const { label, tone, means } = STATUS_WORDS[status];
  return (
    <Badge tone={tone} title={means}>
      {label}
    </Badge>
  );
}
