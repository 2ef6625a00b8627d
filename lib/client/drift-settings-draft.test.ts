import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Settings } from "#lib/contracts/drift-setting";
import { DEFAULT_SETTINGS } from "#lib/domain/drift-settings";
import { LAYERS } from "#lib/domain/layers";
import {
  DRAFT_FIELDS,
  draftProblem,
  layerDraft,
  layerSentence,
  layersBetween,
  settingsDraft,
  settingsOf,
} from "./drift-settings-draft.ts";

const DEFAULTS = settingsDraft(DEFAULT_SETTINGS);

describe("settings as they are typed", () => {
  it("mean what they were filled with", () => {
    expect(settingsOf(DEFAULTS)).toEqual(DEFAULT_SETTINGS);
    expect(layersBetween(DEFAULTS, DEFAULTS)).toEqual([]);
  });

  it("are sent exactly when the server takes them", () => {
    const text = fc.oneof(
      fc.integer({ min: -2, max: 1_002 }).map(String),
      fc.constantFrom("", " ", "1e3", "1.5", "1000000", "1000001", "9999999", "x", "٣"),
    );
    const draft = fc.record(Object.fromEntries(DRAFT_FIELDS.map((field) => [field, text]))) as fc.Arbitrary<
      (typeof DEFAULTS)["kernel"]
    >;
    fc.assert(
      fc.property(draft, (kernel) => {
        const settings = settingsOf({ ...DEFAULTS, kernel });
        expect(settings === null).toBe(draftProblem(kernel) !== null);
        if (settings) expect(Settings.safeParse(settings).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("name the field that is wrong", () => {
    const kernel = DEFAULTS.kernel;
    expect(draftProblem({ ...kernel, benign: "" })?.field).toBe("benign");
    expect(draftProblem({ ...kernel, degradeAt: "0" })?.field).toBe("degradeAt");
    expect(draftProblem({ ...kernel, degradeAt: "100", failAt: "100" })?.field).toBe("failAt");
    expect(draftProblem({ ...kernel, degradeAt: "", failAt: "" })).toBe(null);
  });

  it("that differ are told by layer", () => {
    const changed = { ...DEFAULTS, boot: layerDraft({ ...DEFAULT_SETTINGS.boot, failAt: 200 }) };
    expect(layersBetween(DEFAULTS, changed)).toEqual(["boot"]);
  });
});

describe("the sentence of a layer", () => {
  it("counts unexplained changes, or tells the sum where they weigh nothing", () => {
    const { kernel } = DEFAULT_SETTINGS;
    expect(layerSentence(kernel)).toBe("A node is degraded at least from 4 unexplained changes on.");
    expect(layerSentence({ ...kernel, degradeAt: 30, failAt: 90 })).toBe(
      "A node is degraded at least from 1 unexplained change on and fails from 3 unexplained changes on.",
    );
    const weightless = { ...kernel, weights: { ...kernel.weights, unexplained: 0 } };
    expect(layerSentence(weightless)).toBe("A node is degraded at least from a sum of 100 on.");
    expect(layerSentence({ ...kernel, degradeAt: null })).toBe(
      "However many changes there are, the sum decides nothing.",
    );
  });

  it("exists for every layer", () => {
    for (const layer of LAYERS) expect(layerSentence(DEFAULT_SETTINGS[layer])).toMatch(/\.$/);
  });
});
