import { AdmissionRecords, AdmissionRecordsQuery } from "#lib/contracts/admission";
import { route } from "#lib/server/http/route";
import { listAdmissionRecords } from "#lib/services/admission/records";

/** GET /api/v1/admission/records — whom admission turned away or warned about. */
export const GET = route({
  permission: "fleet:read",
  operation: "admission.records",
  summary: "Denials and warnings of admission, the newest first",
  schemas: { query: AdmissionRecordsQuery },
  output: AdmissionRecords,
  handle: (ctx, { query }) => listAdmissionRecords(ctx, query),
});
