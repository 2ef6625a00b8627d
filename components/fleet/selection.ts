"use client";

import { useState } from "react";
import { extended, type Picked, type SelectedNode, toggled } from "#lib/client/node-selection";

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
  const [picked, setPicked] = useState<Picked>(new Map());
  const [anchor, setAnchor] = useState<string | null>(null);
  return {
    nodes: [...picked.values()],
    has: (id) => picked.has(id),
    toggle: (node) => {
      setAnchor(node.id);
      setPicked((now) => toggled(now, node));
    },
    extend: (rows, index) => setPicked((now) => extended(now, rows, anchor, index)),
    clear: () => setPicked(new Map()),
  };
}
