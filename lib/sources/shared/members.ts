/** Looking into documents of strangers: what is missing or of another type is simply not there. */
import { parseInstant } from "./window.ts";

export type Members = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value behind a path of member names; only a document's own members are followed. */
export function valueAt(document: unknown, ...path: readonly string[]): unknown {
  let value = document;
  for (const name of path) {
    if (!isMembers(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** A text that is not empty; `null` for anything else. */
export function textAt(document: unknown, ...path: readonly string[]): string | null {
  const value = valueAt(document, ...path);
  return typeof value === "string" && value !== "" ? value : null;
}

/** A list; empty for anything else. */
export function listAt(document: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(document, ...path);
  return Array.isArray(value) ? value : [];
}

/** An RFC 3339 instant in epoch milliseconds; `null` for anything else. */
export function timeAt(document: unknown, ...path: readonly string[]): number | null {
  const text = textAt(document, ...path);
  return text === null ? null : parseInstant(text);
}

/** A count of zero or more; `null` for anything else. */
export function countAt(document: unknown, ...path: readonly string[]): number | null {
  const value = valueAt(document, ...path);
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null;
}
