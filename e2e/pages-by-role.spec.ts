/** Every page as every role: what one may see is shown whole, what one may not do says so. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, expectLive, heading, signIn, test } from "./fixtures.ts";
import { ROLES, type Role } from "./views.ts";
import { consolePages, makeWorld, PUBLIC_PAGES } from "./world.ts";

const READS_EVIDENCE: readonly Role[] = ["auditor", "analyst", "approver", "admin"];
const OVERSEES: readonly Role[] = ["auditor", "admin"];

for (const role of ROLES) {
  test(`every page works for the role ${role}, and what it lacks is disabled with the reason`, async ({
    page,
    product,
    trouble,
  }) => {
    // Seventy pages, one after the other, also on a busy machine.
    test.setTimeout(420_000);
    if (!OVERSEES.includes(role)) trouble.allow(/status of 403/);
    const world = await makeWorld(product);
    await signIn(page, product, role);
    for (const { path, heading: text, notForViewers, forOverseers } of consolePages(world)) {
      await test.step(path, async () => {
        const answer = await page.goto(path);
        const closed = forOverseers === true && !OVERSEES.includes(role);
        const refused = closed || (notForViewers === true && !READS_EVIDENCE.includes(role));
        expect(answer?.status()).toBe(refused ? 403 : 200);
        await expect(heading(page)).toHaveText(closed && path.startsWith("/settings") ? "Settings" : text);
        await expect(page.getByRole("main").getByRole("alert")).toHaveCount(0);
      });
    }
    await expectLive(page);
    await expect(page.getByRole("complementary")).toContainText(role);

    const refusal = `Needs the role admin; you are ${role}.`;
    for (const [path, name] of [
      [paths.sources(), "Create source"],
      [paths.source(world.sourceId), "Create API key"],
    ] as const) {
      await page.goto(path);
      await expectLive(page);
      const button = page.getByRole("button", { name });
      if (role === "admin") {
        await button.click();
        await expect(page.getByRole("dialog", { name })).toBeVisible();
        continue;
      }
      await expect(button).toHaveAttribute("aria-disabled", "true");
      await expect(button).toHaveAccessibleDescription(refusal);
      await button.focus();
      await expect(page.getByText(refusal).filter({ visible: true })).toHaveCount(1);
      await page.keyboard.press("Enter");
      await expect(page.getByRole("dialog")).toHaveCount(0);
    }

    await page.goto(paths.source(world.sourceId, { tab: "rejected" }));
    const main = page.getByRole("main");
    if (READS_EVIDENCE.includes(role)) await expect(main).toContainText("The event could not be read");
    else await expect(main).toContainText("Your role does not allow reading rejected events");
  });
}

test("changes beyond one's role are refused by the server, whatever the page offers", async ({ product }) => {
  for (const role of ROLES.filter((other) => other !== "admin")) {
    const session = await product.session(role);
    for (const [path, body] of [
      [paths.api.sources(), { kind: "generic", name: unique("forbidden") }],
      ["/api/v1/users", { email: `${unique("forbidden")}@example.test`, role: "admin" }],
    ] as const) {
      const answer = await session.send(path, body);
      expect(answer.status, `${role} ${path}`).toBe(403);
      expect(answer.json()).toMatchObject({ code: "auth/forbidden" });
    }
  }
});

test("signed out, every page leads to the sign-in page and back, and the API answers 401", async ({
  page,
  product,
}) => {
  const world = await makeWorld(product);
  for (const { path } of consolePages(world)) {
    await page.goto(path);
    await expect(page).toHaveURL(path === "/" ? paths.signIn() : paths.signIn({ callbackUrl: path }));
    await expect(page.getByText(world.node)).toHaveCount(0);
  }
  for (const { path, heading: text } of PUBLIC_PAGES) {
    await page.goto(path);
    await expect(page).toHaveURL(path);
    await expect(heading(page)).toHaveText(text);
  }
  for (const path of [
    paths.api.nodes(),
    paths.api.node(world.nodeId),
    paths.api.fleetSummary(),
    paths.api.sources(),
    paths.api.stream(),
    paths.api.account(),
  ]) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(401);
    expect(answer.headers()["content-type"]).toBe("application/problem+json");
  }
});

test("what does not exist says so, within the product", async ({ page, product, trouble }) => {
  trouble.allow(/status of 404/);
  await signIn(page, product, "viewer");
  const nobody = "01a20000-0000-7000-8000-000000000000";
  for (const path of ["/no-such-page", paths.node(nobody), paths.source(nobody), "/problems/no/such"]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(heading(page)).toBeVisible();
    await expect(page.getByRole("main").getByRole("link").first()).toBeVisible();
  }
});

for (const role of ROLES) {
  test(`no link of the navigation refuses the role ${role}, and its settings can be reached`, async ({
    page,
    product,
  }) => {
    await signIn(page, product, role);
    await page.goto(paths.overview());
    await expectLive(page);
    const links = page.getByRole("navigation", { name: "Main" }).getByRole("link");
    const hrefs = await links.evaluateAll((all) => [...new Set(all.map((one) => one.getAttribute("href")))]);
    expect(hrefs.filter((href) => href?.startsWith("/settings/"))).toHaveLength(1);
    for (const href of hrefs) {
      const answer = await page.request.get(href ?? "");
      expect(answer.status(), `${href}`).toBe(200);
    }
  });
}
