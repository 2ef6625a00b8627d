/** From a verifier's token to what people read: list, header, timeline, and what was believed before. */
import type { Locator, Page } from "@playwright/test";
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, expectLive, heading, signIn, test } from "./fixtures.ts";
import { BAD, EAR_MEDIA_TYPE, earClaims, GOOD, newVerifier, signed, WARNING } from "./messages.ts";
import type { Timeline } from "./views.ts";

const HOUR_MS = 3_600_000;

/** Rows of the timeline's table, narrowed to one lane. */
async function laneRows(page: Page, lane: string): Promise<Locator> {
  const table = page.getByRole("region", { name: "Table of the timeline" });
  await expectLive(page);
  await table.getByLabel("Lane").selectOption(lane);
  return table.getByRole("row").filter({ has: page.getByRole("button", { name: /^Select / }) });
}

test("signed results become a status with since and reason on the list and on the node's page", async ({
  page,
  product,
}) => {
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks });
  const fleet = unique("rack");
  const results = {
    [`${fleet}-good`]: { tpm: GOOD },
    [`${fleet}-warning`]: { tpm: WARNING },
    [`${fleet}-bad`]: { tpm: BAD },
    [`${fleet}-pair`]: { cpu0: GOOD, gpu0: { status: "warning", vector: { hardware: 32 } } },
  };
  for (const [node, submods] of Object.entries(results)) {
    const token = await signed(verifier, earClaims(submods));
    const answer = await product.postEvent(source, { subject: node, mediaType: EAR_MEDIA_TYPE, data: token });
    expect(answer.status).toBe(202);
    expect(answer.json()).toEqual({ accepted: Object.keys(submods).length, duplicate: 0, rejected: [] });
  }

  await signIn(page, product, "viewer");
  await page.goto(paths.nodes({ q: fleet, sort: "name" }));
  const rows = page.getByRole("table", { name: "Nodes" }).getByRole("row").filter({ hasText: fleet });
  await expect(rows).toHaveCount(4);
  const expected = [
    ["-bad", "Failed", /Known bad: .*executables/],
    ["-good", "Trusted", "Verified good: identity key, quote signature, measured boot"],
    ["-pair", "Degraded", /hardware|firmware/],
    ["-warning", "Degraded", /Not recognised: .*executables/],
  ] as const;
  for (const [index, [name, status, reason]] of expected.entries()) {
    const row = rows.nth(index);
    await expect(row.getByRole("link", { name: fleet + name })).toBeVisible();
    await expect(row).toContainText(status);
    await expect(row).toContainText(reason);
  }

  await rows.nth(0).getByRole("link").click();
  await expect(heading(page)).toHaveText(`${fleet}-bad`);
  const trust = page.getByRole("region", { name: "Trust now" });
  await expect(trust).toContainText("Failed");
  await expect(trust).toContainText(/since \d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z/);
  await expect(trust).toContainText(/Known bad: .*executables/);
  await expect(trust).toContainText("Never trusted so far");
});

test("each submodule has a line of its own, and the worst of them is the node's", async ({
  page,
  product,
}) => {
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks });
  const node = unique("cvm");
  const submods = { cpu0: GOOD, gpu0: { status: "contraindicated", vector: { hardware: 96 } } };
  const token = await signed(verifier, earClaims(submods, { nodeId: node }));
  expect((await product.deliver(source, token, EAR_MEDIA_TYPE)).status).toBe(202);

  await signIn(page, product, "viewer");
  await page.goto(paths.nodeTimeline(await product.nodeId(node)));
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Failed");
  for (const [lane, state] of [
    ["Trust", "Failed"],
    [`${source.name}/cpu0`, "Trusted"],
    [`${source.name}/gpu0`, "Failed"],
  ] as const) {
    const rows = await laneRows(page, lane);
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText(state);
    await expect(rows).toContainText("still so");
  }
  await page.getByRole("button", { name: "2 of 2 lines fresh" }).click();
  const lines = page.getByRole("dialog", { name: "Lines of evidence" });
  await expect(lines.getByRole("listitem")).toHaveCount(2);
});

test("silence is a gap in the chart and a row of its own in the table, never bridged", async ({
  page,
  product,
}) => {
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks, staleAfterMs: 2 * HOUR_MS });
  const node = unique("silent");
  const nowMs = Date.now();
  for (const hoursAgo of [10, 9, 1]) {
    const token = await signed(
      verifier,
      earClaims({ tpm: GOOD }, { nodeId: node, atMs: nowMs - hoursAgo * HOUR_MS }),
    );
    expect((await product.deliver(source, token, EAR_MEDIA_TYPE, { backfill: true })).status).toBe(202);
  }

  await signIn(page, product, "viewer");
  await page.goto(paths.nodeTimeline(await product.nodeId(node), { from: "now-24h" }));
  const trust = await laneRows(page, "Trust");
  await expect(trust).toHaveCount(3);
  await expect(trust.getByRole("button")).toHaveText(["Trusted", "Stale", "Trusted"]);
  const gap = trust.nth(1);
  await expect(gap).toContainText("silent for longer than its limit");
  await expect(gap).toContainText("6 h");

  const lane = await laneRows(page, `${source.name}/tpm`);
  await expect(lane.getByRole("button")).toHaveText(["Trusted", "Stale", "Trusted"]);
  await expect(lane.nth(1).getByRole("cell").nth(6), "verdicts in the gap").toHaveText("0");
  await expect(lane.nth(2).getByRole("cell").nth(6)).toHaveText("2");

  await lane.nth(1).getByRole("button").click();
  const selected = page.getByRole("region", { name: "Selected" });
  await expect(selected).toContainText("Stale");
  await expect(selected).toContainText("Last outcome before it");
});

test("a late verdict corrects the history, and what was known before can still be seen", async ({
  page,
  product,
}) => {
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks, staleAfterMs: 24 * HOUR_MS });
  const node = unique("late");
  const nowMs = Date.now();
  const send = async (hoursAgo: number, submod: typeof GOOD) => {
    const claims = earClaims({ tpm: submod }, { nodeId: node, atMs: nowMs - hoursAgo * HOUR_MS });
    const token = await signed(verifier, claims);
    expect((await product.deliver(source, token, EAR_MEDIA_TYPE, { backfill: true })).status).toBe(202);
  };
  await send(3, GOOD);
  await send(1, GOOD);
  const nodeId = await product.nodeId(node);
  const window = {
    from: new Date(nowMs - 24 * HOUR_MS).toISOString(),
    to: new Date(nowMs + HOUR_MS).toISOString(),
  };
  const before = await product.read<Timeline>(paths.api.nodeTimeline(nodeId, window));
  const recorded = before.lanes.flatMap(({ intervals }) => intervals.map(({ recordedAt }) => recordedAt));
  const knownAt = recorded.sort().at(-1) ?? "";
  await send(2, BAD);

  await signIn(page, product, "auditor");
  await page.goto(paths.nodeTimeline(nodeId, { from: "now-24h" }));
  const now = await laneRows(page, "Trust");
  await expect(now.getByRole("button")).toHaveText(["Trusted", "Failed", "Trusted"]);

  await page.goto(paths.nodeTimeline(nodeId, { from: "now-24h", knownAt }));
  await expect(page.getByRole("status").filter({ hasText: "As known at" })).toBeVisible();
  const then = await laneRows(page, "Trust");
  await expect(then.getByRole("button")).toHaveText(["Trusted"]);

  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(now.getByRole("button")).toHaveText(["Trusted", "Failed", "Trusted"]);
});
