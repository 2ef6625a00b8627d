import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { remediationGet } from "#lib/services/remediation/get";
import type { RemediationTools, TargetQuestion } from "#lib/services/remediation/tools";
import { type DriftWorld, makeDriftWorld } from "#tests/drift-group-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { decideDrift } from "./decide.ts";
import { driftGet } from "./get.ts";
import { askAboutDrift, remediateDrift } from "./remediate.ts";

const { pool } = useDatabase();
const reason = "this module was never rolled out by us";
let world: DriftWorld;
let asked: TargetQuestion[];
let groupId: string;
let shown: string[];

const tools: RemediationTools = {
  recipe: () => ({ name: "usual", version: 1, params: z.strictObject({}) }),
  previewTargets: async (_conn, question) => {
    asked.push(question);
    return [{ rule: "live", source: "target", about: "w", ok: true, blocking: true, sentence: "It can." }];
  },
};

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeDriftWorld(pool);
  asked = [];
  const nodes: string[] = [];
  for (const name of ["a", "b", "gone", "other"]) nodes.push(await world.addNode({ name }));
  const [a = "", b = "", gone = ""] = nodes;
  const end = world.clock.now;
  for (const nodeId of [a, b]) await world.addFinding({ nodeId });
  await world.addFinding({ nodeId: gone, from: new Date(end.getTime() - 60_000), to: end });
  await pool.query("UPDATE node_state SET lifecycle_state = 'suspect'");
  shown = [a, b].sort();
  await world.group();
  groupId = ((await world.groups()) as { id: string }[])[0]?.id ?? "";
});

const body = () => ({ groupId, action: "quarantine", reason }) as const;

describe("asking for a remediation of drift", () => {
  it("is about the nodes that show it now, and item and request name each other", async () => {
    const analyst = await world.person("analyst");
    const live = await askAboutDrift(analyst, body(), tools);
    expect(asked.map(({ nodes }) => nodes.map(({ nodeId }) => nodeId).sort())).toEqual([shown]);
    const request = await remediateDrift(analyst, body(), tools, live);
    expect(request).toMatchObject({ state: "pending", action: "quarantine", reason });
    expect(request.targets.map(({ nodeId }) => nodeId).sort()).toEqual(shown);
    expect(request.checks).toContainEqual(expect.objectContaining({ rule: "live" }));
    expect(request.driftGroups).toEqual([{ id: groupId, path: "kernel/a" }]);
    const group = await driftGet(analyst, { groupId });
    expect(group.state).toBe("remediating");
    expect(group.decisions).toMatchObject([
      { kind: "remediate", reason, detail: { requestId: request.id, action: "quarantine" } },
    ]);
  });

  it("is on the record of both", async () => {
    const { id } = await remediateDrift(await world.person("analyst"), body(), tools, []);
    const { rows } = await pool.query(
      "SELECT entity, entity_id, action FROM audit_entry WHERE entity_id = ANY($1) ORDER BY entity",
      [[id, groupId]],
    );
    expect(rows).toEqual([
      { entity: "drift_group", entity_id: groupId, action: "drift.decide" },
      { entity: "remediation", entity_id: id, action: "drift.remediate" },
    ]);
  });

  it("changes nothing when the request is refused", async () => {
    const analyst = await world.person("analyst");
    const release = { ...body(), action: "release" } as const;
    expect(await refusalOf(remediateDrift(analyst, release, tools, []))).toBe("remediation/not-possible");
    expect((await driftGet(analyst, { groupId })).state).toBe("undecided");
    expect((await pool.query("SELECT 1 FROM remediation_request")).rows).toEqual([]);
  });

  it("is for nobody who may not ask, and not about what somebody else decided or may not be seen", async () => {
    const auditor = await world.person("auditor");
    expect(await refusalOf(remediateDrift(auditor, body(), tools, []))).toBe("auth/forbidden");
    expect(await askAboutDrift(auditor, body(), tools)).toEqual([]);
    const stranger = world.as("admin", [world.away]);
    expect(await refusalOf(remediateDrift(stranger, body(), tools, []))).toBe("drift/not-found");
    const analyst = await world.person("analyst");
    await decideDrift(analyst, { decision: "record", groups: { ids: [groupId] }, reason });
    expect(await refusalOf(remediateDrift(analyst, body(), tools, []))).toBe("drift/decided");
    expect(asked).toEqual([]);
  });

  it("shows the change to nobody who may not read drift", async () => {
    const { id } = await remediateDrift(await world.person("analyst"), body(), tools, []);
    const viewer = await world.person("viewer");
    const seen = await remediationGet(viewer, { requestId: id }).catch(() => null);
    expect(seen?.driftGroups ?? []).toEqual([]);
  });
});
