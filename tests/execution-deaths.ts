/** Workers that die at every point of an execution, each followed by one that lives. */
import { workOnce } from "#lib/services/execution/work";
import {
  became,
  begunRequest,
  executionTools,
  fakeSystem,
  lifeOf,
  nodeAt,
  standingClock,
  workOff,
} from "./execution-world.ts";
import { Killed, type Life, mortalDb, point } from "./mortal-db.ts";
import type { World } from "./world.ts";

export type Death = {
  state: string;
  life: string;
  /** Effects by verb; more than one of a verb is one that was done twice. */
  effects: Record<string, number>;
  /** Effects without an intention on the record. */
  unannounced: number;
  /** Points that the first worker came to. */
  points: number;
  died: boolean;
};

/**
 * Have a quarantine executed by a worker that dies at a point, and then by another one.
 *
 * @param diesAt statements, transactions and calls are counted from 0; `null` = it lives
 * @param name of the node; its own pool
 */
export async function dieAt(world: World, diesAt: number | null, name: string): Promise<Death> {
  const system = fakeSystem();
  const node = { name, id: await nodeAt(world, name, "trusted") };
  await world.db.$client.query("UPDATE node SET labels = jsonb_build_object('pool', display_name)");
  const id = await begunRequest(world, [node]);
  const clock = standingClock();
  const life: Life = { points: 0, diesAt, dead: false };
  system.hook = () => point(life);
  const first = executionTools([system], "first");
  await workOnce(mortalDb(world.db, life), first, clock.now, new AbortController().signal).catch((error) => {
    if (!(error instanceof Killed)) throw error;
  });
  const { points, dead: died } = life;
  system.hook = undefined;
  clock.pass(61_000);
  await workOff(world, executionTools([system], "second"), clock, 3);
  const effects: Record<string, number> = {};
  for (const line of system.effects) {
    const verb = line.split(" ")[0] ?? "";
    effects[verb] = (effects[verb] ?? 0) + 1;
  }
  const { rows } = await world.db.$client.query<{ verb: string }>(
    `SELECT DISTINCT after ->> 'verb' AS verb FROM audit_entry
     WHERE entity_id = $1 AND action = 'remediation.step_intended'`,
    [id],
  );
  const announced = new Set(rows.map(({ verb }) => verb));
  const unannounced = Object.keys(effects).filter((verb) => !announced.has(verb)).length;
  return {
    state: (await became(world, id)).state,
    life: await lifeOf(world, node.id),
    effects,
    unannounced,
    points,
    died,
  };
}

export const AS_IF_NOTHING_HAD_HAPPENED = {
  state: "succeeded",
  life: "quarantined quarantine",
  effects: { taint: 1, deny_requests: 1 },
  unannounced: 0,
};
