"use client";

import { Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { paths } from "#lib/client/paths";
import { withTime } from "#lib/client/time-travel";
import { Keys } from "./shortcut-help.tsx";
import { useShortcuts } from "./shortcuts.tsx";
import { useTimeTravel } from "./time-travel.tsx";

/** Marks the input that `/` goes to when the page has one of its own. */
export const PAGE_QUERY_ATTRIBUTE = "data-page-query";

/** Search in the top bar: leads to Nodes with the words as query. */
export function GlobalSearch() {
  const router = useRouter();
  const { time } = useTimeTravel();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  useShortcuts([
    {
      keys: "/",
      label: "Search nodes",
      group: "Anywhere",
      run: () => {
        const own = document.querySelector<HTMLInputElement>(`[${PAGE_QUERY_ATTRIBUTE}]`);
        (own ?? input.current)?.focus();
      },
    },
  ]);
  return (
    <search className="relative hidden w-full max-w-[380px] md:block">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          router.push(withTime(paths.nodes({ q: text.trim() }), time));
          setText("");
          input.current?.blur();
        }}
      >
        <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-faint" />
        <input
          ref={input}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
          aria-label="Search nodes by name or identity"
          placeholder="Search nodes by name or identity"
          className="peer h-8 w-full rounded-[4px] border border-line-strong bg-bg pr-8 pl-8 text-data"
          maxLength={500}
          autoComplete="off"
          spellCheck={false}
        />
        <span className="pointer-events-none absolute top-1.5 right-2 peer-focus:hidden" aria-hidden>
          <Keys keys="/" />
        </span>
      </form>
    </search>
  );
}
