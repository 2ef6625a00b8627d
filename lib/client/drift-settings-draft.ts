/** Drift settings as they are being typed, and in plain words. */
import type { Settings } from "#lib/contracts/drift-setting";
import type { DriftClass } from "#lib/domain/drift";
import { SETTING_LIMITS } from "#lib/domain/drift-settings";
import { LAYERS, type Layer } from "#lib/domain/layers";

type LayerSettings = Settings[Layer];

export const DRAFT_FIELDS = [
  "unexplained",
  "malicious_like",
  "benign",
  "authorised",
  "degradeAt",
  "failAt",
] as const;
export type DraftField = (typeof DRAFT_FIELDS)[number];

/** Texts of the fields of a layer; an empty threshold means never. */
export type LayerDraft = Readonly<Record<DraftField, string>>;
export type SettingsDraft = Readonly<Record<Layer, LayerDraft>>;

export function layerDraft({ weights, degradeAt, failAt }: LayerSettings): LayerDraft {
  return {
    unexplained: String(weights.unexplained),
    malicious_like: String(weights.malicious_like),
    benign: String(weights.benign),
    authorised: String(weights.authorised),
    degradeAt: degradeAt === null ? "" : String(degradeAt),
    failAt: failAt === null ? "" : String(failAt),
  };
}

export function settingsDraft(settings: Settings): SettingsDraft {
  return Object.fromEntries(LAYERS.map((layer) => [layer, layerDraft(settings[layer])])) as SettingsDraft;
}

/** The number that a field holds; `undefined` = it holds none that can be. */
function read(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,7}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** Which field of a layer is wrong, and why; `null` = none. */
export function draftProblem(draft: LayerDraft): { field: DraftField; detail: string } | null {
  for (const field of ["unexplained", "malicious_like", "benign", "authorised"] as const) {
    if (read(draft[field], 0, SETTING_LIMITS.weight) === undefined) {
      return { field, detail: `A whole number from 0 to ${SETTING_LIMITS.weight}.` };
    }
  }
  for (const field of ["degradeAt", "failAt"] as const) {
    if (draft[field].trim() !== "" && read(draft[field], 1, SETTING_LIMITS.threshold) === undefined) {
      return { field, detail: "A whole number from 1 on, or nothing for never." };
    }
  }
  const { degradeAt, failAt } = settingOf(draft);
  if (degradeAt !== null && failAt !== null && degradeAt >= failAt) {
    return { field: "failAt", detail: "It must be higher than the sum that degrades." };
  }
  return null;
}

/** The settings that a layer means; a field that is wrong counts as nothing. */
export function settingOf(draft: LayerDraft): LayerSettings {
  const weight = (cls: DriftClass) => read(draft[cls], 0, SETTING_LIMITS.weight) ?? 0;
  return {
    weights: {
      authorised: weight("authorised"),
      benign: weight("benign"),
      unexplained: weight("unexplained"),
      malicious_like: weight("malicious_like"),
    },
    degradeAt: read(draft.degradeAt, 1, SETTING_LIMITS.threshold) ?? null,
    failAt: read(draft.failAt, 1, SETTING_LIMITS.threshold) ?? null,
  };
}

/** The settings that a draft means; `null` while some field is wrong. */
export function settingsOf(draft: SettingsDraft): Settings | null {
  if (LAYERS.some((layer) => draftProblem(draft[layer]) !== null)) return null;
  return Object.fromEntries(LAYERS.map((layer) => [layer, settingOf(draft[layer])])) as Settings;
}

/** Layers that differ between two drafts. */
export function layersBetween(a: SettingsDraft, b: SettingsDraft): Layer[] {
  return LAYERS.filter((layer) => DRAFT_FIELDS.some((field) => a[layer][field] !== b[layer][field]));
}

/** What the thresholds of a layer mean, as a sentence. */
export function layerSentence({ weights, degradeAt, failAt }: LayerSettings): string {
  const reached = (at: number) => {
    const { unexplained } = weights;
    if (unexplained === 0) return `from a sum of ${at} on`;
    const count = Math.ceil(at / unexplained);
    return `from ${count} unexplained ${count === 1 ? "change" : "changes"} on`;
  };
  const parts = [
    ...(degradeAt === null ? [] : [`is degraded at least ${reached(degradeAt)}`]),
    ...(failAt === null ? [] : [`fails ${reached(failAt)}`]),
  ];
  if (parts.length === 0) return "However many changes there are, the sum decides nothing.";
  return `A node ${parts.join(" and ")}.`;
}
