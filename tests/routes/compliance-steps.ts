/** Requests about controls, and about imported frameworks. */
import { catalogueDocument } from "../oscal-documents.ts";
import type { Step } from "./steps.ts";

const REASON = "Because the matrix asks for it";
const later = () => new Date(Date.now() + 86_400_000).toISOString();
const DOCUMENT = JSON.stringify(catalogueDocument({ controls: [{ id: "a-1", title: "One" }] }));

export const COMPLIANCE_STEPS: readonly Step[] = [
  {
    route: "POST /api/v1/compliance/frameworks/[frameworkId]/notes",
    ask: () => ({
      params: { frameworkId: "nist-800-53-r5" },
      body: { control: "SI-7", kind: "exception", reason: REASON, expiresAt: later() },
    }),
    keep: (answer) => ({ noteId: (JSON.parse(answer) as { id: string }).id }),
  },
  {
    route: "POST /api/v1/compliance/notes/[noteId]/end",
    ask: ({ noteId = "" }) => ({ params: { noteId }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/compliance/frameworks",
    ask: () => ({ body: { document: DOCUMENT, version: 0 } }),
    keep: (answer) => ({ frameworkId: (JSON.parse(answer) as { id: string }).id }),
  },
  {
    route: "POST /api/v1/compliance/frameworks/[frameworkId]/mappings",
    ask: ({ frameworkId = "" }) => ({
      params: { frameworkId },
      body: { control: "a-1", to: { kind: "manual", reason: REASON } },
    }),
  },
  {
    route: "POST /api/v1/compliance/frameworks/[frameworkId]/mappings/clear",
    ask: ({ frameworkId = "" }) => ({ params: { frameworkId }, body: { control: "a-1", reason: REASON } }),
  },
  {
    route: "POST /api/v1/compliance/frameworks/[frameworkId]/retire",
    ask: ({ frameworkId = "" }) => ({ params: { frameworkId }, body: { reason: REASON } }),
  },
];
