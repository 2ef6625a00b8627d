/** A number is the number of rows behind it, wherever it stands, and the address says which rows. */
import type { Locator, Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { type Product, unique } from "./api.ts";
import { expect, signIn, test } from "./fixtures.ts";
import { bootstrap, verdict } from "./messages.ts";
import { type FleetSummary, type NodeListPage, STATUSES, type Status } from "./views.ts";

/** More than two pages of the list, and nobody quarantined or exempt. */
const FLEET = [
  ["verified_good", 140],
  ["not_recognised", 63],
  ["verified_bad", 11],
  ["pending", 5],
  ["unreachable", 7],
] as const;
const SIZE = FLEET.reduce((sum, [, count]) => sum + count, 0);
const PAGE_SIZE = 100;

/** A fleet of all statuses that verdicts can bring about; its nodes' names begin with the answer. */
async function makeFleet(product: Product): Promise<string> {
  const source = await product.createSource("generic");
  const fleet = unique("count");
  const documents = FLEET.flatMap(([outcome, count]) =>
    Array.from({ length: count }, (_, index) =>
      verdict(`${fleet}-${outcome}-${String(index).padStart(3, "0")}`, outcome),
    ),
  );
  await product.postDocuments(source, documents);
  return fleet;
}

const labelOf = (status: Status) => status.charAt(0).toUpperCase() + status.slice(1);

/** The number that a link shows. */
async function numberIn(link: Locator): Promise<number> {
  const text = await link.getByText(/^[\d,]+$/).textContent();
  return Number(text?.replaceAll(",", ""));
}

/** Load all rows of the list that is open, and count them. */
async function countRows(page: Page, total: number): Promise<number> {
  if (total === 0) {
    await expect(page.getByText("No node matches")).toBeVisible();
    return 0;
  }
  const loaded = page.getByRole("status").filter({ hasText: / loaded$/ });
  const more = page.getByRole("button", { name: "Load more" });
  await expect(async () => {
    // The button goes away with the last page; a click that waits for it must give up and look again.
    if (await more.isVisible()) await more.click({ timeout: 2_000 });
    await expect(loaded).toHaveText(`${total.toLocaleString("en")} of ${total.toLocaleString("en")} loaded`, {
      timeout: 500,
    });
  }).toPass();
  const table = page.getByRole("table", { name: "Nodes" });
  await page.keyboard.press("End");
  await expect(table.getByRole("row").last()).toHaveAttribute("aria-rowindex", String(total + 1));
  return Number(await table.getAttribute("aria-rowcount")) - 1;
}

test("each count of the overview equals the rows behind its link, zero and many pages included", async ({
  page,
  product,
}) => {
  await makeFleet(product);
  await signIn(page, product, "viewer");
  await page.goto(paths.overview());
  const now = page.getByRole("main");
  const shown = new Map<Status, number>();
  for (const status of STATUSES) {
    const link = now
      .getByRole("listitem")
      .getByRole("link", { name: new RegExp(`^${labelOf(status)} ?\\d`) });
    shown.set(status, await numberIn(link));
  }
  const { counts, nodes } = await product.read<FleetSummary>(paths.api.fleetSummary());
  expect(Object.fromEntries(shown)).toEqual(counts);
  expect([...shown.values()].reduce((sum, count) => sum + count, 0)).toBe(nodes);
  expect(counts.quarantined).toBe(0);
  expect(counts.trusted).toBeGreaterThan(PAGE_SIZE);

  for (const [status, count] of shown) {
    await page.goto(paths.overview());
    await now
      .getByRole("listitem")
      .getByRole("link", { name: new RegExp(`^${labelOf(status)} ?\\d`) })
      .click();
    await expect(page).toHaveURL(paths.nodes({ q: `status:${status}` }));
    await expect(page.getByRole("main")).toContainText(count === 1 ? "1 node match" : `${count} nodes match`);
    expect(await countRows(page, count), status).toBe(count);
  }
});

test("what needs people is counted as the lists behind it count", async ({ page, product }) => {
  const source = await product.createSource("generic");
  const fleet = unique("needs");
  await product.postDocuments(source, [
    verdict(`${fleet}-failed`, "verified_bad"),
    verdict(`${fleet}-stale`, "unreachable"),
    bootstrap("provisioning.discovered", { kind: "serial", value: `${fleet}-never` }),
  ]);
  await signIn(page, product, "viewer");
  const summary = await product.read<FleetSummary>(paths.api.fleetSummary());
  for (const [what, status, expected] of [
    ["failed", "failed", summary.counts.failed],
    ["stale", "stale", summary.counts.stale],
    ["never attested", "pending", summary.neverAttested],
  ] as const) {
    await page.goto(paths.overview());
    const need = page.getByRole("main").getByRole("link", { name: new RegExp(`^\\d+ ?${what}`) });
    expect(await numberIn(need)).toBe(expected);
    await need.click();
    await expect(page).toHaveURL(paths.nodes({ q: `status:${status}` }));
    const total = status === "pending" ? summary.counts.pending : expected;
    expect(await countRows(page, total)).toBe(total);
  }
});

test("facets count what choosing them shows, and pages by cursor hold every row once", async ({
  page,
  product,
}) => {
  const fleet = await makeFleet(product);
  await signIn(page, product, "viewer");
  await page.goto(paths.nodes({ q: fleet }));
  await expect(page.getByRole("main")).toContainText(`${SIZE} nodes match`);
  const facets = page.getByRole("group", { name: "Status" });
  const first = await product.read<NodeListPage>(paths.api.nodes({ q: fleet, limit: 50 }));
  expect(first.total).toBe(SIZE);

  for (const status of STATUSES) {
    const facet = facets.getByRole("button", { name: new RegExp(`^${labelOf(status)}`) });
    await expect(facet).toHaveText(`${labelOf(status)}${first.facets[status]}`);
    await facet.click();
    await expect(facet).toHaveAttribute("aria-pressed", "true");
    const count = first.facets[status];
    await expect(page.getByRole("main")).toContainText(`${count} nodes match`);
    expect(await countRows(page, count), status).toBe(count);
    await page.evaluate(() => window.scrollTo(0, 0));
    await facet.click();
    await expect(facet).toHaveAttribute("aria-pressed", "false");
  }

  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const listed: NodeListPage = await product.read(paths.api.nodes({ q: fleet, limit: 50, cursor }));
    seen.push(...listed.items.map(({ id }) => id));
    cursor = listed.nextCursor;
  } while (cursor !== null);
  expect(seen).toHaveLength(SIZE);
  expect(new Set(seen).size).toBe(SIZE);
});

test("query, order and range live in the address: reload and Back bring them back", async ({
  page,
  product,
}) => {
  const source = await product.createSource("generic");
  const fleet = unique("url");
  // The newest of equal statuses comes first, so each has an instant of its own.
  const atMs = Date.now();
  await product.postDocuments(source, [
    verdict(`${fleet}-a`, "verified_good", { atMs }),
    verdict(`${fleet}-b`, "verified_bad", { atMs: atMs - 1_000 }),
    verdict(`${fleet}-c`, "verified_good", { atMs: atMs - 2_000 }),
  ]);
  await signIn(page, product, "viewer");
  await page.goto(paths.nodes());
  const names = page.getByRole("table", { name: "Nodes" }).getByRole("link");
  const filter = page.getByLabel("Filter nodes");
  await filter.fill(fleet);
  await expect(page).toHaveURL(paths.nodes({ q: fleet }));
  await expect(names).toHaveText([`${fleet}-b`, `${fleet}-a`, `${fleet}-c`]);

  await page.getByRole("button", { name: "Node", exact: true }).click();
  await expect(page).toHaveURL(paths.nodes({ q: fleet, sort: "name" }));
  await page.getByRole("button", { name: "Node", exact: true }).click();
  await expect(page).toHaveURL(paths.nodes({ q: fleet, sort: "-name" }));
  const backwards = [`${fleet}-c`, `${fleet}-b`, `${fleet}-a`];
  await expect(names).toHaveText(backwards);
  await page.reload();
  await expect(names).toHaveText(backwards);
  await expect(filter).toHaveValue(fleet);
  await expect(page.getByRole("columnheader", { name: "Node" })).toHaveAttribute("aria-sort", "descending");

  await names.first().click();
  await expect(page.getByRole("region", { name: "Trust now" })).toBeVisible();
  await page.getByRole("button", { name: /^24 h/ }).click();
  await expect(page).toHaveURL(/from=now-24h/);
  await page.reload();
  await expect(page.getByRole("button", { name: /^24 h/ })).toHaveAttribute("aria-pressed", "true");
  await page.goBack();
  await expect(page.getByRole("button", { name: /^7 d/ })).toHaveAttribute("aria-pressed", "true");
  await page.goBack();
  await expect(page).toHaveURL(paths.nodes({ q: fleet, sort: "-name" }));
  await expect(names).toHaveText(backwards);

  await page.goto(paths.overview());
  await page.getByRole("button", { name: "7d" }).click();
  await expect(page).toHaveURL(paths.overview({ range: "7d" }));
  await page.reload();
  await expect(page.getByRole("heading", { name: "Status over 7d" })).toBeVisible();
});
