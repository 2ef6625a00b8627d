/**
 * An administrator says where news goes and who hears of what; an analyst acknowledges and ends what was told. The
 * receiver takes only what the package `standardwebhooks` finds to be signed by us.
 */
import { paths } from "#lib/client/paths";
import { startNotificationReceiver } from "#tests/stubs/notification-receiver";
import { type Product, unique } from "./api.ts";
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

const SECRET = `whsec_${Buffer.alloc(32, 11).toString("base64")}`;
const PHONE = { width: 390, height: 844 };
const COMMENT = "I am on my way to the rack.";

type Domains = { items: { parentId: string | null; name: string }[] };
type RoutesList = { items: { trustDomainId: string; revision: number }[] };
const NOBODY = {
  name: "everything",
  match: {},
  continue: false,
  channelIds: [],
  groupBy: [],
  digestMinutes: 0,
  quiet: null,
  escalation: [],
  routes: [],
};

/** Nobody hears of anything again, whatever the story left behind. */
async function forgetRoutes(product: Product): Promise<void> {
  const admin = await product.session("admin");
  const { items } = await product.read<RoutesList>(paths.api.notificationRoutes());
  for (const { trustDomainId, revision } of items.filter((item) => item.revision > 0)) {
    await admin.send(paths.api.notificationRoutes(), { trustDomainId, revision, tree: NOBODY }, {}, "PUT");
  }
}

test("a node that fails is told over a channel, acknowledged, resolved and told again under its id", async ({
  page,
  product,
}) => {
  test.slow();
  const receiver = await startNotificationReceiver(SECRET);
  const node = unique("told");
  const channel = unique("on-call");
  try {
    await signIn(page, product, "admin");
    await page.goto(paths.settings("notifications"));
    await expectLive(page);
    await expect(heading(page)).toHaveText("Notification settings");
    await page.getByRole("button", { name: "Add a channel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Kind").selectOption("webhook");
    await dialog.getByLabel("Name").fill(channel);
    await dialog.getByLabel("Address").fill(receiver.url);
    await dialog.getByLabel("Signing secrets").fill(SECRET);
    await expectNoSeriousAxe(page);
    await picture(page, "channel-add");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    const card = page.getByRole("listitem", { name: channel });
    await expect(card).toContainText("Not tried yet");
    await page.getByRole("button", { name: `Test ${channel}` }).click();
    await expect.poll(receiver.verbs).toEqual(["test"]);
    await expect(card).toContainText("Working");
    expect(await page.content()).not.toContain(SECRET);

    // Other stories make other domains; the channel is in the root, and so are the routes that may use it.
    const { items } = await product.read<Domains>(paths.api.trustDomains());
    const root = items.find(({ parentId }) => parentId === null)?.name ?? "";
    const routes = page
      .getByRole("region", { name: "Who hears of what" })
      .locator("section")
      .filter({ has: page.getByRole("heading", { name: root, exact: true }) });
    await routes.getByRole("button", { name: "Add below: everything" }).click();
    await dialog.getByLabel("Name").fill("failing nodes");
    await dialog.getByLabel("node.failed: A node fails").check();
    await dialog.getByLabel("node.recovered: A node does not fail any more").check();
    await dialog.getByRole("button", { name: "Add a label" }).click();
    await dialog.getByLabel("Label 1", { exact: true }).fill("node");
    await dialog.getByLabel("Value 1", { exact: true }).fill(node);
    await dialog.getByLabel(channel).first().check();
    await expectNoSeriousAxe(page);
    await picture(page, "route-add");
    await dialog.getByRole("button", { name: "Take over" }).click();
    await expect(routes).toContainText(`with node=${node} → ${channel}`);
    await expect(routes).toContainText("Not saved yet.");
    await routes.getByRole("button", { name: "Preview against the last 50 events" }).click();
    await expect(page.getByRole("region", { name: "Preview" })).toBeVisible();
    await page.getByRole("button", { name: "Save the routes" }).click();
    await expect(routes).toContainText(/Revision \d+ by/);
    await expectNoSeriousAxe(page);
    await picture(page, "notification-settings");
    await page.setViewportSize(PHONE);
    await expectNoHorizontalOverflow(page);
    await picture(page, "notification-settings-phone");
    await page.setViewportSize({ width: 1_280, height: 800 });

    const source = await product.createSource("generic");
    await product.postDocuments(source, [verdict(node, "verified_bad")]);
    await expect.poll(receiver.verbs, { timeout: 60_000 }).toEqual(["test", "trigger"]);
    const [, told] = receiver.arrived;
    expect(told?.message.data).toMatchObject({
      title: `${node} fails`,
      events: [{ kind: "node.failed" }],
    });

    await signIn(page, product, "analyst");
    await page.goto(paths.notifications());
    await expectLive(page);
    const item = page.getByRole("listitem", { name: `${node} fails` });
    await expect(item).toContainText("Open");
    await page.getByRole("button", { name: `Acknowledge: ${node} fails` }).click();
    await dialog.getByLabel("Comment").fill(COMMENT);
    await dialog.getByRole("button", { name: "Acknowledge", exact: true }).click();
    await expect(item).toContainText(COMMENT);
    // Acknowledged is not over: it stays in the list and in its number.
    await expect(page.getByRole("link", { name: /^Open\s*[1-9]/ })).toBeVisible();
    await expect.poll(receiver.verbs).toEqual(["test", "trigger", "acknowledge"]);
    expect(receiver.arrived[2]?.message.data.comment).toBe(COMMENT);

    await page.getByRole("button", { name: `What was told: ${node} fails` }).click();
    const messages = page.getByRole("list", { name: "Messages about it" });
    await expect(messages.getByRole("listitem")).toHaveCount(2);
    await expect(messages.getByRole("listitem").filter({ hasText: "News" })).toContainText("Delivered");
    await expectNoSeriousAxe(page);
    await picture(page, "notifications");
    await page.setViewportSize(PHONE);
    await expectNoHorizontalOverflow(page);
    await picture(page, "notifications-phone");
    await messages
      .getByRole("listitem")
      .filter({ hasText: "News" })
      .getByRole("button", { name: "Send again" })
      .click();
    await expect.poll(receiver.verbs).toEqual(["test", "trigger", "acknowledge", "trigger"]);
    expect(receiver.arrived[3]?.id).toBe(told?.id);

    await page.getByRole("button", { name: `Resolve: ${node} fails` }).click();
    await dialog.getByRole("button", { name: "Resolve", exact: true }).click();
    await expect.poll(() => receiver.verbs().at(-1)).toBe("resolve");
    await expect(item).toHaveCount(0);
    await page.goto(paths.notifications({ list: "all" }));
    await expect(item).toContainText("Resolved");
    await page.goto(paths.notifications({ list: "messages" }));
    await expect(page.getByRole("list", { name: "Messages" })).toContainText(`${node} fails`);
  } finally {
    await forgetRoutes(product);
    await receiver.close();
  }
});

test("what no route wants is shown as heard by nobody, and a channel out of use says why", async ({
  page,
  product,
}) => {
  const receiver = await startNotificationReceiver(SECRET);
  const channel = unique("quiet");
  try {
    const admin = await product.session("admin");
    const made = await admin.send(paths.api.notificationChannels(), {
      kind: "webhook",
      name: channel,
      settings: { url: receiver.url },
      secrets: { signing: SECRET },
    });
    expect(made.status, made.text).toBe(201);
    await signIn(page, product, "admin");
    await page.goto(paths.settings("notifications"));
    await expectLive(page);
    const card = page.getByRole("listitem", { name: channel });
    await page.getByRole("button", { name: `Disable ${channel}` }).click();
    await page.getByLabel("Reason").fill("Its receiver moves to another building.");
    await page.getByRole("button", { name: "Disable the channel" }).click();
    await expect(card).toContainText("Its receiver moves to another building.");
    await page.getByRole("button", { name: `Enable ${channel}` }).click();
    await page.getByLabel("Reason").fill("It has moved.");
    await page.getByRole("button", { name: "Enable the channel" }).click();
    await expect(card).not.toContainText("Disabled");

    await page.goto(paths.notifications({ list: "unheard" }));
    const event = page
      .getByRole("list", { name: "Events" })
      .getByRole("listitem")
      .filter({ hasText: `The channel ${channel} is in use again` });
    await expect(event).toContainText("heard by nobody", { timeout: 30_000 });
    await page.setViewportSize(PHONE);
    await expectNoHorizontalOverflow(page);
    await expectNoSeriousAxe(page);
    await picture(page, "notifications-unheard-phone");
    expect(receiver.arrived).toEqual([]);
  } finally {
    await receiver.close();
  }
});

test("an auditor reads what was told and changes nothing; a viewer does not see it", async ({
  page,
  product,
  trouble,
}) => {
  trouble.allow(/status of 403/);
  await signIn(page, product, "auditor");
  await page.goto(paths.settings("notifications"));
  await expectLive(page);
  for (const name of ["Add a channel", "Change: everything"]) {
    const button = page.getByRole("button", { name }).first();
    await expect(button).toHaveAttribute("aria-disabled", "true");
  }
  await page.goto(paths.notifications());
  await expect(heading(page)).toHaveText("Notifications");
  await signIn(page, product, "viewer");
  for (const path of [paths.notifications(), paths.settings("notifications")]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(403);
    await expect(page.getByRole("main")).toContainText("Your role does not allow reading notifications");
  }
});
