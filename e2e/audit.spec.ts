/** The record of what was done: found again, checked on the page and without the product, and told when it lies. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { runCli } from "#tests/cli";
import { asSuperuser } from "#tests/running-database";
import { openSession, type Product, type Session, unique } from "./api.ts";

import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";
import { startInstallation } from "./installation.ts";
import { picture } from "./picture.ts";
import { makeWorld } from "./world.ts";

const PHONE = { width: 390, height: 844 };
/** The log takes entries in every ten seconds; a busy machine is late. */
const TAKEN_IN_MS = 90_000;

type Entry = {
  id: string;
  seq: number | null;
  action: string;
  actor: string;
  entityId: string;
  after: unknown;
};
type Page1 = { items: Entry[] };

/** The newest entry that fits, once it has its place in the log. */
async function takenIn(session: Session, search: { entityId: string; action: string }): Promise<Entry> {
  let entry: Entry | undefined;
  const seq = async () => {
    [entry] = (await session.get(paths.api.audit(search))).json<Page1>().items;
    return entry?.seq ?? null;
  };
  await expect.poll(seq, { timeout: TAKEN_IN_MS, message: "the entry gets its place" }).not.toBeNull();
  if (!entry) throw new Error("no entry");
  return entry;
}

/** A node whose label was changed twice, and a source that a viewer tried to disable. */
async function makeDeeds(product: Product) {
  const world = await makeWorld(product);
  const admin = await product.session("admin");
  for (const rack of ["seven", "eight"]) {
    await admin.send(paths.api.nodeLabels(world.nodeId), { labels: { rack } }, {}, "PATCH");
  }
  const viewer = await product.session("viewer");
  expect((await viewer.send(paths.api.sourceDisable(world.sourceId), {})).status).toBe(403);
  return { ...world, admin };
}

const entriesOf = (page: Page) => page.getByRole("list", { name: "Audit entries" }).locator("> li");

test("an auditor finds who did what: by filters, as a difference, and on the object itself", async ({
  page,
  product,
}) => {
  test.slow();
  const { nodeId, node, sourceId } = await makeDeeds(product);
  await signIn(page, product, "auditor");

  await page.goto(paths.audit());
  await expectLive(page);
  await page.getByLabel("Object id").fill(nodeId);
  await page.getByLabel("Action").fill("node.label");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(new RegExp(`entityId=${nodeId}`));
  await expect(entriesOf(page).filter({ hasText: "node.label" })).toHaveCount(2);
  const newest = entriesOf(page).filter({ hasText: "node.label" }).first();
  await newest.getByText("Details").click();
  const change = newest.getByRole("list", { name: "What changed" });
  await expect(change.locator("del")).toContainText("seven");
  await expect(change.locator("ins")).toContainText("eight");
  await expectNoSeriousAxe(page);
  await picture(page, "audit-difference");

  await page.goto(paths.audit({ entityId: sourceId, outcome: "refused" }));
  await expect(entriesOf(page)).toHaveCount(1);
  await expect(entriesOf(page)).toContainText("source.disable");
  await expect(entriesOf(page)).toContainText("auth/forbidden");

  await page.goto(paths.nodeTimeline(nodeId));
  await expectLive(page);
  await page.getByRole("navigation", { name: "Node" }).getByRole("link", { name: "Activity" }).click();
  await expect(heading(page)).toHaveText(node);
  const deeds = page.getByRole("list", { name: "Activity" }).locator("> li");
  // The product writes entries about the node, too, whenever it gets to it.
  const labelled = deeds.filter({ hasText: "admin@example.test changed labels" });
  await expect(labelled).toHaveCount(2);
  await expectNoSeriousAxe(page);
  await picture(page, "activity-node");
  await labelled.first().getByRole("link", { name: "Entry in the audit log" }).click();
  await expect(heading(page)).toHaveText("Audit log");
  await expect(entriesOf(page)).toHaveCount(1);
  await expect(page.getByRole("list", { name: "What changed" })).toContainText("eight");
  await page.getByRole("link", { name: "Show all entries" }).click();
  await expect(page.getByRole("note")).toHaveCount(0);

  await page.goto(paths.source(sourceId, { tab: "activity" }));
  const ofSource = page.getByRole("list", { name: "Activity" }).locator("> li");
  await expect(ofSource.filter({ hasText: "tried to disable the source and was refused" })).toHaveCount(1);
  await expect(ofSource.filter({ hasText: "created an API key" })).toHaveCount(1);

  await page.setViewportSize(PHONE);
  for (const path of [
    paths.audit({ entityId: nodeId }),
    paths.nodeActivity(nodeId),
    paths.source(sourceId, { tab: "activity" }),
    paths.policy("default", "activity"),
  ]) {
    await page.goto(path);
    await expectLive(page);
    await expectNoHorizontalOverflow(page);
    await picture(page, `phone${path.replace(/\W+/g, "-").replace(/-[0-9a-f]{8}-.*?-[0-9a-f]{12}/, "")}`);
  }
});

test("who may not read entries sees that there is a tab, and why it is closed", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 403/);
  const { nodeId } = await makeWorld(product);
  await signIn(page, product, "viewer");
  await page.goto(paths.nodeTimeline(nodeId));
  const tab = page.getByRole("navigation", { name: "Node" }).getByRole("button", { name: "Activity" });
  await expect(tab).toHaveAttribute("aria-disabled", "true");
  await expect(tab).toHaveAccessibleDescription("Needs the role auditor or admin; you are viewer.");
  await picture(page, "activity-closed");
  const answer = await page.goto(paths.nodeActivity(nodeId));
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole("main")).toContainText("Your role does not allow reading the audit log");
});

test("an auditor reads what the installation signs with, and of shared secrets only that there are some", async ({
  page,
  product,
}) => {
  const name = unique("hook");
  const secret = `whsec_${Buffer.from(unique("a secret that nobody may see again")).toString("base64")}`;
  const admin = await product.session("admin");
  const made = await admin.send(paths.api.sources(), { kind: "standard-webhooks", name, secrets: [secret] });
  expect(made.status, made.text).toBe(201);
  const keys = async () => (await admin.get("/api/v1/audit/keys")).text.trim();
  await expect.poll(keys, { timeout: TAKEN_IN_MS }).not.toBe("");
  await signIn(page, product, "auditor");
  await page.goto(paths.settings("signing-keys"));
  await expect(heading(page)).toHaveText("Signing keys");
  await expectLive(page);
  const main = page.getByRole("main");
  await expect(main).toContainText((await keys()).split("\n")[0] ?? "");
  const sender = main.getByRole("listitem").filter({ hasText: name });
  await expect(sender.first()).toContainText("shared secret, kept sealed and never shown");
  expect(await page.content()).not.toContain(secret.slice("whsec_".length));
  await expectNoSeriousAxe(page);
  await page.setViewportSize(PHONE);
  await page.reload();
  // There are more tabs than a phone is wide: the current one is brought into sight.
  const tabs = page.getByRole("navigation", { name: "Settings" });
  await expect(tabs.getByRole("link", { name: "Signing keys" })).toBeInViewport({ ratio: 0.9 });
  await expectNoHorizontalOverflow(page);
  await picture(page, "signing-keys-phone");
});

/** JSON with sorted members, as the log digests what was changed. */
function sorted(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join(",")}}`;
}

async function downloaded(page: Page, link: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: link }).first().click(),
  ]);
  return readFile(await download.path(), "utf8");
}

test("a proof and exports from the page are checked without the product", async ({ page, product }) => {
  test.slow();
  const { nodeId, admin } = await makeDeeds(product);
  const { trustDomainId } = (await admin.get(paths.api.auditLogs())).json<{
    items: { trustDomainId: string }[];
  }>().items[0] ?? { trustDomainId: "" };
  const group = `=${unique("sum")}`;
  await admin.send(paths.api.groupRoles(), { trustDomainId, group, role: "viewer" });
  const entry = await takenIn(admin, { entityId: nodeId, action: "node.label" });
  const vkey = (await admin.get("/api/v1/audit/keys")).text.trim().split("\n")[0] ?? "";
  await signIn(page, product, "auditor");
  await page.goto(paths.audit({ entry: entry.id }));
  await expectLive(page);

  const proof = await downloaded(page, "Download the proof");
  const dir = await mkdtemp(join(tmpdir(), "touchstone-proof-"));
  try {
    const file = join(dir, "entry.tlog-proof");
    await writeFile(file, proof);
    const good = await runCli(["audit", "verify", "--proof", file, "--vkey", vkey, "--json"]);
    expect(good.status).toBe(0);
    const told = JSON.parse(good.out) as { index: number; entry: { id: string; after: string } };
    expect([told.index, told.entry.id]).toEqual([entry.seq, entry.id]);
    const digest = createHash("sha256").update(sorted(entry.after)).digest("hex");
    expect(told.entry.after, "the proof is about what the API tells").toBe(digest);
    await writeFile(file, proof.replace(/^index \d+$/m, "index 0"));
    expect((await runCli(["audit", "verify", "--proof", file, "--vkey", vkey])).status).toBe(1);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }

  const { items } = (await admin.get(paths.api.audit({ entityId: nodeId, limit: 200 }))).json<Page1>();
  await page.goto(paths.audit({ entityId: nodeId }));
  const lines = (await downloaded(page, "Export JSON lines")).trim().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as Entry).id)).toEqual(items.map(({ id }) => id));
  await page.goto(paths.audit({ entityId: group }));
  const csv = (await downloaded(page, "Export CSV")).trim().split("\r\n");
  expect(csv).toHaveLength(2);
  expect(csv[1], "no cell is a formula").toContain(`"'${group}"`);
  const { items: reads } = (await admin.get(paths.api.audit({ action: "audit.export" }))).json<Page1>();
  expect(reads.length, "exports are on the record").toBeGreaterThanOrEqual(2);
});

test("a superuser who rewrites an entry is found on the page, on the command line, and the entry is named", async ({
  browser,
}) => {
  test.slow();
  const home = await mkdtemp(join(tmpdir(), "ts-audit-"));
  const { baseURL, admin, stop } = await startInstallation(async () => ({ TMPDIR: home }));
  const context = await browser.newContext({ baseURL });
  try {
    const [dataName = ""] = (await readdir(home)).filter((name) => name.startsWith("touchstone-e2e-"));
    const dataDir = join(home, dataName);
    const password = "four-plain-words-here";
    const first = await openSession(baseURL, admin);
    await first?.send(paths.api.accountPassword(), {
      currentPassword: admin.password,
      newPassword: password,
    });
    const session = await openSession(baseURL, { email: admin.email, password });
    if (!session) throw new Error("no session");
    const made = await session.send(paths.api.sources(), { kind: "generic", name: "victim" });
    const entry = await takenIn(session, {
      entityId: made.json<{ id: string }>().id,
      action: "source.create",
    });
    await context.addCookies([session.browserCookie]);
    const page = await context.newPage();
    await page.goto(paths.audit());
    await expectLive(page);
    const banner = page.getByRole("region", { name: "Integrity" });
    await banner.getByRole("button", { name: "Verify now" }).click();
    await expect(banner.getByRole("status")).toContainText("checked, all as they were signed");
    await picture(page, "audit-intact");

    const forge = "UPDATE audit_entry SET actor_id = 'somebody else' WHERE id = $1";
    expect(await asSuperuser(dataDir, forge, [entry.id])).toBe(1);
    await banner.getByRole("button", { name: "Verify now" }).click();
    await expect(banner.getByRole("status")).toContainText(`Entry ${entry.seq} (${entry.id})`);
    await expect(banner).toContainText("contradicted");
    await expectNoSeriousAxe(page);
    await picture(page, "audit-forged");
    await page.setViewportSize(PHONE);
    await expectNoHorizontalOverflow(page);
    await picture(page, "audit-forged-phone");

    const checked = await runCli(["audit", "verify", "--json"], { TOUCHSTONE_DATA_DIR: dataDir });
    expect(checked.status).toBe(1);
    const { logs } = JSON.parse(checked.out) as {
      logs: { fault: { index: number; entryId: string } | null }[];
    };
    expect(logs.map(({ fault }) => fault && [fault.index, fault.entryId])).toContainEqual([
      entry.seq,
      entry.id,
    ]);

    // An older state put back: the log says so by itself, within one of its turns.
    await asSuperuser(dataDir, "DELETE FROM audit_leaf WHERE leaf_index >= $1", [entry.seq]);
    await asSuperuser(dataDir, "DELETE FROM audit_checkpoint WHERE size > $1", [entry.seq]);
    await expect(banner).toContainText("the log was set back", { timeout: TAKEN_IN_MS });
    await expect(banner).toContainText("not signed");
    await picture(page, "audit-set-back-phone");
  } finally {
    await context.close();
    await stop();
    await rm(home, { recursive: true, force: true });
  }
});
