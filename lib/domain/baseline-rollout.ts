/** Rolling out and rolling back: which rows come and which end. Pure; times are epoch milliseconds. */
import type { Rollout, RolloutPart } from "./baseline.ts";

export type StoredRollout = Rollout & { id: string };

/** Nothing but this happens: at most one stretch is added, and some are ended. */
export type RolloutPlan = {
  add: Rollout | null;
  end: readonly { id: string; atMs: number }[];
};

export type RolloutRequest = {
  version: number;
  part: RolloutPart;
  selector: string;
  percent: number;
  /** `null` = at once. */
  fromMs: number | null;
  toMs: number | null;
  /** Until when what holds now is accepted besides; `null` = until somebody ends it. */
  acceptOthersUntilMs: number | null;
};

export type RolloutRefusal = { member: "to" | "acceptOthersUntil"; detail: string };

/** Holds now or later. */
const isAlive = ({ fromMs, toMs }: Rollout, nowMs: number) =>
  toMs === null || (toMs > nowMs && toMs > fromMs);

/**
 * The plan of a rollout; a start that has passed is now.
 *
 * Ending what holds now is refused for a part of the nodes: the others would be left without a baseline.
 */
export function planRollout(
  existing: readonly StoredRollout[],
  request: RolloutRequest,
  nowMs: number,
): RolloutPlan | RolloutRefusal {
  const { acceptOthersUntilMs, fromMs, ...stretch } = request;
  const add: Rollout = { ...stretch, fromMs: Math.max(fromMs ?? nowMs, nowMs) };
  if (add.toMs !== null && add.toMs <= add.fromMs) {
    return { member: "to", detail: "It would end before it begins." };
  }
  if (acceptOthersUntilMs === null) return { add, end: [] };
  if (add.part !== "target" || add.percent < 100 || add.selector !== "" || add.toMs !== null) {
    const detail = "Only a target for all nodes that has no end can replace what holds now.";
    return { member: "acceptOthersUntil", detail };
  }
  if (acceptOthersUntilMs < add.fromMs) {
    return { member: "acceptOthersUntil", detail: "The window would end before the rollout begins." };
  }
  const others = existing.filter((row) => row.version !== add.version && isAlive(row, nowMs));
  return { add, end: others.map(({ id }) => ({ id, atMs: acceptOthersUntilMs })) };
}

/**
 * The plan of a rollback: from now on only this version holds, and for all nodes.
 *
 * @param version `null` = nothing is expected any more
 */
export function planRollback(
  existing: readonly StoredRollout[],
  version: number | null,
  nowMs: number,
): RolloutPlan {
  const alive = existing.filter((row) => isAlive(row, nowMs));
  const end = alive.filter((row) => row.version !== version).map(({ id }) => ({ id, atMs: nowMs }));
  if (version === null) return { add: null, end };
  const holds = alive.some(
    (row) =>
      row.version === version &&
      row.part === "target" &&
      row.percent === 100 &&
      row.selector === "" &&
      row.fromMs <= nowMs &&
      row.toMs === null,
  );
  const add = { version, part: "target", selector: "", percent: 100, fromMs: nowMs, toMs: null } as const;
  return { add: holds ? null : add, end };
}

/** The rollouts after a plan was carried out. A stretch is only ever made shorter. */
export function applyPlan(existing: readonly StoredRollout[], { add, end }: RolloutPlan): Rollout[] {
  const ends = new Map(end.map(({ id, atMs }) => [id, atMs]));
  const after = existing.map((row): Rollout => {
    const atMs = ends.get(row.id);
    return atMs === undefined || (row.toMs !== null && row.toMs <= atMs) ? row : { ...row, toMs: atMs };
  });
  return add ? [...after, add] : after;
}

/** The first instant at which a plan changes what holds; `null` = it changes nothing. */
export function planFromMs({ add, end }: RolloutPlan): number | null {
  const instants = [...(add ? [add.fromMs] : []), ...end.map(({ atMs }) => atMs)];
  return instants.length === 0 ? null : Math.min(...instants);
}
