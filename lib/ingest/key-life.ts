/** Whether the key that vouches for a fact was still believed when the fact was signed. */
import type { Interpretation, Item, Rejection } from "#lib/sources/contract";
import type { LoadedSource } from "./load-source.ts";

/**
 * Refuse what a retired key signed after its end and grace period.
 *
 * When something was signed is what the message says, under that very signature: whoever holds a
 * retired key can claim an earlier instant, within the time window. A key that fell into wrong hands
 * must be distrusted, not retired.
 */
export function withinKeyLife(
  { items, rejections }: Interpretation,
  { acceptUntilMs }: Pick<LoadedSource, "acceptUntilMs">,
): Interpretation {
  if (acceptUntilMs.size === 0) return { items, rejections };
  const late = items.flatMap((item): Rejection[] => {
    const rejection = lateness(item, acceptUntilMs);
    return rejection ? [rejection] : [];
  });
  if (late.length === 0) return { items, rejections };
  return {
    items: items.filter((item) => !lateness(item, acceptUntilMs)),
    rejections: [...rejections, ...late],
  };
}

function lateness(item: Item, acceptUntilMs: LoadedSource["acceptUntilMs"]): Rejection | null {
  if (item.signature.status !== "verified") return null;
  const untilMs = acceptUntilMs.get(item.signature.kid);
  const signedAtMs = item.signature.signedAtMs ?? factAtMs(item);
  if (untilMs === undefined || signedAtMs <= untilMs) return null;
  const until = new Date(untilMs).toISOString();
  const detail = `Its key is retired and counts only for what was signed until ${until}.`;
  return { category: "key", code: "event/key-retired", detail, raw: item.raw };
}

function factAtMs(item: Item): number {
  return item.kind === "verdict" ? item.verdict.observedAtMs : item.event.occurredAtMs;
}
