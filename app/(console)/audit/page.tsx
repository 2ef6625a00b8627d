import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { AuditLogPage } from "#components/audit/audit-page";
import { AUDIT_FIELDS, auditListOptions, auditLogsOptions, firstEntries } from "#lib/client/audit";
import { makeQueryClient } from "#lib/client/query";
import { AuditFilterQuery } from "#lib/contracts/audit";
import { logProblem } from "#lib/server/audit-log";
import { requirePageContext } from "#lib/server/page-context";
import { auditEntries } from "#lib/services/audit/list";
import { auditLogs } from "#lib/services/audit/status";

export const metadata: Metadata = { title: "Audit log" };

type Search = Promise<Record<string, string | string[] | undefined>>;

export default async function AuditPage({ searchParams }: { searchParams: Search }) {
  const ctx = await requirePageContext("audit:read");
  const given = await searchParams;
  // A form sends its empty fields, too; what is no filter is left out rather than refused.
  const asked = AUDIT_FIELDS.flatMap((name) => (given[name] ? [[name, given[name]]] : []));
  const parsed = AuditFilterQuery.safeParse(Object.fromEntries(asked));
  const search = parsed.success ? parsed.data : {};
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient.query({
      ...auditListOptions(search, null),
      queryFn: () => auditEntries(ctx, { ...search, ...firstEntries }),
      retry: false,
    }),
    queryClient.query({
      ...auditLogsOptions(),
      queryFn: () => auditLogs(ctx, logProblem),
      retry: false,
    }),
  ]).catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AuditLogPage search={search} />
    </HydrationBoundary>
  );
}
