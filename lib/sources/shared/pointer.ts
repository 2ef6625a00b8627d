/** RFC 6901 JSON pointers. */

/**
 * The value that a pointer leads to, or `undefined` when nothing is there.
 *
 * Only a document's own members are followed, so a pointer cannot reach into prototypes. A text
 * that is not a pointer leads nowhere.
 */
export function resolvePointer(document: unknown, pointer: string): unknown {
  if (pointer === "") return document;
  if (!pointer.startsWith("/")) return undefined;
  let value = document;
  for (const segment of pointer.slice(1).split("/")) {
    const name = unescapeSegment(segment);
    if (Array.isArray(value)) {
      value = /^(0|[1-9][0-9]{0,8})$/.test(name) ? value[Number(name)] : undefined;
    } else if (typeof value === "object" && value !== null && Object.hasOwn(value, name)) {
      value = (value as Record<string, unknown>)[name];
    } else {
      return undefined;
    }
  }
  return value;
}

/** The last name of a pointer, unescaped; `""` for the whole document. */
export function lastSegment(pointer: string): string {
  return unescapeSegment(pointer.slice(pointer.lastIndexOf("/") + 1));
}

/** A member's name as it stands inside a pointer. */
export function escapeSegment(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function unescapeSegment(segment: string): string {
  return segment.replaceAll("~1", "/").replaceAll("~0", "~");
}
