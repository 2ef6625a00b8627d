/** An administrator adds a cluster, tests it and sees what is missing; its token is told nobody and goes nowhere else. */
import { paths } from "#lib/client/paths";
import { kubernetesRig } from "#tests/stubs/connectors/kubernetes";
import { CANARY } from "#tests/stubs/connectors/rig";
import type { KubeFake } from "#tests/stubs/kubernetes";
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
import { picture } from "./picture.ts";

const PHONE = { width: 390, height: 844 };

test("a connector is added, tested, changed and removed; nobody is shown its token", async ({
  page,
  product,
}) => {
  const rig = await kubernetesRig.start();
  const cluster = rig.fake as KubeFake;
  try {
    await signIn(page, product, "admin");
    await page.goto(paths.settings("connectors"));
    await expectLive(page);
    const name = unique("cluster");
    await page.getByRole("button", { name: "Add a connector" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Kind").selectOption("kubernetes");
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByLabel("Nodes").fill('node.labels.cluster == "prod"');
    await dialog.getByLabel("API server").fill(cluster.url);
    await dialog.getByLabel("Token").fill(CANARY);
    await expectNoSeriousAxe(page);
    await picture(page, "connector-add");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const card = page.getByRole("listitem", { name });
    await expect(card).toContainText("Not tested");
    await expect(card).toContainText("Nodes with cluster prod");

    cluster.denied.add("create pods/eviction");
    await page.getByRole("button", { name: `Test ${name}` }).click();
    await expect(card).toContainText("Test failed");
    const checks = page.getByRole("list", { name: `Checks of ${name}` });
    await expect(checks).toContainText("Missing: create pods/eviction");
    await picture(page, "connector-test-failed");
    cluster.denied.clear();
    await page.getByRole("button", { name: `Test ${name}` }).click();
    await expect(card).toContainText("Test passed");
    expect(cluster.effects).toEqual([]);

    await page.getByRole("button", { name: `Change ${name}` }).click();
    await expect(dialog.getByLabel("Token")).toHaveCount(0);
    await dialog.getByLabel("Taint").selectOption("hard");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(card).toContainText("Not tested");

    await page.getByRole("button", { name: `Change ${name}` }).click();
    await dialog.getByLabel("API server").fill("https://elsewhere.example");
    await expect(dialog).toContainText("Give the secrets again");
    await expect(dialog.getByLabel("Token")).toHaveValue("");
    await dialog.getByRole("button", { name: "Cancel" }).click();

    const answer = await (await product.session("auditor")).get(paths.api.connectors());
    expect(answer.text).toContain(name);
    expect(answer.text).not.toContain(CANARY);
    expect(await page.content()).not.toContain(CANARY);

    await expectNoSeriousAxe(page);
    await picture(page, "connectors");
    await page.setViewportSize(PHONE);
    await expectNoHorizontalOverflow(page);
    await picture(page, "connectors-phone");

    await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove the connector" }).click();
    await expect(card).toHaveCount(0);
  } finally {
    await cluster.close();
  }
});

test("an analyst sees connectors and changes none; a viewer does not see them", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 403/);
  await signIn(page, product, "analyst");
  await page.goto(paths.settings("connectors"));
  await expectLive(page);
  await expect(heading(page)).toHaveText("Connectors");
  await expect(page.getByRole("button", { name: "Add a connector" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await signIn(page, product, "viewer");
  await page.goto(paths.settings("connectors"));
  await expect(page.getByText("Your role does not allow reading connectors")).toBeVisible();
  await expect(page.getByRole("button", { name: "Add a connector" })).toHaveCount(0);
});
