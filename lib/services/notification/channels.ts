/** Channels: made, changed, tried, taken out of use and into use again. */
import type { z } from "zod";
import { z as zod } from "zod";
import { clientOf, type Tx } from "#db/client";
import {
  type ChannelRow,
  channelInsert,
  channelLock,
  channelRows,
  channelSet,
} from "#db/queries/notification";
import { deliveryInsert } from "#db/queries/notification-send";
import {
  ChangeChannelBody,
  type ChannelList,
  ChannelStepBody,
  type ChannelView,
  CreateChannelBody,
} from "#lib/contracts/notification";
import { ProblemError } from "#lib/domain/problems";
import type { Channel } from "#lib/notify/contract";
import { command } from "#lib/services/command";
import type { ServiceContext } from "#lib/services/context";
import { domainFor } from "#lib/services/domain";
import { readScope } from "#lib/services/guard";
import { uuidv7 } from "#lib/services/uuidv7";
import { whenTaken } from "#lib/services/when-taken";
import { announce } from "./announce.ts";
import { kindView, secretNames } from "./channel-fields.ts";
import { type NotifyTools, secretPlace } from "./tools.ts";

type Tools = Pick<NotifyTools, "kinds" | "sealer">;
type Key = { channelId: string };
const Id = { channelId: zod.uuid() };
const target = ({ channelId }: Key) => channelId;

/** Channels with their state, and the kinds that there are. */
export async function channelList(ctx: ServiceContext, kinds: readonly Channel[]): Promise<ChannelList> {
  const rows = await channelRows(ctx.db, readScope(ctx, "notify:read"));
  return { items: rows.map((row) => channelView(row, kinds)), kinds: kinds.map(kindView) };
}

/** @throws {ProblemError} `domain/not-found`, `request/invalid`, `notification/name-taken` */
export async function createChannel(
  ctx: ServiceContext,
  body: CreateChannelBody,
  { kinds, sealer }: Tools,
): Promise<ChannelView> {
  const create = command({
    name: "notification_channel.create",
    permission: "notify:manage",
    input: CreateChannelBody,
    target: ({ name }) => name,
    async run(tx, { actor, now }, { kind: kindName, name, settings, secrets, ...place }) {
      const trustDomainId = place.trustDomainId ?? domainFor(actor);
      if (!actor.trustDomainIds.includes(trustDomainId))
        throw new ProblemError("domain/not-found", `No trust domain ${trustDomainId}.`);
      const kind = kindOf(kinds, kindName);
      const createdAt = now();
      const key = { trustDomainId, id: uuidv7(createdAt) };
      const row: ChannelRow = {
        ...key,
        kind: kind.kind,
        name,
        settings: checked(kind.settings, settings, "settings"),
        sealedSecrets: seal(sealer, key, checked(kind.secrets, secrets, "secrets")),
        createdAt,
        disabledAt: null,
        disabledWhy: null,
        failingSince: null,
        lastOkAt: null,
        lastProblem: null,
      };
      if (!(await channelInsert(tx, row))) throw nameTaken(name);
      return { result: key.id, audit: audited(row, null, auditedChannel(row)) };
    },
  });
  return find(ctx, await create(ctx, body), kinds);
}

/** @throws {ProblemError} `notification/not-found`, `request/invalid`, `notification/name-taken` */
export async function changeChannel(
  ctx: ServiceContext,
  body: ChangeChannelBody & Key,
  { kinds, sealer }: Tools,
): Promise<ChannelView> {
  const change = command({
    name: "notification_channel.change",
    permission: "notify:manage",
    input: ChangeChannelBody.extend(Id),
    target,
    async run(tx, { actor }, { channelId, name, settings, secrets }) {
      const row = await locked(tx, actor.trustDomainIds, channelId);
      const kind = kindOf(kinds, row.kind);
      const set = {
        ...(name === undefined ? {} : { name }),
        ...(settings === undefined ? {} : { settings: checked(kind.settings, settings, "settings") }),
        ...(secrets === undefined
          ? {}
          : { sealedSecrets: seal(sealer, row, checked(kind.secrets, secrets, "secrets")) }),
      };
      // An address is not to be given a secret that somebody else meant for another one.
      if (settings !== undefined && secrets === undefined && !isSameTarget(row.settings, set.settings))
        throw new ProblemError("request/invalid", "#/secrets: Give the secrets again: the address changed.", {
          pointers: [{ pointer: "#/secrets", detail: "The address changed." }],
        });
      if (Object.keys(set).length > 0)
        await channelSet(tx, row, set).catch(whenTaken(nameTaken(name ?? row.name)));
      const after = {
        ...auditedChannel({ ...row, ...set }),
        secrets: secrets === undefined ? "as before" : "new",
      };
      return { result: undefined, audit: audited(row, auditedChannel(row), after) };
    },
  });
  await change(ctx, body);
  return find(ctx, body.channelId, kinds);
}

/** Send something harmless over a channel; the ledger shows what became of it. @throws {ProblemError} `notification/not-found` */
export const testChannel = command({
  name: "notification_channel.test",
  permission: "notify:manage",
  input: zod.strictObject(Id),
  target,
  async run(tx, { actor, now }, { channelId }) {
    const row = await locked(tx, actor.trustDomainIds, channelId);
    const at = now();
    const id = uuidv7(at);
    const message = {
      title: "This is a test. Nothing has happened.",
      severity: "info",
      link: "/settings/notifications",
      events: [],
      by: null,
      comment: null,
    };
    const { trustDomainId } = row;
    await deliveryInsert(clientOf(tx), {
      trustDomainId,
      id,
      channelId,
      notificationId: null,
      line: null,
      verb: "test",
      message,
      at,
      dueAt: at,
    });
    return { result: { deliveryId: id }, audit: audited(row, null, { deliveryId: id }) };
  },
});

/** What waits is kept until it is in use again. @throws {ProblemError} `notification/not-found` */
export const disableChannel = command({
  name: "notification_channel.disable",
  permission: "notify:manage",
  input: ChannelStepBody.extend(Id),
  target,
  async run(tx, { actor, now }, { channelId, reason }) {
    const row = await locked(tx, actor.trustDomainIds, channelId);
    const at = now();
    if (row.disabledAt === null) await channelSet(tx, row, { disabledAt: at, disabledWhy: reason });
    const result = { id: channelId, at: at.toISOString() };
    return { result, audit: audited(row, { disabledAt: row.disabledAt }, { disabled: true, reason }) };
  },
});

/** What waited is sent now. @throws {ProblemError} `notification/not-found` */
export const enableChannel = command({
  name: "notification_channel.enable",
  permission: "notify:manage",
  input: ChannelStepBody.extend(Id),
  target,
  async run(tx, { actor, now }, { channelId, reason }) {
    const row = await locked(tx, actor.trustDomainIds, channelId);
    const at = now();
    await channelSet(tx, row, { disabledAt: null, disabledWhy: null, failingSince: null });
    if (row.disabledAt !== null)
      await announce(tx, {
        kind: "channel.enabled",
        trustDomainId: row.trustDomainId,
        subject: row.id,
        title: `The channel ${row.name} is in use again`,
        link: "/settings/notifications",
        at,
      });
    const result = { id: channelId, at: at.toISOString() };
    return { result, audit: audited(row, { disabledAt: row.disabledAt }, { disabled: false, reason }) };
  },
});

async function find(ctx: ServiceContext, id: string, kinds: readonly Channel[]): Promise<ChannelView> {
  const [found] = await channelRows(ctx.db, ctx.actor.trustDomainIds, id);
  if (!found) throw notFound(id);
  return channelView(found, kinds);
}

async function locked(tx: Tx, scope: readonly string[], id: string): Promise<ChannelRow> {
  const row = await channelLock(tx, scope, id);
  if (!row) throw notFound(id);
  return row;
}

const notFound = (id: string) => new ProblemError("notification/not-found", `No channel ${id}.`);
const nameTaken = (name: string) =>
  new ProblemError("notification/name-taken", `There is a channel ${name} already.`);

function kindOf(kinds: readonly Channel[], name: string): Channel {
  const kind = kinds.find((known) => known.kind === name);
  if (!kind) throw new ProblemError("request/invalid", `This version knows no kind "${name}" of channels.`);
  return kind;
}

/** @throws {ProblemError} `request/invalid` by the place alone: what is wrong may be a secret */
function checked<T>(schema: z.ZodType<T>, value: unknown, where: "settings" | "secrets"): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const pointers = parsed.error.issues.map(({ path, message }) => ({
    pointer: `#/${[where, ...path].join("/")}`,
    detail: where === "secrets" ? "This is not as it has to be." : message,
  }));
  throw new ProblemError("request/invalid", `${pointers[0]?.pointer}: ${pointers[0]?.detail}`, { pointers });
}

/** Where secrets are sent to: whatever of the settings names a place. */
function isSameTarget(before: unknown, after: unknown): boolean {
  const of = (settings: unknown) => {
    const { url, host, port, security } = settings as Record<string, unknown>;
    return JSON.stringify([url, host, port, security]);
  };
  return of(before) === of(after);
}

function seal(sealer: Tools["sealer"], key: { trustDomainId: string; id: string }, secrets: unknown): Buffer {
  return sealer.seal(Buffer.from(JSON.stringify(secrets), "utf8"), secretPlace(key));
}

const auditedChannel = ({ kind, name, settings }: ChannelRow) => ({ kind, name, settings });
const audited = ({ trustDomainId, id }: ChannelRow, before: unknown, after: unknown) => ({
  trustDomainId,
  entity: "notification_channel",
  entityId: id,
  before,
  after,
});

type Listed = Awaited<ReturnType<typeof channelRows>>[number];

function channelView({ row, trustDomain, waiting }: Listed, kinds: readonly Channel[]): ChannelView {
  const kind = kinds.find((known) => known.kind === row.kind);
  return {
    id: row.id,
    kind: row.kind,
    label: kind?.label ?? row.kind,
    name: row.name,
    trustDomainId: row.trustDomainId,
    trustDomain,
    settings: row.settings as Record<string, unknown>,
    secrets: kind ? secretNames(kind) : [],
    state: stateOf(row),
    disabledWhy: row.disabledWhy,
    failingSince: row.failingSince?.toISOString() ?? null,
    lastOkAt: row.lastOkAt?.toISOString() ?? null,
    lastProblem: row.lastProblem,
    waiting,
  };
}

function stateOf({ disabledAt, failingSince, lastOkAt }: ChannelRow): ChannelView["state"] {
  if (disabledAt !== null) return "disabled";
  if (failingSince !== null) return "failing";
  return lastOkAt === null ? "untried" : "working";
}
