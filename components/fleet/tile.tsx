"use client";

import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiProblem } from "#lib/client/api";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";

/**
 * A card around one query. Before the first answer it shows the skeleton, after a failure the error in place
 * of the figure; when only a refresh failed the old figures stay and it says that they are old.
 */
export function Tile<T>({
  title,
  what,
  query,
  skeleton,
  actions,
  flush = false,
  className,
  children,
}: {
  title: string;
  /** Completes the sentence "… could not be loaded". */
  what: string;
  query: UseQueryResult<T>;
  skeleton: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  className?: string | undefined;
  children: (data: T) => ReactNode;
}) {
  const { data, error, refetch } = query;
  return (
    <Card title={title} actions={actions} flush={flush} className={className}>
      {data === undefined && error && (
        <ErrorPanel
          compact
          title={`${what} could not be loaded`}
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {data === undefined && !error && skeleton}
      {data !== undefined && (
        <>
          {error && <NotRefreshed error={error} onRetry={() => void refetch()} />}
          {children(data)}
        </>
      )}
    </Card>
  );
}

/** Says above old content that refreshing it failed. */
export function NotRefreshed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const detail = error instanceof ApiProblem ? error.detail || error.title : "";
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-2 border-b border-warn-line bg-warn-bg px-3 py-1 text-small text-warn-fg"
    >
      <span>Not refreshed; these figures are from before. {detail}</span>
      <Button size="sm" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
