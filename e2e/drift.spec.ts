/** What differs from a baseline: an attack is seen within one cadence, an authorised upgrade raises nothing. */
import { paths } from "#lib/client/paths";
import { type Product, type Sender, unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  signIn,
  test,
} from "./fixtures.ts";
import { verdict } from "./messages.ts";

const REASON = "What these nodes have measured for days.";
const STATE = { "secure-boot/enabled": "true", "kernel/release": "6.8.1", "pcr/sha256/7": "77" };
const ROLLOUT = { part: "target", selector: "", percent: 100, from: null, to: null, acceptOthersUntil: null };

async function say(product: Product, source: Sender, node: string, measurements: Record<string, string>) {
  await product.postDocuments(source, [verdict(node, "verified_good", { measurements })]);
}

/** Nodes of one role that all measure the same. */
async function addNodes(
  product: Product,
  role: string,
  count: number,
): Promise<{ source: Sender; nodes: string[] }> {
  const source = await product.createSource("generic");
  const nodes = Array.from({ length: count }, () => unique(role));
  const analyst = await product.session("analyst");
  for (const node of nodes) {
    await say(product, source, node, STATE);
    const labels = { labels: { role } };
    const answer = await analyst.send(paths.api.nodeLabels(await product.nodeId(node)), labels, {}, "PATCH");
    expect(answer.status).toBe(200);
  }
  return { source, nodes };
}

/** Two people agree on something about a baseline. */
async function agree(product: Product, kind: string, payload: object): Promise<void> {
  const analyst = await product.session("analyst");
  const asked = await analyst.send(paths.api.changeRequests(), { kind, payload, reason: REASON });
  expect(asked.status, asked.text).toBe(201);
  const { id, planHash } = asked.json<{ id: string; planHash: string }>();
  const approver = await product.session("approver");
  const answer = await approver.send(paths.api.changeRequestDecision(id), { decision: "approve", planHash });
  expect(answer.status, answer.text).toBe(200);
}

/** A baseline of what the nodes of a role say now, signed by two people and in force. */
async function addBaseline(product: Product, role: string, { sourceId }: Sender): Promise<string> {
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
  await agree(product, "baseline.rollout", { baselineId, version: 1, ...ROLLOUT });
  return baselineId;
}

test("Secure Boot off on one node is a malicious-like finding within one cadence", async ({
  page,
  product,
}) => {
  const role = unique("web").toLowerCase();
  const { source, nodes } = await addNodes(product, role, 3);
  await addBaseline(product, role, source);
  const [victim = ""] = nodes;
  const nodeId = await product.nodeId(victim);
  await signIn(page, product, "analyst");
  await expect(async () => {
    await page.goto(paths.nodeDrift(nodeId));
    await expect(page.getByText("Nothing differs from what is expected.")).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });

  await say(product, source, victim, { ...STATE, "secure-boot/enabled": "false" });
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("row").filter({ hasText: "secure-boot/enabled" })).toContainText(
      "malicious-like",
      { timeout: 2_000 },
    );
  }).toPass({ timeout: 30_000 });
  const row = page.getByRole("row").filter({ hasText: "secure-boot/enabled" });
  await expect(row).toContainText("true");
  await expect(row).toContainText("fails the node");
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Failed");
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Looks like an attack");
  await expectLive(page);
  await page.keyboard.press("n");
  await expect(row).toBeFocused();
  await expectNoSeriousAxe(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoHorizontalOverflow(page);
});

test("an authorised kernel rollout raises no page", async ({ page, product }) => {
  const role = unique("db").toLowerCase();
  const { source, nodes } = await addNodes(product, role, 3);
  const baselineId = await addBaseline(product, role, source);
  const analyst = await product.session("analyst");
  const upgraded = { ...STATE, "kernel/release": "6.9.0" };
  const entries = Object.fromEntries(Object.entries(upgraded).map(([path, value]) => [path, [value]]));
  const document = JSON.stringify({ format: "touchstone.baseline/1", scope: [""], entries });
  const drafted = await analyst.send(paths.api.baselineVersions(baselineId), {
    origin: { kind: "document", document },
  });
  expect(drafted.status, drafted.text).toBe(201);
  await agree(product, "baseline.publish", { baselineId, version: 2 });
  await agree(product, "baseline.rollout", { baselineId, version: 2, ...ROLLOUT, part: "accepted" });

  const [first = ""] = nodes;
  await say(product, source, first, upgraded);
  await signIn(page, product, "analyst");
  const nodeId = await product.nodeId(first);
  await expect(async () => {
    await page.goto(paths.nodeDrift(nodeId));
    await expect(page.getByRole("row").filter({ hasText: "kernel/release" })).toContainText("authorised", {
      timeout: 2_000,
    });
  }).toPass({ timeout: 30_000 });
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Trusted");
  await page.goto(paths.drift({ q: role }));
  await expect(page.getByRole("main")).not.toContainText("6.9.0");
  const incidents = await product.read<{ items: { title: string }[] }>(paths.api.incidents());
  expect(incidents.items.filter(({ title }) => title.includes(role))).toEqual([]);
});
