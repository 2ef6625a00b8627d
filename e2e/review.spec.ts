/** An auditor from outside is let in for one quarter, sees only that, and takes away what a stranger can verify. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { runCliIn } from "#tests/cli";
import { type Account, openSession, type Product, unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  submitSignIn,
  test,
} from "./fixtures.ts";
import { verdict } from "./messages.ts";
import { picture } from "./picture.ts";

const PHONE = { width: 390, height: 844 };
const PASSWORD = "four-plain-words-here";

/** The administrator lets somebody in for this quarter. */
async function letIn(page: Page, product: Product): Promise<Account> {
  const email = `${unique("reviewer")}@example.test`;
  await signIn(page, product, "admin");
  await page.goto(paths.settings("people"));
  await expectLive(page);
  await page.getByRole("button", { name: "Let somebody in" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill(email);
  await dialog.getByLabel("Role").selectOption("auditor");
  await dialog.getByLabel("May look at").selectOption({ index: 1 });
  await expectNoSeriousAxe(page);
  await picture(page, "review-invite");
  await dialog.getByRole("button", { name: "Let in" }).click();
  await expect(dialog.getByRole("heading", { name: "Pass the password on now" })).toBeVisible();
  const password =
    (await dialog.getByRole("region", { name: "One-time password" }).locator("pre").textContent()) ?? "";
  await dialog.getByRole("button", { name: "I have passed it on" }).click();
  const person = page.getByRole("listitem").filter({ hasText: email }).first();
  await expect(person).toContainText(/Only \d{4}-\d\d-01 to \d{4}-\d\d-\d\d/);
  return { email, password };
}

test("an auditor is let in for one quarter, sees only that, makes a report, and verifies it offline in an empty directory", async ({
  page,
  product,
  browser,
}) => {
  test.slow();
  const source = await product.createSource("generic");
  await product.postDocuments(source, [verdict(unique("reviewed"), "verified_good")]);
  const account = await letIn(page, product);

  const context = await browser.newContext({ baseURL: product.baseURL, acceptDownloads: true });
  const auditor = await context.newPage();
  const dir = await mkdtemp(join(tmpdir(), "touchstone-review-"));
  try {
    await auditor.goto(paths.signIn());
    await submitSignIn(auditor, account);
    await auditor.getByLabel("One-time password").fill(account.password);
    await auditor.getByLabel("New password", { exact: true }).fill(PASSWORD);
    await auditor.getByLabel("New password again").fill(PASSWORD);
    await auditor.getByRole("button", { name: "Change password" }).click();
    await expect(auditor.getByRole("navigation", { name: "Main" }).first()).toBeVisible();

    // The start is what the review is about.
    await auditor.goto(paths.overview());
    await expect(auditor).toHaveURL(new RegExp(`${paths.compliance()}$`));
    await expect(heading(auditor)).toHaveText("Compliance");
    await expect(auditor.getByRole("banner")).toContainText(/Your review: \d{4}-\d\d-01 to \d{4}-\d\d-\d\d/);
    await expect(auditor.getByRole("table", { name: "Controls" })).toBeVisible();
    const links = await auditor
      .getByRole("navigation", { name: "Main" })
      .first()
      .getByRole("link")
      .allInnerTexts();
    expect(links.map((link) => link.trim())).toEqual(["Compliance"]);
    await expectNoSeriousAxe(auditor);
    await picture(auditor, "review");

    // Another period is not shown, whoever writes its name into the address.
    await auditor.goto(paths.complianceMeasures({ period: "90d" }));
    const period = auditor.getByLabel("Period (UTC)");
    await expect(period.locator("option").first()).toContainText("The whole review");
    await expect(period).toHaveValue(/T00:00:00\.000Z\/.*T00:00:00\.000Z$/);
    await expect(auditor.getByRole("table", { name: "Further measures" })).toBeVisible();
    await picture(auditor, "review-measures");

    await auditor.goto(paths.nodes());
    await expect(auditor.getByRole("main")).toContainText("This is not part of your review");
    await expectNoSeriousAxe(auditor);
    await picture(auditor, "review-forbidden");

    const title = unique("Review");
    await auditor.goto(paths.reports());
    await auditor.getByRole("button", { name: "New report" }).click();
    const dialog = auditor.getByRole("dialog");
    await dialog.getByLabel("Title").fill(title);
    await dialog.getByLabel("Framework").selectOption("soc-2");
    await expect(dialog.getByLabel("Period (UTC)").locator("option").first()).toContainText(
      "The whole review",
    );
    await dialog.getByRole("button", { name: "Prepare the report" }).click();
    const row = auditor.getByRole("row", { name: title });
    await expect(row).toContainText("Ready", { timeout: 60_000 });
    await row.getByRole("link", { name: title }).click();
    await expect(heading(auditor)).toHaveText(title);
    await picture(auditor, "review-report");
    await auditor.setViewportSize(PHONE);
    await expectNoHorizontalOverflow(auditor);
    await picture(auditor, "review-report-phone");
    await auditor.goto(paths.compliance());
    await expectNoHorizontalOverflow(auditor);
    await picture(auditor, "review-phone");
    await auditor.goBack();

    const saving = auditor.waitForEvent("download");
    await auditor
      .getByRole("region", { name: "Files" })
      .getByRole("link", { name: "Evidence pack", exact: true })
      .click();
    await writeFile(join(dir, "pack.zip"), await readFile(await (await saving).path()));
    await writeFile(
      join(dir, "jwks.json"),
      await (await fetch(`${product.baseURL}/.well-known/jwks.json`)).text(),
    );
    const checked = await runCliIn(dir, ["verify", "pack.zip", "--keys", "jwks.json"]);
    expect(checked.status, checked.out + checked.err).toBe(0);
    expect(checked.out).toContain("a key that you gave signed it");
  } finally {
    await context.close();
    await rm(dir, { recursive: true, force: true });
  }

  const session = await openSession(product.baseURL, { email: account.email, password: PASSWORD });
  if (!session) throw new Error("no session");
  const before = { from: "2020-01-01T00:00:00.000Z", to: "2020-04-01T00:00:00.000Z", q: "" };
  for (const [path, code] of [
    [paths.api.complianceMeasures(before), "auth/outside-review"],
    [paths.api.nodes({}), "auth/forbidden"],
    [paths.api.auditExport({ format: "jsonl" }), "auth/forbidden"],
  ] as const) {
    const answer = await session.get(path);
    expect([answer.status, answer.json<{ code: string }>().code], path).toEqual([403, code]);
  }
});
