"use client";

import { parseAsStringLiteral, useQueryState } from "nuqs";
import { cn } from "#components/ui/cn";

const DIFF_MODES = ["grouped", "unified", "split"] as const;
export type DiffMode = (typeof DIFF_MODES)[number];

const LABEL: Readonly<Record<DiffMode, string>> = { grouped: "Grouped", unified: "Unified", split: "Split" };

/** How differences are shown, in the address: `?view=split`. */
export function useDiffMode(): [DiffMode, (mode: DiffMode) => void] {
  const [mode, setMode] = useQueryState(
    "view",
    parseAsStringLiteral(DIFF_MODES).withDefault("grouped").withOptions({ history: "push" }),
  );
  return [mode, (next) => void setMode(next)];
}

/** Chooses between rows under headings and lines of text. */
export function DiffModeTabs({ mode, onChange }: { mode: DiffMode; onChange: (mode: DiffMode) => void }) {
  return (
    <fieldset className="inline-flex rounded-[4px] border border-line p-0.5">
      <legend className="sr-only">View of the differences</legend>
      {DIFF_MODES.map((value) => (
        <button
          key={value}
          type="button"
          aria-pressed={mode === value}
          onClick={() => onChange(value)}
          className={cn(
            "touch h-6 rounded-[3px] px-2.5 text-label",
            mode === value ? "bg-selected text-fg" : "text-muted hover:text-fg",
          )}
        >
          {LABEL[value]}
        </button>
      ))}
    </fieldset>
  );
}
