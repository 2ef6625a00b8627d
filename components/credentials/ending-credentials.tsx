"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { TimeLink, useTimeTravel } from "#components/shell/time-travel";
import { Badge } from "#components/ui/badge";
import { Button } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import { EmptyState } from "#components/ui/empty-state";
import { ErrorPanel } from "#components/ui/error-panel";
import { HostileText } from "#components/ui/hostile-text";
import { SkeletonRows } from "#components/ui/skeleton";
import {
  Table,
  TableBody,
  TableCell,
  TableFrame,
  TableHead,
  TableHeader,
  TableRow,
} from "#components/ui/table";
import { Timestamp } from "#components/ui/timestamp";
import { type CredentialWindow, credentialState, endingCredentialsOptions } from "#lib/client/credentials";
import { paths } from "#lib/client/paths";
import type { EndingCredential } from "#lib/contracts/credential";
import { CredentialLabel } from "./node-credentials.tsx";

const WINDOWS: readonly { within: CredentialWindow; label: string }[] = [
  { within: "1d", label: "1 day" },
  { within: "7d", label: "7 days" },
  { within: "30d", label: "30 days" },
  { within: "90d", label: "90 days" },
];

/** Which nodes lose their credentials soon, or lost them and were not given new ones? */
export function EndingCredentials({ within }: { within: CredentialWindow }) {
  const { time } = useTimeTravel();
  const list = useInfiniteQuery(endingCredentialsOptions(within, time));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="flex flex-col gap-3">
      <nav aria-label="Ending within" className="flex flex-wrap items-center gap-1 text-small">
        <span className="mr-1 text-muted">Ending within</span>
        {WINDOWS.map((choice) => (
          <TimeLink
            key={choice.within}
            href={paths.credentials({ within: choice.within })}
            aria-current={choice.within === within ? "page" : undefined}
            className={cn(
              "rounded-[4px] border px-2 py-1",
              choice.within === within
                ? "border-accent bg-selected text-fg"
                : "border-line text-muted hover:bg-hover",
            )}
          >
            {choice.label}
          </TimeLink>
        ))}
      </nav>
      {list.isPending && <SkeletonRows rows={6} label="Loading credentials" />}
      {list.isError && items.length === 0 && (
        <ErrorPanel
          title="The credentials could not be loaded"
          error={list.error}
          onRetry={() => void list.refetch()}
        />
      )}
      {list.data && items.length === 0 && (
        <EmptyState
          title="None ends in this time"
          icon={<CircleCheck aria-hidden className="size-4 text-muted" />}
        >
          Only credentials whose end a source states can be listed here; each node's Bootstrap tab shows all
          of its own.
        </EmptyState>
      )}
      {items.length > 0 && <EndingTable items={items} />}
      {list.hasNextPage && (
        <Button size="sm" onClick={() => void list.fetchNextPage()} pending={list.isFetchingNextPage}>
          Load more
        </Button>
      )}
    </div>
  );
}

function EndingTable({ items }: { items: readonly EndingCredential[] }) {
  return (
    <TableFrame role="region" aria-label="Credentials that end soon" tabIndex={0}>
      <Table className="max-md:block">
        <caption className="sr-only">Credentials that end soon, soonest first</caption>
        <TableHead className="max-md:hidden">
          <tr>
            <TableHeader>Node</TableHeader>
            <TableHeader>State</TableHeader>
            <TableHeader>Good until</TableHeader>
            <TableHeader>Credential</TableHeader>
            <TableHeader>Issued</TableHeader>
          </tr>
        </TableHead>
        <TableBody className="max-md:block">
          {items.map((item) => {
            const { word, tone } = credentialState(item.state);
            return (
              <TableRow
                key={item.eventId}
                className="max-md:flex max-md:h-auto max-md:flex-wrap max-md:items-center max-md:gap-x-2 max-md:py-2 [&>td]:max-md:py-0.5"
              >
                <TableCell className="max-w-[260px] truncate font-medium">
                  <TimeLink href={paths.nodeBootstrap(item.nodeId)} className="hover:underline">
                    <HostileText text={item.nodeName} max={36} />
                  </TimeLink>
                </TableCell>
                <TableCell>
                  <Badge tone={tone}>{word}</Badge>
                </TableCell>
                <TableCell>{item.notAfter !== null && <Timestamp iso={item.notAfter} absolute />}</TableCell>
                <TableCell className="max-w-[360px] max-md:w-full">
                  <CredentialLabel item={item} />
                </TableCell>
                <TableCell className="text-muted max-md:hidden">
                  <Timestamp iso={item.issuedAt} absolute />
                </TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </TableFrame>
  );
}
