/** Any JSON value as the rows of a collapsible tree. Pure; nothing in it is ever run or parsed again. */

export type TreeRow = {
  /** Position of the value as a JSON pointer; unique within the tree. */
  path: string;
  depth: number;
  /** Name of the member or position of the element; `null` for the root. */
  name: string | null;
  kind: "object" | "array" | "string" | "number" | "boolean" | "null";
  /** Scalars as text; empty for objects and arrays. */
  text: string;
  /** Members or elements; 0 for scalars. */
  size: number;
  open: boolean;
};

type Container = Readonly<Record<string, unknown>> | readonly unknown[];

function kindOf(value: unknown): TreeRow["kind"] {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "object":
      return "object";
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    default:
      return "string";
  }
}

function childrenOf(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [];
  const container = value as Container;
  return Array.isArray(container)
    ? container.map((element, index) => [String(index), element])
    : Object.entries(container);
}

function pointer(parent: string, name: string): string {
  return `${parent}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Deeper values are not walked into; ingest refuses anything deeper long before. */
const MAX_DEPTH = 64;

/**
 * Visible rows, top to bottom.
 *
 * @param isOpen whether the container at a path shows what it holds
 */
export function treeRows(value: unknown, isOpen: (path: string, depth: number) => boolean): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (current: unknown, path: string, name: string | null, depth: number) => {
    const kind = kindOf(current);
    const children = childrenOf(current);
    const open = children.length > 0 && depth < MAX_DEPTH && isOpen(path, depth);
    const scalar = kind !== "object" && kind !== "array";
    rows.push({
      path,
      depth,
      name,
      kind,
      text: scalar ? String(current ?? null) : "",
      size: children.length,
      open,
    });
    if (!open) return;
    for (const [childName, child] of children) walk(child, pointer(path, childName), childName, depth + 1);
  };
  walk(value, "", null, 0);
  return rows;
}

/**
 * Paths whose name or text contains the words, with every container on the way to them.
 *
 * @returns `null` when nothing is searched for
 */
export function searchTree(value: unknown, words: string): { hits: Set<string>; open: Set<string> } | null {
  const needle = words.trim().toLowerCase();
  if (needle === "") return null;
  const hits = new Set<string>();
  const open = new Set<string>();
  for (const { path, name, text } of treeRows(value, () => true)) {
    if (!name?.toLowerCase().includes(needle) && !text.toLowerCase().includes(needle)) continue;
    hits.add(path);
    for (let end = path.lastIndexOf("/"); end >= 0; end = path.lastIndexOf("/", end - 1)) {
      open.add(path.slice(0, end));
      if (end === 0) break;
    }
  }
  return { hits, open };
}
