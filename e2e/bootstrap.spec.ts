/** How nodes come to be: stages from events, failures of nobody, and nodes that never arrive. */
import { randomUUID } from "node:crypto";
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, expectLive, signIn, test } from "./fixtures.ts";
import { bootstrap, spireLog, verdict } from "./messages.ts";

const MINUTE_MS = 60_000;
const NDJSON = "application/x-ndjson";

test("audit lines and provisioning events become the stages of one node, and nothing is guessed", async ({
  page,
  product,
}) => {
  const spire = await product.createSource("spire");
  const provisioner = await product.createSource("generic");
  const agentId = `spiffe://example.test/spire/agent/tpm_devid/${randomUUID()}`;
  const identity = { kind: "spiffe_id", value: agentId };
  const name = unique("born");
  const startMs = Date.now() - 30 * MINUTE_MS;
  await product.postDocuments(provisioner, [
    bootstrap("provisioning.discovered", identity, { displayName: name, atMs: startMs }),
    bootstrap("provisioning.image_completed", identity, { atMs: startMs + 4 * MINUTE_MS }),
  ]);
  const log = spireLog([
    {
      method: "AttestAgent",
      atMs: startMs + 6 * MINUTE_MS,
      agentId,
      error: { code: "Internal", message: "failed to attest: context deadline exceeded" },
    },
    { method: "AttestAgent", atMs: startMs + 7 * MINUTE_MS, agentId },
    { method: "ListAgents", atMs: startMs + 8 * MINUTE_MS },
  ]);
  const answer = await product.deliver(spire, log, NDJSON);
  expect(answer.status).toBe(202);
  expect(answer.json()).toEqual({ accepted: 2, duplicate: 0, rejected: [] });

  await signIn(page, product, "viewer");
  const nodeId = await product.nodeId(name);
  await page.goto(paths.nodeBootstrap(nodeId));
  const stages = page.getByRole("list", { name: "Stages" }).getByRole("listitem");
  await expect(stages).toHaveText([
    /^Discovered done/,
    /^Provisioning done.*after 4 m/,
    /^Enrolling failed.*timeout/,
    /^Credential issued done.*after 1 m/,
    /^Attested no event/,
    /^Trusted no event/,
  ]);
  const events = page.getByRole("table", { name: "Bootstrap events, newest first" });
  await expect(events.getByRole("row")).toHaveCount(1 + 4);
  await expect(events.getByRole("row").nth(1)).toContainText("enrollment.credential_issued");
  await expect(events.getByRole("row").nth(2)).toContainText("deadline exceeded");
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Pending");

  const about = verdict(agentId, "verified_good");
  await product.postDocuments(provisioner, [
    { ...about, node: { ...about.node, idType: "spiffe_id", displayName: name } },
  ]);
  await page.reload();
  await expect(stages.nth(4)).toHaveText(/^Attested done/);
  await expect(stages.nth(5)).toHaveText(/^Trusted done/);
  await page.goto(paths.nodeTimeline(nodeId));
  await expectLive(page);
  const table = page.getByRole("region", { name: "Table of the timeline" });
  await table.getByLabel("Lane").selectOption("Bootstrap events");
  await expect(table.getByRole("button", { name: /^Select / })).toHaveCount(3);
  await table.getByLabel("Lane").selectOption("Credentials");
  await expect(table.getByRole("button", { name: /^Select / })).toHaveCount(1);
});

test("failures that name no node are listed with their address, and counted on the overview", async ({
  page,
  product,
}) => {
  const spire = await product.createSource("spire");
  const address = `198.51.100.${Math.ceil(Math.random() * 250)}:${unique("port").slice(-4)}`;
  const log = spireLog([
    {
      method: "AttestAgent",
      atMs: Date.now(),
      address,
      error: {
        code: "InvalidArgument",
        message: "failed to attest: join token does not exist or has already been used",
      },
    },
  ]);
  expect((await product.deliver(spire, log, NDJSON)).status).toBe(202);

  await signIn(page, product, "viewer");
  await page.goto(paths.overview());
  await page.getByRole("link", { name: /unattributed bootstrap failure/ }).click();
  await expect(page).toHaveURL(paths.unattributed());
  const row = page
    .getByRole("table", { name: "Unattributed bootstrap events" })
    .getByRole("row")
    .filter({ hasText: spire.name });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText("enrollment.failed");
  await expect(row).toContainText("failure");
  await expect(row).toContainText(address);
  await expect(row).toContainText("join token does not exist");
  await expect(row).toContainText("nothing");
});

test("a node that was found and never enrols stays pending", async ({ page, product }) => {
  const provisioner = await product.createSource("generic");
  const name = unique("lost");
  const identity = { kind: "serial", value: unique("serial") };
  const startMs = Date.now() - 60 * MINUTE_MS;
  await product.postDocuments(provisioner, [
    bootstrap("provisioning.discovered", identity, { displayName: name, atMs: startMs }),
    bootstrap("enrollment.denied", identity, {
      outcome: "denied",
      reasonCode: "banned",
      atMs: startMs + MINUTE_MS,
    }),
  ]);
  await signIn(page, product, "viewer");
  await page.goto(paths.nodes({ q: name }));
  const row = page.getByRole("table", { name: "Nodes" }).getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("Pending");
  await expect(row).toContainText("never");
  await row.getByRole("link").click();
  await page.getByRole("navigation", { name: "Node" }).getByRole("link", { name: "Bootstrap" }).click();
  const stages = page.getByRole("list", { name: "Stages" }).getByRole("listitem");
  await expect(stages.nth(0)).toHaveText(/^Discovered done/);
  await expect(stages.nth(2)).toHaveText(/^Enrolling failed.*banned/);
  await expect(stages.nth(3)).toHaveText(/^Credential issued no event/);
});
