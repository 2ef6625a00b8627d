import type { ReactNode } from "react";

/** A line of a description list of two columns. */
export function TermLine({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{title}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
