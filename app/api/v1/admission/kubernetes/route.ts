import { KubernetesReviewAnswer } from "#lib/contracts/admission";
import { admissionRoute } from "#lib/server/admission/route";

/** POST /api/v1/admission/kubernetes — AdmissionReview v1 of nodes, certificate requests and pod bindings. */
export const POST = admissionRoute({
  operation: "admission.kubernetes",
  summary: "Answer a Kubernetes AdmissionReview (admission.k8s.io/v1)",
  output: KubernetesReviewAnswer,
});
