import { AdmissionParams, AdmissionQuery, AdmissionView } from "#lib/contracts/admission";
import { admissionRoute } from "#lib/server/admission/route";

/** GET /api/v1/admission/nodes/{reference} — whether a node may join or get work, and why. */
export const GET = admissionRoute({
  operation: "admission.node",
  summary: "Whether a node (id, kind:value or name) may join or get work now, with reasons",
  params: AdmissionParams,
  query: AdmissionQuery,
  output: AdmissionView,
});
