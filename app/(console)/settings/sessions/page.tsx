import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { SessionsPage } from "#components/settings/sessions-page";
import { sessionsOptions } from "#lib/client/access";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { sessionsOfPeople } from "#lib/services/access/sessions";

export const metadata: Metadata = { title: "Sessions" };

export default async function SessionsSettings() {
  const ctx = await requirePageContext("user:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...sessionsOptions(), queryFn: async () => sessionsOfPeople(ctx), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SessionsPage />
    </HydrationBoundary>
  );
}
