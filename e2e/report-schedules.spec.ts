/** An auditor has a report made after every week: one is run now, told under My work, paused and removed. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  submitSignIn,
  test,
} from "./fixtures.ts";
import { picture } from "./picture.ts";

const PHONE = { width: 390, height: 844 };

test("a schedule makes a report of the last week, tells who wanted to know, is paused and removed", async ({
  page,
  product,
  trouble,
}) => {
  test.slow();
  // Somebody is named who may not read.
  trouble.allow(/status of 422/);
  const { email, password } = await product.createUser("auditor");
  await page.goto("/sign-in");
  await submitSignIn(page, { email, password });
  await expect(heading(page)).toHaveText("Overview");
  await page.goto(paths.reports());
  await page.getByRole("navigation", { name: "Compliance" }).getByRole("link", { name: "Schedules" }).click();
  await expect(heading(page)).toHaveText("Schedules");
  await expectLive(page);

  const name = unique("Weekly SOC 2");
  await page.getByRole("button", { name: "New schedule" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Framework").selectOption("soc-2");
  await dialog.getByLabel("After every").selectOption("week");
  await dialog.getByLabel("People").fill("nobody@example.test");
  await expectNoSeriousAxe(page);
  await picture(page, "report-schedule-dialog");
  await dialog.getByRole("button", { name: "Add the schedule" }).click();
  await expect(dialog).toContainText("is nobody who may read compliance here");
  await dialog.getByLabel("People").fill(email);
  await dialog.getByRole("button", { name: "Add the schedule" }).click();

  const card = page.getByRole("listitem", { name });
  await expect(card).toContainText("for each week, from Monday on, 1 day after its end, at 06:00 UTC");
  await card.getByRole("button", { name: `Run now ${name}` }).click();
  const row = card
    .getByRole("table", { name: `Periods of ${name}` })
    .getByRole("row")
    .nth(1);
  await expect(row).toContainText("Ready", { timeout: 60_000 });
  await expect(row).toContainText(email, { timeout: 60_000 });
  await expectNoSeriousAxe(page);
  await picture(page, "report-schedules");
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await picture(page, "report-schedules-phone");

  await page.goto(paths.myWork());
  const told = page
    .locator("section")
    .filter({ hasText: /^Reports for me/ })
    .getByRole("link", { name });
  await told.first().click();
  await expect(heading(page)).toContainText(name);

  await page.goto(paths.reportSchedules());
  await expectLive(page);
  await card.getByRole("button", { name: `Pause ${name}` }).click();
  await expect(card).toContainText("nothing, paused");
  await card.getByRole("button", { name: `Take up again ${name}` }).click();
  await expect(card).not.toContainText("nothing, paused");
  await card.getByRole("button", { name: `Remove ${name}` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove the schedule" }).click();
  await expect(card).toHaveCount(0);
});
