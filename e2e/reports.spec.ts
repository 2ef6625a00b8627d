/** An auditor freezes a quarter, reads it, takes its files away, and compares it with a later one. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { runCli } from "#tests/cli";
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

/** Asks for a report and opens it once it is ready. */
async function freeze(page: Page, title: string): Promise<void> {
  await page.goto(paths.reports());
  await expectLive(page);
  await page.getByRole("button", { name: "New report" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title").fill(title);
  await dialog.getByLabel("Framework").selectOption("soc-2");
  await dialog.getByLabel("Period (UTC)").selectOption("7d");
  await dialog.getByRole("button", { name: "Prepare the report" }).click();
  const row = page.getByRole("row", { name: title });
  await expect(row).toContainText("Ready", { timeout: 60_000 });
  await row.getByRole("link", { name: title }).click();
  await expect(heading(page)).toHaveText(title);
}

test("a report is asked for, read, downloaded twice with the same bytes, and compared", async ({
  page,
  product,
}) => {
  test.slow();
  const source = await product.createSource("generic");
  const node = unique("frozen");
  await product.postDocuments(source, [verdict(node, "verified_good")]);
  await signIn(page, product, "auditor");
  await page.goto(paths.compliance());
  await page.getByRole("navigation", { name: "Compliance" }).getByRole("link", { name: "Reports" }).click();
  await expect(heading(page)).toHaveText("Reports");
  const [first, second] = [unique("First"), unique("Second")];
  await freeze(page, first);
  await expect(page.getByRole("region", { name: "Controls" })).toContainText("CC7.1");
  await expect(page.getByRole("region", { name: "M02 Pass rate" })).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "report");

  const bytesOf = (label: string) => download(page, label);
  const json = await bytesOf("JSON");
  const digest = createHash("sha256").update(json).digest("hex");
  await expect(page.getByRole("definition").filter({ hasText: digest })).toBeVisible();
  for (const label of ["JSON", "PDF", "XLSX", "CSV"]) {
    const [once, again] = [await bytesOf(label), await bytesOf(label)];
    expect(once.equals(again), label).toBe(true);
    expect(once.length, label).toBeGreaterThan(0);
  }
  expect(json.toString("utf8")).toContain(node);
  expect((await bytesOf("PDF")).subarray(0, 5).toString("latin1")).toBe("%PDF-");

  await product.postDocuments(source, [verdict(node, "verified_bad")]);
  await freeze(page, second);
  await page.getByLabel("Other report").selectOption({ label: await optionOf(page, first) });
  const compared = page.getByRole("region", { name: "Comparison of M02" });
  await expect(compared).toContainText("Appeared");
  await compared.getByText(/^Appeared \(/).click();
  await expect(compared).toContainText(node);
  await expectNoSeriousAxe(page);
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await picture(page, "report-phone");
  await page.goto(paths.reports());
  await expectNoHorizontalOverflow(page);
});

test("an auditor checks an evidence pack with nothing but its bytes and the published keys; a changed byte is found", async ({
  page,
  product,
}) => {
  test.slow();
  const source = await product.createSource("generic");
  await product.postDocuments(source, [verdict(unique("packed"), "verified_good")]);
  await signIn(page, product, "auditor");
  await freeze(page, unique("Pack"));
  const pack = await download(page, "Evidence pack");
  const keys = await (await fetch(`${product.baseURL}/.well-known/jwks.json`)).text();

  const dir = await mkdtemp(join(tmpdir(), "touchstone-auditor-"));
  try {
    const [file, known] = [join(dir, "pack.zip"), join(dir, "jwks.json")];
    await writeFile(file, pack);
    await writeFile(known, keys);
    const nowhere = { DATABASE_URL: "", TOUCHSTONE_URL: "" };
    const proven = await runCli(["verify", file, "--keys", known], nowhere);
    expect(proven.status, proven.out + proven.err).toBe(0);
    expect(proven.out).toContain("a key that you gave signed it");
    const stranger = await runCli(["verify", file], nowhere);
    expect(stranger.status, "without keys nothing shows whose it is").toBe(3);

    await page.goto(paths.checkPack());
    await expectLive(page);
    await page.getByLabel("Evidence pack").setInputFiles(file);
    await page.getByRole("button", { name: "Check the pack" }).click();
    const result = page.getByRole("status").filter({ hasText: "SHA-256" });
    await expect(result).toContainText("Proven");
    await expectNoSeriousAxe(page);
    await picture(page, "check-pack");

    const at = Math.floor(pack.length / 2);
    pack.writeUInt8(pack.readUInt8(at) ^ 1, at);
    await writeFile(file, pack);
    const changed = await runCli(["verify", file, "--keys", known], nowhere);
    expect(changed.status).toBe(1);
    expect(changed.out).toContain("FAILED");
    await page.getByLabel("Evidence pack").setInputFiles(file);
    await page.getByRole("button", { name: "Check the pack" }).click();
    await expect(page.getByText("This is not to be relied on: see what failed.")).toBeVisible();
    await page.setViewportSize(PHONE);
    await expectNoHorizontalOverflow(page);
    await picture(page, "check-pack-phone");
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

async function download(page: Page, label: string): Promise<Buffer> {
  const saving = page.waitForEvent("download");
  const files = page.getByRole("region", { name: "Files" });
  await files.getByRole("link", { name: label, exact: true }).click();
  return readFile(await (await saving).path());
}

async function optionOf(page: Page, title: string): Promise<string> {
  const option = page.getByLabel("Other report").locator("option", { hasText: title });
  return (await option.textContent()) ?? "";
}
