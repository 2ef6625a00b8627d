"use client";

import { CircleAlert } from "lucide-react";
import { ApiProblem } from "#lib/client/api";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";

/** What failed, why, the request's id to quote, and another try. Takes the place of the figure it lacks. */
export function ErrorPanel({
  title,
  error,
  onRetry,
  compact = false,
}: {
  /** What could not be shown: "The node list could not be loaded". */
  title: string;
  error: unknown;
  onRetry?: (() => void) | undefined;
  compact?: boolean;
}) {
  const problem = error instanceof ApiProblem ? error : null;
  return (
    <div role="alert" className={compact ? "flex flex-col gap-1 p-3" : "flex flex-col gap-2 p-4"}>
      <p className="flex items-start gap-2 text-data font-medium text-fg">
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
        {title}
      </p>
      <p className="max-w-[70ch] text-small break-words text-muted">
        {problem?.detail || problem?.title || "Something unexpected happened in this browser."}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {onRetry && (
          <Button size="sm" onClick={onRetry}>
            Try again
          </Button>
        )}
        {problem?.requestId && (
          <span className="inline-flex items-center gap-1 text-small text-muted">
            Request <code className="font-mono break-all">{problem.requestId}</code>
            <CopyButton value={problem.requestId} label="Copy request ID" />
          </span>
        )}
      </div>
    </div>
  );
}
