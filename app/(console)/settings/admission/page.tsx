import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { AdmissionPage } from "#components/settings/admission-page";
import { admissionRecordsOptions, admissionRulesOptions, RECORDS_SHOWN } from "#lib/client/admission";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { listAdmissionRecords } from "#lib/services/admission/records";
import { admissionRules } from "#lib/services/admission/rules";

export const metadata: Metadata = { title: "Admission" };

export default async function AdmissionSettings() {
  const ctx = await requirePageContext("fleet:read");
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient.query({ ...admissionRulesOptions(), queryFn: () => admissionRules(ctx), retry: false }),
    queryClient.query({
      ...admissionRecordsOptions(),
      queryFn: () => listAdmissionRecords(ctx, { limit: RECORDS_SHOWN }),
      retry: false,
    }),
  ]).catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <AdmissionPage />
    </HydrationBoundary>
  );
}
