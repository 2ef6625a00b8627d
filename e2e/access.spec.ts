/** Who gets in, as what, for how long: single sign-on, a second factor, fresh proof, and a domain of one's own. */
import type { Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { paths } from "#lib/client/paths";
import { openSession, Session, unique } from "./api.ts";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  submitSignIn,
  test,
} from "./fixtures.ts";
import { CLIENT, type IdentityProvider, startProvider } from "./identity-provider.ts";
import { startInstallation } from "./installation.ts";
import { picture } from "./picture.ts";

const PHONE = { width: 390, height: 844 };

async function atProvider(page: Page, login: string): Promise<void> {
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  const consent = page.getByRole("button", { name: "Continue" });
  await consent.click();
}

test("people of an identity provider get the roles of their groups, and no others get in", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  let provider: IdentityProvider | undefined;
  const installation = await startInstallation(async (baseURL) => {
    provider = await startProvider(`${baseURL}/api/auth/callback/oidc`, (login) =>
      login === "ana" ? ["ops"] : [],
    );
    return {
      TOUCHSTONE_OIDC_ISSUER: provider.issuer,
      TOUCHSTONE_OIDC_CLIENT_ID: CLIENT.id,
      TOUCHSTONE_OIDC_CLIENT_SECRET: CLIENT.secret,
    };
  });
  const { baseURL, admin } = installation;
  const context = await browser.newContext({ baseURL });
  try {
    const password = "four-plain-words-here";
    const first = await openSession(baseURL, admin);
    const changed = await first?.send(paths.api.accountPassword(), {
      currentPassword: admin.password,
      newPassword: password,
    });
    expect(changed?.status).toBe(204);
    const session = await openSession(baseURL, { email: admin.email, password });
    if (!session) throw new Error("no session");
    const domains = (await session.get(paths.api.trustDomains())).json<{ items: { id: string }[] }>();
    const trustDomainId = domains.items[0]?.id ?? "";
    const rule = await session.send(paths.api.groupRoles(), { trustDomainId, group: "ops", role: "analyst" });
    expect(rule.status).toBe(204);

    const page = await context.newPage();
    await page.goto(paths.signIn({ callbackUrl: paths.nodes() }));
    await page.getByRole("button", { name: "Single sign-on" }).click();
    await atProvider(page, "ana");
    await expect(page).toHaveURL(`${baseURL}${paths.nodes()}`);
    await expect(page.getByRole("complementary")).toContainText("ana@example.test");
    await expect(page.getByRole("complementary")).toContainText("analyst");

    const stranger = await (await browser.newContext({ baseURL })).newPage();
    await stranger.goto(paths.signIn());
    await stranger.getByRole("button", { name: "Single sign-on" }).click();
    await atProvider(stranger, "bob");
    await expect(stranger.getByRole("alert").first()).toContainText("none of your groups gives you a role");
    await stranger.goto(paths.nodes());
    await expect(heading(stranger)).toHaveText("Sign in");
    await stranger.context().close();

    // The cookie of before is worth nothing after the role changed.
    const cookie = (await context.cookies()).find(({ name }) => name === "touchstone.session");
    const mine = new Session(baseURL, cookie?.value ?? "", "");
    expect((await mine.get(paths.api.account())).status).toBe(200);
    const people = (await session.get(paths.api.users())).json<{ items: { id: string; email: string }[] }>();
    const ana = people.items.find(({ email }) => email === "ana@example.test");
    const given = await session.send(paths.api.userRoles(ana?.id ?? ""), { trustDomainId, role: "approver" });
    expect(given.status).toBe(204);
    expect((await mine.get(paths.api.account())).status).toBe(401);
  } finally {
    await context.close();
    await installation.stop();
    await provider?.stop();
  }
});

test("a second factor is set up by the person and wanted from then on", async ({
  page,
  product,
  browser,
}) => {
  const account = await product.createUser("analyst");
  await page.goto(paths.signIn());
  await submitSignIn(page, account);
  await expect(heading(page)).toHaveText("Overview");
  await page.goto(paths.account());
  await expectLive(page);
  await page.getByRole("button", { name: "Set up a second factor" }).click();
  const secret = (await page.getByRole("main").locator("pre, code").first().textContent())?.trim() ?? "";
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  await page.getByLabel("Code", { exact: true }).fill(totp.generate());
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText(/Each of these recovery codes works once/)).toBeVisible();
  const recovery =
    (await page.getByRole("main").locator("pre, code").first().textContent())?.split("\n")[0] ?? "";
  await expectNoSeriousAxe(page);

  const context = await browser.newContext();
  const elsewhere = await context.newPage();
  await elsewhere.goto(new URL(paths.signIn(), product.baseURL).href);
  await submitSignIn(elsewhere, account);
  await elsewhere.getByLabel("Code", { exact: true }).fill("000000");
  await elsewhere.getByRole("button", { name: "Sign in" }).click();
  await expect(elsewhere.getByRole("alert").first()).toContainText("The code is not right");
  await elsewhere.getByLabel("Code", { exact: true }).fill(recovery.trim());
  await elsewhere.getByRole("button", { name: "Sign in" }).click();
  await expect(heading(elsewhere)).toHaveText("Overview");
  await context.close();
});

test("who administers asks for fresh proof, gives roles, makes domains and looks at one of them", async ({
  page,
  product,
}) => {
  await signIn(page, product, "admin");
  const invited = await product.inviteUser("viewer");
  await page.goto(paths.settings("people"));
  await expectLive(page);
  await page.getByRole("button", { name: `Give a role to ${invited.email}` }).click();
  await page.getByRole("dialog").getByLabel("Role", { exact: true }).selectOption("auditor");
  await expectNoSeriousAxe(page);
  await picture(page, "settings-grant");
  await page.getByRole("dialog").getByRole("button", { name: "Give the role" }).click();
  await expect(
    page.getByRole("button", { name: new RegExp(`Take away the role auditor in .* from ${invited.email}`) }),
  ).toBeVisible();

  await page.goto(paths.settings("trust-domains"));
  await expectLive(page);
  const name = unique("Lab");
  await page.getByRole("button", { name: "Create below root" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("button", { name: `Rename ${name}` })).toBeVisible();
  await picture(page, "settings-domains");

  // A domain of its own shows nothing of the others, on this page and on the next one.
  const source = await product.createSource("generic");
  await page.goto(paths.sources());
  await expect(page.getByText(source.name).first()).toBeVisible();
  await page.getByRole("combobox", { name: "Trust domain" }).selectOption({ label: `\u2003${name}` });
  await expect(page).toHaveURL(/scope=/);
  await expectLive(page);
  await expect(page.getByText(source.name)).toHaveCount(0);
  await page.getByRole("link", { name: "Nodes" }).first().click();
  await expect(heading(page)).toHaveText("Nodes");
  await expect(page).toHaveURL(/scope=/);

  for (const view of ["people", "service-accounts", "sessions", "trust-domains", "single-sign-on"] as const) {
    await page.setViewportSize(PHONE);
    await page.goto(paths.settings(view));
    await expectLive(page);
    await expectNoHorizontalOverflow(page);
    await expectNoSeriousAxe(page);
    await picture(page, `settings-${view}-phone`);
    await page.setViewportSize({ width: 1280, height: 800 });
    await picture(page, `settings-${view}`);
  }
});
