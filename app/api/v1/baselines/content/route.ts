import { MadeContent, MakeContentBody } from "#lib/contracts/baseline";
import { readDocument } from "#lib/server/document-reader";
import { route } from "#lib/server/http/route";
import { previewContent } from "#lib/services/baseline/propose-content";

/** POST /api/v1/baselines/content — what a content would be, and what is left out of it. Stores nothing. */
export const POST = route({
  permission: "baseline:draft",
  operation: "baseline.make_content",
  summary: "Make a content from a node, a cohort, a Keylime file or a document, without storing it",
  schemas: { body: MakeContentBody },
  output: MadeContent,
  maxBodyBytes: 16 * 1024 * 1024,
  handle: (ctx, { body }) => previewContent(ctx, body, readDocument),
});
