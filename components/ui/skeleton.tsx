import { cn } from "./cn.tsx";

/** A grey stand-in of the final size; only before the first data, never in place of old data. */
export function Skeleton({ className }: { className?: string | undefined }) {
  return <span aria-hidden className={cn("block animate-skeleton rounded-[3px] bg-hover", className)} />;
}

/** Stand-in for the rows of a list. */
export function SkeletonRows({ rows = 10, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
          key={index}
          className="flex h-9 items-center gap-6 border-b border-line px-3"
        >
          <Skeleton className="h-3 w-1/5" />
          <Skeleton className="h-3 w-1/12" />
          <Skeleton className="h-3 w-1/3" />
        </div>
      ))}
    </div>
  );
}
