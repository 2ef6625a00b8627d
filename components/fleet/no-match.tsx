"use client";

import { useQueries } from "@tanstack/react-query";
import { formatPlural } from "#lib/client/format";
import { queryTokens, withoutToken } from "#lib/client/node-filter";
import { nodeTotalOptions } from "#lib/client/nodes";
import { isPresent, type TimeTravel } from "#lib/client/time-travel";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";

const MOST_TOKENS = 5;

/** Nothing matches: how many would without each part of the query, so that the culprit is seen. */
export function NoMatch({
  q,
  time,
  onChange,
}: {
  q: string;
  time: TimeTravel;
  onChange: (q: string) => void;
}) {
  const tokens = queryTokens(q).slice(0, MOST_TOKENS);
  const without = useQueries({
    queries: tokens.map((_, index) => nodeTotalOptions(withoutToken(q, index), time)),
  });
  if (tokens.length === 0) {
    return (
      <EmptyState title="No nodes yet">
        {isPresent(time) ? "A node appears here with its first event." : "No node was known at that instant."}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No node matches"
      action={<Button onClick={() => onChange("")}>Clear the whole filter</Button>}
    >
      <ul className="mt-1 flex flex-col">
        {tokens.map((token, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: the same word may stand in a query twice
            key={`${index} ${token}`}
            className="flex min-h-9 flex-wrap items-center gap-2"
          >
            <span>
              Without <code className="font-mono text-small break-all text-fg">{token}</code>:{" "}
              {without[index]?.data === undefined ? "…" : formatPlural(without[index].data, "node")}
            </span>
            <Button size="sm" onClick={() => onChange(withoutToken(q, index))} aria-label={`Remove ${token}`}>
              Remove
            </Button>
          </li>
        ))}
      </ul>
    </EmptyState>
  );
}
