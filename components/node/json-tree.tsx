"use client";

import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { Button } from "#components/ui/button";
import { Card } from "#components/ui/card";
import { cn } from "#components/ui/cn";
import { CopyButton } from "#components/ui/copy-button";
import { HostileText } from "#components/ui/hostile-text";
import { Input } from "#components/ui/input";
import { formatPlural } from "#lib/client/format";
import { searchTree, type TreeRow, treeRows } from "#lib/client/json-tree";

/** Containers down to this depth are open at first; in a small tree all of them. */
const OPEN_DEPTH = 2;
const SMALL_TREE_ROWS = 80;
const SEARCH_FROM = 12;
/** More rows than this are cut off until something is closed or searched for. */
const MAX_ROWS = 1_000;
const INDENT_PX = 16;

/** Any JSON value as a tree to open, close, walk by keyboard and search. Its text is never interpreted. */
export function JsonTree({ title, value }: { title: string; value: unknown }) {
  const id = useId();
  const [words, setWords] = useState("");
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [active, setActive] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const size = useMemo(() => treeRows(value, () => true).length, [value]);
  const found = useMemo(() => searchTree(value, words), [value, words]);
  const rows = useMemo(
    () =>
      treeRows(
        value,
        (path, depth) =>
          toggled.get(path) ?? (found ? found.open.has(path) : size <= SMALL_TREE_ROWS || depth < OPEN_DEPTH),
      ),
    [value, toggled, found, size],
  );
  const shown = rows.slice(0, MAX_ROWS);

  function open(path: string, isOpen: boolean) {
    setToggled((before) => new Map(before).set(path, isOpen));
  }

  function focusRow(index: number) {
    const row = shown[index];
    if (!row) return;
    setActive(row.path);
    list.current?.querySelectorAll<HTMLElement>("[role=treeitem]")[index]?.focus();
  }

  function actionOf(key: string, index: number, row: TreeRow): (() => void) | null {
    switch (key) {
      case "ArrowDown":
        return () => focusRow(index + 1);
      case "ArrowUp":
        return () => focusRow(index - 1);
      case "ArrowRight":
        return () => (row.size > 0 && !row.open ? open(row.path, true) : focusRow(index + 1));
      case "ArrowLeft":
        if (row.open) return () => open(row.path, false);
        return () => focusRow(shown.findLastIndex((other, i) => i < index && other.depth < row.depth));
      case "Home":
        return () => focusRow(0);
      case "End":
        return () => focusRow(shown.length - 1);
      case "Enter":
      case " ":
        return () => row.size > 0 && open(row.path, !row.open);
      default:
        return null;
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    const index = Math.max(
      0,
      shown.findIndex(({ path }) => path === active),
    );
    const row = shown[index];
    if (!row) return;
    const action = actionOf(event.key, index, row);
    if (!action) return;
    event.preventDefault();
    action();
  }

  const activeShown = shown.some(({ path }) => path === active);
  return (
    <Card
      flush
      title={title}
      actions={
        <CopyButton value={JSON.stringify(value, null, 2)} label={`Copy ${title.toLowerCase()} as JSON`} />
      }
    >
      {size >= SEARCH_FROM && (
        <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
          <label htmlFor={id} className="sr-only">
            Search {title.toLowerCase()}
          </label>
          <Input
            id={id}
            type="search"
            value={words}
            placeholder="Search names and values"
            onChange={(event) => {
              setWords(event.target.value);
              setToggled(new Map());
            }}
            className="max-w-[320px]"
          />
          <span role="status" className="text-small text-muted">
            {found && formatPlural(found.hits.size, "hit")}
          </span>
        </div>
      )}
      <div
        ref={list}
        role="tree"
        aria-label={title}
        onKeyDown={onKeyDown}
        className="relative max-h-[480px] overflow-auto py-1"
      >
        {shown.map((row, index) => (
          <Item
            key={row.path}
            row={row}
            hit={found?.hits.has(row.path) ?? false}
            tabIndex={row.path === active || (!activeShown && index === 0) ? 0 : -1}
            onToggle={() => {
              setActive(row.path);
              if (row.size > 0) open(row.path, !row.open);
            }}
          />
        ))}
      </div>
      {rows.length > shown.length && (
        <p className="border-t border-line px-3 py-1.5 text-small text-muted">
          {formatPlural(rows.length - shown.length, "more row")} below; search, or close what is not needed.{" "}
          <Button size="sm" variant="ghost" onClick={() => setToggled(new Map([["", true]]))}>
            Close all
          </Button>
        </p>
      )}
    </Card>
  );
}

function Item({
  row: { depth, name, kind, text, size, open },
  hit,
  tabIndex,
  onToggle,
}: {
  row: TreeRow;
  hit: boolean;
  tabIndex: number;
  onToggle: () => void;
}) {
  const isContainer = kind === "object" || kind === "array";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys for all of its items
    <div
      role="treeitem"
      aria-level={depth + 1}
      aria-expanded={size > 0 ? open : undefined}
      tabIndex={tabIndex}
      onClick={onToggle}
      style={{ paddingLeft: 10 + depth * INDENT_PX }}
      className={cn(
        "flex min-h-6 min-w-0 items-start gap-1 pr-3 font-mono text-small leading-6 focus-visible:outline-offset-[-2px]",
        size > 0 && "cursor-pointer",
        hit ? "bg-warn-bg text-warn-fg" : "hover:bg-hover",
      )}
    >
      <ChevronRight
        aria-hidden
        className={cn("mt-1 size-4 shrink-0 text-muted", size === 0 && "invisible", open && "rotate-90")}
      />
      {name !== null && (
        <span className="shrink-0 text-muted">
          <HostileText text={name} max={60} />:
        </span>
      )}
      {isContainer ? (
        <span className="text-faint">{kind === "object" ? `{ ${size} }` : `[ ${size} ]`}</span>
      ) : (
        <span className="min-w-0 break-all">
          <HostileText
            text={kind === "string" ? `"${text}"` : text}
            className="[&_bdi]:break-all [&_bdi]:whitespace-pre-wrap"
          />
        </span>
      )}
    </div>
  );
}
