/** Looking at the past and comparing: the address keeps both times, and differences are named path by path. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
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
import type { Comparison } from "./views.ts";

const MINUTE_MS = 60_000;
const PHONE = { width: 390, height: 844 };
const HOSTILE = "6.13-\u202Edetsurt";

test("the past stays chosen from page to page, nothing can be changed there, and one press leads back", async ({
  page,
  product,
}) => {
  test.slow();
  const source = await product.createSource("generic", { staleAfterMs: 24 * 60 * MINUTE_MS });
  const node = unique("past");
  const nowMs = Date.now();
  const at = (minutesAgo: number) => ({ atMs: nowMs - minutesAgo * MINUTE_MS });
  await product.postDocuments(source, [
    verdict(node, "verified_good", at(60)),
    verdict(node, "verified_bad", at(20)),
  ]);
  const asOf = new Date(nowMs - 40 * MINUTE_MS).toISOString();

  await signIn(page, product, "admin");
  await page.goto(`${paths.nodes({ q: node })}&asOf=${encodeURIComponent(asOf)}`);
  const banner = page.getByRole("region", { name: "Shown instant" });
  await expect(banner).toContainText("read-only");
  await expect(page.getByRole("main").getByText("Trusted").first()).toBeVisible();
  await page.getByRole("link", { name: node }).click();
  await expect(heading(page)).toHaveText(node);
  await expect(page.getByRole("region", { name: "Trust then" })).toContainText("Trusted");
  const nav = page.getByRole("navigation", { name: "Main" });
  for (const name of ["Overview", "Sources", "Nodes"]) {
    await nav.getByRole("link", { name }).click();
    await expect(heading(page)).toHaveText(name);
    await expect(banner).toBeVisible();
    expect(new URL(page.url()).searchParams.get("asOf")).toBe(asOf);
    if (name === "Sources") {
      await expect(page.getByRole("button", { name: "Create source" }).first()).toHaveAttribute(
        "aria-disabled",
        "true",
      );
    }
  }
  await expectNoSeriousAxe(page);
  await banner.getByRole("button", { name: "Back to now" }).click();
  await expect(banner).toHaveCount(0);
  expect(new URL(page.url()).searchParams.has("asOf")).toBe(false);
});

test("a comparison names every difference once, by layer, and its link shows the same for ever", async ({
  page,
  product,
}) => {
  test.slow();
  const source = await product.createSource("generic", { staleAfterMs: 24 * 60 * MINUTE_MS });
  const node = unique("compare");
  const nowMs = Date.now();
  const measured = (kernel: string, more: object = {}) => ({
    coverage: ["measured_boot"],
    measurements: { "kernel/release": kernel, "pcr/sha256/0": "00", "pcr/sha256/7": "77", ...more },
  });
  const twin = unique("twin");
  await product.postDocuments(source, [
    verdict(node, "verified_good", {
      atMs: nowMs - 60 * MINUTE_MS,
      ...measured("6.12", { "ima/usr/bin/x": "1" }),
    }),
    verdict(node, "verified_bad", { atMs: nowMs - 20 * MINUTE_MS, ...measured(HOSTILE) }),
    verdict(twin, "verified_good", { atMs: nowMs - 20 * MINUTE_MS, ...measured("6.12") }),
  ]);
  const nodeId = await product.nodeId(node);
  const answer = await product.read<Comparison>(paths.api.nodeCompare(nodeId, {}));

  await signIn(page, product, "analyst");
  await page.goto(paths.nodeCompare(nodeId));
  await expectLive(page);
  const main = page.getByRole("main");
  await expect(main.getByRole("status").filter({ hasText: `${answer.counts.total} changes` })).toBeVisible();
  await expect(main.getByRole("heading", { name: "Kernel", exact: true })).toBeVisible();
  await expect(main.getByText("6.13-\\u{202E}detsurt")).toBeVisible();
  await expect(main.getByText(/Identical: Firmware \(1\), Secure Boot \(1\)/)).toBeVisible();
  const rows = main.locator("tr[data-change]");
  await expect(rows).toHaveCount(answer.counts.total);
  await page.keyboard.press("n");
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press("n");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("p");
  await page.keyboard.press("p");
  await expect(rows.last()).toBeFocused();
  // Nothing half under the bar at the top.
  await page.evaluate(() => window.scrollTo(0, 0));
  await expectNoSeriousAxe(page);
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole("button", { name: "Before – after the last change" }).click();
  await expect(rows).toHaveCount(answer.counts.total);
  expect(new URL(page.url()).searchParams.get("b")).toBe(new Date(nowMs - 20 * MINUTE_MS).toISOString());

  await page.getByRole("button", { name: "Another node…" }).click();
  await page.getByLabel("Node to compare with").fill(twin);
  await page.getByRole("list", { name: "Nodes found" }).getByRole("button", { name: twin }).click();
  await expect(page.getByRole("region", { name: "Side A" })).toContainText(twin);

  const instant = new Date(nowMs - 30 * MINUTE_MS).toISOString();
  await page.goto(paths.nodeCompare(nodeId, { a: instant, b: instant }));
  await expect(main.getByText(/^No difference: 1 line of evidence and 4 measurements/)).toBeVisible();
});
