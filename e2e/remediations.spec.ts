/** Remediation between people: asked for on a desktop, decided on a phone, in parts, denied, taken back, raced. */
import type { Browser, Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { type Product, unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";
import { picture } from "./picture.ts";
import { type Asked, addPool, askQuarantine, demandProofOnce, REASON } from "./remediated.ts";
import type { Role } from "./views.ts";

const PHONE = { width: 390, height: 844 };
const SAID = "Looked at the boot log, the kernel is not ours.";

/** What a person of a role does on a phone of their own. */
async function onPhone(browser: Browser, product: Product, role: Role, act: (phone: Page) => Promise<void>) {
  const context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });
  try {
    const phone = await context.newPage();
    await signIn(phone, product, role);
    await act(phone);
  } finally {
    await context.close();
  }
}

test("a quarantine is asked for on a desktop and approved on a phone by a second person", async ({
  page,
  product,
  browser,
}) => {
  test.slow();
  const { nodes } = await addPool(product, 5);
  const [node] = nodes;
  if (!node) throw new Error("no node");

  await signIn(page, product, "analyst");
  await page.goto(paths.node(node.id));
  await expectLive(page);
  await page.getByRole("button", { name: "Request" }).click();
  await expect(page.getByRole("menuitem", { name: /^Release/ })).toContainText(
    "Only for a node that is quarantined",
  );
  await expect(page.getByRole("menuitem", { name: /^Release/ })).toHaveAttribute("aria-disabled", "true");
  await picture(page, "remediation-menu");
  await page.getByRole("menuitem", { name: "Quarantine…" }).click();
  const dialog = page.getByRole("alertdialog", { name: `Quarantine ${node.name}` });
  await expect(dialog.getByText(/This would leave 4 of 5 nodes/)).toBeVisible();
  await expect(dialog.getByText(/must agree/)).toBeVisible();
  const send = dialog.getByRole("button", { name: "Request: quarantine" });
  await expect(send).toBeDisabled();
  await dialog.getByLabel("Reason").fill(REASON);
  await dialog.getByLabel(`Type ${node.name} to confirm`).fill(node.name.slice(0, -1));
  await expect(send).toBeDisabled();
  await dialog.getByLabel(`Type ${node.name} to confirm`).fill(node.name);
  await expectNoSeriousAxe(page);
  await picture(page, "remediation-request");
  await send.click();
  await expect(heading(page)).toHaveText(`Quarantine ${node.name}`);
  await expect(page.getByText("waits for approval", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve" })).toHaveCount(0);
  const requestId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await expectNoSeriousAxe(page);
  await picture(page, "remediation-own");

  await onPhone(browser, product, "approver", async (phone) => {
    await phone.goto(paths.myWork());
    await expectLive(phone);
    await expect(phone.getByRole("link", { name: new RegExp(node.name) })).toBeVisible();
    await expect(phone.getByRole("navigation", { name: "Main" }).last()).toContainText("waiting on you");
    await expectNoHorizontalOverflow(phone);
    await expectNoSeriousAxe(phone);
    await picture(phone, "my-work-390");
    // The link of a message leads here: a reason and one tap, and the proof when the last one is too old.
    await phone.goto(paths.remediation(requestId));
    await expectLive(phone);
    await expect(phone.getByText(REASON)).toBeVisible();
    await expect(phone.getByText(/This would leave 4 of 5 nodes/)).toBeVisible();
    await expectNoHorizontalOverflow(phone);
    await expectNoSeriousAxe(phone);
    await picture(phone, "remediation-390");
    const approve = phone.getByRole("button", { name: "Approve" });
    for (const button of [approve, phone.getByRole("button", { name: "Deny" })]) {
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
      await expect(button).toBeInViewport({ ratio: 1 });
    }
    await expect(approve).toBeDisabled();
    await phone.getByLabel("Reason for your decision").fill(SAID);
    await demandProofOnce(phone, requestId);
    await approve.click();
    const proof = phone.getByRole("dialog", { name: "Prove once more who you are" });
    await picture(phone, "remediation-proof-390");
    await proof.getByLabel("Password").fill("four-plain-words-here");
    await proof.getByRole("button", { name: "Go on" }).click();
    await expect(phone.getByText("1 of 1")).toBeVisible();
    await expect(phone.getByText(SAID)).toBeVisible();
    await picture(phone, "remediation-approved-390");
  });

  // Whoever asked for it sees it without asking again.
  await expect(page.getByText(SAID)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText("waits for approval", { exact: true })).toHaveCount(0);
  await picture(page, "remediation-approved");
});

test("some nodes are left out of an approval, and what is left is another plan", async ({
  page,
  product,
}) => {
  test.slow();
  const { nodes } = await addPool(product, 3);
  const { id } = await askQuarantine(
    product,
    nodes.map((node) => node.id),
  );
  const [spared] = nodes;
  if (!spared) throw new Error("no node");
  await signIn(page, product, "approver");
  await page.goto(paths.remediation(id));
  await expectLive(page);
  await expect(heading(page)).toHaveText("Quarantine 3 nodes");
  await page.getByLabel(`Keep ${spared.name} in the request`).uncheck();
  await page.getByLabel("Reason for your decision").fill("The first of them is the only one that serves.");
  await expectNoSeriousAxe(page);
  await picture(page, "remediation-partial");
  await page.getByRole("button", { name: "Approve 2 of 3" }).click();
  await expect(heading(page)).toHaveText("Quarantine 2 nodes");
  await expect(page.getByText("1 of 1")).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: spared.name })).toHaveCount(0);
});

test("a denial ends it and says why, a request is taken back by whoever made it, and both stay for good", async ({
  page,
  product,
}) => {
  test.slow();
  const { nodes } = await addPool(product, 2);
  const [first, second] = nodes;
  if (!first || !second) throw new Error("no nodes");
  const denied = await askQuarantine(product, [first.id]);
  const cancelled = await askQuarantine(product, [second.id]);

  await signIn(page, product, "approver");
  await page.goto(paths.remediations({ tab: "waiting_on_me" }));
  await page.getByRole("link", { name: new RegExp(first.name) }).click();
  await expectLive(page);
  const why = "The kernel is the canary of this week.";
  await page.getByLabel("Reason for your decision").fill(why);
  await page.getByRole("button", { name: "Deny" }).click();
  await expect(page.getByRole("main").getByText("denied").first()).toBeVisible();
  await expect(page.getByText(why).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve" })).toHaveCount(0);

  await signIn(page, product, "analyst");
  await page.goto(paths.remediation(cancelled.id));
  await expectLive(page);
  await page.getByRole("button", { name: "Cancel the request" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel the request" });
  await dialog.getByLabel("Reason").fill("The node came back by itself.");
  await dialog.getByRole("button", { name: "Cancel the request" }).click();
  await expect(page.getByText("cancelled", { exact: true })).toBeVisible();

  await page.goto(paths.remediations({ tab: "done" }));
  for (const { name } of [first, second]) {
    await expect(page.getByRole("link", { name: new RegExp(name) })).toBeVisible();
  }
  await expectNoSeriousAxe(page);
  await picture(page, "remediations-done");
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await picture(page, "remediations-done-390");
  expect((await product.read<Asked>(paths.api.remediation(denied.id))).state).toBe("denied");
});

test("who is slower is told who was faster", async ({ page, product }) => {
  const { nodes } = await addPool(product, 1);
  const { id, planHash } = await askQuarantine(
    product,
    nodes.map((node) => node.id),
  );
  await signIn(page, product, "admin");
  await page.goto(paths.remediation(id));
  await expectLive(page);
  await page.getByLabel("Reason for your decision").fill(SAID);
  const approver = await product.session("approver");
  const vote = { decision: "deny", planHash, reason: "Somebody else was faster with it." };
  const answer = await approver.send(paths.api.remediationAct(id, "votes"), vote);
  expect(answer.status, answer.text).toBe(200);
  await expect(page.getByText(/^Already denied by approver-.* ago\.$/)).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole("button", { name: "Approve" })).toHaveCount(0);
});

test("picked nodes are asked for together, and their number is typed", async ({ page, product }) => {
  test.slow();
  const { nodes } = await addPool(product, 3);
  const [first, , third] = nodes;
  if (!first || !third) throw new Error("no nodes");
  await signIn(page, product, "analyst");
  await page.goto(paths.nodes({ q: "worker" }));
  await expectLive(page);
  for (const { name } of nodes) await page.getByRole("checkbox", { name: `Pick ${name}` }).check();
  const bar = page.getByRole("region", { name: "Picked nodes" });
  await expect(bar).toContainText("3 nodes picked");
  await expectNoSeriousAxe(page);
  await picture(page, "nodes-picked");
  await bar.getByRole("button", { name: "Request" }).click();
  await page.getByRole("menuitem", { name: "Quarantine…" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Quarantine 3 nodes" });
  await expect(dialog.getByText(/This would leave 0 of 3 nodes/)).toBeVisible();
  await dialog.getByLabel("Reason").fill(REASON);
  const send = dialog.getByRole("button", { name: "Request: quarantine" });
  await expect(send).toBeDisabled();
  await dialog.getByLabel("Type 3, the number of nodes, to confirm").fill("3");
  await expectNoSeriousAxe(page);
  await picture(page, "remediation-request-many");
  await send.click();
  await expect(heading(page)).toHaveText("Quarantine 3 nodes");
  await expect(page.getByText(/broken/i).first()).toBeVisible();
});

test("break-glass is done at once, and a banner says so until somebody else has reviewed it", async ({
  page,
  product,
}) => {
  test.slow();
  const { nodes } = await addPool(product, 1);
  const [node] = nodes;
  if (!node) throw new Error("no node");
  await signIn(page, product, "approver");
  await page.goto(paths.node(node.id));
  await expectLive(page);
  await page.getByRole("button", { name: "Request" }).click();
  await page.getByRole("menuitem", { name: "Quarantine…" }).click();
  const dialog = page.getByRole("alertdialog", { name: `Quarantine ${node.name}` });
  await dialog.getByLabel("Reason").fill(REASON);
  await dialog.getByLabel(/^Break glass/).check();
  await expect(dialog.getByText(/Somebody else must review it within 24 hours/)).toBeVisible();
  await dialog.getByLabel(`Type ${node.name} to confirm`).fill(node.name);
  await expectNoSeriousAxe(page);
  await picture(page, "remediation-break-glass");
  await dialog.getByRole("button", { name: "Quarantine now" }).click();
  await expect(heading(page)).toHaveText(`Quarantine ${node.name}`);
  const banner = page.getByRole("note").filter({ hasText: "Break-glass" });
  await expect(banner).toBeVisible();
  await expect(page.getByRole("button", { name: "Ratify" })).toHaveCount(0);
  await picture(page, "remediation-unreviewed");

  await signIn(page, product, "admin");
  await page.goto(paths.remediation(new URL(page.url()).pathname.split("/").at(-1) ?? ""));
  await expectLive(page);
  await page.getByLabel("What you found").fill("It was right: the node was attacking others.");
  await page.getByRole("button", { name: "Ratify" }).click();
  await expect(page.getByText(/Reviewed and ratified/)).toBeVisible();
  await expect(banner).toHaveCount(0);
});

test("a pause stands above every page until it is ended", async ({ page, product }) => {
  await signIn(page, product, "approver");
  await page.goto(paths.remediations());
  await expectLive(page);
  await page.getByRole("button", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause remediation" });
  const why = `The network is being moved, ${unique("ticket")}.`;
  await dialog.getByLabel("Reason").fill(why);
  await dialog.getByRole("button", { name: "Pause" }).click();
  const banner = page.getByRole("note").filter({ hasText: why });
  await expect(banner).toContainText("Nothing is contained automatically");
  await picture(page, "remediation-paused");
  await banner.getByRole("button", { name: "End the pause" }).click();
  const ending = page.getByRole("dialog", { name: "End the pause" });
  await ending.getByLabel("Reason").fill("The network is where it belongs.");
  await ending.getByRole("button", { name: "End the pause" }).click();
  await expect(banner).toHaveCount(0);
});

test("remediation is shown to those who may read it", async ({ page, product, trouble }) => {
  trouble.allow(/status of 403/);
  await signIn(page, product, "viewer");
  for (const path of [paths.remediations(), paths.myWork()]) {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(403);
    await expect(page.getByRole("main")).toContainText("remediation:read");
  }
  await expect(page.getByRole("link", { name: "Remediations" })).toHaveCount(0);
});
