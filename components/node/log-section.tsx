"use client";

import { type ReactNode, useId } from "react";
import { Badge } from "#components/ui/badge";
import { Input } from "#components/ui/input";

/** One log: what it is, a filter over its entries, and the entries. */
export function LogSection({
  title,
  facts,
  filter,
  onFilter,
  placeholder,
  found,
  checks,
  children,
}: {
  title: string;
  /** Short facts beside the title, such as the format. */
  facts: readonly string[];
  filter: string;
  onFilter: (filter: string) => void;
  placeholder: string;
  /** "12 of 80"; empty = nothing is filtered. */
  found: string;
  checks: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-label={title} className="flex min-w-0 flex-col">
      <h3 className="flex flex-wrap items-center gap-2 px-3 py-2 text-data font-semibold">
        {title}
        {facts.map((fact) => (
          <Badge key={fact}>{fact}</Badge>
        ))}
      </h3>
      {checks}
      <div className="flex items-center gap-3 border-y border-line px-3 py-1.5">
        <label htmlFor={id} className="sr-only">
          {placeholder}
        </label>
        <Input
          id={id}
          type="search"
          value={filter}
          placeholder={placeholder}
          onChange={(event) => onFilter(event.target.value)}
          className="max-w-[320px]"
        />
        <span role="status" className="text-small whitespace-nowrap text-muted">
          {found}
        </span>
      </div>
      {children}
    </section>
  );
}
