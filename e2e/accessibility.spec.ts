/** Every page for everybody: axe in both themes, the keyboard alone, and a phone's width. */
import { paths } from "#lib/client/paths";
import {
  expect,
  expectLive,
  expectNoHorizontalOverflow,
  expectNoSeriousAxe,
  heading,
  signIn,
  test,
} from "./fixtures.ts";
import { consolePages, makeWorld, PUBLIC_PAGES } from "./world.ts";

/** A story about every page grows with them. */
const EVERY_PAGE_MS = 900_000;
const PHONE = { width: 390, height: 844 };

test("no page has a serious finding of axe in light or dark, nor is it wider than a phone", async ({
  page,
  product,
}) => {
  test.setTimeout(EVERY_PAGE_MS);
  const world = await makeWorld(product);
  for (const { path, heading: text } of PUBLIC_PAGES) {
    await page.goto(path);
    await expect(heading(page)).toHaveText(text);
    await expectNoSeriousAxe(page);
  }
  await signIn(page, product, "admin");
  for (const { path, heading: text } of consolePages(world)) {
    await test.step(path, async () => {
      await page.goto(path);
      await expect(heading(page)).toHaveText(text);
      await expectLive(page);
      await expectNoSeriousAxe(page);
    });
  }
});

test("no page is wider than a phone, and the phone's bar leads everywhere", async ({ page, product }) => {
  test.setTimeout(EVERY_PAGE_MS);
  const world = await makeWorld(product);
  await page.setViewportSize(PHONE);
  for (const { path } of PUBLIC_PAGES) {
    await page.goto(path);
    await expectNoHorizontalOverflow(page);
  }
  await signIn(page, product, "admin");
  for (const { path, heading: text } of consolePages(world)) {
    await test.step(path, async () => {
      await page.goto(path);
      await expect(heading(page)).toHaveText(text);
      await expectLive(page);
      await expectNoHorizontalOverflow(page);
    });
  }
  const bar = page.getByRole("navigation", { name: "Main" });
  for (const name of ["Overview", "Nodes", "Onboarding", "Sources"]) {
    await bar.getByRole("link", { name }).click();
    await expect(heading(page)).toHaveText(name);
  }
  await bar.getByRole("button", { name: "More" }).click();
  const more = page.getByRole("dialog");
  await expect(more.getByRole("link", { name: "Account" })).toBeVisible();
  await expect(more.getByRole("button", { name: "Sign out" })).toBeVisible();
  await expectNoSeriousAxe(page);
});

test("dialogs have no serious finding of axe either, and give the focus back", async ({ page, product }) => {
  await makeWorld(product);
  await signIn(page, product, "admin");
  await page.goto(paths.sources());
  await expectLive(page);
  const create = page.getByRole("button", { name: "Create source" });
  await create.click();
  const dialog = page.getByRole("dialog", { name: "Create source" });
  await expect(dialog).toBeVisible();
  await expectNoSeriousAxe(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(create).toBeFocused();

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await expectNoSeriousAxe(page);
  await page.keyboard.press("Escape");

  await page.keyboard.press("ControlOrMeta+k");
  await expect(page.getByRole("dialog", { name: "Command palette" })).toBeVisible();
  await expectNoSeriousAxe(page);
});

test("the keyboard alone: the skip link is first, and every navigation starts at the heading", async ({
  page,
  product,
}) => {
  const world = await makeWorld(product);
  await signIn(page, product, "viewer");
  await page.goto(paths.overview());
  await expectLive(page);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("main").locator(":focus")).toHaveCount(1);

  await page.keyboard.press("g");
  await page.keyboard.press("n");
  await expect(page).toHaveURL(paths.nodes());
  await expect(heading(page)).toBeFocused();

  await page.keyboard.press("/");
  const filter = page.getByLabel("Filter nodes");
  await expect(filter).toBeFocused();
  await page.keyboard.type(world.node);
  const rows = page.getByRole("table", { name: "Nodes" }).getByRole("link");
  await expect(rows).toHaveText([world.node]);
  await page.keyboard.press("Escape");
  await expect(filter).not.toBeFocused();
  await page.keyboard.press("j");
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(heading(page)).toHaveText(world.node);
  await expect(heading(page)).toBeFocused();
});

test("the palette opens with its key, finds a node, and Escape gives the focus back", async ({
  page,
  product,
}) => {
  const world = await makeWorld(product);
  await signIn(page, product, "viewer");
  await page.goto(paths.overview());
  await expectLive(page);
  const sources = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Sources" });
  await sources.focus();
  await page.keyboard.press("ControlOrMeta+k");
  const palette = page.getByRole("dialog", { name: "Command palette" });
  const input = palette.getByRole("combobox");
  await expect(input).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(palette).toHaveCount(0);
  await expect(sources).toBeFocused();

  await page.keyboard.press("ControlOrMeta+k");
  await expect(input).toBeFocused();
  await page.keyboard.type(world.node);
  const found = palette.getByRole("option").filter({ hasText: world.node }).first();
  await expect(found).toContainText("Degraded");
  await expect(found).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(world.nodeId));
  await expect(heading(page)).toHaveText(world.node);
});
