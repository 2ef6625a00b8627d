/** Policies: from a draft to force and back, what it would have done, and who may do what. */
import type { Page } from "@playwright/test";
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
import { verdict } from "./messages.ts";
import { picture } from "./picture.ts";
import { ROLES } from "./views.ts";

const PHONE = { width: 390, height: 844 };
const REASON = "These nodes are to be judged more strictly.";
const DAY_MS = 86_400_000;

/** Fails nodes by a condition; else says what their only line of evidence says. */
const policyText = (name: string, when: string) => `name: ${name}
description: Some nodes are judged more strictly
rules:
  - id: too-weak
    when: ${when}
    status: failed
    reason: "'Not good enough here'"
    docs: What is good enough elsewhere is not good enough here.
  - id: fine
    when: lanes.exists(l, l.state == "trusted")
    status: trusted
    reason: "'Good enough'"
    docs: A line of evidence affirms it.
  - id: rest
    when: true
    status: degraded
    reason: "'Nothing good is known'"
    docs: Everything else.
`;

/** A node that one source has judged over some days, the newest time last. */
async function addNode(product: Product, outcomes: readonly { status: string; daysAgo: number }[]) {
  const source = await product.createSource("generic");
  const name = unique("strict").toLowerCase();
  for (const { status, daysAgo } of outcomes) {
    const atMs = Date.now() - daysAgo * DAY_MS;
    const outcome = status === "affirming" ? "verified_good" : "could_not_verify";
    const data = JSON.stringify(verdict(name, outcome, { atMs, status }));
    const event = { subject: name, mediaType: "application/json", data, backfill: daysAgo > 0 };
    const answer = await product.postEvent(source, event);
    expect(answer.status, answer.text).toBe(202);
  }
  return { name, id: await product.nodeId(name) };
}

async function save(product: Product, text: string): Promise<void> {
  const answer = await (await product.session("analyst")).send(paths.api.policies(), { text });
  expect(answer.status, answer.text).toBe(201);
}

/** Somebody else than who asks and than who wrote it agrees. */
async function approve(page: Page, product: Product): Promise<void> {
  await expect(page.getByText("a second person has to decide it")).toBeVisible();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const approver = await product.session("approver");
  const { planHash } = (await approver.get(paths.api.changeRequest(id))).json<{ planHash: string }>();
  const answer = await approver.send(paths.api.changeRequestDecision(id), { decision: "approve", planHash });
  expect(answer.status, answer.text).toBe(200);
}

test("a draft is checked as it is typed, tried, enforced by two people, decides, and is rolled back", async ({
  page,
  product,
}) => {
  test.slow();
  const node = await addNode(product, [{ status: "affirming", daysAgo: 0 }]);
  const name = unique("ours").toLowerCase();
  await signIn(page, product, "analyst");
  await page.goto(paths.policies());
  await expectLive(page);
  await expectNoSeriousAxe(page);
  await picture(page, "policies-list");
  await page.getByRole("button", { name: "New policy" }).click();

  const text = page.getByRole("textbox", { name: "Text of the policy" });
  await expect(text).toHaveValue(/name: my-policy/);
  await expect(page.getByText(/No faults: 9 rules/)).toBeVisible();
  await text.fill(policyText(name, `node.nam == "${node.name}"`));
  const fault = page.getByRole("list", { name: "Faults" }).getByRole("button").first();
  await expect(fault).toContainText("Line 5, column 16");
  await expect(fault).toContainText("nam");
  await expect(text).toHaveAttribute("aria-invalid", "true");
  await expectNoSeriousAxe(page);
  await picture(page, "policy-edit-fault");
  await fault.click();
  await expect(text).toBeFocused();
  await expect(page.getByText("Line 5, column 16", { exact: true })).toHaveCount(2);

  await text.fill(policyText(name, `node.name == "${node.name}"`));
  await expect(page.getByText(/No faults: 3 rules/)).toBeVisible();
  await page.getByRole("searchbox", { name: "Find a node" }).fill(node.name);
  await page.getByRole("combobox", { name: "Node", exact: true }).selectOption({ label: node.name });
  const trace = page.getByRole("table", { name: "What every rule says" });
  await expect(trace.getByRole("row").filter({ hasText: "too-weak" })).toContainText(
    "decides: Not good enough here",
  );
  await expect(trace.getByRole("row").filter({ hasText: "fine" })).toContainText(
    "an earlier rule has decided",
  );
  await picture(page, "policy-edit");
  await page.getByRole("textbox", { name: "Note" }).fill("The first of its kind");
  await page.getByRole("button", { name: "Save as draft" }).click();
  await expect(page).toHaveURL(paths.policy(name, "versions"));
  await expect(heading(page)).toHaveText(name);
  await expect(page.getByRole("list", { name: "Versions" })).toContainText("The first of its kind");

  const tabs = page.getByRole("navigation", { name: "Policy" });
  await tabs.getByRole("link", { name: "Impact" }).click();
  const onlyFor = page.getByRole("textbox", { name: "Only for" });
  await onlyFor.fill(`node.name == "${node.name}"`);
  await expect(page.getByText(/^1 node moves, of \d+ nodes? compared/)).toBeVisible();
  const failed = page
    .getByRole("table", { name: "Nodes by status" })
    .getByRole("row")
    .filter({ hasText: "Failed" });
  await expect(failed).toContainText("+1");
  const moved = page.getByRole("list", { name: "Nodes that move" });
  await expect(moved.getByRole("link", { name: node.name })).toHaveAttribute("href", paths.node(node.id));
  await expect(moved).toContainText("Not good enough here");
  await expect(page.getByRole("list", { name: "Rules that would be gone" })).toContainText("all-affirm");
  await expectNoSeriousAxe(page);
  await picture(page, "policy-impact");

  await page.getByRole("button", { name: "Enforce" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Only for" }).fill(`node.name == "${node.name}"`);
  await expect(dialog.getByText("You wrote this version")).toBeVisible();
  await expect(dialog.getByRole("list", { name: "Nodes that move" })).toContainText(node.name);
  await expect(dialog.getByRole("button", { name: "Propose to enforce" })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Reason" }).fill(REASON);
  await expectNoSeriousAxe(page);
  await picture(page, "policy-enforce");
  await dialog.getByRole("button", { name: "Propose to enforce" }).click();
  await approve(page, product);

  await page.goto(paths.policy(name));
  await expect(page.getByRole("list", { name: "In force now" })).toContainText(`node.name == "${node.name}"`);
  await expect
    .poll(async () => {
      const { status, reason } = await product.read<{ status: string; reason: string }>(
        paths.api.node(node.id),
      );
      return { status, reason };
    })
    .toEqual({ status: "failed", reason: "Not good enough here" });
  await page.reload();
  await expect(page.getByText("decides about 1 node now")).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "policy-rules");
  await page.goto(paths.node(node.id));
  await expect(page.getByRole("main")).toContainText("Not good enough here");

  // One person takes it back, in one action.
  await signIn(page, product, "approver");
  await page.goto(paths.policy(name));
  await expectLive(page);
  await page.getByRole("button", { name: "Roll back" }).click();
  await expect(dialog).toContainText("Everything of this policy ends at once");
  await dialog.getByRole("textbox", { name: "Reason" }).fill(REASON);
  await expectNoSeriousAxe(page);
  await picture(page, "policy-rollback");
  await dialog.getByRole("button", { name: "Roll back" }).click();
  await expect(page.getByText("No version is in shadow or enforced")).toBeVisible();
  await expect
    .poll(async () => (await product.read<{ status: string }>(paths.api.node(node.id))).status)
    .toBe("trusted");
});

test("a backtest shows what would have been quarantined, by rule and day, and can be cancelled", async ({
  page,
  product,
}) => {
  const node = await addNode(product, [
    { status: "affirming", daysAgo: 4 },
    { status: "warning", daysAgo: 3 },
    { status: "affirming", daysAgo: 1 },
  ]);
  const name = unique("replay").toLowerCase();
  await save(product, policyText(name, `lanes.exists(l, l.state == "degraded")`));
  await signIn(page, product, "viewer");
  await page.goto(paths.policy(name, "backtest"));
  await expectLive(page);
  await page.getByRole("combobox", { name: "Range" }).selectOption("7");
  await page.getByRole("textbox", { name: "Only for" }).fill(`node.name == "${node.name}"`);

  // An answer that does not come, so that there is something to cancel.
  await page.route(`**${paths.api.policyTrial("backtest")}`, () => {});
  await page.getByRole("button", { name: "Run the backtest" }).click();
  await expect(page.getByRole("progressbar", { name: "Progress of the backtest" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Cancelled after 0 nodes")).toBeVisible();
  await page.unroute(`**${paths.api.policyTrial("backtest")}`);

  await page.getByRole("button", { name: "Run the backtest" }).click();
  await expect(page.getByText(/Replayed [\d,]+ stored states? of [\d,]+ nodes?/)).toBeVisible();
  await expect(
    page.getByRole("term").filter({ hasText: "Would have failed, and did not" }).locator("+ dd"),
  ).toHaveText("1");
  const fired = page.getByRole("table", { name: "What would have fired" });
  await expect(
    fired
      .getByRole("row")
      .filter({ hasText: "too-weak" })
      .filter({ hasText: `${name}@` })
      .getByRole("cell"),
  ).toHaveText([/^too-weak/, new RegExp(`^${name}@`), "Failed", "1", "1", "0"]);
  await expect(page.locator(".recharts-bar-rectangle").first()).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "policy-backtest");
  await page.getByRole("button", { name: "Show as table" }).click();
  const day = new Date(Date.now() - 3 * DAY_MS).toISOString().slice(0, 10);
  const byDay = page.getByRole("table", { name: "Firings per rule and day" });
  await expect(byDay.getByRole("row").filter({ hasText: day })).toBeVisible();
  await expectNoSeriousAxe(page);
  // Nothing of it was stored.
  expect((await product.read<{ status: string }>(paths.api.node(node.id))).status).toBe("trusted");
});

test("the editor works by keyboard alone, and lets nobody lose what was typed", async ({ page, product }) => {
  const name = unique("keys").toLowerCase();
  await save(product, policyText(name, "lanes.size() == 0"));
  await signIn(page, product, "analyst");
  await page.goto(paths.policy(name, "edit"));
  await expectLive(page);
  const text = page.getByRole("textbox", { name: "Text of the policy" });
  await text.fill(policyText(name, "node"));
  await text.evaluate((area: HTMLTextAreaElement) => {
    const at = area.value.indexOf("when: node") + "when: node".length;
    area.setSelectionRange(at, at);
  });
  await page.keyboard.type(".");
  const list = page.getByRole("listbox", { name: "Suggestions" });
  await expect(list.getByRole("option").first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.type("na");
  await expect(list.getByRole("option")).toHaveText([/^name/]);
  await picture(page, "policy-suggestions");
  await expectNoSeriousAxe(page);
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue(/when: node\.name\n/);
  await page.keyboard.type(' == "a"');
  await expect(page.getByText(/No faults: 3 rules/)).toBeVisible();
  await page.keyboard.press("Control+Space");
  await page.keyboard.press("Escape");
  await expect(list).toHaveCount(0);
  await page.keyboard.press("Tab");
  await expect(text).not.toBeFocused();

  // A link asks first; going on typing keeps everything.
  await page.getByRole("navigation", { name: "Policy" }).getByRole("link", { name: "Rules" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await expectNoSeriousAxe(page);
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(text).toHaveValue(/node\.name == "a"/);

  // Keys that lead away cannot be held back, so the text is here again afterwards.
  await heading(page).focus();
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await expect(page).toHaveURL(paths.policies());
  await page.goBack();
  await expect(page.getByText("What you had typed before and not saved is here again")).toBeVisible();
  await expect(text).toHaveValue(/node\.name == "a"/);
  await page.getByRole("button", { name: "Save as draft" }).click();
  await expect(page).toHaveURL(paths.policy(name, "versions"));

  await page.goto(paths.policy(name, "versions", { a: 1, b: 2 }));
  const diff = page.getByRole("region", { name: "From v1 to v2" });
  await expect(diff).toContainText("removed: when: lanes.size() == 0");
  await expect(diff).toContainText('added: when: node.name == "a"');
  await expectNoSeriousAxe(page);
  await picture(page, "policy-versions");
});

test("an exception cannot be made without an end, counts its matches, and is ended early", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 422/);
  const name = unique("excepted").toLowerCase();
  await save(product, policyText(name, "lanes.size() == 0"));
  await signIn(page, product, "approver");
  await page.goto(paths.policy(name, "exceptions"));
  await expectLive(page);
  await page.getByRole("button", { name: "Make an exception" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "For nodes that match" }).fill('node.name == "nobody"');
  await dialog.getByRole("textbox", { name: "Reason" }).fill("The board of it is being replaced.");
  const make = dialog.getByRole("button", { name: "Make the exception" });
  await expect(make).toBeDisabled();
  await dialog.getByLabel("Ends (UTC)").fill(new Date(Date.now() + 400 * DAY_MS).toISOString().slice(0, 16));
  await make.click();
  await expect(dialog.getByRole("alert")).toContainText("within 180 days");
  await expectNoSeriousAxe(page);
  await picture(page, "policy-exception");
  await dialog.getByLabel("Ends (UTC)").fill(new Date(Date.now() + 7 * DAY_MS).toISOString().slice(0, 16));
  await make.click();
  const item = page.getByRole("list", { name: "Exceptions" }).getByRole("listitem");
  await expect(item).toContainText("in force");
  await expect(item).toContainText("matched 0 times");
  await picture(page, "policy-exceptions");
  await item.getByRole("button", { name: "End" }).click();
  await dialog.getByRole("textbox", { name: "Reason" }).fill("The board has been replaced.");
  await dialog.getByRole("button", { name: "End the exception" }).click();
  await expect(item).toContainText("expired");
});

test("a shadow decides nothing and lists where it would", async ({ page, product }) => {
  const node = await addNode(product, [{ status: "affirming", daysAgo: 0 }]);
  const name = unique("shadow").toLowerCase();
  await save(product, policyText(name, `node.name == "${node.name}"`));
  await signIn(page, product, "analyst");
  await page.goto(paths.policy(name));
  await expectLive(page);
  await page.getByRole("button", { name: "Shadow" }).click();
  const dialog = page.getByRole("dialog");
  await expectNoSeriousAxe(page);
  await picture(page, "policy-shadow");
  await dialog.getByRole("textbox", { name: "Only for" }).fill(`node.name == "${node.name}"`);
  await dialog.getByRole("button", { name: "Start the shadow" }).click();
  await expect(page.getByRole("list", { name: "In force now" })).toContainText("shadow");
  const shadowOf = () => product.read<{ shadow: { total: number } }>(paths.api.policy(name));
  await expect.poll(async () => (await shadowOf()).shadow.total, { timeout: 60_000 }).toBe(1);
  await page.reload();
  await expect(
    page.getByRole("list", { name: "Nodes that the shadow would decide otherwise" }),
  ).toContainText(node.name);
  expect((await product.read<{ status: string }>(paths.api.node(node.id))).status).toBe("trusted");
  await page.getByRole("button", { name: "End shadow" }).click();
  await expect(page.getByText("No version is in shadow or enforced")).toBeVisible();
});

for (const role of ROLES) {
  test(`everybody may read and try a policy, and what ${role} may not do says why`, async ({
    page,
    product,
  }) => {
    const name = unique("roles").toLowerCase();
    await save(product, policyText(name, "lanes.size() == 0"));
    const writes = ["analyst", "approver", "admin"].includes(role);
    const takesBack = ["approver", "admin"].includes(role);
    await signIn(page, product, role);
    for (const [path, button, may] of [
      [paths.policies(), "New policy", writes],
      [paths.policy(name), "Shadow", writes],
      [paths.policy(name), "Enforce", writes],
      [paths.policy(name, "edit"), "Save as draft", writes],
      [paths.policy(name, "exceptions"), "Make an exception", takesBack],
    ] as const) {
      await page.goto(path);
      await expectLive(page);
      const control = page.getByRole("button", { name: button });
      if (may) await expect(control).not.toHaveAttribute("aria-disabled", "true");
      else {
        await expect(control).toHaveAttribute("aria-disabled", "true");
        await expect(control).toHaveAccessibleDescription(new RegExp(`you are ${role}`));
      }
    }
    await page.goto(paths.policy(name, "edit"));
    await expect(page.getByText(/No faults: 3 rules/)).toBeVisible();
  });
}

test("no page of a policy is wider than a phone or has a serious finding of axe", async ({
  page,
  product,
}) => {
  test.slow();
  const node = await addNode(product, [{ status: "affirming", daysAgo: 2 }]);
  const name = unique("phone").toLowerCase();
  await save(product, policyText(name, "lanes.size() == 0"));
  await save(product, policyText(name, "lanes.size() == 1"));
  await signIn(page, product, "approver");
  await page.setViewportSize(PHONE);
  for (const [path, shot] of [
    [paths.policies(), "policies-390"],
    [paths.policy("default"), "policy-built-in-390"],
    [paths.policy(name), "policy-rules-390"],
    [paths.policy(name, "versions"), "policy-versions-390"],
    [paths.policy(name, "edit"), "policy-edit-390"],
    [paths.policy(name, "test", { node: node.id }), "policy-test-390"],
    [paths.policy(name, "impact"), "policy-impact-390"],
    [paths.policy(name, "backtest"), "policy-backtest-390"],
    [paths.policy(name, "exceptions"), "policy-exceptions-390"],
  ] as const) {
    await test.step(path, async () => {
      await page.goto(path);
      await expectLive(page);
      await expect(
        page.getByRole("main").getByRole("status", { name: /^(Loading|Computing|Asking)/ }),
      ).toHaveCount(0);
      await expectNoHorizontalOverflow(page);
      await expectNoSeriousAxe(page);
      await picture(page, shot);
    });
  }
});
