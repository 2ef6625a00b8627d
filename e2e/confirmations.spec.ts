/** Strong roles that nobody else stands behind are found, confirmed on a phone and on a desktop, and M21 is satisfied. */
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { openSession, type Product, type Session } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  signIn,
  test,
} from "./fixtures.ts";
import { picture } from "./picture.ts";

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1_280, height: 800 };

/** An administrator who gave themselves another strong role. */
async function selfMade(product: Product): Promise<{ email: string; session: Session }> {
  const account = await product.createUser("admin");
  const first = await openSession(product.baseURL, account);
  const people = await first?.get(paths.api.users());
  const me = people
    ?.json<{ items: { id: string; email: string; grants: { trustDomainId: string }[] }[] }>()
    .items.find(({ email }) => email === account.email);
  const trustDomainId = me?.grants[0]?.trustDomainId ?? "";
  const given = await first?.send(paths.api.userRoles(me?.id ?? ""), { trustDomainId, role: "approver" });
  expect(given?.status).toBe(204);
  const session = await openSession(product.baseURL, account);
  if (!session) throw new Error(`${account.email} could not sign in`);
  return { email: account.email, session };
}

/** What M21 says of the last thirty days. */
async function expectPrivilege(page: Page, result: string, email: string, verdict: string): Promise<void> {
  await page.goto(paths.complianceMeasures({ measure: "M21" }));
  await expect(
    page.getByRole("region", { name: "Privilege" }).getByText(result, { exact: true }),
  ).toBeVisible();
  const row = page
    .getByRole("table", { name: "Rows of M21" })
    .getByRole("row", { name: `${email}: approver` });
  await expect(row).toContainText(verdict);
}

async function confirm(page: Page, email: string, note: string): Promise<void> {
  const due = page.getByRole("list", { name: "Strong roles that are due" });
  await due.getByRole("button", { name: `Confirm the role approver of ${email}` }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Note").fill(note);
  await expectNoSeriousAxe(page);
  await expectNoHorizontalOverflow(page);
  await picture(page, `confirm-${page.viewportSize()?.width}`);
  await dialog.getByRole("button", { name: "It is still needed" }).press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(due.getByRole("listitem").filter({ hasText: email })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Strong roles to confirm" })).toBeFocused();
}

test("strong roles that people gave to themselves are confirmed by somebody else on a phone and on a desktop, and M21 is satisfied", async ({
  page,
  product,
  browser,
}) => {
  test.slow();
  const [cat, dan] = [await selfMade(product), await selfMade(product)];

  // Whoever holds the role is told why they cannot confirm it.
  const own = await browser.newContext({ baseURL: product.baseURL, viewport: PHONE });
  await own.addCookies([cat.session.browserCookie]);
  const hers = await own.newPage();
  await hers.goto(paths.settings("people"));
  await expectLive(hers);
  const mine = hers.getByRole("button", { name: `Confirm the role approver of ${cat.email}` });
  await expect(mine).toHaveAttribute("aria-disabled", "true");
  await expect(mine).toHaveAccessibleDescription("Somebody else has to confirm a role of yours.");
  await mine.focus();
  await expect(hers.getByText("Somebody else has to confirm a role of yours.").first()).toBeInViewport({
    ratio: 1,
  });
  await picture(hers, "strong-roles-own");
  await own.close();

  await signIn(page, product, "admin");
  await expectPrivilege(page, "Not satisfied", cat.email, "missed");
  await picture(page, "privilege-missed");
  await page.getByRole("link", { name: `${cat.email}: approver` }).click();
  await expect(page).toHaveURL(new RegExp(`${paths.settings("people")}$`));

  await page.setViewportSize(PHONE);
  await expectLive(page);
  const due = page.getByRole("list", { name: "Strong roles that are due" });
  await expect(due.getByRole("listitem").filter({ hasText: cat.email })).toContainText(
    "by the same person, confirmed by nobody yet",
  );
  await expectNoSeriousAxe(page);
  await expectNoHorizontalOverflow(page);
  await picture(page, "strong-roles-phone");
  await confirm(page, cat.email, "Approves at night");

  await page.setViewportSize(DESKTOP);
  await picture(page, "strong-roles-desktop");
  await confirm(page, dan.email, "");
  await expect(page.getByText("Nothing is due.")).toBeVisible();
  await page.getByText(/strong roles are not due/).click();
  const rest = page.getByRole("list", { name: "Strong roles that are not due" });
  await expect(rest.getByRole("listitem").filter({ hasText: "Approves at night" })).toContainText(cat.email);
  await picture(page, "strong-roles-done");

  await expectPrivilege(page, "Satisfied", cat.email, "met");
  await picture(page, "privilege-met");
});
