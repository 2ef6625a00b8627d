import { Webhook } from "standardwebhooks";
import { beforeEach, describe, expect, it } from "vitest";
import type { Route } from "#lib/domain/notify/route";
import { EMPTY_TREE } from "#lib/domain/notify/route";
import { announce } from "#lib/services/notification/announce";
import { acknowledge, replay, resolve } from "#lib/services/notification/handle";
import { deliveryList, notificationGet, notificationList } from "#lib/services/notification/list";
import { previewRoutes, routesList, saveRoutes } from "#lib/services/notification/routes";
import { makeNotifyWorld, type NotifyWorld } from "#tests/notify-world";
import { useDatabase } from "#tests/pg";
import { MINUTE, refusalOf } from "#tests/world";
import {
  changeChannel,
  channelList,
  createChannel,
  disableChannel,
  enableChannel,
  testChannel,
} from "./channels.ts";
import { eventList } from "./events.ts";

const { pool } = useDatabase();
let world: NotifyWorld;

beforeEach(async () => {
  await pool.query("TRUNCATE trust_domain, app_user CASCADE");
  world = await makeNotifyWorld(pool);
  return () => world.close();
});

const tree = (more: Partial<Route>): Route => ({ ...EMPTY_TREE, ...more });
const OPEN = { list: "open" as const, limit: 50 };
const failing = (subject = "n1", more: object = {}) => ({
  kind: "node.failed" as const,
  subject,
  title: `${subject} fails`,
  link: `/nodes/${subject}`,
  ...more,
});

describe("an event", () => {
  it("arrives signed, once, and its notification is resolved with it", async () => {
    // The receiver's package has a clock of its own.
    world.clock.now = new Date();
    const channel = await world.webhookChannel();
    await world.save(tree({ channelIds: [channel] }));
    await world.tell(failing());
    await world.run();
    await world.tell({ ...failing(), kind: "node.recovered", title: "n1 recovers" });
    await world.run();
    const types = world.received.map(({ headers, body }) => {
      const payload = new Webhook(world.secret).verify(body, headers as Record<string, string>) as {
        type: string;
      };
      return payload.type;
    });
    expect(types).toEqual(["touchstone.notification.trigger", "touchstone.notification.resolve"]);
    expect(new Set(world.received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
    const { items } = await notificationList(world.as("auditor"), { ...OPEN, list: "all" });
    expect(items).toMatchObject([{ state: "resolved", events: 2, resolved: { by: null } }]);
  });

  it("that is told in a transaction which is rolled back was never told", async () => {
    await world.db
      .transaction(async (tx) => {
        await announce(tx, { ...failing(), trustDomainId: world.home, at: world.clock.now });
        throw new Error("no");
      })
      .catch(() => {});
    expect((await eventList(world.as("auditor"), { list: "all" })).items).toEqual([]);
  });

  it("without a route is shown as one that nobody heard of", async () => {
    await world.tell(failing());
    await world.run();
    const list = await eventList(world.as("auditor"), { list: "unheard" });
    expect(list.items).toMatchObject([{ title: "n1 fails", notifications: 0 }]);
    expect((await notificationList(world.as("auditor"), OPEN)).counts).toMatchObject({ unheard: 1, open: 0 });
  });

  it("in a domain below is heard above, and one above is not heard below", async () => {
    const channel = await world.webhookChannel();
    await world.save(tree({ channelIds: [channel] }));
    await world.tell({ ...failing("below"), trustDomainId: world.away });
    await world.run();
    expect(world.received).toHaveLength(1);
    const rows = await notificationList(world.as("auditor", [world.away]), { ...OPEN, list: "all" });
    expect(rows.items).toEqual([]);
  });
});

describe("a message", () => {
  it("that does not arrive is tried again on the schedule, under the same id, and given up after ten tries", async () => {
    const channel = await world.webhookChannel();
    await world.save(tree({ channelIds: [channel] }));
    world.answer(() => ({ status: 503, body: "later" }));
    await world.tell(failing());
    const waits: number[] = [];
    let before = world.clock.now.getTime();
    await world.run();
    for (let at = 0; at < 9; at += 1) {
      const [row] = (await deliveryList(world.as("auditor"), { limit: 50 })).items;
      const next = Date.parse(row?.nextAt ?? "");
      waits.push(Math.round((next - before) / 1_000));
      world.clock.now = new Date(next - 1);
      await world.run();
      expect(world.received).toHaveLength(at + 1);
      before = next;
      world.clock.now = new Date(next);
      await world.run();
    }
    expect(waits).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(new Set(world.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const ledger = await deliveryList(world.as("auditor"), { limit: 50 });
    const given = ledger.items.find(({ state }) => state === "given_up");
    expect(given).toMatchObject({ attempts: 10, status: 503, problem: "The receiver answered with 503" });
    const [shown] = (await channelList(world.as("auditor"), world.tools.kinds)).items;
    expect(shown).toMatchObject({ state: "disabled", disabledWhy: "Nothing has arrived for three days." });

    world.answer(() => ({ body: "ok" }));
    expect(await refusalOf(replay(world.as("viewer"), { deliveryId: given?.id ?? "" }))).toBe(
      "auth/forbidden",
    );
    await replay(world.as("analyst"), { deliveryId: given?.id ?? "" });
    expect(await refusalOf(replay(world.as("analyst"), { deliveryId: given?.id ?? "" }))).toBe(
      "notification/not-over",
    );
    await world.run();
    expect(world.received).toHaveLength(10);
    await enableChannel(world.as("admin"), { channelId: channel, reason: "The receiver is back" });
    await world.run();
    const again = world.received.slice(10).map(({ headers }) => headers["webhook-id"]);
    expect(again).toContain(world.received[0]?.headers["webhook-id"]);
  });

  it("to a receiver that is gone takes the channel out of use at once", async () => {
    const channel = await world.webhookChannel();
    await world.save(tree({ channelIds: [channel] }));
    world.answer(() => ({ status: 410, body: "" }));
    await world.tell(failing());
    await world.run();
    const [shown] = (await channelList(world.as("auditor"), world.tools.kinds)).items;
    expect(shown).toMatchObject({ state: "disabled" });
    const events = await eventList(world.as("auditor"), { list: "all" });
    expect(events.items[0]).toMatchObject({ kind: "channel.disabled" });
  });

  it("whose sender died is sent again when its claim has run out, and not before", async () => {
    const channel = await world.webhookChannel();
    await world.save(tree({ channelIds: [channel] }));
    await world.tell(failing());
    await world.runDying();
    expect(world.received).toHaveLength(1);
    await world.run();
    expect(world.received).toHaveLength(1);
    world.pass(3 * MINUTE);
    await world.run();
    expect(world.received).toHaveLength(2);
    expect(world.received[1]?.headers["webhook-id"]).toBe(world.received[0]?.headers["webhook-id"]);
    expect(world.received[1]?.body).toBe(world.received[0]?.body);
  });

  it("about a matter waits for the one before it, and holds up no other", async () => {
    const channel = await world.webhookChannel();
    await world.save(tree({ channelIds: [channel] }));
    world.answer(({ body }) => (body.includes("n1 fails") ? { status: 500, body: "" } : { body: "" }));
    await world.tell(failing("n1"));
    await world.run();
    await world.tell({ ...failing("n1"), kind: "node.recovered", title: "n1 recovers" });
    await world.tell(failing("n2"));
    await world.run();
    expect(world.received.filter(({ body }) => body.includes("n1 recovers"))).toEqual([]);
    expect(world.received.filter(({ body }) => body.includes("n2 fails"))).toHaveLength(1);
    world.answer(() => ({ body: "" }));
    world.pass(6_000);
    await world.run();
    expect(world.received.at(-1)?.body).toContain("n1 recovers");
  });
});

describe("routes", () => {
  it("collect what comes within a digest, and let what is critical through the quiet hours with what waits", async () => {
    const channel = await world.webhookChannel();
    const quiet = { from: "10:00", to: "14:00", zone: "UTC", holdsCritical: false };
    await world.save(tree({ channelIds: [channel], groupBy: ["domain"], digestMinutes: 10, quiet }));
    await world.tell(failing("a", { severity: "warning" }));
    await world.tell(failing("b", { severity: "warning" }));
    await world.run();
    world.pass(30 * MINUTE);
    await world.run();
    expect(world.received).toEqual([]);
    await world.tell(failing("c"));
    await world.run();
    world.pass(10 * MINUTE);
    await world.run();
    expect(world.received).toHaveLength(1);
    const { data } = JSON.parse(world.received[0]?.body ?? "") as { data: { events: { title: string }[] } };
    expect(data.events.map(({ title }) => title)).toEqual(["a fails", "b fails", "c fails"]);
  });

  it("tell the next when nobody acknowledges, and nobody any more once somebody did", async () => {
    const first = await world.webhookChannel("first");
    const second = await world.webhookChannel("second");
    const third = await world.webhookChannel("third");
    await world.save(
      tree({
        channelIds: [first],
        escalation: [
          { afterMinutes: 5, channelIds: [second] },
          { afterMinutes: 15, channelIds: [third] },
        ],
      }),
    );
    await world.tell(failing());
    await world.run();
    world.pass(4 * MINUTE);
    await world.run();
    expect(world.received).toHaveLength(1);
    world.pass(1 * MINUTE);
    await world.run();
    expect(world.received).toHaveLength(2);
    const [open] = (await notificationList(world.as("auditor"), OPEN)).items;
    const id = open?.id ?? "";
    const mine = { notificationId: id, comment: "I am on it" };
    expect(await refusalOf(acknowledge(world.as("auditor"), mine, world.tools.kinds))).toBe("auth/forbidden");
    await acknowledge(world.as("analyst"), mine, world.tools.kinds);
    expect(await refusalOf(acknowledge(world.as("analyst"), mine, world.tools.kinds))).toBe(
      "notification/over",
    );
    await world.run();
    world.pass(60 * MINUTE);
    await world.run();
    expect(world.received.map(({ path }) => path)).toEqual(["/first", "/second", "/first", "/second"]);
    expect(world.received.at(-1)?.body).toContain("I am on it");
    expect(await notificationGet(world.as("auditor"), { notificationId: id })).toMatchObject({
      state: "acknowledged",
      acknowledged: { by: "analyst@example.org", comment: "I am on it" },
    });
    await resolve(world.as("analyst"), { notificationId: id }, world.tools.kinds);
    expect((await notificationList(world.as("auditor"), OPEN)).items).toEqual([]);
  });

  it("are saved by who may, over the newest only, with channels of their own domain", async () => {
    const channel = await world.webhookChannel();
    const body = { trustDomainId: world.home, revision: 0, tree: tree({ channelIds: [channel] }) };
    expect(await refusalOf(saveRoutes(world.as("analyst"), body))).toBe("auth/forbidden");
    await saveRoutes(world.as("admin"), body);
    expect(await refusalOf(saveRoutes(world.as("admin"), body))).toBe("notification/routes-changed");
    const foreign = { trustDomainId: world.away, revision: 0, tree: tree({ channelIds: [channel] }) };
    expect(await refusalOf(saveRoutes(world.as("admin", [world.away]), foreign))).toBe("request/invalid");
    expect(await refusalOf(saveRoutes(world.as("admin"), { ...foreign, revision: 1 }))).toBe(
      "domain/not-found",
    );
    const { items } = await routesList(world.as("auditor"));
    expect(items).toMatchObject([{ revision: 1, tree: { channelIds: [channel] } }]);
  });

  it("are tried on what happened without telling anybody", async () => {
    const channel = await world.webhookChannel("pager");
    await world.tell(failing("a"));
    await world.tell({ ...failing("b"), kind: "source.silent" });
    await world.run();
    const child = { ...EMPTY_TREE, name: "nodes", match: { kinds: ["node.*"] }, channelIds: [channel] };
    const { items } = await previewRoutes(world.as("auditor"), {
      trustDomainId: world.home,
      tree: tree({ routes: [child] }),
    });
    expect(items.map(({ title, takers, unheard }) => [title, takers, unheard])).toEqual([
      ["b fails", [{ path: [], channels: [] }], true],
      ["a fails", [{ path: ["nodes"], channels: ["pager"] }], false],
    ]);
    expect(world.received).toEqual([]);
  });
});

describe("a channel", () => {
  it("never shows its secrets, nor writes them down anywhere in the clear", async () => {
    const channel = await world.webhookChannel();
    const { items } = await channelList(world.as("admin"), world.tools.kinds);
    expect(JSON.stringify(items)).not.toContain(world.secret);
    expect(items).toMatchObject([{ id: channel, state: "untried", secrets: ["signing"] }]);
    const { rows } = await pool.query(
      "SELECT to_jsonb(c)::text || coalesce((SELECT string_agg(to_jsonb(a)::text, '') FROM audit_entry a), '') AS all FROM notification_channel c",
    );
    expect(rows[0]?.all).not.toContain(world.secret.slice(8, 24));
  });

  it("gives a secret to no other address than the one that it was given for", async () => {
    const channelId = await world.webhookChannel();
    const elsewhere = { channelId, settings: { url: "https://elsewhere.example/" } };
    expect(await refusalOf(changeChannel(world.as("admin"), elsewhere, world.tools))).toBe("request/invalid");
    await changeChannel(world.as("admin"), { ...elsewhere, secrets: { signing: world.secret } }, world.tools);
    await changeChannel(world.as("admin"), { channelId, name: "renamed" }, world.tools);
  });

  it("refuses what its kind cannot use, without a word of a secret", async () => {
    const make = (more: object) =>
      createChannel(
        world.as("admin"),
        {
          kind: "webhook",
          name: "w",
          settings: { url: "https://x.example/" },
          secrets: { signing: world.secret },
          ...more,
        },
        world.tools,
      );
    expect(await refusalOf(make({ kind: "pigeon" }))).toBe("request/invalid");
    expect(await refusalOf(make({ settings: { url: "ftp://x.example/" } }))).toBe("request/invalid");
    const refused = await make({ secrets: { signing: "whsec_short" } }).catch(
      (error: Error) => error.message,
    );
    expect(refused).not.toContain("short");
    await make({});
    expect(await refusalOf(make({}))).toBe("notification/name-taken");
    expect(
      await refusalOf(
        createChannel(world.as("approver"), { kind: "slack", name: "s", settings: {} }, world.tools),
      ),
    ).toBe("auth/forbidden");
  });

  it("is tried by a harmless message, and keeps what waits while it is out of use", async () => {
    const channelId = await world.webhookChannel();
    await world.save(tree({ channelIds: [channelId] }));
    await testChannel(world.as("admin"), { channelId });
    await world.run();
    expect(world.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
      "touchstone.notification.test",
    ]);
    await disableChannel(world.as("admin"), { channelId, reason: "Moving house" });
    await world.tell(failing());
    await world.run();
    expect(world.received).toHaveLength(1);
    await enableChannel(world.as("admin"), { channelId, reason: "Moved" });
    await world.run();
    expect(world.received.some(({ body }) => body.includes("n1 fails"))).toBe(true);
  });
});
