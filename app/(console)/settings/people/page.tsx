import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { PeoplePage } from "#components/settings/people-page";
import { peopleOptions, strongRolesOptions } from "#lib/client/access";
import { makeQueryClient } from "#lib/client/query";
import { requirePageContext } from "#lib/server/page-context";
import { peopleList } from "#lib/services/access/people";
import { strongRoles } from "#lib/services/access/strong-roles";

export const metadata: Metadata = { title: "People" };

export default async function PeopleSettings() {
  const ctx = await requirePageContext("user:read");
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient
      .query({ ...peopleOptions(), queryFn: async () => peopleList(ctx), retry: false })
      .catch(() => undefined),
    queryClient
      .query({ ...strongRolesOptions(), queryFn: async () => strongRoles(ctx), retry: false })
      .catch(() => undefined),
  ]);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <PeoplePage />
    </HydrationBoundary>
  );
}
