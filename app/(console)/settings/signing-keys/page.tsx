import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { SigningKeysPage } from "#components/settings/signing-keys-page";
import { auditLogsOptions } from "#lib/client/audit";
import { makeQueryClient } from "#lib/client/query";
import { signingKeysOptions } from "#lib/client/signing-keys";
import { sourceListOptions } from "#lib/client/sources";
import { PRESENT } from "#lib/client/time-travel";
import { logProblem } from "#lib/server/audit-log";
import { requirePageContext } from "#lib/server/page-context";
import { sourceKinds } from "#lib/server/runtime";
import { auditLogs } from "#lib/services/audit/status";
import { listSigningKeys } from "#lib/services/baseline/signing-keys";
import { sourceList } from "#lib/services/source/list";

export const metadata: Metadata = { title: "Signing keys" };

export default async function SigningKeysSettings() {
  const ctx = await requirePageContext("audit:read");
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient.query({ ...auditLogsOptions(), queryFn: () => auditLogs(ctx, logProblem), retry: false }),
    queryClient.query({ ...signingKeysOptions(), queryFn: () => listSigningKeys(ctx), retry: false }),
    queryClient.query({
      ...sourceListOptions(PRESENT),
      queryFn: () => sourceList(ctx, sourceKinds()),
      retry: false,
    }),
  ]).catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SigningKeysPage />
    </HydrationBoundary>
  );
}
