import type { NodeRow } from "#lib/contracts/node";

/** What a picked node is known by, also when its row is not loaded any more. */
export type SelectedNode = Pick<NodeRow, "id" | "displayName">;
export type Picked = ReadonlyMap<string, SelectedNode>;

const keep = ({ id, displayName }: SelectedNode): SelectedNode => ({ id, displayName });

/** In when it was out, out when it was in. */
export function toggled(picked: Picked, node: SelectedNode): Picked {
  const next = new Map(picked);
  if (!next.delete(node.id)) next.set(node.id, keep(node));
  return next;
}

/**
 * With every row from the anchor to `index`, whichever comes first on screen.
 *
 * @param anchor id of the row that was toggled last; only the row itself is added when it is not on screen
 */
export function extended(
  picked: Picked,
  rows: readonly SelectedNode[],
  anchor: string | null,
  index: number,
): Picked {
  const from = rows.findIndex(({ id }) => id === anchor);
  const [low, high] = from < 0 ? [index, index] : [Math.min(from, index), Math.max(from, index)];
  const next = new Map(picked);
  for (const node of rows.slice(low, high + 1)) next.set(node.id, keep(node));
  return next;
}
