"use client";

import { CircleAlert } from "lucide-react";
import { useRouter } from "next/navigation";
import { startTransition } from "react";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { PageHeader } from "../ui/page-header.tsx";

/** What stands in place of a page that could not be made. */
export function PageError({ digest, onRetry }: { digest: string | undefined; onRetry: () => void }) {
  const router = useRouter();
  return (
    <>
      <PageHeader title="This page could not be loaded" />
      <EmptyState
        title="Something went wrong on our side"
        icon={<CircleAlert aria-hidden className="size-4 text-danger" />}
        action={
          <Button
            onClick={() =>
              startTransition(() => {
                router.refresh();
                onRetry();
              })
            }
          >
            Try again
          </Button>
        }
      >
        {digest && (
          <span className="inline-flex items-center gap-1">
            Logged as <code className="font-mono">{digest}</code>
            <CopyButton value={digest} label="Copy the log reference" />
          </span>
        )}
      </EmptyState>
    </>
  );
}
