/** Maintenance windows and drift settings: planned changes raise nothing, and weights are tried before they hold. */
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { type Product, unique } from "./api.ts";
import { addBaseline, addNodes, STATE, say } from "./baselined.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";

const REASON = "The kernel of these nodes is upgraded.";
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };

/** The undecided groups of one baseline. */
async function undecided(product: Product, role: string): Promise<string[]> {
  const list = await product.read<{ items: { path: string; baselineName: string }[] }>(
    paths.api.drift({ limit: 200 }),
  );
  return list.items.filter(({ baselineName }) => baselineName === `State of ${role}`).map(({ path }) => path);
}

/** Wait until a difference of a node is of a class. */
async function expectClass(page: Page, nodeId: string, path: string, cls: string) {
  const row = page.getByRole("row").filter({ hasText: path });
  await expect(async () => {
    await page.goto(paths.nodeDrift(nodeId));
    await expect(row).toContainText(cls, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  return row;
}

test("an upgrade in a maintenance window raises no page; after its end the same change is unexplained", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 422/); // the selector is half typed at first
  const role = unique("rack").toLowerCase();
  const name = unique("Kernel upgrade");
  const { source, nodes } = await addNodes(product, role, 3);
  await addBaseline(product, role, source);
  const [first = "", second = ""] = nodes;
  const upgraded = { ...STATE, "kernel/release": "6.9.0" };

  await signIn(page, product, "approver");
  await page.goto(paths.maintenance());
  await expectLive(page);
  await page.getByRole("button", { name: "Plan a window" }).click();
  const dialog = page.getByRole("dialog", { name: "Plan a maintenance window" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Only for").fill("node.labels.role ==");
  await expect(dialog.getByRole("alert")).toContainText("selector");
  await dialog.getByLabel("Only for").fill(`node.labels.role == "${role}"`);
  await expect(dialog.getByRole("status")).toContainText(/3 of \d+ nodes/);
  await expect(dialog.getByRole("status")).toContainText(first);
  await dialog.getByLabel("Kernel", { exact: true }).check();
  await dialog.getByLabel("Reason").fill(REASON);
  await expectNoSeriousAxe(page);
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await dialog.getByRole("button", { name: "Plan the window" }).click();
  const running = page
    .getByRole("region", { name: "Running" })
    .getByRole("listitem")
    .filter({ hasText: name });
  await expect(running).toContainText("3 nodes now");
  await expectNoHorizontalOverflow(page);
  await page.setViewportSize(DESK);

  await say(product, source, first, upgraded);
  const nodeId = await product.nodeId(first);
  const row = await expectClass(page, nodeId, "kernel/release", "authorised");
  await expect(row).toContainText(`in the maintenance window ${name} until`);
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Trusted");
  expect(await undecided(product, role)).toEqual([]);
  await page.goto(paths.drift());
  const note = page.getByRole("list", { name: "Maintenance windows that run" });
  await expect(note).toContainText(`${name} until`);
  await expect(note).toContainText("1 change authorised on 1 node");
  await expectNoSeriousAxe(page);

  await note.getByRole("link", { name }).click();
  await expect(heading(page)).toHaveText("Maintenance");
  await expect(running.getByRole("list", { name: "Changes" })).toContainText("kernel/release");
  await running.getByRole("button", { name: "End now" }).click();
  const ending = page.getByRole("dialog", { name: `End ${name} now?` });
  await ending.getByLabel("Reason").fill("The upgrade is done.");
  await ending.getByRole("button", { name: "End the window" }).click();
  const past = page
    .getByRole("region", { name: "Past" })
    .getByRole("listitem")
    .filter({ hasText: name })
    .first();
  await expect(past).toContainText("ended early");
  await expectNoSeriousAxe(page);
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await page.setViewportSize(DESK);

  await say(product, source, second, upgraded);
  const secondRow = await expectClass(page, await product.nodeId(second), "kernel/release", "unexplained");
  await expect(secondRow).not.toContainText(name);
  await expect.poll(() => undecided(product, role), { timeout: 60_000 }).toEqual(["kernel/release"]);
});

test("an analyst sees the windows and why none can be planned", async ({ page, product }) => {
  await signIn(page, product, "analyst");
  await page.goto(paths.maintenance());
  await expectLive(page);
  const plan = page.getByRole("button", { name: "Plan a window" });
  await expect(plan).toHaveAttribute("aria-disabled", "true");
  await plan.focus();
  await expect(page.getByText("Needs the role approver or admin")).toBeVisible();
  await page.goto(paths.settings("drift"));
  await expectLive(page);
  await expect(page.getByLabel("Degrades from").first()).toHaveAttribute("readonly", "");
  await expect(page.getByRole("button", { name: "Save" })).toHaveAttribute("aria-disabled", "true");
});

test("a threshold is tried on the nodes of now, holds from then on, and is not overwritten by who looked at an older one", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 409/);
  const role = unique("runtime").toLowerCase();
  const state = { ...STATE, "containerd/version": "2.0.1" };
  const { source, nodes } = await addNodes(product, role, 2, state);
  await addBaseline(product, role, source);
  const [drifting = ""] = nodes;
  await say(product, source, drifting, { ...state, "containerd/version": "2.1.0" });
  const nodeId = await product.nodeId(drifting);

  await signIn(page, product, "admin");
  await expectClass(page, nodeId, "containerd/version", "degrades the node");
  await page.goto(paths.settings("drift"));
  await expectLive(page);
  const layer = page.getByRole("group", { name: "Container runtime" });
  await expect(layer).toContainText("default never");
  await layer.getByLabel("Fails from").fill("90");
  await expect(layer).toContainText("It must be higher than the sum that degrades.");
  await expectNoSeriousAxe(page);
  await layer.getByLabel("Degrades from").fill("");
  await layer.getByLabel("Fails from").fill("10");
  await expect(layer).toContainText("A node fails from 1 unexplained change on.");
  await page.getByRole("button", { name: "What would change" }).click();
  const moves = page.getByRole("list", { name: "Nodes that move" }).getByRole("listitem");
  await expect(moves.filter({ hasText: drifting })).toContainText(
    "degrades the node → fails the node: container runtime reaches a score of 10",
  );
  await expectNoSeriousAxe(page);
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await page.setViewportSize(DESK);
  await save(page);
  await expect(page.getByRole("region", { name: "Versions" })).toContainText(SETTINGS_REASON);
  await expect(async () => {
    await page.goto(paths.nodeDrift(nodeId));
    await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Failed", { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });

  await page.goto(paths.settings("drift"));
  await expectLive(page);
  await layer.getByRole("button", { name: "Reset Container runtime" }).click();
  const admin = await product.session("admin");
  const now = await product.read<{ version: number; settings: object; defaults: object }>(
    paths.api.driftSettings(),
  );
  const body = { version: now.version, settings: now.defaults, reason: SETTINGS_REASON };
  const other = await admin.send(paths.api.driftSettings(), body, {}, "PUT");
  expect(other.status, other.text).toBe(200);
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Save the drift settings?" });
  await dialog.getByLabel("Reason").fill(SETTINGS_REASON);
  await dialog.getByRole("button", { name: "Save the settings" }).click();
  await expect(dialog.getByRole("alert")).toContainText("you looked at version");
});

const SETTINGS_REASON = "A changed runtime is worse than we thought.";

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Save the drift settings?" });
  await dialog.getByLabel("Reason").fill(SETTINGS_REASON);
  await dialog.getByRole("button", { name: "Save the settings" }).click();
  await expect(dialog).toBeHidden();
}
