"use client";

import { CircleAlert, Lock } from "lucide-react";
import { useRouter } from "next/navigation";
import { startTransition } from "react";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { PageHeader } from "../ui/page-header.tsx";

/** Digest that the server gives to a page that the role does not allow. */
const FORBIDDEN_DIGEST = "touchstone/forbidden";

/** What stands in place of a page that could not be made. */
export function PageError({ digest, onRetry }: { digest: string | undefined; onRetry: () => void }) {
  const router = useRouter();
  if (digest === FORBIDDEN_DIGEST) {
    return (
      <>
        <PageHeader title="Not for your role" />
        <EmptyState
          title="Your role does not include this page"
          icon={<Lock aria-hidden className="size-4" />}
        >
          Ask an administrator if you need it.
        </EmptyState>
      </>
    );
  }
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
