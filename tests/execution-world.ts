/** Executions in a test database, with a connector of our own that counts what it really does. */
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { connectorInsert } from "#db/queries/connector";
import { nodeState } from "#db/schema/fleet";
import { appUser } from "#db/schema/people";
import { execution, remediationRequest, remediationTarget, remediationVote } from "#db/schema/remediation";
import { type Connector, ConnectorError, type Observation } from "#lib/connectors/contract";
import type { LifecycleState } from "#lib/domain/lifecycle-table";
import { recipeFor } from "#lib/domain/recipe";
import type { RemediationAction } from "#lib/domain/remediation";
import { secretPlace } from "#lib/services/connector/tools";
import type { ExecutionTools } from "#lib/services/execution/lease";
import { workOnce } from "#lib/services/execution/work";
import { uuidv7 } from "#lib/services/uuidv7";
import { testSealer } from "./sealer.ts";
import { NOW, type World } from "./world.ts";

const SEALER = testSealer();

export type Call = { what: "preview" | "start" | "observe" | "abort"; verb: string; key: string };

/** What a call does besides what it should; `throw` from it is what the connector throws. */
export type Hook = (call: Call, when: "before" | "after") => Promise<void> | void;

const UNDOES: Record<string, string> = { untaint: "taint", release: "isolate", unhold: "hold" };
const VERBS = { taint: "untaint", untaint: null, drain: null, deny_requests: null } as const;

/** A system that does each verb once per key, and knows what it did. */
export function fakeSystem(kind = "kubernetes", verbs: Readonly<Record<string, string | null>> = VERBS) {
  const system = {
    /** `verb key` of everything that was really done. */
    effects: [] as string[],
    calls: [] as Call[],
    /** Verbs that hold, by what was done last. */
    holds: new Map<string, string>(),
    hook: undefined as Hook | undefined,
    /** What observing says instead of what is so. */
    says: {} as Record<string, Observation["state"] | undefined>,
    uid: "u1",
  };
  const done = (verb: string, key: string) => system.effects.includes(`${verb} ${key}`);
  const observe = (verb: string, key: string): Observation => {
    const undone = [...Object.entries(UNDOES)].some(([undo, of]) => of === verb && system.holds.has(undo));
    const state = system.says[verb] ?? (done(verb, key) && !undone ? "done" : "not_started");
    return { state, detail: `${verb} is ${state}`, facts: { key } };
  };
  const through = async <T>(call: Call, work: () => T): Promise<T> => {
    system.calls.push(call);
    await system.hook?.(call, "before");
    const result = work();
    await system.hook?.(call, "after");
    return result;
  };
  const connector: Connector = {
    kind,
    label: kind,
    guide: "connectors",
    settings: z.strictObject({}),
    secrets: z.strictObject({}),
    verbs: Object.fromEntries(
      Object.entries(verbs).map(([verb, undo]) => [
        verb,
        { words: verb, destructive: true, timeoutMs: 600_000, undo },
      ]),
    ),
    test: async () => [],
    targetOf: ({ name }) => ({ ref: name, words: `node ${name}`, uid: system.uid }),
    preview: (_ctx, target, verb) =>
      through({ what: "preview", verb, key: "" }, () => ({
        ok: true,
        steps: [`${verb} ${target.ref}`],
        checks: [],
      })),
    start: (_ctx, _target, verb, key) =>
      through({ what: "start", verb, key }, () => {
        const again = done(verb, key);
        // Deliberately not idempotent: a second start is a second effect, and a test counts it.
        system.effects.push(`${verb} ${key}`);
        system.holds.delete(UNDOES[verb] ?? "");
        system.holds.set(verb, key);
        for (const [undo, of] of Object.entries(UNDOES)) if (of === verb) system.holds.delete(undo);
        return { again, detail: "started", facts: {} };
      }),
    observe: (_ctx, _target, verb, key) => through({ what: "observe", verb, key }, () => observe(verb, key)),
    abort: (_ctx, _target, verb, key) => through({ what: "abort", verb, key }, () => observe(verb, key)),
  };
  return Object.assign(system, { connector });
}
export type FakeSystem = ReturnType<typeof fakeSystem>;

export const refuse = (kind: ConstructorParameters<typeof ConnectorError>[0]): never => {
  throw new ConnectorError(kind, `It says ${kind}`);
};

export function executionTools(systems: readonly FakeSystem[], worker = "w"): ExecutionTools {
  return {
    worker,
    leaseMs: 60_000,
    callMs: 2_000,
    connectors: {
      kinds: systems.map(({ connector }) => connector),
      sealer: SEALER,
      outbound: async () => {
        throw new Error("nothing leaves");
      },
      rpc: async () => {
        throw new Error("nothing leaves");
      },
      origin: null,
      sleep: async () => {},
    },
  };
}

/** Have the domain use a system. */
export async function useSystem(world: World, { connector }: FakeSystem): Promise<string> {
  const key = { trustDomainId: world.home, id: uuidv7(NOW) };
  const sealedSecrets = SEALER.seal(Buffer.from("{}"), secretPlace(key));
  const at = { createdAt: NOW, changedAt: NOW, secretsChangedAt: NOW };
  await world.db.transaction((tx) =>
    connectorInsert(tx, {
      ...{ ...key, ...at, sealedSecrets, kind: connector.kind, name: connector.kind },
      settings: {},
      selector: "",
    }),
  );
  return key.id;
}

/** An approved request that was just begun. */
export async function begunRequest(
  world: World,
  nodes: readonly { id: string; name: string }[],
  more: { action?: RemediationAction; origin?: string; params?: Record<string, unknown> } = {},
): Promise<string> {
  const { action = "quarantine", origin = "person", params = {} } = more;
  const id = uuidv7(NOW);
  const recipe = recipeFor(action);
  const trustDomainId = world.home;
  const planHash = Buffer.alloc(32, 7);
  await world.db.insert(remediationRequest).values({
    ...{ trustDomainId, id, action, params, origin, planHash },
    recipe: recipe.id,
    recipeVersion: recipe.version,
    reason: "it looks bad enough",
    state: "executing",
    revision: 3,
    requester: "ann@example.org",
    requestedAt: NOW,
    plan: {},
    rules: [],
    checks: [],
    expiresAt: new Date(NOW.getTime() + 3_600_000),
    approvedAt: origin === "break_glass" ? null : NOW,
  });
  await world.db
    .insert(remediationTarget)
    .values(nodes.map((node) => ({ trustDomainId, requestId: id, nodeId: node.id, displayName: node.name })));
  for (const person of ["bob@example.org", "cat@example.org"]) {
    const userId = await voterOf(world, person);
    await world.db.insert(remediationVote).values({
      ...{ trustDomainId, requestId: id, person, requester: "ann@example.org", userId },
      ...{ decision: "approve", reason: "I agree with it", planHash, at: NOW },
    });
  }
  await world.db
    .insert(execution)
    .values({ trustDomainId, requestId: id, state: "executing", startedAt: NOW });
  return id;
}

async function voterOf(world: World, email: string): Promise<string> {
  const rows = await world.db.select({ id: appUser.id, email: appUser.email }).from(appUser);
  const known = rows.find((row) => row.email === email);
  if (known) return known.id;
  const id = uuidv7(NOW);
  await world.db
    .insert(appUser)
    .values({ id, email, passwordHash: "-", mustChangePassword: false, failedSignIns: 0, createdAt: NOW });
  return id;
}

/** A node whose life stands at a state since an hour ago. */
export async function nodeAt(world: World, name: string, lifecycleState: LifecycleState): Promise<string> {
  const id = await world.addNode({ name });
  const atMs = NOW.getTime() - 3_600_000;
  const memory = {
    enteredAtMs: atMs,
    ...{ enrollFailures: 0, passesInRow: 0, suspectOfAnomaly: false, failedFrom: null },
    credentialEverIssued: true,
  };
  await world.db
    .update(nodeState)
    .set({
      lifecycleState,
      lifecycleEnteredAt: new Date(atMs),
      lifecycleAt: new Date(atMs),
      lifecycleRecordedAt: new Date(atMs),
      lifecycleStanding: { state: lifecycleState, memory, refused: [], position: { atMs, order: "000 " } },
    })
    .where(and(eq(nodeState.trustDomainId, world.home), eq(nodeState.nodeId, id)));
  return id;
}

/** A clock that stands until it is moved. */
export function standingClock(at = NOW) {
  let ms = at.getTime();
  return {
    now: () => new Date(ms),
    pass(by: number) {
      ms += by;
    },
  };
}

/** What became of a request: its state, its steps as `verb state`, by node and order, and its alarms. */
export async function became(world: World, requestId: string) {
  const { rows } = await world.db.$client.query<{
    state: string;
    outcome: string | null;
    steps: string[];
    alarms: string[];
  }>(
    `SELECT r.state, r.outcome,
       coalesce((SELECT array_agg(s.verb || ' ' || s.state ORDER BY t.display_name, s.ordinal)
         FROM execution_step s JOIN remediation_target t ON t.request_id = s.request_id AND t.node_id = s.node_id
         WHERE s.request_id = r.id), '{}') AS steps,
       coalesce((SELECT array_agg(a.kind ORDER BY a.raised_at) FROM remediation_alarm a
         WHERE a.request_id = r.id AND a.ended_at IS NULL), '{}') AS alarms
     FROM remediation_request r WHERE r.id = $1`,
    [requestId],
  );
  const [row] = rows;
  if (!row) throw new Error(`No request ${requestId}`);
  return row;
}

/** The life of a node and what operators want with it. */
export async function lifeOf(world: World, nodeId: string): Promise<string> {
  const { rows } = await world.db.$client.query<{ life: string }>(
    `SELECT s.lifecycle_state || ' ' || n.disposition AS life FROM node_state s
     JOIN node n ON n.trust_domain_id = s.trust_domain_id AND n.id = s.node_id WHERE n.id = $1`,
    [nodeId],
  );
  return rows[0]?.life ?? "";
}

/** Work until nothing is due for a while, with a clock that jumps from one due step to the next. */
export async function workOff(
  world: World,
  tools: ExecutionTools,
  clock: ReturnType<typeof standingClock>,
  rounds = 40,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    while (await workOnce(world.db, tools, clock.now, new AbortController().signal)) {}
    clock.pass(61_000);
  }
}
