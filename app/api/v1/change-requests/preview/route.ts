import { PlannedChange, PreviewChangeBody } from "#lib/contracts/change-request";
import { changeKinds } from "#lib/server/change-kinds";
import { route } from "#lib/server/http/route";
import { previewChange } from "#lib/services/change-request/propose";

/** POST /api/v1/change-requests/preview — what a change would do; nothing is stored. */
export const POST = route({
  permission: "change:propose",
  operation: "change.preview",
  summary: "Preview a change without proposing it",
  schemas: { body: PreviewChangeBody },
  output: PlannedChange,
  handle: (ctx, { body }) => previewChange(ctx, body, changeKinds()),
});
