/** Which nodes have another status after a change than before it. Pure. */
import type { NodeState } from "./policy.ts";

export type NodeMove = {
  id: string;
  name: string;
  from: NodeState;
  to: NodeState;
  /** The rule of the policy that would decide. */
  ruleId: string;
  /** Why it would have the status that it moves to. */
  reason: string;
};

/** Totals are exact whatever is named. */
export type Moves = {
  /** From × to, the most nodes first. */
  moves: readonly { from: NodeState; to: NodeState; nodes: number }[];
  total: number;
  /** The worst first; at most {@link NAMED}. */
  named: readonly NodeMove[];
};

/** Most nodes that are named. */
export const NAMED = 200;

const URGENCY: Readonly<Record<NodeState, number>> = {
  failed: 0,
  degraded: 1,
  stale: 2,
  pending: 3,
  exempt: 4,
  trusted: 5,
};

/** Counts moves as they come, in memory that does not grow with the fleet. */
export class MoveTally {
  readonly #cells = new Map<string, { from: NodeState; to: NodeState; nodes: number }>();
  #named: NodeMove[] = [];
  #total = 0;

  add(move: NodeMove): void {
    const { from, to } = move;
    if (from === to) return;
    const cell = this.#cells.get(`${from} ${to}`) ?? { from, to, nodes: 0 };
    cell.nodes += 1;
    this.#cells.set(`${from} ${to}`, cell);
    this.#total += 1;
    this.#named.push(move);
    if (this.#named.length >= 2 * NAMED) this.#named = worst(this.#named);
  }

  result(): Moves {
    const moves = [...this.#cells.values()].sort(
      (a, b) => b.nodes - a.nodes || URGENCY[a.to] - URGENCY[b.to] || compareText(a.from, b.from),
    );
    return { moves, total: this.#total, named: worst(this.#named) };
  }
}

const worst = (moves: readonly NodeMove[]): NodeMove[] => [...moves].sort(worstFirst).slice(0, NAMED);

function worstFirst(a: NodeMove, b: NodeMove): number {
  return URGENCY[a.to] - URGENCY[b.to] || compareText(a.name, b.name) || compareText(a.id, b.id);
}

const compareText = (a: string, b: string) => (a < b ? -1 : +(a > b));
