/** Most nodes of one verifier fail at once: one incident, the breaker above every page, and a person who resolves it. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  signIn,
  test,
} from "./fixtures.ts";
import { verdict } from "./messages.ts";

const REVIEW = "The reference values were rolled out too early; the verifier's team took them back.";

test("a verifier that turns on its nodes makes itself suspect, until somebody says what it was", async ({
  page,
  product,
}) => {
  test.slow();
  const source = await product.createSource("generic");
  const nowMs = Date.now();
  const nodes = Array.from({ length: 6 }, () => unique("shift"));
  await product.postDocuments(
    source,
    nodes.flatMap((node) => [
      { ...verdict(node, "verified_good"), observedAt: new Date(nowMs - 3_600_000).toISOString() },
      { ...verdict(node, "verified_bad"), observedAt: new Date(nowMs - 60_000).toISOString() },
    ]),
  );
  await signIn(page, product, "analyst");
  const title = `6 of 6 nodes of ${source.name} failed within half an hour`;
  await expect(async () => {
    await page.goto(paths.incidents());
    await expect(page.getByRole("link", { name: title })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText("The breaker is on")).toBeVisible();

  await page.getByRole("link", { name: title }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
  await expectLive(page);
  await expectNoSeriousAxe(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoHorizontalOverflow(page);
  await expect(page.getByRole("link", { name: "runbook verifier-shift" })).toBeVisible();
  await page.getByRole("button", { name: "Take it" }).click();
  await expect(page.getByRole("button", { name: "Give it up" })).toBeVisible();
  await page.getByLabel("Note or review").fill(REVIEW);
  await page.getByRole("button", { name: "Resolve with this review" }).click();
  await expect(page.getByRole("main")).toContainText("Review");
  await expect(page.getByRole("main").getByRole("listitem").filter({ hasText: "resolved," })).toContainText(
    REVIEW,
  );

  await page.goto(paths.incidents({ state: "resolved" }));
  await expect(page.getByRole("link", { name: title })).toBeVisible();
});
