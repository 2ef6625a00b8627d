"use client";

import { activitySearch } from "#lib/client/audit";
import { paths } from "#lib/client/paths";
import type { AuditEntryView } from "#lib/contracts/audit";
import { TimeLink, useTimeTravel } from "../shell/time-travel.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { ActivityTabs } from "./activity-tab.tsx";
import { actionWords, actorWords } from "./audit-words.ts";
import { Change, changedNames } from "./change.tsx";
import { EntryPages } from "./entry-pages.tsx";

/** Who did what to an object, and what was refused. */
export function Activity({ object }: { object: string }) {
  const { time } = useTimeTravel();
  const search = activitySearch(object, time);
  const empty = (
    <EmptyState title="Nothing was done here">
      People and the product leave an entry for each change; a refused attempt leaves one, too.
    </EmptyState>
  );
  return (
    <EntryPages key={JSON.stringify(search)} search={search} label="Activity" empty={empty}>
      {(entry) => <Deed key={entry.id} entry={entry} />}
    </EntryPages>
  );
}

function Deed({ entry }: { entry: AuditEntryView }) {
  const { id, at, outcome, before, after } = entry;
  const changes = changedNames(before, after).length;
  return (
    <li className="border-b border-line py-2">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-1 text-data">
        <span className="text-muted">
          <Timestamp iso={at} absolute />
        </span>
        <p className="min-w-0 break-words">
          <HostileText text={actorWords(entry)} max={60} className="font-medium" />{" "}
          <span className={outcome === "done" ? undefined : "text-danger"}>{actionWords(entry)}</span>
        </p>
        <TimeLink
          href={paths.audit({ entry: id })}
          className="link touch ml-auto inline-flex items-center text-small"
        >
          Entry in the audit log
        </TimeLink>
      </div>
      {changes > 0 && (
        <details className="px-1">
          <summary className="touch w-fit cursor-pointer text-small text-muted">What changed</summary>
          <div className="py-1 text-small">
            <Change before={before} after={after} />
          </div>
        </details>
      )}
    </li>
  );
}

type PageProps = {
  title: string;
  crumb: { href: string; label: string };
  label: string;
  overview: string;
  activity: string;
  object: string;
};

/** The activity of such an object, as a page of its own. @param crumb the list that the object is in */
export function ActivityPage({ title, crumb, object, ...tabs }: PageProps) {
  return (
    <>
      <PageHeader title={<HostileText text={title} max={80} />} crumbs={[crumb]} />
      <ActivityTabs {...tabs} />
      <Activity object={object} />
    </>
  );
}
