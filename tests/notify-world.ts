/** A small world with a receiver of webhooks, a clock and the jobs that tell people. */
import type { Pool } from "pg";
import type { Role } from "#lib/domain/access";
import type { Route } from "#lib/domain/notify/route";
import { CHANNELS } from "#lib/notify/registry";
import { NOTHING_ALLOWED, opening } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { mailTo } from "#lib/outbound/mail";
import { announce, type NewAnnouncement } from "#lib/services/notification/announce";
import { createChannel } from "#lib/services/notification/channels";
import { deliverDue } from "#lib/services/notification/deliver";
import { routeEvents } from "#lib/services/notification/route-events";
import { routesList, saveRoutes } from "#lib/services/notification/routes";
import type { NotifyTools } from "#lib/services/notification/tools";
import { testSealer } from "./sealer.ts";
import { type StubAnswer, type StubRequest, startHttp } from "./stubs/http.ts";
import { makeWorld, NOW } from "./world.ts";

export type NotifyWorld = Awaited<ReturnType<typeof makeNotifyWorld>>;

export async function makeNotifyWorld(pool: Pool) {
  const world = await makeWorld(pool);
  const clock = { now: NOW };
  let answering: (request: StubRequest) => StubAnswer = () => ({ body: "ok" });
  const stub = await startHttp((request) => answering(request));
  const allowed = opening(NOTHING_ALLOWED, stub.url);
  const tools: NotifyTools = {
    kinds: CHANNELS,
    sealer: testSealer(),
    outbound: outboundTo(allowed),
    mail: mailTo(allowed),
    origin: "https://touchstone.example",
    spread: () => 0.5,
  };
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const as = (role: Role, domains?: readonly string[]) => ({
    ...world.as(role, domains),
    now: () => clock.now,
  });
  const now = () => clock.now;

  const run = async () => {
    while (await routeEvents(pool, CHANNELS, clock.now));
    while (await deliverDue(pool, tools, now, new AbortController().signal));
  };
  /** A worker that dies after it sent and before it notes so. */
  const runDying = async () => {
    while (await routeEvents(pool, CHANNELS, clock.now));
    const dying = new AbortController();
    const outbound: NotifyTools["outbound"] = async (request, signal) => {
      await tools.outbound(request, signal);
      dying.abort();
      signal.throwIfAborted();
      throw new Error("it was aborted");
    };
    await deliverDue(pool, { ...tools, outbound }, now, dying.signal);
  };

  return {
    ...world,
    as,
    clock,
    tools,
    secret,
    run,
    runDying,
    received: stub.requests,
    answer: (next: typeof answering) => {
      answering = next;
    },
    pass: (milliseconds: number) => {
      clock.now = new Date(clock.now.getTime() + milliseconds);
    },
    /** @returns its id; it posts to the path of its name */
    webhookChannel: async (name = "receiver") => {
      const settings = { url: `${stub.url}/${name}` };
      const body = { kind: "webhook", name, settings, secrets: { signing: secret } };
      return (await createChannel(as("admin"), body, tools)).id;
    },
    save: async (tree: Route) => {
      const [current] = (await routesList(as("admin"))).items;
      const revision = current?.revision ?? 0;
      await saveRoutes(as("admin"), { trustDomainId: world.home, revision, tree });
    },
    tell: (event: Omit<NewAnnouncement, "trustDomainId" | "at"> & { trustDomainId?: string }) =>
      world.db.transaction((tx) => announce(tx, { trustDomainId: world.home, ...event, at: clock.now })),
    close: () => stub.close(),
  };
}
