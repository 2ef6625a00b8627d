import { drizzle } from "drizzle-orm/node-postgres";
import { expect, it } from "vitest";
import type { Db } from "#db/client";
import { NodeDrift } from "#lib/contracts/drift";
import { assessDrift } from "#lib/jobs/assess-drift";
import type { ServiceContext } from "#lib/services/context";
import { baselineAdder } from "#tests/baseline-world";
import { BANKS, smallBoot, writeAgileLog } from "#tests/event-log-writer";
import { BATCH, cloudEvent, makeWorld, verdictDocument } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { say } from "#tests/watch-world";
import { refusalOf } from "#tests/world";
import { nodeDrift } from "./drift.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const at = (minute: number) => new Date(NOW + minute * MINUTE);

it("The drift of a node is told by layer, as of and as known at an instant, and only to who may see it", async () => {
  const clock = { now: at(0) };
  const world = await makeWorld(pool, clock);
  const lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
  const add = baselineAdder({ db, home: world.trustDomainId } as Parameters<typeof baselineAdder>[0]);
  const baselineId = await add({
    name: "workers",
    versions: [{ scope: [""], entries: { "secure-boot/enabled": ["true"] } }],
    rollouts: [{ version: 1 }],
  });
  const tell = async (minute: number, enabled: string, node = "n1") => {
    clock.now = new Date(Math.max(clock.now.getTime(), at(minute).getTime()));
    const measurements = { "secure-boot/enabled": enabled };
    await say(world, lab.bearer, [{ node, atMs: at(minute).getTime(), measurements }]);
    await assessDrift.run({ db, now: () => clock.now }, new AbortController().signal);
  };
  await tell(0, "true");
  await tell(20, "false", "n2");
  const knownBefore = at(20);
  clock.now = at(21);
  await tell(10, "false");
  const { rows } = await pool.query<{ id: string }>("SELECT id FROM node WHERE display_name = 'n1'");
  const nodeId = rows[0]?.id ?? "";
  const ctx: ServiceContext = {
    db,
    now: () => clock.now,
    actor: { kind: "system", id: "test", trustDomainIds: [world.trustDomainId] },
    requestId: "r",
    address: null,
  };
  const now = NodeDrift.parse(await nodeDrift(ctx, { nodeId }));
  expect(now.lanes).toMatchObject([
    {
      label: "lab",
      worst: "malicious_like",
      effect: "fail",
      since: at(10).toISOString(),
      unlisted: 0,
      baselines: [{ id: baselineId, name: "workers", version: 1 }],
      layers: [
        {
          layer: "secure_boot",
          findings: [
            {
              actual: "false",
              expected: ["true"],
              rule: "secure-boot-off",
              since: at(10).toISOString(),
              otherNodes: 1,
            },
          ],
        },
      ],
    },
  ]);
  const worst = async (query: { asOf?: string; knownAt?: string }) =>
    (await nodeDrift(ctx, { nodeId, ...query })).lanes.map((lane) => lane.worst);
  expect(await worst({ asOf: at(5).toISOString() })).toEqual([null]);
  expect(await worst({ asOf: at(15).toISOString() })).toEqual(["malicious_like"]);
  expect(await worst({ asOf: at(15).toISOString(), knownAt: knownBefore.toISOString() })).toEqual([null]);
  expect(now.waiting).toBe(false);
  clock.now = at(22);
  await say(world, lab.bearer, [
    { node: "n1", atMs: at(22).getTime(), measurements: { "secure-boot/enabled": "true" } },
  ]);
  expect(await nodeDrift(ctx, { nodeId })).toMatchObject({ waiting: true, lanes: now.lanes });
  expect((await nodeDrift(ctx, { nodeId, knownAt: at(21).toISOString() })).waiting).toBe(false);
  const stranger = { ...ctx, actor: { kind: "system", id: "x", trustDomainIds: [] } } as ServiceContext;
  expect(await refusalOf(nodeDrift(stranger, { nodeId }))).toBe("node/not-found");
});

it("A register that differs leads to the verdict with whose log it began, and to none without a log", async () => {
  const clock = { now: at(0) };
  const world = await makeWorld(pool, clock);
  const lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
  const add = baselineAdder({ db, home: world.trustDomainId } as Parameters<typeof baselineAdder>[0]);
  const entries = { "pcr/sha256/9": ["99"], "kernel/release": ["6.12"] };
  await add({ name: "boot", versions: [{ scope: [""], entries }], rollouts: [{ version: 1 }] });
  const boot = Buffer.from(writeAgileLog(BANKS, smallBoot())).toString("base64");
  const tell = async (node: string, minute: number, pcr: string, logs: object) => {
    clock.now = at(minute);
    const measurements = { "pcr/sha256/9": pcr, "kernel/release": "6.13" };
    const document = verdictDocument(node, clock.now.getTime(), "affirming", { measurements, ...logs });
    const body = JSON.stringify([cloudEvent("verdict", document)]);
    const answer = await world.send({ bearer: lab.bearer, headers: BATCH, body });
    expect(answer.json.rejected).toEqual([]);
    await assessDrift.run({ db, now: () => clock.now }, new AbortController().signal);
  };
  await tell("plain", 0, "00", {});
  await tell("logged", 1, "99", { eventLogs: { tpm2: boot } });
  await tell("logged", 2, "00", { eventLogs: { tpm2: boot } });
  await tell("logged", 3, "00", {});
  const ctx: ServiceContext = {
    db,
    now: () => clock.now,
    actor: { kind: "system", id: "test", trustDomainIds: [world.trustDomainId] },
    requestId: "r",
    address: null,
  };
  const linksOf = async (name: string) => {
    const { rows } = await pool.query(
      "SELECT id FROM node WHERE trust_domain_id = $1 AND display_name = $2",
      [world.trustDomainId, name],
    );
    const { lanes } = await nodeDrift(ctx, { nodeId: rows[0].id });
    const findings = lanes.flatMap(({ layers }) => layers.flatMap((layer) => layer.findings));
    return Object.fromEntries(findings.map(({ path, logEventHash }) => [path, logEventHash]));
  };
  const { rows } = await pool.query(
    "SELECT encode(event_hash, 'hex') AS hash FROM verdict WHERE trust_domain_id = $1 AND observed_at = $2",
    [world.trustDomainId, at(2)],
  );
  expect(await linksOf("logged")).toEqual({ "pcr/sha256/9": rows[0].hash, "kernel/release": null });
  expect(await linksOf("plain")).toEqual({ "pcr/sha256/9": null, "kernel/release": null });
});
