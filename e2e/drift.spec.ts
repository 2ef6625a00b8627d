/** What differs from a baseline: an attack is seen within one cadence, an authorised upgrade raises nothing. */
import { paths } from "#lib/client/paths";
import { BANKS, smallBoot, writeAgileLog } from "#tests/event-log-writer";
import { unique } from "./api.ts";
import { addBaseline, addNodes, addSourceBaseline, agree, FULL_ROLLOUT, STATE, say } from "./baselined.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  signIn,
  test,
} from "./fixtures.ts";
import { verdict } from "./messages.ts";

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
  // The page follows the worker by itself; on a busy machine that compares a whole fleet it waits for its turn.
  await expect(page.getByText("Nothing differs from what is expected.")).toBeVisible({ timeout: 60_000 });

  await say(product, source, victim, { ...STATE, "secure-boot/enabled": "false" });
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("row").filter({ hasText: "secure-boot/enabled" })).toContainText(
      "malicious-like",
      { timeout: 2_000 },
    );
    await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Failed", { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
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
  await agree(product, "baseline.rollout", { baselineId, version: 2, ...FULL_ROLLOUT, part: "accepted" });

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

test("a node is compared with what its baseline expected, as rows and as text, and a register leads to its log", async ({
  page,
  product,
}) => {
  const source = await product.createSource("generic");
  const node = unique("against");
  const app = "ima/opt/app\u202E";
  const long = "x".repeat(500);
  const expected = { ...STATE, "pcr/sha256/9": "99", [app]: "sha256:1", "config/motd": "one\ntwo\nthree" };
  const { baselineId, name } = await addSourceBaseline(product, source, expected);
  const boot = Buffer.from(writeAgileLog(BANKS, smallBoot())).toString("base64");
  const other = Buffer.from(writeAgileLog(BANKS, smallBoot({ config: "menu 2" }))).toString("base64");
  const nowMs = Date.now();
  const at = (minutes: number) => nowMs - minutes * 60_000;
  const actual = { ...expected, "pcr/sha256/9": "00", [app]: long, "config/motd": "one\nTWO\nthree" };
  await product.postDocuments(source, [
    verdict(node, "verified_good", { measurements: expected, eventLogs: { tpm2: boot }, atMs: at(3) }),
    verdict(node, "verified_good", { measurements: actual, eventLogs: { tpm2: other }, atMs: at(2) }),
  ]);
  const nodeId = await product.nodeId(node);
  await signIn(page, product, "analyst");
  await page.goto(paths.nodeCompare(nodeId));
  await expectLive(page);
  await page.getByRole("button", { name: "A baseline…" }).click();
  await page.getByLabel("Baseline to compare with").fill(name);
  await page.getByRole("list", { name: "Baselines found" }).getByRole("button", { name }).click();
  const main = page.getByRole("main");
  await expect(main.getByRole("status").filter({ hasText: "3 changes" })).toBeVisible();
  await expect(main.getByRole("region", { name: "Side A" })).toContainText(name);
  await expect(main.getByRole("region", { name: "Side A" })).toContainText("version 1");
  const row = main.getByRole("row").filter({ hasText: "ima/opt/app\\u{202E}" });
  await expect(row).toContainText("unexplained");
  await expectNoSeriousAxe(page);

  for (const view of ["Unified", "Split"]) {
    await page
      .getByRole("group", { name: "View of the differences" })
      .getByRole("button", { name: view })
      .click();
    await expect(page).toHaveURL(new RegExp(`view=${view.toLowerCase()}`));
    const motd = main.getByRole("listitem").filter({ hasText: "config/motd" });
    await expect(motd).toContainText("removed: two");
    await expect(motd).toContainText("added: TWO");
    await expect(main.getByText(long)).toBeVisible();
    await expect(main.getByText("ima/opt/app\\u{202E}")).toBeVisible();
    await page.keyboard.press("n");
    await expect(main.getByRole("listitem").filter({ hasText: "pcr/sha256/9" })).toBeFocused();
    await page.keyboard.press("p");
    await expect(motd).toBeFocused();
    // Nothing half under the bar at the top.
    await page.evaluate(() => window.scrollTo(0, 0));
    await expectNoSeriousAxe(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNoHorizontalOverflow(page);
    await page.setViewportSize({ width: 1280, height: 720 });
  }

  // What held at an instant is kept in the address, and so is how it is shown.
  await page.goto(
    paths.nodeCompare(nodeId, { a: `baseline:${baselineId}@1`, b: new Date(at(3)).toISOString() }),
  );
  await expect(main.getByText("Nothing differs from what is expected.")).toBeVisible();
  await expect(main.getByText("as if it had been in force for the node")).toBeVisible();

  await page.goto(`${paths.nodeDrift(nodeId)}?view=split`);
  await expectLive(page);
  await expect(main.getByRole("listitem").filter({ hasText: "config/motd" })).toContainText("Expected");
  await page.getByRole("button", { name: "Grouped" }).click();
  const register = main.getByRole("row").filter({ hasText: "pcr/sha256/9" });
  await register.getByRole("link", { name: "Which event changed" }).click();
  await expect(main.getByRole("list", { name: "Changes of the boot log" })).toContainText("PCR");
  await page.evaluate(() => window.scrollTo(0, 0));
  await expectNoSeriousAxe(page);
});

test("hundreds of changes are shown in part, counted, and all of them on demand", async ({
  page,
  product,
}) => {
  const source = await product.createSource("generic");
  const node = unique("many");
  const nowMs = Date.now();
  const say = (minutes: number, value: string) =>
    verdict(node, "verified_good", {
      atMs: nowMs - minutes * 60_000,
      measurements: Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`ima/f${n}`, value])),
    });
  await product.postDocuments(source, [say(3, "old"), say(1, "new")]);
  const nodeId = await product.nodeId(node);
  const at = (minutes: number) => new Date(nowMs - minutes * 60_000).toISOString();
  await signIn(page, product, "analyst");
  await page.goto(`${paths.nodeCompare(nodeId, { a: at(2), b: at(1) })}&view=unified`);
  await expectLive(page);
  const entries = page.getByRole("main").getByRole("listitem").filter({ hasText: "ima/f" });
  await expect(page.getByText("150 further entries with 300 lines not shown")).toBeVisible();
  await expect(entries).toHaveCount(250);
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(entries).toHaveCount(400);
});
