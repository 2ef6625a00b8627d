"use client";

import type { RefObject } from "react";
import { useShortcuts } from "#components/shell/shortcuts";
import { CHANGE_ROW } from "./change-row.ts";

/** Keys that walk from one row that differs to the next, within a box. */
export function useChangeKeys(box: RefObject<HTMLElement | null>): void {
  useShortcuts([
    { keys: "n", label: "Next change", group: "This page", run: () => focusChange(box.current, 1) },
    { keys: "p", label: "Previous change", group: "This page", run: () => focusChange(box.current, -1) },
  ]);
}

/** Move the focus to the next or previous row that differs; from the last one on to the first. */
function focusChange(box: HTMLElement | null, step: 1 | -1): void {
  const rows = [...(box?.querySelectorAll<HTMLElement>(`[${CHANGE_ROW}]`) ?? [])];
  if (rows.length === 0) return;
  const here = rows.indexOf(document.activeElement as HTMLElement);
  const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : (here + step + rows.length) % rows.length;
  rows[next]?.focus();
}
