import { DriftSettingsPreview, PreviewDriftSettingsBody } from "#lib/contracts/drift-setting";
import { route } from "#lib/server/http/route";
import { previewDriftSettings } from "#lib/services/drift-setting/preview";

/** POST /api/v1/drift-settings/preview — what they would change now; changes nothing. */
export const POST = route({
  permission: "drift:tune",
  operation: "drift.preview_settings",
  summary: "What other weights and thresholds would change now",
  schemas: { body: PreviewDriftSettingsBody },
  output: DriftSettingsPreview,
  handle: (ctx, { body }) => previewDriftSettings(ctx, body),
});
