/** Somebody imports a catalogue of their own, maps a control, imports its next version, and retires it. */
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { catalogueDocument } from "#tests/oscal-documents";
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
import { picture } from "./picture.ts";

const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 900 };

const documentOf = (title: string, ids: readonly string[]) =>
  Buffer.from(
    JSON.stringify(
      catalogueDocument(
        {
          groups: [
            {
              title: "Integrity of machines",
              controls: ids.map((id) => ({
                id,
                title: `What ${id} asks for`,
                parts: [{ name: "statement", id: `${id}_smt`, prose: `Know at all times that ${id} holds.` }],
              })),
            },
          ],
        },
        { title },
      ),
    ),
  );

async function choose(page: Page, title: string, ids: readonly string[]): Promise<void> {
  await page
    .getByLabel("Catalogue or profile", { exact: true })
    .setInputFiles({ name: "catalogue.json", mimeType: "application/json", buffer: documentOf(title, ids) });
  await page.getByRole("button", { name: "Show what it would do" }).click();
}

test("a catalogue is imported after a look at what it does, mapped, imported again and retired", async ({
  page,
  product,
  trouble,
}) => {
  test.slow();
  // A document that is refused.
  trouble.allow(/status of 422/);
  const source = await product.createSource("generic");
  await product.postDocuments(source, [verdict(unique("framed"), "verified_good")]);
  const title = unique("House rules");
  await signIn(page, product, "approver");
  await page.goto(paths.frameworks());
  await expectLive(page);
  await page.getByRole("link", { name: "Import a framework" }).click();
  await expect(heading(page)).toHaveText("Import a framework");

  await choose(page, title, ["hr-1", "hr-1"]);
  await expect(page.getByRole("alert").filter({ hasText: "given twice" })).toContainText(
    "/catalog/groups/0/controls/1/id",
  );
  await choose(page, title, ["hr-1", "hr-2", "hr-3"]);
  const preview = page.getByRole("region", { name: "Preview" });
  await expect(preview).toContainText("3 controls");
  await preview.getByText("New: 3").click();
  await expect(preview.getByText("What hr-2 asks for")).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "framework-import");
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await picture(page, "framework-import-phone");
  await page.setViewportSize(WIDE);
  await preview.getByRole("button", { name: "Import", exact: true }).click();

  await expect(heading(page)).toHaveText("Compliance");
  await expect(page.getByText("3 controls are not mapped yet.")).toBeVisible();
  await page.getByRole("link", { name: "hr-1", exact: true }).click();
  const control = page.getByRole("region", { name: "Control hr-1" });
  await control.getByText("What the document says").click();
  await expect(control.getByText("Know at all times that hr-1 holds.")).toBeVisible();
  await control.getByRole("button", { name: "Map to measures" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("M02").check();
  await dialog.getByLabel("Covers", { exact: true }).fill("For which part of the time nodes were trusted.");
  await dialog.getByLabel("Does not cover").fill("Machines that never report anything.");
  await picture(page, "map-control");
  await dialog.getByRole("button", { name: "Map the control" }).click();
  await expect(control.getByText("For which part of the time nodes were trusted.")).toBeVisible();
  await expect(
    control.getByRole("region", { name: /M02/ }).or(control.getByText("Pass rate")).first(),
  ).toBeVisible();
  await expect(page.getByText("2 controls are not mapped yet.")).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "own-control");
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await picture(page, "own-control-phone");
  await page.setViewportSize(WIDE);

  await page.goto(paths.frameworks());
  const row = page.getByRole("row", { name: title });
  await row.getByRole("link", { name: "Import again" }).click();
  await choose(page, title, ["hr-2", "hr-3", "hr-4"]);
  await expect(preview).toContainText("Compared with version 1.");
  await expect(preview.getByText("Mappings that lose their control: 1")).toBeVisible();
  await preview.getByRole("button", { name: "Import", exact: true }).click();
  await expect(heading(page)).toHaveText("Compliance");

  await page.goto(paths.frameworks());
  await expect(row).toContainText("version 2");
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await picture(page, "frameworks-phone");
  await page.setViewportSize(WIDE);
  await picture(page, "frameworks");
  await row.getByRole("button", { name: "Retire" }).click();
  await dialog.getByLabel("Reason").fill("The house has other rules now.");
  await dialog.getByRole("button", { name: "Retire the framework" }).click();
  await expect(row).toContainText("retired");
});
