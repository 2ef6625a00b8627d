import { StepCaAnswer } from "#lib/contracts/admission";
import { ConnectorParams } from "#lib/contracts/connector";
import { admissionRoute } from "#lib/server/admission/route";

/** POST /api/v1/admission/step-ca/{connectorId} — whether step-ca may sign, for whom it is about to. */
export const POST = admissionRoute({
  operation: "admission.step-ca",
  summary: "Answer an authorizing webhook of step-ca, signed with the connector's secret",
  params: ConnectorParams,
  output: StepCaAnswer,
});
