import { AdmissionRuleSet, AdmissionRules, SetAdmissionRuleBody } from "#lib/contracts/admission";
import { route } from "#lib/server/http/route";
import { admissionRules } from "#lib/services/admission/rules";
import { setAdmissionRule } from "#lib/services/admission/set-rule";

/** GET /api/v1/admission/rules — the rules in force, and what they would answer about all nodes now. */
export const GET = route({
  permission: "fleet:read",
  operation: "admission.rules",
  summary: "Admission rules per trust domain, and what would happen now",
  schemas: {},
  output: AdmissionRules,
  handle: (ctx) => admissionRules(ctx),
});

/** PUT /api/v1/admission/rules — a rule for one trust domain, as a new version. */
export const PUT = route({
  permission: "admission:manage",
  stepUp: true,
  operation: "admission.set",
  summary: "Set the admission rule of a trust domain",
  schemas: { body: SetAdmissionRuleBody },
  output: AdmissionRuleSet,
  handle: (ctx, { body }) => setAdmissionRule(ctx, body),
});
