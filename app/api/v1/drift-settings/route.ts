import {
  DriftSettingsQuery,
  DriftSettingsSet,
  DriftSettingsView,
  SetDriftSettingsBody,
} from "#lib/contracts/drift-setting";
import { route } from "#lib/server/http/route";
import { driftSettingsView } from "#lib/services/drift-setting/get";
import { setDriftSettings } from "#lib/services/drift-setting/set";

/** GET /api/v1/drift-settings — weights and thresholds that hold, and the built-in ones. */
export const GET = route({
  permission: "drift:read",
  operation: "drift.settings",
  summary: "Weights and thresholds of drift per layer",
  schemas: { query: DriftSettingsQuery },
  output: DriftSettingsView,
  handle: (ctx) => driftSettingsView(ctx),
});

/** PUT /api/v1/drift-settings — all of them at once, as a new version. */
export const PUT = route({
  permission: "drift:tune",
  operation: "drift.tune",
  summary: "Set weights and thresholds of drift, from now on",
  schemas: { body: SetDriftSettingsBody },
  output: DriftSettingsSet,
  handle: (ctx, { body }) => setDriftSettings(ctx, body),
});
