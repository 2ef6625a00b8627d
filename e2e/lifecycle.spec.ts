/** The way of nodes to trust: the board, the life cycle apart from the trust status, and the retry of a failed node. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, expectLive, expectNoSeriousAxe, signIn, test } from "./fixtures.ts";
import { bootstrap } from "./messages.ts";

const MINUTE_MS = 60_000;

test("a node that enrols in time stands on the board, and one that does not fails with what helps", async ({
  page,
  product,
}) => {
  test.slow();
  const provisioner = await product.createSource("generic");
  const [onTime, late] = [unique("on-time"), unique("late")];
  const of = (name: string) => ({ kind: "custom", value: name });
  const nowMs = Date.now();
  await product.postDocuments(provisioner, [
    bootstrap("provisioning.registered", of(onTime), { displayName: onTime, atMs: nowMs - 9 * MINUTE_MS }),
    bootstrap("provisioning.image_completed", of(onTime), { atMs: nowMs - 2 * MINUTE_MS }),
    bootstrap("provisioning.registered", of(late), { displayName: late, atMs: nowMs - 40 * MINUTE_MS }),
    bootstrap("provisioning.image_completed", of(late), { atMs: nowMs - 30 * MINUTE_MS }),
    bootstrap("node.rebooted", of(late), { atMs: nowMs - 20 * MINUTE_MS }),
    bootstrap("enrollment.credential_renewed", of(late), { atMs: nowMs - 10 * MINUTE_MS }),
  ]);
  await signIn(page, product, "analyst");
  const enrolling = page.getByRole("list", { name: "Nodes enrolling" });
  await expect(async () => {
    await page.goto(paths.onboarding());
    await expect(enrolling.getByRole("link", { name: onTime })).toBeVisible({ timeout: 1_000 });
  }).toPass();
  const failed = page
    .getByRole("list", { name: "Failed nodes" })
    .getByRole("listitem")
    .filter({ hasText: late });
  await expect(failed).toContainText("No credential within 10 minutes");
  await expect(failed).toContainText("retry the enrollment");
  await expectNoSeriousAxe(page);

  await page.goto(paths.nodes({ q: `lifecycle:failed ${late}` }));
  await page.getByRole("table", { name: "Nodes" }).getByRole("link", { name: late }).click();
  await expect(page.getByRole("link", { name: "Failed", exact: true })).toBeVisible();
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Pending");
  const table = page.getByRole("region", { name: "Table of the timeline" });
  await expectLive(page);
  for (const [lane, rows] of [
    ["Life cycle", 3],
    ["Boots", 1],
    ["Credentials", 1],
    ["Bootstrap events", 2],
  ] as const) {
    await table.getByLabel("Lane").selectOption(lane);
    await expect(table.getByRole("button", { name: /^Select / })).toHaveCount(rows);
  }
  await expectNoSeriousAxe(page);

  await page.getByRole("navigation", { name: "Node" }).getByRole("link", { name: "Bootstrap" }).click();
  const transitions = page.getByRole("list", { name: "Transitions, newest first" }).getByRole("listitem");
  await expect(transitions).toHaveCount(3);
  await page.getByRole("button", { name: "Retry enrollment" }).click();
  await expect(async () => {
    await page.reload();
    await expect(transitions.first()).toContainText("T20", { timeout: 1_000 });
  }).toPass();
  await expectNoSeriousAxe(page);
});
