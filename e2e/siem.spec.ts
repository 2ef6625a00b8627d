/** An administrator tells a SIEM what happens, sees how far it is, and has what it refused sent again. */
import { paths } from "#lib/client/paths";
import { type StubAnswer, startHttp } from "#tests/stubs/http";
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

const TOKEN = "a-token-that-nobody-is-shown";
const PHONE = { width: 390, height: 844 };

/** Takes JSON lines with the token; while `refuses`, it will never take anything. */
async function startSiem() {
  const state = { refuses: false };
  const events: { metadata: { uid: string; sequence?: number } }[] = [];
  const stub = await startHttp(({ headers, body }): StubAnswer => {
    if (headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: {} };
    if (state.refuses) return { status: 400, body: {} };
    events.push(
      ...body
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    );
    return { body: {} };
  });
  return { ...stub, state, events, ids: () => events.map(({ metadata }) => metadata.uid) };
}

test("a sink is added, tested and told; what it refused is shown and sent again", async ({
  page,
  product,
}) => {
  test.slow();
  const siem = await startSiem();
  const name = unique("soc");
  const source = await product.createSource("generic");
  try {
    await signIn(page, product, "admin");
    await page.goto(paths.settings("siem"));
    await expectLive(page);
    await expect(heading(page)).toHaveText("SIEM");
    await page.getByRole("button", { name: "Add a sink" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Kind").selectOption("ndjson");
    await dialog.getByLabel("Name").fill(name);
    await dialog.getByLabel("Address").fill(siem.url);
    await dialog.getByLabel("Bearer token").fill(TOKEN);
    // Only what this story brings about is told.
    await dialog.getByLabel("Everything in the audit log").uncheck();
    await expectNoSeriousAxe(page);
    await picture(page, "sink-add");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const card = page.getByRole("listitem", { name });
    await expect(card).toContainText("JSON lines over HTTPS");
    await page.getByRole("button", { name: `Test ${name}` }).click();
    await expect(card).toContainText("Test passed: The receiver took the test event.");
    expect(await page.content()).not.toContain(TOKEN);

    const first = siem.events.length;
    await product.postDocuments(source, [verdict(unique("told"), "verified_good")]);
    await expect.poll(() => siem.events.length, { timeout: 60_000 }).toBeGreaterThan(first);
    await expect(card).toContainText("Up to date", { timeout: 30_000 });

    siem.state.refuses = true;
    await product.postDocuments(source, [verdict(unique("refused"), "verified_good")]);
    await expect(card).toContainText("refused", { timeout: 60_000 });
    await page.getByRole("button", { name: `Dead letters of ${name}` }).click();
    const letters = page.getByRole("region", { name: `Dead letters of ${name}` });
    await expect(letters).toContainText("The receiver answered 400");
    await expectNoSeriousAxe(page);
    await picture(page, "siem");
    await page.setViewportSize(PHONE);
    await expectNoHorizontalOverflow(page);
    await picture(page, "siem-phone");
    siem.state.refuses = false;
    const before = siem.events.length;
    await page.getByRole("button", { name: `Send all again to ${name}` }).click();
    await expect.poll(() => siem.events.length, { timeout: 60_000 }).toBeGreaterThan(before);
    await expect(letters).toHaveCount(0, { timeout: 30_000 });

    const told = new Set(siem.ids()).size;
    await page.getByRole("button", { name: `Change ${name}` }).click();
    await expect(dialog.getByLabel("Bearer token")).toHaveCount(0);
    await dialog.getByLabel("Address").fill("https://elsewhere.example");
    await expect(dialog).toContainText("Give the secrets again");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: `Set back ${name}` }).click();
    await dialog.getByLabel("After the place").fill("0");
    await dialog.getByRole("button", { name: "Set back" }).click();
    await expect(dialog).toHaveCount(0);
    await expect.poll(() => siem.events.length, { timeout: 60_000 }).toBeGreaterThan(told + 1);

    await page.getByRole("button", { name: `Turn off ${name}` }).click();
    await expect(card).toContainText("Off");
    await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove the sink" }).click();
    await expect(card).toHaveCount(0);
  } finally {
    await siem.close();
  }
});

test("an auditor sees sinks and changes none; an analyst does not see them", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 403/);
  await signIn(page, product, "auditor");
  await page.goto(paths.settings("siem"));
  await expectLive(page);
  await expect(heading(page)).toHaveText("SIEM");
  await expect(page.getByRole("button", { name: "Add a sink" })).toHaveAttribute("aria-disabled", "true");
  await signIn(page, product, "analyst");
  const answer = await page.goto(paths.settings("siem"));
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole("main")).toContainText("Your role does not allow reading sinks");
});
