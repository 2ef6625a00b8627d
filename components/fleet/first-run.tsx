"use client";

import { Circle, CircleCheck } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { paths } from "#lib/client/paths";
import type { SourceView } from "#lib/contracts/source";
import { exampleCurl, useOrigin } from "../sources/how-to-send.tsx";
import { Card } from "../ui/card.tsx";
import { CodeBlock } from "../ui/code-block.tsx";

/** What stands in place of the overview until the first node is known. */
export function FirstRun({ sources }: { sources: readonly SourceView[] }) {
  const origin = useOrigin();
  const [source] = sources;
  const hasKey = sources.some(({ apiKeys }) => apiKeys.some((key) => key.revokedAt === null));
  return (
    <Card title="Three steps to the first node">
      <ol className="flex max-w-[820px] flex-col gap-5">
        <Step done={sources.length > 0} title="Create a source">
          <p>
            A source is a verifier or a bootstrap system that may send. Create it under{" "}
            <Link href={paths.sources()} className="link">
              Sources
            </Link>{" "}
            or in a terminal:
          </p>
          <CodeBlock label="Create a source" code="npx touchstone source add --kind generic --name lab" />
        </Step>
        <Step done={hasKey} title="Create an API key for it">
          <p>The key is shown once. Keep it in the sender's secret store.</p>
          <CodeBlock
            label="Create an API key"
            code={`npx touchstone key create --scope ingest --source ${source?.id ?? "SOURCE_ID"}`}
          />
        </Step>
        <Step done={false} title="Send the first event">
          <CodeBlock
            label="Send the first event"
            code={exampleCurl({ kind: source?.kind ?? "generic", id: source?.id ?? "SOURCE_ID", origin })}
          />
          <p>This page changes by itself when the event has arrived.</p>
        </Step>
      </ol>
      <p className="mt-6 border-t border-line pt-3 text-muted">
        Only looking? <code className="font-mono text-small">npm run demo</code> starts Touchstone with a
        made-up fleet.
      </p>
    </Card>
  );
}

function Step({ done, title, children }: { done: boolean; title: string; children: ReactNode }) {
  const Mark = done ? CircleCheck : Circle;
  return (
    <li className="flex gap-3">
      <Mark aria-hidden className="mt-0.5 size-4 shrink-0 text-muted" />
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <h3 className="font-medium">
          {title}
          {done && <span className="font-normal text-muted"> · done</span>}
        </h3>
        {!done && <div className="flex flex-col gap-2 text-muted">{children}</div>}
      </div>
    </li>
  );
}
