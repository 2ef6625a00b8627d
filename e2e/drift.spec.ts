/** What differs from a baseline: an attack is seen within one cadence, an authorised upgrade raises nothing. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { addBaseline, addNodes, agree, ROLLOUT, STATE, say } from "./baselined.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  signIn,
  test,
} from "./fixtures.ts";

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
  await page.goto(paths.nodeDrift(nodeId));
  await expect(page.getByText("Nothing differs from what is expected.")).toBeVisible();

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
