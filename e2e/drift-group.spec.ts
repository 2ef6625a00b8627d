/** One change on many nodes is one question, and what people answer holds for as long as they said. */
import type { Browser, Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { type Product, type Sender, unique } from "./api.ts";
import { addSourceBaseline } from "./baselined.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";
import { bootstrap, verdict } from "./messages.ts";

const PHONE = { width: 390, height: 844 };
const WHY = "Rolled out by the platform team this morning.";
const REVIEW = "The configuration tool wrote the new file everywhere; its owners now announce their windows.";
/** The worker groups every five seconds and correlates every thirty; a busy machine takes longer. */
const WORKER = { timeout: 120_000 };

type State = Record<string, string>;

/** All nodes say the same, in few batches. */
async function sayAll(product: Product, source: Sender, nodes: readonly string[], measurements: State) {
  for (let start = 0; start < nodes.length; start += 100) {
    const batch = nodes.slice(start, start + 100);
    await product.postDocuments(
      source,
      batch.map((node) => verdict(node, "verified_good", { measurements })),
    );
  }
}

/** Some nodes of a source of their own, all as their baseline expects; `path` is the one that stories change. */
async function addFleet(product: Product, count: number) {
  const source = await product.createSource("generic");
  const nodes = Array.from({ length: count }, () => unique("fleet"));
  const path = `ima/etc/${unique("app")}.conf`;
  const state = { "kernel/release": "6.12", [path]: "sha256:old" };
  await sayAll(product, source, nodes, state);
  const baseline = await addSourceBaseline(product, source, state);
  return { source, nodes, path, state, baseline };
}

/** Load a tab of the inbox again and again until it holds exactly one change with some words. */
async function waitForOne(page: Page, tab: string, path: string, words: string | RegExp) {
  const changes = page.getByRole("main").getByRole("checkbox", { name: `Select ${path}` });
  await expect(async () => {
    await page.goto(paths.drift({ tab, q: path }));
    await expect(changes).toHaveCount(1, { timeout: 2_000 });
    await expect(page.getByRole("main").getByRole("list").getByRole("listitem").first()).toContainText(
      words,
      {
        timeout: 1_000,
      },
    );
  }).toPass(WORKER);
}

/** Take a decision about the one change that is listed. */
async function decide(page: Page, verb: string, title: string, fill?: () => Promise<void>): Promise<void> {
  await expectLive(page);
  await page.getByRole("main").getByRole("button", { name: verb, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.getByLabel("Reason").fill(WHY);
  await fill?.();
  await dialog.getByRole("button", { name: title.split(":")[0] ?? title, exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** A second person in a browser of their own. */
async function secondPerson(browser: Browser, product: Product): Promise<Page> {
  const context = await browser.newContext({ baseURL: product.baseURL });
  const page = await context.newPage();
  await signIn(page, product, "approver");
  return page;
}

test("187 nodes changed the same file: one group, breaker on", async ({ page, product }) => {
  test.slow();
  const { source, nodes, path, state } = await addFleet(product, 187);
  await signIn(page, product, "analyst");
  await sayAll(product, source, nodes, { ...state, [path]: "sha256:new" });
  await waitForOne(page, "undecided", path, "187 nodes");
  await page.getByRole("main").getByRole("button", { name: path }).click();
  const details = page.getByRole("region", { name: "Details of the change" });
  await expect(details).toContainText("sha256:old");
  await expect(details).toContainText("sha256:new");
  await expect(details).toContainText("187 nodes in all");
  await expectNoSeriousAxe(page);

  const title = `187 nodes changed ${path}`;
  await expect(async () => {
    await page.goto(paths.incidents());
    await expect(page.getByRole("link", { name: title })).toBeVisible({ timeout: 2_000 });
  }).toPass(WORKER);
  await expect(page.getByText("The breaker is on")).toBeVisible();
  await page.getByRole("link", { name: title }).click();
  const main = page.getByRole("main");
  await expect(main.getByRole("heading", { level: 1 })).toHaveText(title);
  await expect(main.getByText("breaker on")).toBeVisible();
  await expect(main.getByText("Suspect the baseline first.")).toBeVisible();
  await expect(main.getByRole("link", { name: "runbook coordinated-change" })).toBeVisible();
  await expectLive(page);
  await expectNoSeriousAxe(page);
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await page.getByLabel("Note or review").fill(REVIEW);
  await page.getByRole("button", { name: "Resolve with this review" }).click();
  await expect(main.getByText("resolved", { exact: true }).first()).toBeVisible();
  await page.goto(paths.incidents());
  await expect(page.getByRole("link", { name: title })).toHaveCount(0);
});

test("accept from a cohort: a draft that a second person approves, rolled out in stages, and matched", async ({
  page,
  browser,
  product,
}) => {
  test.slow();
  const { source, nodes, path, state, baseline } = await addFleet(product, 4);
  await sayAll(product, source, nodes, { ...state, [path]: "sha256:new" });
  await signIn(page, product, "analyst");
  await waitForOne(page, "undecided", path, "4 nodes");
  await decide(page, "Accept", `Accept into a draft: ${path}`);
  await waitForOne(page, "accepted", path, "4 nodes");

  const approver = await secondPerson(browser, product);
  /** Give the reason and ask; the second person sees the same request and approves it. */
  async function agreeOnPages(button: string) {
    await page.getByRole("textbox", { name: "Reason" }).fill(WHY);
    await page.getByRole("button", { name: button }).click();
    await expect(page.getByText("a second person has to decide it")).toBeVisible();
    await expect(page.getByRole("button", { name: "Approve and do it" })).toHaveCount(0);
    const address = new URL(page.url()).pathname;
    await approver.goto(address);
    await expectLive(approver);
    await approver.getByRole("button", { name: "Approve and do it" }).click();
    await expect(approver.getByRole("button", { name: "Approve and do it" })).toHaveCount(0);
    await expect(approver.getByText("Approved and done")).toBeVisible();
  }
  await page.goto(paths.baselineChange(baseline.baselineId, "publish", { version: 2 }));
  await expectLive(page);
  await agreeOnPages("Propose to publish");
  for (const percent of ["50", "100"]) {
    await page.goto(paths.baselineChange(baseline.baselineId, "rollout", { version: 2 }));
    await expectLive(page);
    await page.getByLabel("Percent of the nodes").fill(percent);
    await expect(page.getByRole("heading", { name: "The plan" })).toBeVisible();
    await agreeOnPages("Propose the rollout");
  }

  await page.goto(paths.baseline(baseline.baselineId));
  await expect(page.getByText(/100\D*%\s*4 of 4/).first()).toBeVisible();
  for (const node of nodes) {
    const nodeId = await product.nodeId(node);
    await expect(async () => {
      await page.goto(paths.nodeDrift(nodeId));
      await expect(page.getByText("Nothing differs from what is expected.")).toBeVisible({ timeout: 2_000 });
    }).toPass(WORKER);
  }
  await page.goto(paths.drift({ q: path }));
  await expect(page.getByRole("main").getByRole("checkbox", { name: `Select ${path}` })).toHaveCount(0);
  await approver.context().close();
});

test("a change is assigned, snoozed, ignored until a date, and comes back as a new group that names the old one", async ({
  page,
  browser,
  product,
}) => {
  test.slow();
  const { source, nodes, path, state } = await addFleet(product, 3);
  const changed = { ...state, [path]: "sha256:new" };
  const [first = "", second = "", ...others] = nodes;
  await sayAll(product, source, [first], changed);
  await signIn(page, product, "analyst");
  await waitForOne(page, "undecided", path, "1 node");
  await expectLive(page);
  await page.getByRole("main").getByRole("button", { name: "Assign to me" }).click();
  await expect(page.getByText("1 group assigned to you")).toBeVisible();
  await expect(page.getByRole("main").getByRole("list").getByRole("listitem").first()).toContainText(
    /analyst-\w+@/,
  );
  // An analyst decides, but does not lift a comparison.
  await expect(page.getByRole("main").getByRole("button", { name: "Ignore" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );

  await decide(page, "Snooze", `Snooze: ${path}`);
  await waitForOne(page, "snoozed", path, "1 node");
  // Put aside for one node; the second one brings it back.
  await sayAll(product, source, [second], changed);
  await waitForOne(page, "undecided", path, "2 nodes");

  const approver = await secondPerson(browser, product);
  await waitForOne(approver, "undecided", path, "2 nodes");
  await decide(approver, "Ignore", `Ignore: ${path}`, async () => {
    await expect(approver.getByLabel("Expires after")).toHaveValue("30");
    await approver.getByLabel("Expires after").selectOption("7");
  });
  await waitForOne(page, "ignored", path, "none without leave now");
  // What is ignored stays so on the next node.
  await sayAll(product, source, others, changed);
  await page.goto(paths.exceptions());
  await expectLive(page);
  await expectNoSeriousAxe(page);

  await approver.goto(paths.exceptions());
  await expectLive(approver);
  const exception = approver
    .getByRole("list", { name: "Exceptions" })
    .getByRole("listitem")
    .filter({ hasText: path.split("/").at(-1)?.split(".")[0] ?? path });
  await expect(exception).toContainText(WHY);
  await expect(exception).toContainText("expires");
  await exception.getByRole("button", { name: "End" }).click();
  const dialog = approver.getByRole("dialog", { name: "End this exception?" });
  await dialog.getByLabel("Reason").fill(WHY);
  await dialog.getByRole("button", { name: "End the exception" }).click();
  await expect(dialog).toBeHidden();

  await waitForOne(page, "regressed", path, "its exception is over");
  await page.getByRole("main").getByRole("button", { name: path }).click();
  const details = page.getByRole("region", { name: "Details of the change" });
  await expect(details).toContainText("Follows an earlier group: its exception is over.");
  await expect(details).toContainText("1 time ignored");
  await expectNoSeriousAxe(page);
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  // The old group is over, and says how it was decided.
  await waitForOne(page, "over", path, "decided by");
  await approver.context().close();
});

test("a change is handed to remediation: a request about the nodes that show it, and each names the other", async ({
  page,
  product,
}) => {
  test.slow();
  const { source, nodes, path, state } = await addFleet(product, 2);
  for (const node of nodes) await enrol(product, source, node);
  await sayAll(product, source, nodes, { ...state, [path]: "sha256:new" });
  await signIn(page, product, "analyst");
  await waitForOne(page, "undecided", path, "2 nodes");
  await decide(page, "Remediate", `Hand to remediation: ${path}`, async () => {
    await page.getByLabel("Ask for").selectOption("quarantine");
    await expect(page.getByText("Nothing is done to any of them until enough people agree.")).toBeVisible();
  });
  await waitForOne(page, "remediating", path, "2 nodes");
  await page.getByRole("main").getByRole("button", { name: path }).click();
  const details = page.getByRole("region", { name: "Details of the change" });
  await details.getByRole("link", { name: "The request to quarantine" }).click();
  await expect(heading(page)).toHaveText("Quarantine 2 nodes");
  await expect(page.getByText(WHY).first()).toBeVisible();
});

/** Known to provisioning, so that its life allows that something is done to it. */
async function enrol(product: Product, source: Sender, node: string): Promise<void> {
  const identity = { kind: "custom", value: node };
  const atMs = Date.now();
  await product.postDocuments(source, [
    bootstrap("provisioning.registered", identity, { atMs: atMs - 300_000 }),
    bootstrap("provisioning.image_completed", identity, { atMs: atMs - 120_000 }),
  ]);
  const id = await product.nodeId(node);
  await expect
    .poll(
      async () => (await product.read<{ lifecycle: { state: string } }>(paths.api.node(id))).lifecycle.state,
      WORKER,
    )
    .toBe("enrolling");
}
