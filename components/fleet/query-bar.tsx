"use client";

import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { queryTokens, withoutToken } from "#lib/client/node-filter";
import { parseNodeQuery } from "#lib/domain/node-query";
import { PAGE_QUERY_ATTRIBUTE } from "../shell/global-search.tsx";

const TYPING_MS = 250;

/**
 * The query of the list as text. Typing is passed on when it pauses; a change from outside (a facet, Back)
 * replaces the text unless the person is in the middle of typing. What cannot be read is not passed on.
 */
export function QueryBar({
  q,
  onType,
  onClear,
}: {
  q: string;
  onType: (q: string) => void;
  onClear: () => void;
}) {
  const [text, setText] = useState(q);
  const [from, setFrom] = useState(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const parsed = parseNodeQuery(text);

  if (q !== from) {
    setFrom(q);
    if (q !== text.trim()) setText(q);
  }

  function type(value: string) {
    setText(value);
    clearTimeout(timer.current);
    if (parseNodeQuery(value).ok) timer.current = setTimeout(() => onType(value.trim()), TYPING_MS);
  }

  return (
    <search className="relative block w-full">
      <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-faint pointer-coarse:top-3.5" />
      <input
        {...{ [PAGE_QUERY_ATTRIBUTE]: "" }}
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
          if (event.key === "Enter") {
            clearTimeout(timer.current);
            if (parsed.ok) onType(text.trim());
          }
        }}
        aria-label="Filter nodes"
        aria-invalid={!parsed.ok}
        aria-describedby="node-query-problem"
        placeholder="Name or identity, status:failed,stale, source:NAME, coverage:reduced"
        maxLength={500}
        autoComplete="off"
        spellCheck={false}
        className="touch h-8 w-full rounded-[4px] border border-control aria-invalid:border-danger bg-bg pr-9 pl-8 text-data pointer-coarse:text-[16px]"
      />
      {text !== "" && (
        <button
          type="button"
          aria-label="Clear the filter"
          onClick={() => {
            clearTimeout(timer.current);
            setText("");
            onClear();
          }}
          className="absolute top-0 right-0 inline-flex size-8 items-center justify-center text-muted hover:text-fg pointer-coarse:size-11"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
      <p id="node-query-problem" role="status" className="text-small text-danger">
        {!parsed.ok && parsed.detail}
      </p>
    </search>
  );
}

/** The parts of a query, each with a button that takes it out. */
export function QueryTokens({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  return (
    <ul className="flex flex-wrap gap-1.5">
      {queryTokens(q).map((token, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: the same word may stand in a query twice
          key={`${index} ${token}`}
          className="inline-flex h-6 max-w-full items-center rounded-[3px] border border-line-strong pl-1.5 font-mono text-small pointer-coarse:h-11"
        >
          <span className="truncate">{token}</span>
          <button
            type="button"
            aria-label={`Remove ${token}`}
            onClick={() => onChange(withoutToken(q, index))}
            className="touch inline-flex size-6 items-center justify-center text-muted hover:text-fg"
          >
            <X aria-hidden className="size-3" />
          </button>
        </li>
      ))}
    </ul>
  );
}
