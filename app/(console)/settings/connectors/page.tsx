import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ConnectorsPage } from "#components/settings/connectors-page";
import { connectorsOptions } from "#lib/client/connectors";
import { makeQueryClient } from "#lib/client/query";
import { connectorTools } from "#lib/server/connectors";
import { requirePageContext } from "#lib/server/page-context";
import { connectorList } from "#lib/services/connector/list";

export const metadata: Metadata = { title: "Connectors" };

export default async function ConnectorSettings() {
  const ctx = await requirePageContext("connector:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...connectorsOptions(),
      queryFn: async () => connectorList(ctx, connectorTools()),
      retry: false,
    })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ConnectorsPage />
    </HydrationBoundary>
  );
}
