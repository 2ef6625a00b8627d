/** Signing in for the first time, and everything that must not let anybody in. */
import { paths } from "#lib/client/paths";
import { openSession } from "./api.ts";
import { expect, heading, signIn, submitSignIn, test } from "./fixtures.ts";
import { startInstallation } from "./installation.ts";

const REFUSED = /failed to load resource.*(401|403)/i;

test("the first start prints a one-time password that opens nothing until it is replaced", async ({
  page,
}) => {
  const { baseURL, admin, stop } = await startInstallation();
  try {
    await page.goto(baseURL);
    await expect(page).toHaveURL(`${baseURL}/sign-in`);
    await submitSignIn(page, admin);
    await expect(heading(page)).toHaveText("Choose your password");

    await page.goto(`${baseURL}${paths.nodes()}`);
    await expect(page).toHaveURL(`${baseURL}${paths.account()}`);
    const refused = await page.request.get(`${baseURL}${paths.api.nodes()}`);
    expect(refused.status()).toBe(403);
    expect(await refused.json()).toMatchObject({ code: "auth/password-change-required" });

    await page.getByLabel("One-time password").fill(admin.password);
    await page.getByLabel("New password", { exact: true }).fill("a-password-of-my-own");
    await page.getByLabel("New password again").fill("a-password-of-my-own");
    await page.getByRole("button", { name: "Change password" }).click();

    await expect(heading(page)).toHaveText("Overview");
    await expect(page.getByRole("heading", { name: "Three steps to the first node" })).toBeVisible();
    const steps = page.getByRole("main").getByRole("list").getByRole("listitem");
    await expect(steps.getByRole("heading", { level: 3 })).toHaveText([
      "Create a source",
      "Create an API key for it",
      "Send the first event",
    ]);
    expect(await openSession(baseURL, admin), "the one-time password is used up").toBeNull();
  } finally {
    await page.close();
    await stop();
  }
});

test("a wrong password is refused with one sentence that tells nothing about the account", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(REFUSED);
  const { email } = await product.createUser("viewer");
  const sentences: string[] = [];
  for (const tried of [email, "nobody@example.test"]) {
    await page.goto(paths.signIn());
    await submitSignIn(page, { email: tried, password: "not the password" });
    const alert = page.getByRole("main").getByRole("alert");
    await expect(alert).toBeFocused();
    sentences.push((await alert.textContent()) ?? "");
    await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  }
  expect(sentences[0]).toContain("is not right");
  expect(sentences[1]).toBe(sentences[0]);
  await expect(page).toHaveURL(paths.signIn());
});

test("ten wrong passwords lock the account, even for the right one, and nobody else's", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(REFUSED);
  const victim = await product.createUser("viewer");
  const other = await product.createUser("viewer");
  for (let guess = 0; guess < 10; guess += 1) {
    expect(await openSession(product.baseURL, { ...victim, password: `guess number ${guess}` })).toBeNull();
  }
  await page.goto(paths.signIn());
  await submitSignIn(page, victim);
  await expect(page.getByRole("main").getByRole("alert")).toContainText("takes none for 15 minutes");
  expect(await openSession(product.baseURL, other)).not.toBeNull();
});

test("signing out ends the session itself: the old cookie opens nothing", async ({
  page,
  product,
  browser,
}) => {
  const account = await product.createUser("analyst");
  await page.goto(paths.signIn());
  await submitSignIn(page, account);
  await expect(heading(page)).toHaveText("Overview");
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name.endsWith("touchstone.session"));
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax" });

  await page.getByRole("complementary").getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(paths.signIn());

  const thief = await browser.newContext({ baseURL: product.baseURL });
  await thief.addCookies(cookies);
  const stolen = await thief.newPage();
  await stolen.goto(paths.nodes());
  await expect(stolen).toHaveURL(paths.signIn({ callbackUrl: paths.nodes() }));
  expect((await thief.request.get(paths.api.nodes())).status()).toBe(401);
  await thief.close();
});

test("a session that was ended elsewhere is refused on its next request", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(REFUSED);
  const account = await product.createUser("analyst");
  await page.goto(paths.signIn({ callbackUrl: paths.nodes() }));
  await submitSignIn(page, account);
  await expect(heading(page)).toHaveText("Nodes");

  const elsewhere = await openSession(product.baseURL, account);
  const changed = await elsewhere?.send(paths.api.accountPassword(), {
    currentPassword: account.password,
    newPassword: "quite-another-password",
  });
  expect(changed?.status).toBeLessThan(300);

  expect((await page.request.get(paths.api.account())).status()).toBe(401);
  // The open page may ask again of itself at any moment and so leave for the sign-in page before anybody presses a
  // link on it; a page of its own asks once, when it is told to.
  const next = await page.context().newPage();
  await next.goto(paths.sources());
  await expect(next).toHaveURL(paths.signIn({ callbackUrl: paths.sources() }));
  expect((await elsewhere?.get(paths.api.account()))?.status, "the changing session goes on").toBe(200);
});

const FOREIGN = [
  "https://evil.example/",
  "//evil.example/nodes",
  "/\\evil.example",
  "\\\\evil.example",
  "javascript:alert(1)",
  "/%09/evil.example",
  "https:evil.example",
];

test("where one is taken after signing in never lies on another site", async ({ page, product, trouble }) => {
  trouble.allow(/status of 404/); // a strange path of our own is fine
  const account = await product.createUser("viewer");
  await page.goto(paths.signIn({ callbackUrl: "https://evil.example/" }));
  await submitSignIn(page, account);
  await expect(page).toHaveURL(paths.overview());

  await signIn(page, product, "viewer");
  for (const callbackUrl of FOREIGN) {
    const answer = await page.request.get(paths.signIn({ callbackUrl }), { maxRedirects: 0 });
    const target = new URL(answer.headers().location ?? "/", product.baseURL);
    expect(target.origin, callbackUrl).toBe(product.baseURL);
    await page.goto(paths.signIn({ callbackUrl }));
    expect(new URL(page.url()).origin, callbackUrl).toBe(product.baseURL);
  }
  await page.goto(paths.signIn({ callbackUrl: paths.nodes({ q: "status:failed" }) }));
  await expect(page).toHaveURL(paths.nodes({ q: "status:failed" }));
});
