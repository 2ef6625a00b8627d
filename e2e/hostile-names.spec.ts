/** Names are input: shown as text, with what hides in them made visible, and never acted upon. */
import type { Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { type Product, unique } from "./api.ts";
import { expect, expectNoHorizontalOverflow, heading, signIn, test } from "./fixtures.ts";
import { bootstrap, verdict } from "./messages.ts";
import type { RejectedPage } from "./views.ts";

type Hostile = { what: string; name: (mark: string) => string; shown: string; escaped: boolean };

const NAMES: readonly Hostile[] = [
  {
    what: "a script",
    name: (mark) => `${mark}<script>window.hit=1</script>`,
    shown: "<script>window.hit=1</script>",
    escaped: false,
  },
  {
    what: "an image that runs code",
    name: (mark) => `${mark}"><img src=x onerror="window.hit=1">`,
    shown: '"><img src=x onerror="window.hit=1">',
    escaped: false,
  },
  {
    what: "bidirectional overrides",
    name: (mark) => `${mark}-\u202Edetsurt\u202C`,
    shown: "-\\u{202E}detsurt\\u{202C}",
    escaped: true,
  },
  {
    what: "zero-width characters",
    name: (mark) => `${mark}-a\u200Bb\u2060c\uFEFF`,
    shown: "-a\\u{200B}b\\u{2060}c\\u{FEFF}",
    escaped: true,
  },
  {
    what: "line breaks",
    name: (mark) => `${mark}-one\r\nSet-Cookie: two`,
    shown: "-one\\u{000D}\\u{000A}Set-Cookie: two",
    escaped: true,
  },
  {
    what: "256 characters",
    name: (mark) => `${mark}-`.padEnd(256, "x"),
    shown: "xxx",
    escaped: false,
  },
  {
    what: "a formula",
    name: (mark) => `=HYPERLINK("http://evil.example","${mark}")`,
    shown: '=HYPERLINK("http://evil.example","',
    escaped: false,
  },
];

async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate(() => "hit" in window)).toBe(false);
  await expect(page.getByRole("main").getByRole("img", { name: "x" })).toHaveCount(0);
  expect(await page.evaluate(() => document.querySelectorAll("img[src=x], main script").length)).toBe(0);
}

/** The node is the newest change, so that the overview names it. */
async function makeNode(product: Product, { name }: Hostile): Promise<{ id: string; mark: string }> {
  const source = await product.createSource("generic");
  const mark = unique("mark");
  const id = unique("id");
  const displayName = name(mark);
  await product.postDocuments(source, [
    bootstrap(
      "provisioning.discovered",
      { kind: "custom", value: id },
      { displayName, reasonText: name(mark).slice(0, 400) },
    ),
    verdict(id, "verified_bad", { displayName, reasons: [{ code: "test.hostile", detail: displayName }] }),
  ]);
  return { id: await product.nodeId(id), mark };
}

for (const hostile of NAMES) {
  test(`a name with ${hostile.what} is only text on every page that shows it`, async ({ page, product }) => {
    const { id, mark } = await makeNode(product, hostile);
    await signIn(page, product, "analyst");

    await page.goto(paths.nodes({ q: mark }));
    const row = page.getByRole("table", { name: "Nodes" }).getByRole("row").nth(1);
    const link = row.getByRole("link");
    await expect(link).toContainText(hostile.shown);
    await expect(link.getByText("escaped", { exact: true })).toHaveCount(hostile.escaped ? 1 : 0);
    await expectHarmless(page);
    await expectNoHorizontalOverflow(page);

    await page.getByRole("button", { name: "Command palette" }).click();
    const palette = page.getByRole("dialog", { name: "Command palette" });
    await palette.getByRole("combobox").fill(mark);
    await expect(palette.getByRole("option").filter({ hasText: hostile.shown })).toHaveCount(1);
    await expectHarmless(page);
    await page.keyboard.press("Escape");

    for (const path of [paths.nodeTimeline(id), paths.nodeEvidence(id), paths.nodeBootstrap(id)]) {
      await page.goto(path);
      await expect(heading(page)).toContainText(hostile.what === "256 characters" ? "…" : hostile.shown);
      await expect(heading(page).getByText("escaped", { exact: true })).toHaveCount(hostile.escaped ? 1 : 0);
      await expect(page.getByRole("region", { name: "Trust now" })).toContainText(hostile.shown);
      await expectHarmless(page);
      await expectNoHorizontalOverflow(page);
    }

    await page.goto(paths.overview());
    const change = page
      .getByRole("main")
      .getByRole("listitem")
      .filter({ hasText: mark.slice(0, 8) });
    await expect(change.first()).toBeVisible();
    await expectHarmless(page);
    await expectNoHorizontalOverflow(page);
  });
}

test("ids that no registry could hold are refused, and their bytes are shown escaped", async ({
  page,
  product,
}) => {
  const source = await product.createSource("generic");
  const documents = [
    verdict("one\r\ntwo", "verified_good", { displayName: "plain" }),
    verdict("x".repeat(257), "verified_good", { displayName: "plain" }),
    verdict("   ", "verified_good", { displayName: "plain" }),
  ];
  for (const document of documents) {
    const answer = await product.deliver(source, JSON.stringify(document), "application/json");
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({ code: "event/invalid" });
  }
  const raw = Buffer.from('{"a":"\u001b[31m<script>window.hit=1</script>\u202E"');
  expect((await product.deliver(source, raw, "application/json")).status).toBe(400);
  const { items } = await product.read<RejectedPage>(paths.api.sourceRejected(source.sourceId));
  expect(items).toHaveLength(4);

  await signIn(page, product, "analyst");
  await page.goto(paths.source(source.sourceId, { tab: "rejected" }));
  const bytes = page.getByText(/^Show the first bytes/);
  const first = page.getByRole("main").getByRole("listitem").filter({ has: bytes }).first();
  await first.getByText(/^Show the first bytes/).click();
  await expect(first).toContainText("<script>window.hit=1</script>");
  await expect(first).not.toContainText("\u202E");
  await expectHarmless(page);
});
