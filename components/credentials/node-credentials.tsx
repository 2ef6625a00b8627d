"use client";

import { useQuery } from "@tanstack/react-query";
import { ShownClock, useTimeTravel } from "#components/shell/time-travel";
import { Badge } from "#components/ui/badge";
import { Card } from "#components/ui/card";
import { useReferenceNow } from "#components/ui/clock";
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
import { credentialName, credentialState, endedBy, nodeCredentialsOptions } from "#lib/client/credentials";
import { formatDuration } from "#lib/client/format";
import type { CredentialView, NodeCredentials as NodeCredentialsData } from "#lib/contracts/credential";

/** What the node was given to prove itself with, until when it is good, and what still works of what was taken. */
export function NodeCredentials({ nodeId }: { nodeId: string }) {
  const { time } = useTimeTravel();
  const { data, error, isPending, refetch } = useQuery(nodeCredentialsOptions(nodeId, time));
  if (error && !data) {
    return (
      <ErrorPanel title="The credentials could not be loaded" error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <Card flush title="Credentials">
      {isPending && <SkeletonRows rows={2} label="Loading the credentials" />}
      {data && (
        <ShownClock>
          <Residual residual={data.residual} />
        </ShownClock>
      )}
      {data?.items.length === 0 && (
        <EmptyState title="No credential on record">
          No bootstrap source has told that this node was given a certificate, token or voucher.
        </EmptyState>
      )}
      {data && data.items.length > 0 && <CredentialTable items={data.items} />}
      {data?.truncated && (
        <p className="border-t border-line px-3 py-2 text-small text-muted">
          Older credentials are left out.
        </p>
      )}
    </Card>
  );
}

function Residual({ residual }: { residual: NodeCredentialsData["residual"] }) {
  const now = useReferenceNow();
  if (residual.state === "none") return null;
  return (
    <p role="note" className="border-b border-warn-line bg-warn-bg px-3 py-2 text-data text-warn-fg">
      {residual.state === "unknown" ? (
        "Its identity was taken away, but how long its credentials go on working is not known."
      ) : (
        <>
          Its identity was taken away, but what it holds may be accepted until{" "}
          <Timestamp iso={residual.until} absolute />
          {Date.parse(residual.until) > now && ` (${formatDuration(Date.parse(residual.until) - now)} more)`}.
        </>
      )}
    </p>
  );
}

function CredentialTable({ items }: { items: readonly CredentialView[] }) {
  return (
    <TableFrame role="region" aria-label="Credentials" tabIndex={0}>
      <Table className="max-md:block">
        <caption className="sr-only">Credentials, youngest first</caption>
        <TableHead className="max-md:hidden">
          <tr>
            <TableHeader>State</TableHeader>
            <TableHeader>Credential</TableHeader>
            <TableHeader>Issued</TableHeader>
            <TableHeader>Good until</TableHeader>
            <TableHeader>Ended</TableHeader>
            <TableHeader>May still work until</TableHeader>
          </tr>
        </TableHead>
        <TableBody className="max-md:block">
          {items.map((item) => (
            <CredentialRow key={item.eventId} item={item} />
          ))}
        </TableBody>
      </Table>
    </TableFrame>
  );
}

function CredentialRow({ item }: { item: CredentialView }) {
  const { word, tone } = credentialState(item.state);
  const endedAt = item.revokedAt ?? item.replacedAt;
  return (
    <TableRow className="max-md:flex max-md:h-auto max-md:flex-col max-md:items-start max-md:py-2 [&>td]:max-md:py-0.5">
      <TableCell>
        <Badge tone={tone}>{word}</Badge>
      </TableCell>
      <TableCell className="max-w-[360px]">
        <CredentialLabel item={item} />
      </TableCell>
      <TableCell>
        <span className="text-muted md:hidden">issued </span>
        <Timestamp iso={item.issuedAt} absolute />
      </TableCell>
      <TableCell>
        <span className="text-muted md:hidden">good until </span>
        {item.notAfter === null ? (
          <span className="text-muted">not stated</span>
        ) : (
          <Timestamp iso={item.notAfter} absolute />
        )}
      </TableCell>
      <TableCell className={endedAt === null ? "max-md:hidden" : undefined}>
        {endedAt === null ? (
          <span className="text-faint">–</span>
        ) : (
          <>
            {endedBy(item)} <Timestamp iso={endedAt} absolute />
          </>
        )}
      </TableCell>
      <TableCell className={item.residualUntil === null ? "max-md:hidden" : undefined}>
        {item.residualUntil === null ? (
          <span className="text-faint">–</span>
        ) : (
          <>
            <span className="text-muted md:hidden">may still work until </span>
            <Timestamp iso={item.residualUntil} absolute />
            {item.residualAssumed && (
              <span className="block text-small text-muted">assumed: the issuer's usual life</span>
            )}
          </>
        )}
      </TableCell>
    </TableRow>
  );
}

/** Which credential this is: kind, method and source, and the serial or fingerprint where one is known. */
export function CredentialLabel({
  item,
}: {
  item: Pick<CredentialView, "kind" | "method" | "sourceName" | "serial" | "fingerprintSha256" | "issuer">;
}) {
  const name = credentialName(item);
  return (
    <>
      <span className="whitespace-nowrap">
        {item.kind === "x509" ? "X.509" : item.kind}
        {item.method !== null && (
          <>
            {" "}
            <HostileText text={item.method} max={24} className="font-mono text-small" />
          </>
        )}{" "}
        <span className="text-muted">
          from <HostileText text={item.sourceName} max={24} />
        </span>
      </span>
      {(name !== null || item.issuer !== null) && (
        <span className="block truncate text-small text-muted">
          {name !== null && <HostileText text={name} max={24} className="font-mono" />}
          {name !== null && item.issuer !== null && " · "}
          {item.issuer !== null && <HostileText text={item.issuer} max={48} />}
        </span>
      )}
    </>
  );
}
