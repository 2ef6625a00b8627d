import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { MeasuresPage } from "#components/compliance/measures-page";
import { measureListOptions, measureOptions, periodParams } from "#lib/client/compliance";
import { periodShown } from "#lib/client/period";
import { makeQueryClient } from "#lib/client/query";
import { reviewOf } from "#lib/domain/access";
import { requirePageContext } from "#lib/server/page-context";
import { reviewView } from "#lib/services/access/review";
import { measure as measureOf } from "#lib/services/compliance/measure";
import { measures } from "#lib/services/compliance/measures";

export const metadata: Metadata = { title: "Measures" };

type Search = Record<string, string | string[] | undefined>;

/** A parameter that was given once; anything else is as if it was not given. */
const once = (value: Search[string]) => (typeof value === "string" ? value : undefined);

export default async function ComplianceMeasuresPage({ searchParams }: { searchParams: Promise<Search> }) {
  const ctx = await requirePageContext("compliance:read");
  const search = await searchParams;
  const measure = once(search.measure);
  const review = reviewView(reviewOf(ctx.actor));
  const period = periodShown(once(search.period), review, ctx.now().getTime());
  const asked = { period, q: once(search.q) ?? "" };
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient.query({
      ...measureListOptions(asked),
      queryFn: () => measures(ctx, periodParams(asked)),
      retry: false,
    }),
    ...(measure === undefined
      ? []
      : [
          queryClient.query({
            ...measureOptions(measure, asked),
            queryFn: () => measureOf(ctx, { measureId: measure, ...periodParams(asked) }),
            retry: false,
          }),
        ]),
  ]).catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <MeasuresPage key={asked.q} asked={asked} chosen={measure ?? null} nowMs={ctx.now().getTime()} />
    </HydrationBoundary>
  );
}
