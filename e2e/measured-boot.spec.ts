/** What the machine measured: shown event by event, held against the verdict, compared in words. */
import { paths } from "#lib/client/paths";
import { BANKS, imaLine, pcrSha256, smallBoot, writeAgileLog } from "#tests/event-log-writer";
import { unique } from "./api.ts";
import { expect, expectNoHorizontalOverflow, expectNoSeriousAxe, signIn, test } from "./fixtures.ts";
import { verdict } from "./messages.ts";

const MINUTE_MS = 60_000;
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

test("a node whose Secure Boot was switched off shows the event, the mismatch and the change in words", async ({
  page,
  product,
}) => {
  const source = await product.createSource("generic");
  const node = unique("boot");
  const before = smallBoot();
  const after = smallBoot({ on: false, config: "menu 2" });
  const ima = [imaLine("boot_aggregate", ""), imaLine("/usr/bin/sudo", "1")].join("\n");
  const later = [imaLine("boot_aggregate", ""), imaLine("/usr/bin/sudo", "2")].join("\n");
  const atMs = Date.now();
  for (const document of [
    verdict(node, "verified_good", {
      atMs: atMs - MINUTE_MS,
      coverage: ["measured_boot"],
      measurements: { "pcr/sha256/7": pcrSha256(before, 7) },
      eventLogs: { tpm2: base64(writeAgileLog(BANKS, before)), ima: `${ima}\n` },
    }),
    verdict(node, "verified_bad", {
      atMs,
      coverage: ["measured_boot"],
      measurements: { "pcr/sha256/7": pcrSha256(after, 7), "pcr/sha256/9": pcrSha256(before, 9) },
      eventLogs: { tpm2: base64(writeAgileLog(BANKS, after)), ima: `${later}\n` },
    }),
  ]) {
    expect((await product.deliver(source, JSON.stringify(document), "application/json")).status).toBe(202);
  }

  await signIn(page, product, "analyst");
  await page.goto(paths.nodeEvidence(await product.nodeId(node)));
  const boot = page.getByRole("region", { name: "Boot log" });
  await expect(page.getByText("nothing that stands here changes the verdict")).toBeVisible();
  const registers = boot.getByRole("table", { name: "Registers: replay of the log against the verdict" });
  await expect(registers.getByRole("row", { name: /PCR 7.*sha256/ })).toContainText("match");
  await expect(registers.getByRole("row", { name: /PCR 9.*sha256/ })).toContainText("mismatch");
  await expect(registers.getByRole("row", { name: /PCR 4.*sha256/ })).toContainText("not stated");

  await boot.getByRole("searchbox").fill("secure boot");
  await expect(boot.getByRole("status")).toContainText("1 of 11");
  await expect(boot.getByText("Secure Boot", { exact: true }).last()).toBeVisible();
  await expect(boot.getByText("in the digest")).toBeVisible();

  await page.getByRole("button", { name: "Compare with the previous verdict" }).click();
  const compared = page.getByRole("region", { name: "Compared with the previous verdict" });
  await expect(compared).toContainText("PCR 7: Secure Boot switched off");
  await expect(compared).toContainText("PCR 9: grub.cfg changed");
  await expect(compared.getByRole("list", { name: "Changes of the IMA log" })).toContainText("/usr/bin/sudo");

  await expectNoSeriousAxe(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: /Known bad/ }).click();
  await expect(boot).toBeVisible();
  await expectNoHorizontalOverflow(page);
});

test("a log that cannot be read is a named error on the page, and the verdict stands", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 422/);
  const source = await product.createSource("generic");
  const node = unique("cut");
  const cut = writeAgileLog(BANKS, smallBoot()).subarray(0, -3);
  const document = verdict(node, "verified_good", { eventLogs: { tpm2: base64(cut) } });
  expect((await product.deliver(source, JSON.stringify(document), "application/json")).status).toBe(202);

  await signIn(page, product, "auditor");
  await page.goto(paths.nodeEvidence(await product.nodeId(node)));
  const alert = page.getByRole("alert").filter({ hasText: "The event log could not be read" });
  await expect(alert).toContainText("/eventLogs/tpm2: the log ends in the middle of an entry");
  await expect(page.getByRole("article", { name: "Verdict" }).getByRole("heading").first()).toContainText(
    "Verified good",
  );
});
