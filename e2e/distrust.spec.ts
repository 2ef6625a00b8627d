/** A compromised verifier key: one person proposes, another approves on a phone, history follows. */
import { paths } from "#lib/client/paths";
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
import { EAR_MEDIA_TYPE, earClaims, GOOD, newVerifier, signed } from "./messages.ts";
import { picture } from "./picture.ts";

const PHONE = { width: 390, height: 844 };
const REASON = "The verifier host was broken into, see the incident of today.";

test("a key is distrusted by two people, and history reaches back without forgetting", async ({
  page,
  product,
  browser,
}) => {
  test.setTimeout(120_000);
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks });
  const node = unique("distrust");
  const token = await signed(verifier, earClaims({ tpm: GOOD }));
  const event = { subject: node, mediaType: EAR_MEDIA_TYPE, data: token };
  expect((await product.postEvent(source, event)).status).toBe(202);
  const nodeId = await product.nodeId(node);
  const knownAt = new Date().toISOString();

  // The analyst proposes, on a desktop.
  await signIn(page, product, "analyst");
  await page.goto(paths.source(source.sourceId));
  await expectLive(page);
  await page.getByRole("link", { name: /^Distrust key/ }).click();
  await expect(page.getByRole("heading", { name: `Distrust key ${verifier.kid}` })).toBeVisible();
  await page.getByRole("radio", { name: /Another instant/ }).check();
  await page.getByLabel("Instant in UTC").fill("2020-01-01T00:00:00");
  const moves = page.getByRole("table", { name: "From and to" });
  await expect(moves.getByRole("row").filter({ hasText: "Trusted" })).toContainText(/Stale.*1/);
  await expect(page.getByRole("link", { name: new RegExp(node) })).toBeVisible();
  await expect(page.getByText(/No other key of .* is usable/)).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "distrust-preview");
  const propose = page.getByRole("button", { name: "Propose to distrust this key" });
  await expect(propose).toBeDisabled();
  await page.getByLabel("Reason").fill(REASON);
  await propose.click();
  await expect(heading(page)).toHaveText("Distrust a key");
  const requestId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await expect(page.getByRole("button", { name: "Approve and do it" })).toHaveCount(0);
  await expect(page.getByText("a second person has to decide it")).toBeVisible();

  // The server refuses what the page does not offer: one's own request, and a role that may not decide.
  const view = (await (await product.session("analyst")).get(paths.api.changeRequest(requestId))).json<{
    planHash: string;
  }>();
  const approve = { decision: "approve", planHash: view.planHash };
  const own = await (await product.session("analyst")).send(
    paths.api.changeRequestDecision(requestId),
    approve,
  );
  expect(own.status).toBe(403);
  const mine = await (await product.session("approver")).send(paths.api.changeRequests(), {
    kind: "key.distrust",
    payload: { sourceId: source.sourceId, kid: verifier.kid, since: "2021-01-01T00:00:00.000Z" },
    reason: REASON,
  });
  const made = mine.json<{ id: string; planHash: string }>();
  const self = await (await product.session("approver")).send(paths.api.changeRequestDecision(made.id), {
    decision: "approve",
    planHash: made.planHash,
  });
  expect(self.status).toBe(403);
  expect(self.json()).toMatchObject({ code: "change/own-request" });

  // The approver decides, on a phone.
  const context = await browser.newContext({ viewport: PHONE, hasTouch: true, isMobile: true });
  const phone = await context.newPage();
  try {
    await signIn(phone, product, "approver");
    await phone.goto(paths.changes());
    await expect(phone.getByRole("navigation", { name: "Main" }).last()).toContainText("waiting on you");
    await expectNoHorizontalOverflow(phone);
    await expectNoSeriousAxe(phone);
    await picture(phone, "changes-390");
    await phone.getByRole("link", { name: new RegExp(`Distrust key ${verifier.kid}.*2020`) }).click();
    await expect(phone.getByText(REASON)).toBeVisible();
    await expectNoHorizontalOverflow(phone);
    await expectNoSeriousAxe(phone);
    await picture(phone, "change-390");
    const button = phone.getByRole("button", { name: "Approve and do it" });
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await button.click();
    await expect(phone.getByText("approved", { exact: true })).toBeVisible();
    await picture(phone, "change-applied-390");
  } finally {
    await context.close();
  }

  // The node turns, and says why; what was known before stays as it was.
  await expect
    .poll(async () => (await product.read<{ status: string }>(paths.api.node(nodeId))).status, {
      timeout: 20_000,
    })
    .toBe("stale");
  await page.goto(paths.nodeTimeline(nodeId));
  await expect(
    page.getByRole("main").getByText(`evidence of key ${verifier.kid} is distrusted since`),
  ).toBeVisible();
  await expect(
    page.getByText(`No evidence that counts: key ${verifier.kid} is distrusted`).first(),
  ).toBeVisible();
  await expectNoSeriousAxe(page);
  await picture(page, "timeline-after");
  const before = (
    await (
      await product.session("analyst")
    ).get(paths.api.nodeTimeline(nodeId, { from: "2020-01-01T00:00:00.000Z", to: knownAt, knownAt }))
  ).json<{ lanes: { intervals: { state: string }[] }[]; distrusted: unknown[] }>();
  expect(before.lanes.map(({ intervals }) => intervals.map(({ state }) => state))).toEqual([
    ["trusted"],
    ["trusted"],
  ]);
  expect(before.distrusted).toEqual([]);

  // The key is refused, and the second request no longer fits what is in force.
  const late = await signed(verifier, earClaims({ tpm: GOOD }));
  const refused = await product.postEvent(source, { ...event, data: late });
  expect(refused.json()).toMatchObject({ code: "event/key" });
  const stale = await (await product.session("admin")).send(paths.api.changeRequestDecision(made.id), {
    decision: "approve",
    planHash: made.planHash,
  });
  expect(stale.status).toBe(409);
  expect(stale.json()).toMatchObject({ code: "change/plan-changed" });
  await page.goto(paths.source(source.sourceId));
  await expect(page.getByRole("table", { name: "Signing keys" })).toContainText("distrusted");
  await picture(page, "source-after");
});

test("the changes are shown to those who may read them", async ({ page, product, trouble }) => {
  trouble.allow(/status of 403/);
  await signIn(page, product, "viewer");
  const answer = await page.goto(paths.changes());
  expect(answer?.status()).toBe(403);
  await expect(page.getByRole("main")).toContainText("change:read");
  await expect(page.getByRole("link", { name: "Changes" })).toHaveCount(0);
});
