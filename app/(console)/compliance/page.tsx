import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { ControlsPage } from "#components/compliance/controls-page";
import {
  controlListOptions,
  controlOptions,
  frameworkListOptions,
  periodParams,
} from "#lib/client/compliance";
import { periodShown } from "#lib/client/period";
import { makeQueryClient } from "#lib/client/query";
import { reviewOf } from "#lib/domain/access";
import { requirePageContext } from "#lib/server/page-context";
import { reviewView } from "#lib/services/access/review";
import { control as controlOf, controls } from "#lib/services/compliance/controls";
import { frameworks } from "#lib/services/compliance/frameworks";

export const metadata: Metadata = { title: "Compliance" };

const FIRST_FRAMEWORK = "nist-800-53-r5";

type Search = Record<string, string | string[] | undefined>;

/** A parameter that was given once; anything else is as if it was not given. */
const once = (value: Search[string]) => (typeof value === "string" ? value : undefined);

export default async function CompliancePage({ searchParams }: { searchParams: Promise<Search> }) {
  const ctx = await requirePageContext("compliance:read");
  const search = await searchParams;
  const framework = once(search.framework) ?? FIRST_FRAMEWORK;
  const control = once(search.control);
  const review = reviewView(reviewOf(ctx.actor));
  const period = periodShown(once(search.period), review, ctx.now().getTime());
  const asked = { period, q: once(search.q) ?? "" };
  const queryClient = makeQueryClient();
  await Promise.all([
    queryClient.query({ ...frameworkListOptions(), queryFn: () => frameworks(ctx), retry: false }),
    queryClient.query({
      ...controlListOptions(framework, asked),
      queryFn: () => controls(ctx, { frameworkId: framework, ...periodParams(asked) }),
      retry: false,
    }),
    ...(control === undefined
      ? []
      : [
          queryClient.query({
            ...controlOptions(framework, control, asked),
            queryFn: () =>
              controlOf(ctx, { frameworkId: framework, controlId: control, ...periodParams(asked) }),
            retry: false,
          }),
        ]),
  ]).catch(() => undefined);
  return (
    <HydrationBoundary state={dehydrate(queryClient)}>
      <ControlsPage
        key={asked.q}
        asked={{ ...asked, framework, control: control ?? null }}
        nowMs={ctx.now().getTime()}
      />
    </HydrationBoundary>
  );
}
