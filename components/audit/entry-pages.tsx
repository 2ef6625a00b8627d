"use client";

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type AuditSearch, auditListOptions } from "#lib/client/audit";
import type { AuditEntryView } from "#lib/contracts/audit";
import { Button } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";

type Props = {
  search: AuditSearch;
  /** Names the list. */
  label: string;
  /** In place of a list without entries. */
  empty: ReactNode;
  /** One row of the list. */
  children: (entry: AuditEntryView) => ReactNode;
};

/** Pages of entries, last one first; the cursors of the pages before lead back. Give it a key per search. */
export function EntryPages({ search, label, empty, children }: Props) {
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
      {items.length === 0 ? empty : <ul aria-label={label}>{items.map(children)}</ul>}
      <div className="flex gap-2 py-3">
        {cursors.length > 0 && <Button onClick={() => setCursors(cursors.slice(0, -1))}>Newer</Button>}
        {nextCursor && <Button onClick={() => setCursors([...cursors, nextCursor])}>Older</Button>}
      </div>
    </>
  );
}
