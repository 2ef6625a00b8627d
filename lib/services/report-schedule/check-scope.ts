/** Whether reports can be made about what a schedule is about. */
import { frameworkOf } from "#lib/services/compliance/controls";
import { labelsAsked } from "#lib/services/compliance/period";

/** @throws {ProblemError} `compliance/unknown-framework`; `request/invalid` for a query that asks for more than labels */
export function checkScope({ framework, q }: { framework: string | null; q: string }): void {
  if (framework !== null) frameworkOf(framework);
  labelsAsked(q);
}
