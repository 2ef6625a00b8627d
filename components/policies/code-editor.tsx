"use client";

import { type KeyboardEvent, type Ref, useId, useImperativeHandle, useRef, useState } from "react";
import { type Completion, completionAt } from "#lib/client/policy-complete";
import type { PolicyCheck, PolicySchemaView } from "#lib/contracts/policy";
import { cn } from "../ui/cn.tsx";
import { SuggestionList } from "./suggestion-list.tsx";

export type Fault = PolicyCheck["problems"][number];
export type EditorHandle = { goTo: (line: number, column: number) => void };

/** Height of a line in pixels; gutter, text and marks are laid over each other by it. */
const LINE_PX = 20;
const MOST_SUGGESTED = 50;

/**
 * A text with numbered lines, marks on the lines that have a fault, and suggestions. It stays a plain text field:
 * Tab leaves it, undo is the browser's, and a screen reader reads it as one. Control and space, or a full stop after
 * a name, opens the suggestions.
 */
export function CodeEditor({
  value,
  onChange,
  label,
  describedBy,
  faults,
  schema,
  readOnly,
  ref,
}: {
  value: string;
  onChange: (value: string) => void;
  label: string;
  describedBy: string;
  faults: readonly Fault[];
  /** `undefined` = not there yet, so nothing is suggested. */
  schema: PolicySchemaView | undefined;
  readOnly: boolean;
  ref: Ref<EditorHandle>;
}) {
  const listId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [scroll, setScroll] = useState({ top: 0, left: 0 });
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState<Completion | null>(null);
  const [chosen, setChosen] = useState(0);
  const lines = value.split("\n");
  const place = placeOf(value, caret);
  const faulty = new Set(faults.map(({ line }) => line));
  const items = open?.items.slice(0, MOST_SUGGESTED) ?? [];

  useImperativeHandle(ref, () => ({
    goTo(line, column) {
      const area = field.current;
      if (!area) return;
      const at = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
      area.focus();
      area.setSelectionRange(at, at);
      area.scrollTop = Math.max(0, (line - 4) * LINE_PX);
      setCaret(at);
    },
  }));

  function suggest(text: string, at: number) {
    setChosen(0);
    setOpen(schema && !readOnly ? completionAt(text, at, schema) : null);
  }

  /** Puts a suggestion in as if it had been typed, so that undo takes it back. */
  function accept(index: number) {
    const area = field.current;
    const item = items[index];
    if (!area || !open || !item) return;
    area.focus();
    area.setSelectionRange(open.from, caret);
    // The only way that keeps the field's own undo; where it is gone the text is replaced.
    if (!document.execCommand("insertText", false, item.text)) {
      area.setRangeText(item.text, open.from, caret, "end");
      onChange(area.value);
    }
    setCaret(area.selectionStart);
    setOpen(null);
  }

  /** What a key does while suggestions are shown; `null` = what it always does. */
  function actionOf(key: string): (() => void) | null {
    const move = (by: number) => setChosen((before) => (before + by + items.length) % items.length);
    switch (items.length === 0 ? "" : key) {
      case "ArrowDown":
        return () => move(1);
      case "ArrowUp":
        return () => move(-1);
      case "Enter":
      case "Tab":
        return () => accept(chosen);
      case "Escape":
        return () => setOpen(null);
      default:
        return null;
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    const asks = event.key === " " && event.ctrlKey;
    const act = asks ? () => suggest(value, caret) : actionOf(event.key);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  return (
    <div className="relative min-w-0">
      <div
        className={cn(
          "relative flex h-[60vh] min-h-[280px] overflow-hidden rounded-[4px] border bg-bg font-mono text-small",
          faults.length > 0 ? "border-danger" : "border-control",
        )}
      >
        <div
          aria-hidden
          className="w-[5ch] shrink-0 overflow-hidden border-r border-line bg-sunken select-none"
        >
          <div style={{ transform: `translateY(${8 - scroll.top}px)` }}>
            {lines.map((_, index) => {
              const bad = faulty.has(index + 1);
              return (
                <div
                  // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number here
                  key={index}
                  style={{ height: LINE_PX, lineHeight: `${LINE_PX}px` }}
                  className={cn("pr-1 text-right", bad ? "font-semibold text-danger" : "text-muted")}
                >
                  {bad && "! "}
                  {index + 1}
                </div>
              );
            })}
          </div>
        </div>
        <div className="relative min-w-0 flex-1 overflow-hidden">
          <div aria-hidden className="pointer-events-none absolute inset-0">
            {faults.map(({ line, column, detail }) => (
              <FaultMark key={`${line} ${column} ${detail}`} line={line} column={column} scroll={scroll} />
            ))}
          </div>
          <textarea
            ref={field}
            value={value}
            readOnly={readOnly}
            wrap="off"
            spellCheck={false}
            autoCapitalize="off"
            autoCorrect="off"
            aria-label={label}
            aria-describedby={describedBy}
            aria-invalid={faults.length > 0 || undefined}
            aria-autocomplete="list"
            aria-controls={items.length > 0 ? listId : undefined}
            aria-activedescendant={items.length > 0 ? `${listId}-${chosen}` : undefined}
            style={{ lineHeight: `${LINE_PX}px` }}
            className="absolute inset-0 size-full resize-none overflow-auto bg-transparent px-2 py-2 whitespace-pre text-fg outline-offset-[-2px]"
            onScroll={({ currentTarget: { scrollTop: top, scrollLeft: left } }) => setScroll({ top, left })}
            onSelect={({ currentTarget }) => {
              if (currentTarget.selectionStart !== caret) {
                setCaret(currentTarget.selectionStart);
                setOpen(null);
              }
            }}
            onBlur={() => setOpen(null)}
            onKeyDown={onKeyDown}
            onChange={({ currentTarget }) => {
              const at = currentTarget.selectionStart;
              onChange(currentTarget.value);
              setCaret(at);
              const typed = currentTarget.value[at - 1] ?? "";
              if (typed === "." || (open && /\w/.test(typed))) suggest(currentTarget.value, at);
              else setOpen(null);
            }}
          />
        </div>
      </div>
      {items.length > 0 && (
        <SuggestionList
          id={listId}
          items={items}
          chosen={chosen}
          onChoose={accept}
          left={`calc(${place.column - 1}ch + 6ch - ${scroll.left}px)`}
          top={place.line * LINE_PX + 10 - scroll.top}
        />
      )}
      <p className="flex flex-wrap gap-x-4 pt-1 text-small text-muted">
        <span>
          Line {place.line}, column {place.column}
        </span>
        <span className="max-md:hidden">
          <kbd>Ctrl</kbd> <kbd>Space</kbd> suggests what can come next; <kbd>Tab</kbd> leaves the text
        </span>
      </p>
      <p role="status" className="sr-only">
        {items.length > 0 && `${items.length} suggestions. ${items[chosen]?.text}: ${items[chosen]?.detail}`}
      </p>
    </div>
  );
}

/** A line under the place of a fault and behind its whole line. */
function FaultMark({
  line,
  column,
  scroll: { top, left },
}: {
  line: number;
  column: number;
  scroll: { top: number; left: number };
}) {
  const y = (line - 1) * LINE_PX + 8 - top;
  return (
    <>
      <div className="absolute inset-x-0 bg-hover" style={{ top: y, height: LINE_PX }} />
      <div
        className="absolute w-[6ch] border-b-2 border-danger"
        style={{ top: y, height: LINE_PX, left: `calc(${column - 1}ch + 8px - ${left}px)` }}
      />
    </>
  );
}

function placeOf(text: string, caret: number): { line: number; column: number } {
  const before = text.slice(0, caret).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
