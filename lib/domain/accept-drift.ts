/** What a baseline expects once a change was accepted. Pure. */
import type { BaselineContent } from "./baseline.ts";

/** `actual` `null` = the entry is gone. */
export type AcceptedChange = { path: string; actual: string | null };

/**
 * The content with some changes accepted.
 *
 * A new value is accepted beside those that were: nodes that have not changed yet are not wrong. An entry
 * that is gone is expected no more. Nothing else moves, and whoever accepts twice accepts once.
 */
export function withAccepted(content: BaselineContent, changes: readonly AcceptedChange[]): BaselineContent {
  const entries = new Map(Object.entries(content.entries));
  for (const { path, actual } of changes) {
    if (actual === null) entries.delete(path);
    else entries.set(path, [...new Set([...(entries.get(path) ?? []), actual])]);
  }
  return { ...content, entries: Object.fromEntries(entries) };
}
