/** A node against a baseline: the answer of the drift engine at any instant, for any version. */
import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeAll, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import { BaselineComparison, CompareQuery } from "#lib/contracts/compare";
import type { BaselineContent } from "#lib/domain/baseline";
import { assessDrift } from "#lib/jobs/assess-drift";
import type { ServiceContext } from "#lib/services/context";
import { baselineAdder } from "#tests/baseline-world";
import { type Clock, makeWorld, type World } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { say } from "#tests/watch-world";
import { refusalOf } from "#tests/world";
import { nodeCompare } from "./compare.ts";
import { nodeDrift } from "./drift.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOON = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const at = (minutes: number) => new Date(NOON + minutes * MINUTE).toISOString();
const ms = (minutes: number) => NOON + minutes * MINUTE;

let clock: Clock;
let world: World;
let ctx: ServiceContext;
let nodeId = "";
let baselineId = "";
let foreignId = "";

const NOTING = { unexplained: "note", added: "tolerated", removed: "drift", values: "exact" } as const;
const content = (kernel: string): Partial<BaselineContent> => ({
  scope: ["kernel/", "ima/", "secure-boot/"],
  entries: { "kernel/release": [kernel], "secure-boot/enabled": ["true"], "ima/bin/x": ["1", "2"] },
  tolerances: { ima_file: NOTING },
});

async function tell(minute: number, measurements: Record<string, string> | undefined) {
  clock.now = new Date(Math.max(clock.now.getTime(), ms(minute)));
  const said = measurements ? { measurements } : { policyIds: [`p${minute}`] };
  await say(world, bearer, [{ node: "n", atMs: ms(minute), ...said }]);
}
let bearer = "";

beforeAll(async () => {
  clock = { now: new Date(NOON) };
  world = await makeWorld(pool, clock);
  const lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
  bearer = lab.bearer;
  const add = baselineAdder({ db, home: world.trustDomainId } as Parameters<typeof baselineAdder>[0]);
  baselineId = await add({
    name: "workers",
    versions: [content("6.12"), content("6.13"), content("6.14")],
    rollouts: [
      { version: 1, fromMs: ms(0), toMs: ms(30) },
      { version: 1, part: "accepted", fromMs: ms(30), toMs: ms(60) },
      { version: 2, fromMs: ms(30) },
    ],
  });
  foreignId = await add({
    name: "databases",
    selector: 'node.labels.role == "db"',
    versions: [content("5.0")],
    rollouts: [{ version: 1 }],
  });
  await tell(10, { "kernel/release": "6.12", "secure-boot/enabled": "true", "ima/bin/x": "2" });
  await tell(20, { "kernel/release": "6.12", "secure-boot/enabled": "false", "ima/bin/x": "1" });
  await tell(40, { "kernel/release": "6.12", "secure-boot/enabled": "true", "ima/bin/y": "9" });
  await tell(50, undefined);
  clock.now = new Date(ms(90));
  while ((await assessDrift.run({ db, now: () => clock.now }, new AbortController().signal)) === "more");
  const { rows } = await pool.query("SELECT id FROM node WHERE trust_domain_id = $1", [world.trustDomainId]);
  nodeId = rows[0].id;
  ctx = {
    db,
    actor: { kind: "system", id: "test", trustDomainIds: [world.trustDomainId] },
    requestId: "r",
    address: null,
    now: () => clock.now,
  };
});

const compare = async (query: object) =>
  BaselineComparison.parse(await nodeCompare(ctx, { nodeId, ...CompareQuery.parse(query) }));

const rulesOf = ({ lanes }: BaselineComparison) =>
  lanes.flatMap(({ layers }) =>
    layers.flatMap(({ findings }) => findings.map(({ path, rule, why }) => `${path} ${rule}: ${why}`)),
  );

describe("a node and its baseline", () => {
  it("differ at every instant in what drift has recorded of it, to the last finding", async () => {
    for (const minute of [10, 15, 20, 29, 30, 35, 40, 49, 50, 59, 60, 80]) {
      const { lanes } = await compare({ a: `baseline:${baselineId}`, b: at(minute) });
      const recorded = await nodeDrift(ctx, { nodeId, asOf: at(minute) });
      expect(lanes.length).toBe(recorded.lanes.length);
      for (const [index, lane] of recorded.lanes.entries()) {
        const { worst, effect, score, findings, reason } = lane;
        expect(lanes[index]).toMatchObject({ worst, effect, score, findings, reason });
        const layers = lane.layers.map(({ layer, findings: own }) => ({
          layer,
          findings: own.map(
            ({ fingerprint: _, since: __, otherNodes: ___, logEventHash: ____, window: _____, ...one }) =>
              one,
          ),
        }));
        expect(lanes[index]?.layers).toEqual(layers);
      }
    }
  });

  it("name the rule: a protection that was lost, a version that is accepted too, what is tolerated", async () => {
    expect(rulesOf(await compare({ a: `baseline:${baselineId}`, b: at(20) }))).toEqual([
      expect.stringMatching(/^secure-boot\/enabled secure-boot-off: /),
    ]);
    const upgrade = await compare({ a: `baseline:${baselineId}`, b: at(35) });
    expect(upgrade.baseline).toMatchObject({ version: 2, accepted: [1], inForce: true, versions: [1, 2] });
    expect(rulesOf(upgrade)).toContain("kernel/release accepted-version: accepted by version 1");
    const later = await compare({ a: `baseline:${baselineId}`, b: at(80) });
    expect(rulesOf(later)).toEqual([
      expect.stringMatching(/^kernel\/release (?!accepted-version)/),
      expect.stringMatching(/^ima\/bin\/x /),
      expect.stringMatching(/^ima\/bin\/y /),
    ]);
    expect(later.differences).toBe(3);
  });

  it("are compared by one version as if it had held, and what held is accepted beside it", async () => {
    const early = await compare({ a: `baseline:${baselineId}@2`, b: at(15) });
    expect(early.baseline).toMatchObject({ version: 2, accepted: [1], inForce: false });
    expect(rulesOf(early)).toEqual(["kernel/release accepted-version: accepted by version 1"]);
    expect(early.lanes[0]?.same).toMatchObject({ secure_boot: 1, ima_file: 1, kernel: 0 });
    const held = await compare({ a: `baseline:${baselineId}@1`, b: at(15) });
    expect(held).toMatchObject({ differences: 0, baseline: { inForce: true } });
    // For other nodes: taken as if it were for this one too.
    expect((await compare({ a: `baseline:${foreignId}@1`, b: at(15) })).differences).toBe(1);
  });

  it("are the same whichever side the baseline stands on, by references that give the same again", async () => {
    const left = await compare({ a: `baseline:${baselineId}`, b: at(35) });
    const right = await compare({ a: at(35), b: `baseline:${baselineId}` });
    expect([left.baselineSide, right.baselineSide]).toEqual(["a", "b"]);
    expect({ ...right, baselineSide: "a" }).toEqual(left);
    const now = await compare({ a: `baseline:${baselineId}` });
    const again = await compare({ a: now.baseline.ref, b: now.node.ref, knownAt: now.knownAt });
    expect(again).toEqual(now);
  });

  it("keep what was measured when the last word of the verifier carries nothing", async () => {
    const [lane] = (await compare({ a: `baseline:${baselineId}`, b: at(55) })).lanes;
    expect(lane).toMatchObject({ measuredBefore: true, side: { measurements: 0 } });
    expect((await compare({ a: `baseline:${baselineId}`, b: at(45) })).lanes[0]?.measuredBefore).toBe(false);
  });

  it("have nothing to say about each other where nothing held for the node", async () => {
    const none = await compare({ a: `baseline:${foreignId}`, b: at(35) });
    expect(none).toMatchObject({ differences: 0, lanes: [], baseline: { version: null, inForce: false } });
  });

  it("are refused with the side: unknown, never rolled out, or two baselines", async () => {
    const ask = (query: object) => nodeCompare(ctx, { nodeId, ...CompareQuery.parse(query) });
    for (const [query, pointer] of [
      [{ a: `baseline:${randomUUID()}` }, "#/query/a"],
      [{ b: `baseline:${baselineId}@3`, a: at(20) }, "#/query/b"],
      [{ b: `baseline:${baselineId}@99`, a: at(20) }, "#/query/b"],
      [{ a: `baseline:${baselineId}`, b: `baseline:${baselineId}` }, "#/query/b"],
      [{ a: "baseline:workers" }, "#/query/a"],
    ] as const) {
      await expect(ask(query)).rejects.toMatchObject({ code: "request/invalid", pointers: [{ pointer }] });
    }
    const stranger = { ...ctx, actor: { kind: "system", id: "x", trustDomainIds: [] } } as ServiceContext;
    const foreign = nodeCompare(stranger, { nodeId, ...CompareQuery.parse({ a: `baseline:${baselineId}` }) });
    expect(await refusalOf(foreign)).toBe("node/not-found");
  });
});
