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

test("a node is marked as sacrificial, and a drill for real is asked for from its page and told apart", async ({
  page,
  product,
}) => {
  const { nodes } = await addPool(product, 1);
  const [node] = nodes;
  if (!node) throw new Error("no node");
  await signIn(page, product, "admin");
  await page.goto(paths.node(node.id));
  await expectLive(page);
  await page.getByRole("button", { name: "Mark as sacrificial" }).click();
  const dialog = page.getByRole("alertdialog").or(page.getByRole("dialog"));
  await dialog.getByLabel("Reason").fill(REASON);
  await dialog.getByRole("button", { name: "Mark it" }).click();
  await expect(page.getByText("Sacrificial", { exact: true })).toBeVisible();
  await expect(page.getByText(`: ${REASON}`)).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoHorizontalOverflow(page);
  await picture(page, "sacrificial-phone");
  await page.setViewportSize({ width: 1_280, height: 900 });

  const analyst = await product.session("analyst");
  const body = { action: "quarantine", targets: { nodeIds: [node.id] }, reason: REASON, drill: true };
  const asked = await analyst.send(paths.api.remediations(), body);
  expect(asked.status, asked.text).toBe(201);
  const { id } = asked.json<{ id: string }>();
  await page.goto(paths.remediation(id));
  await expectLive(page);
  await expect(page.getByText("drill", { exact: true })).toBeVisible();
  await expect(page.getByText("A drill, on nodes that are marked as sacrificial")).toBeVisible();

  await page.goto(paths.drills());
  await expectLive(page);
  const marks = page.getByRole("list", { name: "Sacrificial nodes" });
  await expect(marks.getByRole("listitem").filter({ hasText: node.name })).toContainText(REASON);

  await page.goto(paths.node(node.id));
  await expectLive(page);
  await page.getByRole("button", { name: "End the mark" }).click();
  await dialog.getByLabel("Reason").fill(REASON);
  await dialog.getByRole("button", { name: "End it" }).click();
  await expect(page.getByText("Sacrificial", { exact: true })).toBeHidden();
  const again = await analyst.send(paths.api.remediations(), body);
  expect(again.status).toBe(409);
});
