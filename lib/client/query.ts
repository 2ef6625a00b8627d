/** The query client: one per request on the server, one per tab in the browser. */
import { QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./api.ts";
import { paths } from "./paths.ts";

/**
 * Pages prefetch with `await queryClient.query({...options, queryFn: () => service(ctx)})`. Change hints
 * keep what is on screen fresh, so nothing is refetched merely because it was mounted again.
 */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      },
    },
  });
}

/** A refusal stays a refusal; only silence and overload are worth another try. */
function isWorthRetrying(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return false;
  return error.status === 0 || error.status >= 500;
}

/** A session that ended while the page was open leads to the sign-in page, and back afterwards. */
function leaveWhenSignedOut(error: unknown): void {
  if (typeof window === "undefined" || !(error instanceof ApiProblem) || error.status !== 401) return;
  const { pathname, search } = window.location;
  window.location.assign(paths.signIn({ callbackUrl: `${pathname}${search}` }));
}

let browserClient: QueryClient | undefined;

/** The tab's own client; a fresh one for each server render, which must never be shared between people. */
export function tabQueryClient(): QueryClient {
  if (typeof window === "undefined") return makeQueryClient();
  browserClient ??= makeQueryClient();
  return browserClient;
}
