/** A program gets a principal of its own, keys that rotate, and tokens of its platform; nothing tells its secret twice. */
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { openSession, type Session, unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";
import { type Installation, startInstallation } from "./installation.ts";
import { picture } from "./picture.ts";
import { startWorkloadIssuer, type WorkloadIssuer } from "./workload-issuer.ts";

const PHONE = { width: 390, height: 844 };
const PASSWORD = "four-plain-words-here";

/** What a program gets to see; its requests carry nothing but the credential. */
async function ask(baseURL: string, credential: string, path: string): Promise<number> {
  const response = await fetch(baseURL + path, { headers: { authorization: `Bearer ${credential}` } });
  await response.arrayBuffer();
  return response.status;
}

/** The administrator of a fresh installation, whose first password is changed. */
async function firstAdmin({ baseURL, admin }: Installation): Promise<Session> {
  const first = await openSession(baseURL, admin);
  await first?.send(paths.api.accountPassword(), {
    currentPassword: admin.password,
    newPassword: PASSWORD,
  });
  const session = await openSession(baseURL, { email: admin.email, password: PASSWORD });
  if (!session) throw new Error("no session");
  return session;
}

/** The secret that the dialog shows, copied and put away. */
async function takeSecret(page: Page): Promise<string> {
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("This is the only time that it is shown");
  const secret = (await dialog.locator("pre").textContent())?.trim() ?? "";
  expect(secret).toMatch(/^ts_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await expect(dialog).toHaveCount(0);
  return secret;
}

test("a key is made, used, rotated and revoked; its secret is shown once and is nowhere else", async ({
  page,
  product,
}) => {
  await signIn(page, product, "admin");
  await page.goto(paths.settings("service-accounts"));
  await expectLive(page);
  const name = unique("pipeline");
  await page.getByRole("button", { name: "Create a service account" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.getByRole("dialog").getByLabel("Role", { exact: true }).selectOption("analyst");
  await page.getByRole("dialog").getByRole("button", { name: "Create", exact: true }).click();
  const card = page.getByRole("listitem", { name });
  await expect(card).toContainText("Cannot sign in yet");

  await page.getByRole("button", { name: `Create a key: ${name}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("source:read").check();
  await expectNoSeriousAxe(page);
  await picture(page, "service-key");
  await dialog.getByRole("button", { name: "Create the key" }).click();
  const secret = await takeSecret(page);
  const prefix = secret.slice(0, 11);
  await expect(card).toContainText(prefix);

  const { baseURL } = product;
  expect(await ask(baseURL, secret, paths.api.nodes())).toBe(200);
  expect(await ask(baseURL, secret, paths.api.sources())).toBe(200);
  // The role holds it and the scopes do not; neither holds it.
  expect(await ask(baseURL, secret, paths.api.drift())).toBe(403);
  expect(await ask(baseURL, secret, paths.api.users())).toBe(403);

  await page.getByRole("button", { name: `Rotate key ${prefix}…` }).click();
  await dialog.getByLabel("The old key ends after (days)").fill("1");
  await dialog.getByRole("button", { name: "Make the new key" }).click();
  const second = await takeSecret(page);
  await expect(card).toContainText(`replaced by ${second.slice(0, 11)}…`);
  for (const each of [secret, second]) expect(await ask(baseURL, each, paths.api.nodes())).toBe(200);
  await page.getByRole("button", { name: `Rotate key ${second.slice(0, 11)}…` }).click();
  await dialog.getByLabel("The old key ends after (days)").fill("0");
  await dialog.getByRole("button", { name: "Make the new key" }).click();
  const third = await takeSecret(page);
  expect(await ask(baseURL, second, paths.api.nodes())).toBe(401);
  expect(await ask(baseURL, third, paths.api.nodes())).toBe(200);

  await page.getByRole("button", { name: `Revoke key ${third.slice(0, 11)}…` }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke the key" }).click();
  await expect(card.getByText("Keys that are over (2)")).toBeVisible();
  expect(await ask(baseURL, third, paths.api.nodes())).toBe(401);
  expect(await ask(baseURL, secret, paths.api.nodes())).toBe(200);

  // Disabled and enabled again.
  await page.getByRole("button", { name: `Disable ${name}` }).click();
  await expect(page.getByRole("button", { name: `Enable ${name}` })).toBeVisible();
  expect(await ask(baseURL, secret, paths.api.nodes())).toBe(401);
  await page.getByRole("button", { name: `Enable ${name}` }).click();
  await expect(page.getByRole("button", { name: `Disable ${name}` })).toBeVisible();
  expect(await ask(baseURL, secret, paths.api.nodes())).toBe(200);
  await card.getByText("Keys that are over (2)").click();
  await picture(page, "service-accounts");

  const admin = await product.session("admin");
  const places = [
    paths.settings("service-accounts"),
    paths.audit(),
    paths.api.serviceAccounts(),
    paths.api.auditExport({ format: "jsonl" }),
  ];
  for (const place of places) {
    const { text, status } = await admin.get(place);
    expect(status, place).toBe(200);
    for (const each of [secret, second, third]) {
      expect(text.includes(each.slice(12)), `${place} tells a secret`).toBe(false);
    }
  }
  await page.reload();
  await expectLive(page);
  const html = await page.content();
  for (const each of [secret, second, third]) expect(html.includes(each.slice(12))).toBe(false);

  await page.setViewportSize(PHONE);
  await page.goto(paths.settings("service-accounts"));
  await expectLive(page);
  await expectNoHorizontalOverflow(page);
  await expectNoSeriousAxe(page);
  await picture(page, "service-accounts-phone");
});

test("who may do what is told verb by verb, with the grant that decides", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 403/);
  await signIn(page, product, "admin");
  const admin = await product.session("admin");
  const name = unique("reader");
  const { items } = await product.read<{ items: { id: string }[] }>(paths.api.trustDomains());
  const made = await admin.send(paths.api.serviceAccounts(), {
    trustDomainId: items[0]?.id,
    name,
    role: "viewer",
  });
  expect(made.status).toBe(201);
  await page.goto(paths.settings("people"));
  await expectLive(page);
  await page.getByLabel("Effective permissions of").selectOption({ label: `${name} (service account)` });
  const table = page.getByRole("table", { name: "Effective permissions" });
  const row = (verb: string) => table.getByRole("row").filter({ hasText: verb });
  await expect(row("fleet:read")).toContainText("viewer in root");
  await expect(row("change:decide")).toContainText("Only people do this");
  await expect(row("source:manage")).toContainText("No role here or above gives it");
  await page
    .getByLabel("Effective permissions of")
    .selectOption({ label: process.env.TOUCHSTONE_ADMIN_EMAIL ?? "" });
  await expect(row("change:decide")).toContainText("admin in root");
  await expectNoSeriousAxe(page);
  await picture(page, "effective-permissions");
  await page.setViewportSize(PHONE);
  await expectNoHorizontalOverflow(page);
  await picture(page, "effective-permissions-phone");

  await signIn(page, product, "viewer");
  await page.goto(paths.settings("service-accounts"));
  await expect(heading(page)).toHaveText("Settings");
});

test("a token of the program's platform counts as the account it was made for, and nothing logs it", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  let platform: WorkloadIssuer | undefined;
  const installation = await startInstallation(async () => {
    platform = await startWorkloadIssuer();
    return { TOUCHSTONE_WORKLOAD_ISSUERS: platform.issuer, LOG_LEVEL: "debug" };
  });
  const { baseURL } = installation;
  const context = await browser.newContext({ baseURL });
  try {
    if (!platform) throw new Error("no issuer");
    const session = await firstAdmin(installation);
    await context.addCookies([session.browserCookie]);
    const { items } = (await session.get(paths.api.trustDomains())).json<{ items: { id: string }[] }>();
    const names = ["deploy", "other"];
    const audiences: string[] = [];
    for (const name of names) {
      const body = { trustDomainId: items[0]?.id, name, role: "viewer" };
      const made = await session.send(paths.api.serviceAccounts(), body);
      audiences.push(made.json<{ audience: string }>().audience);
    }
    const page = await context.newPage();
    await page.goto(paths.settings("service-accounts"));
    await expectLive(page);
    await page.getByRole("button", { name: "Trust an issuer: deploy" }).click();
    await page.getByRole("dialog").getByLabel("Subject").fill(platform.subject);
    await expectNoSeriousAxe(page);
    await picture(page, "service-trust");
    await page.getByRole("dialog").getByRole("button", { name: "Trust them" }).click();
    await expect(page.getByRole("list", { name: "Trusted tokens of deploy" })).toContainText("sub=pipeline");

    const [mine = "", other = ""] = audiences;
    const token = await platform.tokenFor(mine);
    expect(await ask(baseURL, token, paths.api.nodes())).toBe(200);
    expect(await ask(baseURL, token, paths.api.sources())).toBe(403);
    expect(await ask(baseURL, await platform.tokenFor(other), paths.api.nodes())).toBe(401);
    await page.getByRole("button", { name: "Trust sub=pipeline no more" }).click();
    await expect(page.getByRole("list", { name: "Trusted tokens of deploy" })).not.toContainText("pipeline");
    expect(await ask(baseURL, token, paths.api.nodes())).toBe(401);

    const key = await session.send(paths.api.serviceAccount(mine.slice(mine.lastIndexOf(":") + 1), "keys"), {
      scopes: ["fleet:read"],
    });
    const { secret } = key.json<{ secret: string }>();
    expect(await ask(baseURL, secret, paths.api.nodes())).toBe(200);
    expect(await ask(baseURL, secret, paths.api.users())).toBe(403);
    expect(installation.logged()).toContain('"operation":"node.list"');
    for (const hidden of [secret.slice(12), token.split(".")[2] ?? ""])
      expect(installation.logged().includes(hidden)).toBe(false);
  } finally {
    await context.close();
    await installation.stop();
    await platform?.stop();
  }
});
