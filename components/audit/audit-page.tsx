"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type AuditSearch, auditListOptions } from "#lib/client/audit";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { AuditEntry } from "./audit-entry.tsx";
import { AuditFilter } from "./audit-filter.tsx";
import { IntegrityBanner } from "./integrity-banner.tsx";

/** Who did what, when and from where, and whether the record is intact. */
export function AuditLogPage({ search }: { search: AuditSearch }) {
  return (
    <>
      <PageHeader title="Audit log" />
      <IntegrityBanner />
      <AuditFilter search={search} />
      <AuditList key={JSON.stringify(search)} search={search} />
    </>
  );
}

/** Pages of entries; the cursors of those before lead back. */
function AuditList({ search }: { search: AuditSearch }) {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const { data, error, refetch } = useQuery(auditListOptions(search, cursors.at(-1) ?? null));
  if (!data) {
    if (!error) return <SkeletonRows rows={8} label="Loading entries" />;
    return (
      <ErrorPanel title="The entries could not be loaded" error={error} onRetry={() => void refetch()} />
    );
  }
  const { items, nextCursor } = data;
  return (
    <>
      {items.length === 0 && (
        <EmptyState title="No entry fits">Take a filter away, or look for another time.</EmptyState>
      )}
      <ul aria-label="Audit entries">
        {items.map((entry) => (
          <AuditEntry key={entry.id} entry={entry} />
        ))}
      </ul>
      <div className="flex gap-2 py-3">
        {cursors.length > 0 && <Button onClick={() => setCursors(cursors.slice(0, -1))}>Newer</Button>}
        {nextCursor && <Button onClick={() => setCursors([...cursors, nextCursor])}>Older</Button>}
      </div>
    </>
  );
}
