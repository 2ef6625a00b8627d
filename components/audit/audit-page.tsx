"use client";

import type { AuditSearch } from "#lib/client/audit";
import { paths } from "#lib/client/paths";
import { TimeLink } from "../shell/time-travel.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { AuditEntry } from "./audit-entry.tsx";
import { AuditFilter } from "./audit-filter.tsx";
import { EntryPages } from "./entry-pages.tsx";
import { IntegrityBanner } from "./integrity-banner.tsx";

/** Who did what, when and from where, and whether the record is intact. */
export function AuditLogPage({ search }: { search: AuditSearch }) {
  return (
    <>
      <PageHeader title="Audit log" />
      <IntegrityBanner />
      <AuditFilter search={search} />
      <Narrowed search={search} />
      <AuditList key={JSON.stringify(search)} search={search} />
    </>
  );
}

function AuditList({ search }: { search: AuditSearch }) {
  const empty = <EmptyState title="No entry fits">Take a filter away, or look for another time.</EmptyState>;
  return (
    <EntryPages search={search} label="Audit entries" empty={empty}>
      {(entry) => <AuditEntry key={entry.id} entry={entry} open={entry.id === search.entry} />}
    </EntryPages>
  );
}

/** The form has no field for one entry or one object: the way there is a link, the way back is this. */
function Narrowed({ search: { entry, object } }: { search: AuditSearch }) {
  if (entry === undefined && object === undefined) return null;
  return (
    <p role="note" className="flex flex-wrap items-center gap-x-3 py-1 text-data">
      <span className="min-w-0 break-all">
        Only {entry === undefined ? `what was done to ${object}` : "one entry"} is shown.
      </span>
      <TimeLink href={paths.audit()} className="link touch inline-flex items-center">
        Show all entries
      </TimeLink>
    </p>
  );
}
