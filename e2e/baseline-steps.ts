/** Steps of stories about baselines that are not what the story is about. */
import { paths } from "#lib/client/paths";
import type { Product, Sender } from "./api.ts";
import { expect } from "./fixtures.ts";

const REASON = "What these nodes have measured for days.";
export const FULL_ROLLOUT = {
  part: "target",
  selector: "",
  percent: 100,
  from: null,
  to: null,
  acceptOthersUntil: null,
};

/** Two people agree on something about a baseline. */
export async function agree(product: Product, kind: string, payload: object): Promise<void> {
  const analyst = await product.session("analyst");
  const asked = await analyst.send(paths.api.changeRequests(), { kind, payload, reason: REASON });
  expect(asked.status, asked.text).toBe(201);
  const { id, planHash } = asked.json<{ id: string; planHash: string }>();
  const approver = await product.session("approver");
  const answer = await approver.send(paths.api.changeRequestDecision(id), { decision: "approve", planHash });
  expect(answer.status, answer.text).toBe(200);
}

/** A baseline of exactly some measurements for whatever a source says, signed by two people and in force. */
export async function addSourceBaseline(
  product: Product,
  { sourceId, name }: Sender,
  measurements: Record<string, string>,
): Promise<{ baselineId: string; name: string }> {
  const analyst = await product.session("analyst");
  const entries = Object.fromEntries(Object.entries(measurements).map(([path, value]) => [path, [value]]));
  const document = JSON.stringify({ format: "touchstone.baseline/1", scope: [""], entries });
  const made = await analyst.send(paths.api.baselines(), {
    name: `State of ${name}`,
    selector: "",
    sourceId,
    submod: null,
    origin: { kind: "document", document },
  });
  expect(made.status, made.text).toBe(201);
  const { id: baselineId } = made.json<{ id: string }>();
  await agree(product, "baseline.publish", { baselineId, version: 1 });
  await agree(product, "baseline.rollout", { baselineId, version: 1, ...FULL_ROLLOUT });
  return { baselineId, name: `State of ${name}` };
}
