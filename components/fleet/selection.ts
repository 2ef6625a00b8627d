"use client";

import { useState } from "react";
import type { NodeRow } from "#lib/contracts/node";

/** What a selected node is known by, also when its row is not loaded any more. */
export type SelectedNode = Pick<NodeRow, "id" | "displayName">;

export type NodeSelection = {
  nodes: readonly SelectedNode[];
  has: (id: string) => boolean;
  toggle: (node: SelectedNode) => void;
  /** From the last one that was toggled up to this one, in the order on screen. */
  extend: (rows: readonly SelectedNode[], index: number) => void;
  clear: () => void;
};

/** Nodes that were picked from the list. They stay picked while the filter changes and pages come. */
export function useNodeSelection(): NodeSelection {
  const [picked, setPicked] = useState<ReadonlyMap<string, SelectedNode>>(new Map());
  const [anchor, setAnchor] = useState<string | null>(null);
  return {
    nodes: [...picked.values()],
    has: (id) => picked.has(id),
    toggle: (node) => {
      setAnchor(node.id);
      setPicked((now) => {
        const next = new Map(now);
        if (!next.delete(node.id)) next.set(node.id, keep(node));
        return next;
      });
    },
    extend: (rows, index) => {
      const from = rows.findIndex(({ id }) => id === anchor);
      const [low, high] = from < 0 ? [index, index] : [Math.min(from, index), Math.max(from, index)];
      setPicked((now) => {
        const next = new Map(now);
        for (const node of rows.slice(low, high + 1)) next.set(node.id, keep(node));
        return next;
      });
    },
    clear: () => setPicked(new Map()),
  };
}

const keep = ({ id, displayName }: SelectedNode): SelectedNode => ({ id, displayName });
