"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { sourceListOptions } from "#lib/client/sources";
import { NotRefreshed } from "../fleet/tile.tsx";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { TimeLink, useTimeTravel } from "../shell/time-travel.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { CreateSourceDialog } from "./create-source-dialog.tsx";
import { SourceTable } from "./source-table.tsx";

/** Is data flowing in, from whom, and what was refused? */
export function SourceListPage() {
  const { time } = useTimeTravel();
  const sources = useQuery(sourceListOptions(time));
  const [creating, setCreating] = useState(false);
  const reason = useDisabledReason("source:manage");
  const create = (
    <GuardedButton variant="primary" reason={reason} onClick={() => setCreating(true)}>
      Create source
    </GuardedButton>
  );
  const { data, error } = sources;
  return (
    <>
      <PageHeader
        title="Sources"
        meta={data && formatPlural(data.items.length, "source")}
        actions={
          <>
            <TimeLink
              href={paths.enrolmentQueue()}
              className="link touch inline-flex items-center px-1 text-data"
            >
              Enrolment queue
            </TimeLink>
            <TimeLink
              href={paths.unattributed()}
              className="link touch inline-flex items-center px-1 text-data"
            >
              Unattributed bootstrap events
            </TimeLink>
            {create}
          </>
        }
      />
      {data === undefined && !error && <SkeletonRows rows={4} label="Loading sources" />}
      {data === undefined && error && (
        <ErrorPanel
          title="The sources could not be loaded"
          error={error}
          onRetry={() => void sources.refetch()}
        />
      )}
      {data && error && <NotRefreshed error={error} onRetry={() => void sources.refetch()} />}
      {data?.items.length === 0 && (
        <EmptyState title="No sources yet" action={create}>
          A source is a verifier or a bootstrap system that may send to Touchstone. Each has its own keys, so
          that what one says can never pass for what another said.
        </EmptyState>
      )}
      {data && data.items.length > 0 && <SourceTable sources={data.items} />}
      <CreateSourceDialog open={creating} onOpenChange={setCreating} />
    </>
  );
}
