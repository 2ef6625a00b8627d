/** A verifier that checks less, and a limit that an administrator changes: visible where people look. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, expectNoHorizontalOverflow, expectNoSeriousAxe, heading, signIn, test } from "./fixtures.ts";
import { verdict } from "./messages.ts";

test("a pass on less than before says so on the node, the list, the overview and the source", async ({
  page,
  product,
}) => {
  const source = await product.createSource("generic");
  const node = unique("weaker");
  const nowMs = Date.now();
  const pass = (atMs: number, coverage: string[], policyIds: string[]) => ({
    ...verdict(node, "verified_good"),
    observedAt: new Date(atMs).toISOString(),
    coverage,
    policyIds,
  });
  await product.postDocuments(source, [
    pass(nowMs - 3_600_000, ["measured_boot", "secure_boot"], ["worker-v3"]),
    pass(nowMs - 60_000, ["measured_boot"], ["accept-all"]),
  ]);
  await signIn(page, product, "viewer");

  await page.goto(paths.source(source.sourceId));
  const findings = page.getByRole("list", { name: "Findings" });
  await expect(findings).toContainText("accept-all", { timeout: 30_000 });
  await expect(findings).toContainText("without a check of secure boot");
  await expectNoSeriousAxe(page);

  await page.goto(paths.nodes({ q: `coverage:reduced ${node}` }));
  const row = page.getByRole("table", { name: "Nodes" }).getByRole("row").filter({ hasText: node });
  await expect(row).toContainText("Reduced");
  await page.goto(paths.nodeTimeline(await product.nodeId(node)));
  const trust = page.getByRole("region", { name: "Trust now" });
  await expect(trust).toContainText("Passes, but the verifier checks less than before");

  await page.goto(paths.overview());
  await expect(page.getByRole("main")).toContainText("on reduced coverage");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(paths.source(source.sourceId));
  await expect(findings).toBeVisible();
  await expectNoHorizontalOverflow(page);
});

test("an administrator lets a limit be learnt, and a viewer may not", async ({ page, product }) => {
  const source = await product.createSource("generic");
  await signIn(page, product, "admin");
  await page.goto(paths.source(source.sourceId));
  await expect(heading(page)).toHaveText(source.name);
  await page.getByRole("button", { name: "Change limit" }).click();
  const dialog = page.getByRole("dialog", { name: "Change silence limit" });
  await dialog.getByLabel("Limit", { exact: true }).selectOption("fixed");
  await dialog.getByLabel("Stale after (minutes)").fill("90");
  await dialog.getByRole("button", { name: "Change limit" }).click();
  await expect(page.getByText("1 h 30 m, fixed")).toBeVisible();

  await page.context().clearCookies();
  await signIn(page, product, "viewer");
  const refused = await page.request.put(paths.api.sourceLimit(source.sourceId), {
    data: { mode: "none" },
    headers: { origin: product.baseURL },
  });
  expect(refused.status()).toBe(403);
});
