import Link from "next/link";
import type { ReactNode } from "react";

export type Crumb = { href: string; label: ReactNode };

/** Breadcrumb, the page's one H1, a line of facts about it, and at most two actions. */
export function PageHeader({
  title,
  crumbs = [],
  meta,
  actions,
}: {
  title: ReactNode;
  crumbs?: readonly Crumb[];
  meta?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
      <div className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-0.5">
        {crumbs.length > 0 && (
          <nav aria-label="Breadcrumb" className="text-data text-muted">
            <ol className="flex items-baseline gap-2">
              {crumbs.map(({ href, label }) => (
                <li key={href} className="flex items-baseline gap-2">
                  <Link href={href} className="touch inline-flex items-center hover:text-fg hover:underline">
                    {label}
                  </Link>
                  <span aria-hidden className="text-faint">
                    /
                  </span>
                </li>
              ))}
            </ol>
          </nav>
        )}
        <h1 tabIndex={-1} className="min-w-0 text-title font-semibold tracking-[-0.01em] break-words">
          {title}
        </h1>
        {meta && <div className="text-small text-muted">{meta}</div>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
