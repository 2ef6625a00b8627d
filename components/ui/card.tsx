import type { ReactNode } from "react";
import { cn } from "./cn.tsx";

/** A framed region with an optional heading line; `flush` leaves the padding to the content. */
export function Card({
  title,
  actions,
  flush = false,
  className,
  children,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  className?: string | undefined;
  children: ReactNode;
}) {
  return (
    <section className={cn("flex min-w-0 flex-col rounded-[6px] border border-line bg-bg", className)}>
      {title !== undefined && (
        <div className="flex min-h-9 items-center justify-between gap-3 border-b border-line px-3 py-1">
          <h2 className="label min-w-0 truncate text-fg">{title}</h2>
          {actions}
        </div>
      )}
      <div className={cn("min-w-0 flex-1", !flush && "p-3")}>{children}</div>
    </section>
  );
}
