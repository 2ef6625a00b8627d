import "server-only";
import { type DehydratedState, dehydrate } from "@tanstack/react-query";
import { activitySearch, auditListOptions, firstEntries } from "#lib/client/audit";
import { makeQueryClient } from "#lib/client/query";
import { timeTravelOf } from "#lib/client/time-travel";
import { requirePageContext } from "#lib/server/page-context";
import { auditEntries } from "#lib/services/audit/list";

export type Search = Promise<Record<string, string | string[] | undefined>>;

/** The first entries about an object, read for whoever may read them; others get the nearest `forbidden.tsx`. */
export async function activityOfObject(object: string, searchParams: Search): Promise<DehydratedState> {
  const ctx = await requirePageContext("audit:read");
  const search = activitySearch(object, timeTravelOf(await searchParams));
  const queryClient = makeQueryClient();
  await queryClient
    .query({
      ...auditListOptions(search, null),
      queryFn: () => auditEntries(ctx, { ...search, ...firstEntries }),
      retry: false,
    })
    .catch(() => undefined);
  return dehydrate(queryClient);
}
