/** Whether reports can be made about what a schedule is about. */
import type { Tx } from "#db/client";
import { trustDomainSubtree } from "#db/queries/trust-domain";
import { type FrameworkTime, frameworkInUse } from "#lib/services/compliance/framework-of";
import { labelsAsked } from "#lib/services/compliance/period";

type About = { trustDomainId: string; framework: string | null; q: string };

/** The domain of a schedule and those below it. */
export async function domainsOf(tx: Tx, trustDomainId: string): Promise<string[]> {
  const below = await trustDomainSubtree(tx, [trustDomainId]);
  return [trustDomainId, ...below.filter((id) => id !== trustDomainId)];
}

/**
 * @param time when the framework must count
 * @throws {ProblemError} `compliance/unknown-framework`, `compliance/framework-retired`; `request/invalid` for a query
 *   that asks for more than labels
 */
export async function checkScope(
  tx: Tx,
  { trustDomainId, framework, q }: About,
  time: FrameworkTime,
): Promise<void> {
  if (framework !== null) await frameworkInUse(tx, await domainsOf(tx, trustDomainId), framework, time);
  labelsAsked(q);
}
