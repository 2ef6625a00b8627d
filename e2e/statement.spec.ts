/** Whoever sees a node takes a signed statement about it away, in the form that their gatekeeper reads. */
import { readFile } from "node:fs/promises";
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, expectLive, expectNoSeriousAxe, signIn, test } from "./fixtures.ts";
import { verdict } from "./messages.ts";

test("a viewer downloads the statement about a node in each form, and none about the past", async ({
  page,
  product,
}) => {
  const node = unique("stated");
  const source = await product.createSource("generic");
  await product.postDocuments(source, [verdict(node, "verified_good")]);
  const nodeId = await product.nodeId(node);
  await signIn(page, product, "viewer");
  await page.goto(paths.nodeTimeline(nodeId));
  await expectLive(page);
  const menu = page.getByRole("button", { name: "Download statement" });
  for (const [label, file] of [
    [/^Verification summary/, `node-${nodeId}.vsa.json`],
    [/^Test result/, `node-${nodeId}.test-result.json`],
    [/^Attestation result/, `node-${nodeId}.jwt`],
  ] as const) {
    await menu.click();
    const item = page.getByRole("menuitem", { name: label });
    await expect(item).toBeVisible();
    if (file.endsWith("vsa.json")) await expectNoSeriousAxe(page);
    const [download] = await Promise.all([page.waitForEvent("download"), item.click()]);
    expect(download.suggestedFilename()).toBe(file);
    const text = await readFile(await download.path(), "utf8");
    if (file.endsWith(".jwt")) expect(text.split(".")).toHaveLength(3);
    else expect(JSON.parse(text)).toMatchObject({ payloadType: "application/vnd.in-toto+json" });
  }
  const past = new Date().toISOString();
  await page.goto(`${paths.nodeTimeline(nodeId)}?asOf=${encodeURIComponent(past)}`);
  await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
  await expect(menu).toHaveCount(0);
});
