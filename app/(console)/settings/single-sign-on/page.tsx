import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { SingleSignOnPage } from "#components/settings/single-sign-on-page";
import { groupRolesOptions } from "#lib/client/access";
import { makeQueryClient } from "#lib/client/query";
import { oidcAbout } from "#lib/server/auth-about";
import { requirePageContext } from "#lib/server/page-context";
import { groupRoles } from "#lib/services/access/group-roles";

export const metadata: Metadata = { title: "Single sign-on" };

export default async function SingleSignOnSettings() {
  const ctx = await requirePageContext("user:read");
  const queryClient = makeQueryClient();
  await queryClient
    .query({ ...groupRolesOptions(), queryFn: async () => groupRoles(ctx, oidcAbout()), retry: false })
    .catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <SingleSignOnPage />
    </HydrationBoundary>
  );
}
