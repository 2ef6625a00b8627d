import type { ReactNode } from "react";

/** What a place says when it holds nothing: whether that is good, why, and what to do. */
export function EmptyState({
  title,
  icon,
  children,
  action,
}: {
  title: string;
  icon?: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-start gap-1.5 px-3 py-6">
      <p className="flex items-center gap-2 text-data font-medium text-fg">
        {icon}
        {title}
      </p>
      {children && <div className="max-w-[60ch] text-data text-muted">{children}</div>}
      {action && <div className="mt-2 flex flex-wrap gap-2">{action}</div>}
    </div>
  );
}
