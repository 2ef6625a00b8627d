"use client";

import { useEffect, useRef } from "react";
import type { Suggestion } from "#lib/client/policy-complete";
import { cn } from "../ui/cn.tsx";

/** What can come next, at the caret. The text field keeps the focus and tells which one is chosen. */
export function SuggestionList({
  id,
  items,
  chosen,
  onChoose,
  left,
  top,
}: {
  id: string;
  items: readonly Suggestion[];
  chosen: number;
  onChoose: (index: number) => void;
  /** CSS length from the left edge of the editor. */
  left: string;
  top: number;
}) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`#${CSS.escape(`${id}-${chosen}`)}`)?.scrollIntoView({ block: "nearest" });
  }, [id, chosen]);
  return (
    <div
      ref={list}
      id={id}
      role="listbox"
      aria-label="Suggestions"
      style={{ left: `clamp(0px, ${left}, calc(100% - min(100%, 360px)))`, top }}
      className="absolute z-20 max-h-[220px] w-[360px] max-w-full overflow-y-auto rounded-[4px] border border-line-strong bg-bg p-1 font-mono text-small"
    >
      {items.map(({ text, detail }, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text field, which keeps the focus
        // biome-ignore lint/a11y/useFocusableInteractive: the text field names the chosen one as its active descendant
        <div
          key={text}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          // Before the field loses the focus, which would close the list.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(index)}
          className={cn(
            "touch flex cursor-pointer flex-col justify-center rounded-[3px] px-2 py-0.5",
            index === chosen && "bg-selected",
          )}
        >
          <span className="font-medium">{text}</span>
          <span className="font-sans break-words text-muted">{detail}</span>
        </div>
      ))}
    </div>
  );
}
