import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { SinksPage } from "#components/sinks/sinks-page";
import { makeQueryClient } from "#lib/client/query";
import { sinksOptions } from "#lib/client/sinks";
import { requirePageContext } from "#lib/server/page-context";
import { sinkTools } from "#lib/server/sinks";
import { listSinks } from "#lib/services/sink/list";

export const metadata: Metadata = { title: "SIEM" };

export default async function SiemSettings() {
  const ctx = await requirePageContext("sink:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...sinksOptions(), queryFn: () => listSinks(ctx, sinkTools().kinds), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SinksPage />
    </HydrationBoundary>
  );
}
