/** Workers that die at every point of an execution, each followed by one that lives. */
import type { RemediationAction } from "#lib/domain/remediation";
import { workOnce } from "#lib/services/execution/work";
import {
  became,
  begunRequest,
  executionTools,
  type FakeSystem,
  fakeSystem,
  lifeOf,
  nodeAt,
  standingClock,
  workOff,
} from "./execution-world.ts";
import { Killed, type Life, mortalDb, point } from "./mortal-db.ts";
import { addVerdict, NOW, type World } from "./world.ts";

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

/** What is executed, by which systems, and how often workers die of it. */
export type Dying = {
  action?: RemediationAction;
  params?: Record<string, boolean>;
  /** Absent = the usual one. */
  systems?: readonly FakeSystem[];
  /** Where the second worker dies, counted from its own first point; absent = it lives. */
  thenAt?: number;
  /** The worker after the deaths begins again what was begun, without looking. */
  blind?: boolean;
};

/**
 * Have a request executed by a worker that dies at a point, perhaps by a second one that dies, and then by one that
 * lives. Good evidence from after everything is there already, so that nothing but deaths makes a difference.
 *
 * @param diesAt statements, transactions and calls are counted from 0; `null` = it lives
 * @param name of the node; its own pool
 */
export async function dieAt(
  world: World,
  diesAt: number | null,
  name: string,
  { action = "quarantine", params = {}, systems = [fakeSystem()], thenAt, blind = false }: Dying = {},
): Promise<Death> {
  const node = { name, id: await nodeAt(world, name, "trusted") };
  await world.db.$client.query(
    "UPDATE node SET labels = jsonb_build_object('pool', display_name) WHERE id = $1",
    [node.id],
  );
  await addVerdict(world, { nodeId: node.id, at: new Date(NOW.getTime() + DAY), raw: `good ${name}` });
  const id = await begunRequest(world, [node], { action, params });
  const clock = standingClock();
  const { points, dead } = await lifeUntil(world, clock, systems, diesAt);
  if (thenAt !== undefined) await lifeUntil(world, clock, systems, thenAt);
  await workOff(world, executionTools(blind ? systems.map(blinded) : systems, "last"), clock, 3);
  const effects: Record<string, number> = {};
  for (const line of systems.flatMap((system) => system.effects)) {
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
    died: dead,
  };
}

const DAY = 86_400_000;

/** One worker until it dies or has nothing to do; afterwards its claim runs out. */
async function lifeUntil(
  world: World,
  clock: ReturnType<typeof standingClock>,
  systems: readonly FakeSystem[],
  diesAt: number | null,
): Promise<Life> {
  const life: Life = { points: 0, diesAt, dead: false };
  for (const system of systems) system.hook = () => point(life);
  const tools = executionTools(systems, `dies at ${diesAt}`);
  await workOnce(mortalDb(world.db, life), tools, clock.now, new AbortController().signal).catch((error) => {
    if (!(error instanceof Killed)) throw error;
  });
  for (const system of systems) system.hook = undefined;
  clock.pass(61_000);
  return life;
}

/** The same system to a worker that does not look before it begins again. */
function blinded(system: FakeSystem): FakeSystem {
  const begun = new Set<string>();
  const { connector } = system;
  return {
    ...system,
    connector: {
      ...connector,
      start(ctx, target, verb, key) {
        begun.add(key);
        return connector.start(ctx, target, verb, key);
      },
      observe: async (ctx, target, verb, key) =>
        begun.has(key)
          ? connector.observe(ctx, target, verb, key)
          : { state: "not_started", detail: "nobody looked", facts: {} },
    },
  };
}

export const AS_IF_NOTHING_HAD_HAPPENED = {
  state: "succeeded",
  life: "quarantined quarantine",
  effects: { taint: 1, deny_requests: 1 },
  unannounced: 0,
};
