/** Bootstrap events out of documents, for the tests of the sources that tell about bootstrapping. */
import type { BootstrapEvent } from "#lib/domain/bootstrap-event";
import type { Source } from "#lib/sources/contract";
import { type ContextOptions, contextOf, messageOf } from "./source-testing.ts";

const YEAR_MS = 31_536_000_000;

/** Interpret documents as a JSON array, with a window of a year. */
export async function interpretAll(source: Source, documents: readonly unknown[], options?: ContextOptions) {
  const context = contextOf({ settings: { acceptPastMs: YEAR_MS }, ...options });
  return source.interpret(messageOf(JSON.stringify(documents)), context);
}

/** The events of a document; none of it may be refused. */
export async function eventsOf(
  source: Source,
  document: unknown,
  options?: ContextOptions,
): Promise<BootstrapEvent[]> {
  const { items, rejections } = await interpretAll(source, [document], options);
  if (rejections.length > 0) throw new Error(rejections.map(({ detail }) => detail).join("; "));
  return items.flatMap((item) => (item.kind === "bootstrap" ? [item.event] : []));
}

/** `type outcome reasonCode` of each event. */
export async function summariesOf(source: Source, document: unknown, options?: ContextOptions) {
  const events = await eventsOf(source, document, options);
  return events.map(({ type, outcome, reasonCode }) => [type, outcome, reasonCode ?? "-"].join(" "));
}
