/** Accept what a cohort says: draft, second person, staged rollout, match. */
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { type Product, unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";
import { EAR_MEDIA_TYPE, earClaims, GOOD, newVerifier, signed } from "./messages.ts";
import { picture } from "./picture.ts";
import { ROLES } from "./views.ts";

const PHONE = { width: 390, height: 844 };
const REASON = "The state that these nodes have had for days.";

/** Some nodes of one role; the last one says something else. */
async function addCohort(product: Product, role: string, count: number) {
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks });
  const analyst = await product.session("analyst");
  for (let index = 0; index < count; index += 1) {
    const subject = unique(role);
    const kernel = index === count - 1 ? "6.7.9" : "6.8.1";
    const claims = earClaims({
      tpm: { ...GOOD, evidence: { kernel: { release: kernel }, host: { id: subject } } },
    });
    const event = { subject, mediaType: EAR_MEDIA_TYPE, data: await signed(verifier, claims) };
    expect((await product.postEvent(source, event)).status).toBe(202);
    const nodeId = await product.nodeId(subject);
    const labelled = await analyst.send(paths.api.nodeLabels(nodeId), { labels: { role } }, {}, "PATCH");
    expect(labelled.status).toBe(200);
  }
  return source;
}

/** Give the reason, ask, and let a second person approve. */
async function agree(page: Page, product: Product, button: string): Promise<void> {
  await page.getByRole("textbox", { name: "Reason" }).fill(REASON);
  await page.getByRole("button", { name: button }).click();
  await expect(page.getByText("a second person has to decide it")).toBeVisible();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const approver = await product.session("approver");
  const { planHash } = (await approver.get(paths.api.changeRequest(id))).json<{ planHash: string }>();
  const answer = await approver.send(paths.api.changeRequestDecision(id), { decision: "approve", planHash });
  expect(answer.status, answer.text).toBe(200);
}

test("a cohort's common state becomes a draft, is signed by two people, rolled out in stages, and matched", async ({
  page,
  product,
}) => {
  const role = unique("web").toLowerCase();
  await addCohort(product, role, 4);
  await signIn(page, product, "analyst");
  await page.goto(paths.baselines());
  await expectLive(page);
  await expectNoSeriousAxe(page);
  await picture(page, "baselines-list");
  await page.goto(
    paths.newBaseline({ from: "cohort", selector: `node.labels.role == "${role}"`, submod: "tpm" }),
  );
  await expectLive(page);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(`Web ${role}`);
  await page.getByRole("button", { name: "Show what it would say" }).click();
  await expect(page.getByRole("table", { name: "Entries of the content" })).toContainText("6.8.1");
  await expect(page.getByText("left out: no value has a majority")).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "baseline-create");
  await page.getByRole("button", { name: "Create the draft" }).click();
  await expect(heading(page)).toHaveText(`Web ${role}`);
  await expect(page.getByText("no node is compared with this baseline")).toBeVisible();
  const address = new URL(page.url()).pathname;

  await page.getByRole("button", { name: "Publish v1" }).click();
  const moves = page.getByRole("table", { name: "From and to" });
  // Its kernel is older than the cohort's: drift calls it a downgrade, and so does the preview.
  await expect(moves.getByRole("row").filter({ hasText: "Failed" })).toContainText("1");
  await expect(page.getByRole("list", { name: "Nodes that move" })).toContainText("older than 6.8.1");
  await expectNoSeriousAxe(page);
  await picture(page, "baseline-publish");
  await agree(page, product, "Propose to publish");

  for (const percent of ["50", "100"]) {
    await page.goto(address);
    await page.getByRole("button", { name: "Roll out" }).click();
    await expectLive(page);
    await page.getByLabel("Percent of the nodes").fill(percent);
    await expect(page.getByRole("heading", { name: "The plan" })).toBeVisible();
    if (percent === "50") {
      await expectNoSeriousAxe(page);
      await picture(page, "baseline-rollout");
    }
    await agree(page, product, "Propose the rollout");
  }

  await page.goto(address);
  await expect(
    page
      .getByText("75 % 3 of 4")
      .or(page.getByText(/75\D*%\s*3 of 4/))
      .first(),
  ).toBeVisible();
  await expect(page.getByRole("table", { name: "Rollouts" }).getByRole("row")).toHaveCount(3);
  await page.getByRole("list", { name: "Versions" }).getByText("v1", { exact: true }).click();
  await expect(page.getByText(/approved by/)).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "baseline-detail");

  // The next draft, and what it says otherwise.
  await page.getByRole("button", { name: "New draft" }).click();
  const text = page.getByRole("textbox", { name: "Document" });
  await text.fill((await text.inputValue()).replace("6.8.1", "6.9.0"));
  await page.getByRole("button", { name: "Show what it would say" }).click();
  await page.getByRole("button", { name: "Store the draft" }).click();
  await expect(page.getByRole("table", { name: "Changed entries" })).toContainText("6.9.0");
  expect(new URL(page.url()).search).toBe("?a=1&b=2");
  await picture(page, "baseline-diff");

  await page.setViewportSize(PHONE);
  for (const [path, name] of [
    [paths.baselines(), "baselines-390"],
    [address, "baseline-390"],
    [`${address}/rollout`, "rollout-390"],
    [paths.newBaseline(), "create-390"],
  ] as const) {
    await page.goto(path);
    await expectLive(page);
    await expectNoHorizontalOverflow(page);
    await expectNoSeriousAxe(page);
    await picture(page, name);
  }
});

test("labels are edited at the node and lead to the nodes that share them", async ({ page, product }) => {
  const role = unique("edge").toLowerCase();
  await addCohort(product, role, 2);
  await signIn(page, product, "analyst");
  await page.goto(paths.nodes({ q: `label:role=${role}` }));
  await expectLive(page);
  const rows = page.getByRole("link", { name: new RegExp(role) });
  await expect(rows).toHaveCount(2);
  await rows.first().click();
  await page.getByRole("button", { name: "Edit labels" }).click();
  await page.getByRole("textbox", { name: "Labels" }).fill(`role=${role}\nrack=r07`);
  await page.getByRole("button", { name: "Save labels" }).click();
  await page.getByRole("link", { name: "rack=r07" }).click();
  await expect(heading(page)).toHaveText("Nodes");
  await expect(page.getByRole("link", { name: new RegExp(role) })).toHaveCount(1);
});

for (const role of ROLES) {
  test(`drafting a baseline is for those who may: ${role}`, async ({ page, product, trouble }) => {
    const may = !["viewer", "auditor"].includes(role);
    if (!may) trouble.allow(/status of 403/);
    await signIn(page, product, role);
    const answer = await page.goto(paths.newBaseline());
    expect(answer?.status()).toBe(may ? 200 : 403);
    await expect(heading(page)).toHaveText(may ? "Create baseline" : "Baselines");
  });
}
