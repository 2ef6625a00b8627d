/** Who a node is: takeovers refused, nodes that wait for a person, and events that a person links. */
import { paths } from "#lib/client/paths";
import { unique } from "./api.ts";
import { expect, expectNoHorizontalOverflow, expectNoSeriousAxe, signIn, test } from "./fixtures.ts";
import { bootstrap, verdict } from "./messages.ts";

const MINUTE_MS = 60_000;

test("a node of an asking source is not trusted until an approver accepts it", async ({ page, product }) => {
  const gate = await product.createSource("generic");
  const name = unique("waits");
  await signIn(page, product, "admin");
  await page.goto(paths.source(gate.sourceId));
  await page.getByRole("button", { name: "Ask before a node joins" }).click();
  await expect(page.getByRole("button", { name: "Accept new nodes" })).toBeVisible();
  await product.postDocuments(gate, [verdict(name, "verified_good")]);
  const nodeId = await product.nodeId(name);

  await signIn(page, product, "analyst");
  await page.goto(paths.enrolmentQueue());
  const item = page
    .getByRole("list", { name: "Waiting for a decision" })
    .getByRole("listitem")
    .filter({ hasText: name });
  await expect(item).toContainText("waiting");
  await expect(item.getByRole("button", { name: "Accept" })).toHaveAttribute("aria-disabled", "true");
  await item.getByRole("button", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("nobody announced it");
  await dialog.getByRole("button", { name: "Pause" }).click();
  await expect(item).toContainText("paused by");
  await expect(item).toContainText("nobody announced it");
  await page.goto(paths.node(nodeId));
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Enrolment paused");

  await signIn(page, product, "approver");
  await page.goto(paths.enrolmentQueue());
  await item.getByRole("button", { name: "Accept" }).click();
  await dialog.getByLabel("Reason").fill("seen in rack 7");
  await dialog.getByRole("button", { name: "Accept" }).click();
  await expect(item).toHaveCount(0);
  await page.goto(paths.node(nodeId));
  await expect(page.getByRole("region", { name: "Trust now" })).toContainText("Trusted");
});

test("another key under a node's name is refused and stands on the node until somebody settles it", async ({
  page,
  product,
}) => {
  const lab = await product.createSource("generic");
  const name = unique("agent");
  const withKey = (value: string, minutesAgo: number) => ({
    ...verdict(name, "verified_good", { atMs: Date.now() - minutesAgo * MINUTE_MS }),
    node: { id: name, idType: "agent_uuid", displayName: name, identities: [{ kind: "ek_sha256", value }] },
  });
  await product.postDocuments(lab, [withKey("aa".repeat(32), 5)]);
  const nodeId = await product.nodeId(name);
  await expect(product.postDocuments(lab, [withKey("bb".repeat(32), 1)])).rejects.toThrow("identity-changed");

  await signIn(page, product, "analyst");
  await page.goto(paths.node(nodeId));
  const alarms = page.getByRole("region", { name: "Identity alarms" });
  await expect(alarms).toContainText("other hardware");
  await expect(alarms).toContainText("ek_sha256");
  await alarms.getByRole("button", { name: "Ask for rebind" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("the mainboard was replaced");
  await dialog.getByRole("button", { name: "Ask for rebind" }).click();
  await expect(dialog).toHaveCount(0);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectNoHorizontalOverflow(page);
  await expectNoSeriousAxe(page);
  await alarms.getByRole("button", { name: "Settle" }).click();
  await dialog.getByLabel("Reason").fill("a bench test");
  await dialog.getByRole("button", { name: "Settle alarm" }).click();
  await expect(alarms).toHaveCount(0);
  await page.getByRole("button", { name: /identities/ }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "EK SHA-256" })).toContainText("anchor");
});

test("a group of unattributed failures is linked to a node by a person, and taken back", async ({
  page,
  product,
}) => {
  const source = await product.createSource("generic");
  const name = unique("linked");
  await product.postDocuments(source, [
    bootstrap("provisioning.discovered", { kind: "serial", value: unique("s") }, { displayName: name }),
    ...[1, 2].map((port) =>
      bootstrap("enrollment.failed", null, {
        outcome: "failure",
        reasonText: "join token expired",
        method: "join_token",
        actor: { kind: "unknown", address: `198.51.100.9:${port}` },
      }),
    ),
  ]);
  const nodeId = await product.nodeId(name);

  await signIn(page, product, "analyst");
  await page.goto(paths.unattributed());
  const group = page
    .getByRole("list", { name: "Groups" })
    .getByRole("listitem")
    .filter({ hasText: source.name });
  await expect(group).toContainText("2 events, 2 failures");
  await expect(group).toContainText("2 × join token expired");
  await group.getByRole("button", { name: "Link to a node" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Find the node").fill(name);
  await dialog.getByLabel("Node", { exact: true }).selectOption(nodeId);
  await dialog.getByLabel("Reason").fill("its address in the rack plan");
  await dialog.getByRole("button", { name: "Link events" }).click();
  await expect(group).toHaveCount(0);

  await page.goto(paths.nodeBootstrap(nodeId));
  await expect(page.getByRole("table", { name: "Bootstrap events, newest first" })).toContainText(
    "token expired",
  );
  await page.goto(paths.unattributed());
  const link = page.getByRole("list", { name: "Links" }).getByRole("listitem").filter({ hasText: name });
  await link.getByRole("button", { name: "Undo" }).click();
  await dialog.getByLabel("Reason").fill("the wrong machine");
  await dialog.getByRole("button", { name: "Undo link" }).click();
  await expect(link).toHaveCount(0);
  await expect(group).toContainText("2 events");
});
