/** Nodes that are compared with a baseline, which two people made of what they measure. */
import { paths } from "#lib/client/paths";
import { type Product, type Sender, unique } from "./api.ts";
import { expect } from "./fixtures.ts";
import { verdict } from "./messages.ts";

const REASON = "What these nodes have measured for days.";
export const STATE = { "secure-boot/enabled": "true", "kernel/release": "6.8.1", "pcr/sha256/7": "77" };
export const FULL_ROLLOUT = {
  part: "target",
  selector: "",
  percent: 100,
  from: null,
  to: null,
  acceptOthersUntil: null,
};

/** A node says what it measures. */
export async function say(
  product: Product,
  source: Sender,
  node: string,
  measurements: Record<string, string>,
) {
  await product.postDocuments(source, [verdict(node, "verified_good", { measurements })]);
}

/** Nodes of one role that all measure the same. */
export async function addNodes(
  product: Product,
  role: string,
  count: number,
  state: Readonly<Record<string, string>> = STATE,
): Promise<{ source: Sender; nodes: string[] }> {
  const source = await product.createSource("generic");
  const nodes = Array.from({ length: count }, () => unique(role));
  const analyst = await product.session("analyst");
  for (const node of nodes) {
    await say(product, source, node, state);
    const labels = { labels: { role } };
    const answer = await analyst.send(paths.api.nodeLabels(await product.nodeId(node)), labels, {}, "PATCH");
    expect(answer.status).toBe(200);
  }
  return { source, nodes };
}

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

/** A baseline of what the nodes of a role say now, signed by two people and in force. */
export async function addBaseline(product: Product, role: string, { sourceId }: Sender): Promise<string> {
  const analyst = await product.session("analyst");
  const selector = `node.labels.role == "${role}"`;
  const made = await analyst.send(paths.api.baselines(), {
    name: `State of ${role}`,
    selector,
    sourceId,
    submod: null,
    origin: { kind: "cohort", selector },
  });
  expect(made.status, made.text).toBe(201);
  const { id: baselineId } = made.json<{ id: string }>();
  await agree(product, "baseline.publish", { baselineId, version: 1 });
  await agree(product, "baseline.rollout", { baselineId, version: 1, ...FULL_ROLLOUT });
  return baselineId;
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
