"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import Link from "next/link";
import { displayText, formatCount, middleEllipsis } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { sourceRejectedOptions } from "#lib/client/sources";
import type { RejectedView } from "#lib/contracts/source";
import { useTimeTravel } from "../shell/time-travel.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { HostileText } from "../ui/hostile-text.tsx";
import { SkeletonRows } from "../ui/skeleton.tsx";
import { Timestamp } from "../ui/timestamp.tsx";

/** What this source sent that was refused, newest first. Nothing of it ever counted as a verdict. */
export function RejectedList({ sourceId }: { sourceId: string }) {
  const { time } = useTimeTravel();
  const list = useInfiniteQuery(sourceRejectedOptions(sourceId, time));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (list.isPending) return <SkeletonRows rows={6} label="Loading rejected events" />;
  if (list.isError && items.length === 0) {
    return (
      <ErrorPanel
        title="The rejected events could not be loaded"
        error={list.error}
        onRetry={() => void list.refetch()}
      />
    );
  }
  if (items.length === 0) {
    return (
      <EmptyState
        title="Nothing was refused"
        icon={<CircleCheck aria-hidden className="size-4 text-muted" />}
      >
        Every message of this source could be read and verified.
      </EmptyState>
    );
  }
  return (
    <>
      <ul>
        {items.map((item) => (
          <RejectedItem key={item.id} item={item} />
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="py-3">
          <Button size="sm" onClick={() => void list.fetchNextPage()} pending={list.isFetchingNextPage}>
            Load more
          </Button>
        </div>
      )}
    </>
  );
}

function RejectedItem({ item }: { item: RejectedView }) {
  const { code, title, detail, category, subject, times, firstAt, lastAt, rawSha256, rawBytes, excerpt } =
    item;
  return (
    <li className="flex flex-col gap-1 border-b border-line py-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link href={paths.problem(code)} className="link touch inline-flex items-center font-medium">
          {title}
        </Link>
        <Badge>{category}</Badge>
        <span className="text-small text-muted">
          {times === null || lastAt === null ? (
            <>
              first <Timestamp iso={firstAt} absolute />; how often by then is not kept
            </>
          ) : times === 1 ? (
            <>
              once, <Timestamp iso={lastAt} absolute />
            </>
          ) : (
            <>
              {formatCount(times)} times, first <Timestamp iso={firstAt} absolute />, last{" "}
              <Timestamp iso={lastAt} absolute />
            </>
          )}
        </span>
      </div>
      <p className="max-w-[90ch] break-words">{displayText(detail).text}</p>
      <p className="flex flex-wrap items-center gap-x-3 text-small text-muted">
        {subject !== null && (
          <span className="inline-flex max-w-full min-w-0 gap-1">
            about <HostileText text={subject} max={64} className="font-mono text-fg" />
          </span>
        )}
        <span className="inline-flex items-center gap-1">
          SHA-256{" "}
          <code className="font-mono" title={rawSha256}>
            {middleEllipsis(rawSha256, 24)}
          </code>
          <CopyButton value={rawSha256} label="Copy SHA-256" />
        </span>
      </p>
      <details className="text-small">
        <summary className="touch w-fit text-muted hover:text-fg">
          Show the first bytes ({formatCount(rawBytes)} in all)
        </summary>
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-1 max-h-[240px] overflow-auto rounded-[4px] border border-line bg-sunken p-2 font-mono break-all whitespace-pre-wrap"
        >
          {excerpt}
        </pre>
      </details>
    </li>
  );
}
