/** Drills: a recipe is rehearsed from a node, and the page says with what result; runbooks lead there. */
import { paths } from "#lib/client/paths";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";
import { picture } from "./picture.ts";
import { addPool, REASON } from "./remediated.ts";

type Book = { recipes: { recipe: string; due: boolean; drill: { requestId: string } | null }[] };

test("a rehearsal is recorded with each step, and a runbook leads to when it was", async ({
  page,
  product,
}) => {
  const { nodes } = await addPool(product, 1);
  const analyst = await product.session("analyst");
  const asked = await analyst.send(paths.api.remediationDrills(), {
    action: "quarantine",
    targets: { nodeIds: nodes.map(({ id }) => id) },
    reason: REASON,
  });
  expect(asked.status, asked.text).toBe(201);
  const { id } = asked.json<{ id: string }>();
  const last = async () => {
    const { recipes } = await product.read<Book>(paths.api.remediationDrills());
    return recipes.find(({ recipe }) => recipe === "compromise-suspected")?.drill?.requestId;
  };
  await expect.poll(last, { timeout: 60_000 }).toBe(id);

  await signIn(page, product, "analyst");
  await page.goto(paths.runbook("quarantine"));
  await page.getByRole("main").getByRole("link", { name: "Drills" }).click();
  await expect(heading(page)).toHaveText("Drills");
  await expectLive(page);
  const recipe = page
    .getByRole("main")
    .locator("section")
    .filter({ has: page.getByRole("heading", { name: "Compromise suspected" }) });
  await expect(recipe).toContainText(`on ${nodes[0]?.name}`);
  // No connector knows this node: the rehearsal finds that out, and says so.
  await expect(recipe).toContainText("it failed");
  await recipe.getByText(/^\d+ steps?$/).click();
  await expect(recipe.getByRole("table", { name: "Steps of the last rehearsal" })).toContainText(
    "could not be done: No connector that knows",
  );
  await expectNoSeriousAxe(page);
  await picture(page, "drills");
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoHorizontalOverflow(page);
  await picture(page, "drills-phone");
  await recipe.getByRole("link", { name: "Record" }).click();
  await expect(page).toHaveURL(new RegExp(`${id}$`));
  await expect(page.getByText("A rehearsal: every check is made")).toBeVisible();
});
