import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { auditEntry } from "#db/schema/people";
import type { SetDriftSettingsBody, Settings } from "#lib/contracts/drift-setting";
import { DEFAULT_SETTINGS, type LayerSetting } from "#lib/domain/drift-settings";
import { LAYERS, type Layer } from "#lib/domain/layers";
import type { ServiceContext } from "#lib/services/context";
import { nodeDrift } from "#lib/services/node/drift";
import { type DriftLab, makeDriftLab } from "#tests/drift-lab-world";
import { useDatabase } from "#tests/pg";
import { refusalOf } from "#tests/world";
import { driftSettingsView } from "./get.ts";
import { previewDriftSettings } from "./preview.ts";
import { setDriftSettings } from "./set.ts";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const GOOD = { "config/a": "1", "config/b": "1", "config/c": "1", "kernel/release": "6.8.1" };
const reason = "Configuration files weigh too little.";
const NOTES = { unexplained: "note", added: "drift", removed: "drift", values: "exact" } as const;

let lab: DriftLab;
let admin: ServiceContext;
beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  // Differences of the configuration do nothing by themselves: only a threshold can make them matter.
  lab = await makeDriftLab(pool, NOW, GOOD, { config: NOTES });
  admin = await lab.person("admin");
});

/** The built-in settings with something else for one layer. */
const tuned = (layer: Layer, more: Partial<LayerSetting>): Settings =>
  structuredClone({ ...DEFAULT_SETTINGS, [layer]: { ...DEFAULT_SETTINGS[layer], ...more } });
const set = (ctx: ServiceContext, settings: Settings, version = 0) =>
  setDriftSettings(ctx, { version, settings, reason });

async function effects(): Promise<Record<string, string | null>> {
  const { rows } = await pool.query<{ name: string; effect: string | null }>(
    `SELECT n.display_name AS name, d.effect FROM drift_interval d JOIN node n ON n.id = d.node_id
     WHERE d.recorded_to IS NULL AND d.valid_to IS NULL`,
  );
  return Object.fromEntries(rows.map(({ name, effect }) => [name, effect]));
}

describe("drift settings", () => {
  it("are the built-in ones until somebody sets others, which hold from then on and not before", async () => {
    await lab.report(0, "n1", { ...GOOD, "config/a": "2", "config/b": "2" });
    expect(await driftSettingsView(admin)).toMatchObject({
      version: 0,
      settings: DEFAULT_SETTINGS,
      defaults: DEFAULT_SETTINGS,
      history: [],
    });
    lab.clock.now = lab.at(10);
    expect(await set(admin, tuned("config", { degradeAt: 10 }))).toEqual({ version: 1 });
    await lab.run(11);
    const nodeId = await lab.nodeId("n1");
    const asOf = async (minute: number) =>
      (await nodeDrift(admin, { nodeId, asOf: lab.isoAt(minute) })).lanes.map((lane) => lane.effect);
    expect([await asOf(9), await asOf(11)]).toEqual([["note"], ["degrade"]]);
    expect(await driftSettingsView(admin)).toMatchObject({
      version: 1,
      settings: { config: { degradeAt: 10 } },
      history: [{ version: 1, at: lab.isoAt(10), reason }],
    });
  });

  it("that somebody else changed meanwhile are not overwritten, also when both save at the same time", async () => {
    const mine = tuned("config", { degradeAt: 10 });
    const yours = tuned("config", { degradeAt: 20 });
    const both = await Promise.all([mine, yours].map((settings) => refusalOf(set(admin, settings))));
    expect(both.sort()).toEqual(["drift-setting/moved", "not refused"]);
    expect(await refusalOf(set(admin, tuned("boot", { failAt: 500 })))).toBe("drift-setting/moved");
    await set(admin, tuned("boot", { failAt: 500 }), 1);
    expect((await driftSettingsView(admin)).history.map(({ version }) => version)).toEqual([2, 1]);
  });

  it("that are none are refused, and nothing is assessed again", async () => {
    const { kernel: _, ...lacking } = DEFAULT_SETTINGS;
    for (const wrong of [
      tuned("kernel", { degradeAt: 0 }),
      tuned("kernel", { degradeAt: 1.5 }),
      tuned("kernel", { degradeAt: 100, failAt: 100 }),
      tuned("kernel", { weights: { ...DEFAULT_SETTINGS.kernel.weights, unexplained: -1 } }),
      tuned("kernel", { weights: { ...DEFAULT_SETTINGS.kernel.weights, unexplained: 1_001 } }),
      lacking as Settings,
      { ...DEFAULT_SETTINGS, fan: DEFAULT_SETTINGS.kernel } as Settings,
    ]) {
      expect(await refusalOf(set(admin, wrong))).toBe("request/invalid");
    }
    expect(await refusalOf(set(admin, tuned("kernel", {})))).toBe("drift-setting/unchanged");
    expect(await lab.due()).toEqual([]);
    expect((await driftSettingsView(admin)).version).toBe(0);
  });

  it("are set by administrators alone, with an entry of the layers that changed", async () => {
    const body: SetDriftSettingsBody = { version: 0, settings: tuned("boot", { failAt: 200 }), reason };
    for (const role of ["viewer", "auditor", "analyst", "approver"] as const) {
      const ctx = await lab.person(role);
      expect(await refusalOf(setDriftSettings(ctx, body)), role).toBe("auth/forbidden");
      expect(await refusalOf(previewDriftSettings(ctx, body)), role).toBe("auth/forbidden");
    }
    expect(await refusalOf(driftSettingsView(await lab.person("viewer")))).toBe("auth/forbidden");
    await setDriftSettings(admin, body);
    const trail = await lab.db.select().from(auditEntry);
    expect(trail.filter(({ outcome }) => outcome === "done")).toMatchObject([
      {
        action: "drift.tune",
        entityId: "1",
        before: { version: 0, boot: DEFAULT_SETTINGS.boot },
        after: { version: 1, boot: { failAt: 200 }, reason },
      },
    ]);
  });
});

describe("the preview of other settings", () => {
  it("says what is where, what moves and why, and changes nothing", async () => {
    await lab.report(0, "n1", { ...GOOD, "config/a": "2", "config/b": "2" });
    await lab.report(0, "n2", { ...GOOD, "config/a": "2" });
    await lab.report(0, "n3", GOOD);
    const settings = tuned("config", { degradeAt: 10, failAt: 40 });
    settings.config.weights.unexplained = 8;
    expect(await previewDriftSettings(admin, { settings })).toEqual({
      nodes: 3,
      effects: [
        { effect: "none", current: 1, proposed: 1 },
        { effect: "note", current: 2, proposed: 1 },
        { effect: "degrade", current: 0, proposed: 1 },
        { effect: "fail", current: 0, proposed: 0 },
      ],
      moves: {
        total: 1,
        items: [
          {
            nodeId: await lab.nodeId("n1"),
            name: "n1",
            from: "note",
            to: "degrade",
            why: "config reaches a score of 16",
          },
        ],
      },
      findings: { total: 3, reweighed: 3 },
      partial: 0,
      complete: true,
    });
    expect(await lab.due()).toEqual([]);
    expect((await driftSettingsView(admin)).version).toBe(0);
  });

  it("says exactly what then holds, whatever the settings", async () => {
    const values: Record<string, Record<string, string>> = {
      n1: { "config/a": "2" },
      n2: { "config/a": "2", "config/b": "2", "kernel/release": "6.9.0" },
      n3: { "kernel/release": "6.1.0" },
      n4: { "config/a": "2", "config/b": "2", "config/c": "2" },
      n5: {},
    };
    for (const [node, more] of Object.entries(values)) await lab.report(0, node, { ...GOOD, ...more });
    const weight = fc.integer({ min: 0, max: 40 });
    const layer = fc
      .record({
        weights: fc.record({
          authorised: weight,
          benign: weight,
          unexplained: weight,
          malicious_like: weight,
        }),
        degradeAt: fc.option(fc.integer({ min: 1, max: 50 })),
        failAt: fc.option(fc.integer({ min: 51, max: 100 })),
      })
      .map((one): LayerSetting => one);
    const anySettings = fc.record(
      Object.fromEntries(LAYERS.map((name) => [name, layer])) as Record<Layer, typeof layer>,
    );
    let minute = 1;
    await fc.assert(
      fc.asyncProperty(anySettings, async (settings) => {
        const before = await effects();
        const said = await previewDriftSettings(admin, { settings: settings as Settings });
        const expected = { ...before };
        for (const { name, from, to } of said.moves.items) {
          expect(before[name] ?? "none").toBe(from);
          expected[name] = to;
        }
        const { version } = await driftSettingsView(admin);
        lab.clock.now = lab.at(minute);
        const refusal = await refusalOf(set(admin, settings as Settings, version));
        expect(["not refused", "drift-setting/unchanged"]).toContain(refusal);
        minute += 1;
        await lab.run(minute);
        expect(await effects()).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });
});
