import { Skeleton } from "../ui/skeleton.tsx";

/** The size of a node's page before its first data. */
export function NodeLoading() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-3">
      <Skeleton className="h-[320px] w-full" />
      <Skeleton className="h-[280px] w-full" />
    </div>
  );
}
