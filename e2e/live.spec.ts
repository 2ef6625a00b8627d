/** Changes arrive by themselves, and the page says when they do not. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { connection, expect, expectLive, signIn, test } from "./fixtures.ts";
import { verdict } from "./messages.ts";

test("a new verdict changes the node's page and the overview without a reload", async ({ page, product }) => {
  const source = await product.createSource("generic");
  const node = unique("live");
  await product.postDocuments(source, [verdict(node, "verified_good")]);
  await signIn(page, product, "viewer");
  const nodePath = paths.nodeTimeline(await product.nodeId(node));
  await page.goto(nodePath);
  await expectLive(page);
  const loads: string[] = [];
  page.on("load", () => loads.push(page.url()));

  const trust = page.getByRole("region", { name: "Trust now" });
  await expect(trust).toContainText("Trusted");
  await product.postDocuments(source, [verdict(node, "verified_bad")]);
  await expect(trust).toContainText("Failed");
  const table = page.getByRole("region", { name: "Table of the timeline" });
  await expect(table.getByRole("button", { name: /^Select Failed/ }).first()).toBeVisible();

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Overview" }).click();
  const changes = page.getByRole("main").getByRole("listitem").filter({ hasText: node });
  await expect(changes.first()).toContainText("Failed");
  await product.postDocuments(source, [verdict(node, "not_recognised")]);
  await expect(changes.first()).toContainText("Degraded");
  expect(loads).toEqual([]);
});

test("the node list keeps its rows and offers the changes", async ({ page, product }) => {
  const source = await product.createSource("generic");
  const node = unique("pill");
  await product.postDocuments(source, [verdict(node, "verified_good")]);
  await signIn(page, product, "viewer");
  await page.goto(paths.nodes({ q: node }));
  await expectLive(page);
  const row = page.getByRole("table", { name: "Nodes" }).getByRole("row").filter({ hasText: node });
  await expect(row).toContainText("Trusted");

  await product.postDocuments(source, [verdict(node, "verified_bad")]);
  const offer = page.getByRole("button", { name: /change.*refresh/i });
  await expect(offer).toBeVisible();
  await expect(row).toContainText("Trusted");
  await offer.click();
  await expect(row).toContainText("Failed");
  await expect(offer).toHaveCount(0);
});

test("a lost connection is said, and what was missed is made up for when it is back", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_INCOMPLETE_CHUNKED|ERR_NETWORK_CHANGED/);
  const source = await product.createSource("generic");
  const node = unique("dropped");
  await product.postDocuments(source, [verdict(node, "verified_good")]);
  await signIn(page, product, "viewer");
  await page.goto(paths.nodeTimeline(await product.nodeId(node)));
  await expectLive(page);

  await page.context().setOffline(true);
  await expect(connection(page)).toContainText("Offline");
  await expect(connection(page)).toContainText("What you see is from before");
  await page.route(`**${paths.api.stream()}`, (route) => route.abort());
  await page.context().setOffline(false);
  await expect(connection(page)).toContainText("Reconnecting");

  await product.postDocuments(source, [verdict(node, "verified_bad")]);
  const trust = page.getByRole("region", { name: "Trust now" });
  await expect(trust).toContainText("Trusted");
  await page.unroute(`**${paths.api.stream()}`);
  await expect(connection(page)).toHaveText("Live", { timeout: 20_000 });
  await expect(trust).toContainText("Failed");
});

test("a session that ends closes the stream's page at its next request", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 401/);
  const account = await product.createUser("viewer");
  await page.goto(paths.signIn());
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expectLive(page);
  const { csrfToken } = await (await page.request.get("/api/auth/csrf")).json();
  await page.request.post("/api/auth/signout", { form: { csrfToken, json: "true" } });

  const source = await product.createSource("generic");
  await product.postDocuments(source, [verdict(unique("after"), "verified_good")]);
  await expect(page).toHaveURL(paths.signIn({ callbackUrl: paths.overview() }), { timeout: 20_000 });
});
