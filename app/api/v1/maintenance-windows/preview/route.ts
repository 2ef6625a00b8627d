import { PreviewWindowBody, WindowPreview } from "#lib/contracts/maintenance-window";
import { route } from "#lib/server/http/route";
import { previewWindow } from "#lib/services/maintenance-window/preview";

/** POST /api/v1/maintenance-windows/preview — what a window would reach; changes nothing. */
export const POST = route({
  permission: "window:manage",
  operation: "window.preview",
  summary: "What a maintenance window would reach now",
  schemas: { body: PreviewWindowBody },
  output: WindowPreview,
  handle: (ctx, { body }) => previewWindow(ctx, body),
});
