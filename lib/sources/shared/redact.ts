/** Taking out of a document what must not be stored. */
import { isMembers } from "./members.ts";
import { escapeSegment } from "./pointer.ts";

/** Member names from the top of a document; `*` stands for every member or element. */
export type RedactionPath = readonly string[];

export type Redacted = {
  value: unknown;
  /** Paths that something was taken out of, as JSON pointers in which `*` may stand for any member. */
  redactions: readonly string[];
};

/**
 * Take values out of a document. The document itself is not changed.
 *
 * @param replace what to leave in the place of a value; `undefined` removes the member altogether
 */
export function redact(
  document: unknown,
  paths: readonly RedactionPath[],
  replace: (value: unknown, path: RedactionPath) => unknown = () => undefined,
): Redacted {
  let value = document;
  const redactions: string[] = [];
  for (const path of paths) {
    const changed = without(value, path, (found) => replace(found, path));
    if (changed === value) continue;
    value = changed;
    redactions.push(path.map((name) => `/${escapeSegment(name)}`).join(""));
  }
  return { value, redactions };
}

function without(value: unknown, path: RedactionPath, replace: (value: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return replace(value);
  if (Array.isArray(value)) {
    if (name !== "*") return value;
    const elements = value.map((element) => without(element, rest, replace));
    return elements.some((element, index) => element !== value[index]) ? elements : value;
  }
  if (!isMembers(value)) return value;
  const changed = new Map<string, unknown>();
  for (const key of name === "*" ? Object.keys(value) : [name]) {
    if (!Object.hasOwn(value, key)) continue;
    const after = without(value[key], rest, replace);
    if (after !== value[key]) changed.set(key, after);
  }
  if (changed.size === 0) return value;
  const entries = Object.entries(value).map(([key, old]) => [key, changed.has(key) ? changed.get(key) : old]);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
}
