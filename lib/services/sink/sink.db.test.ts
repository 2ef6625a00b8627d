import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import type { CreateSinkBody, SinkView } from "#lib/contracts/sink";
import { OutboundError } from "#lib/domain/outbound";
import type { ServiceContext } from "#lib/services/context";
import { SINKS } from "#lib/sinks/registry";
import { resetWorld } from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { testSealer } from "#tests/sealer";
import { createSink } from "./create.ts";
import { listSinks } from "./list.ts";
import { removeSink } from "./remove.ts";
import { replayDeadLetters, replaySink } from "./replay.ts";
import { testSink } from "./test.ts";
import type { SinkTools } from "./tools.ts";
import { updateSink } from "./update.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = new Date("2026-03-01T12:00:00Z");
const CANARY = "canary-hunter2";
let sent: { url: string; authorization: string | undefined }[];
const tools: SinkTools = {
  ...{ kinds: SINKS, sealer: testSealer(), url: null, productVersion: "1.0.0" },
  outbound: async ({ url, headers }) => {
    sent.push({ url, authorization: headers?.authorization });
    if (url.includes("down")) throw new OutboundError("unreachable", "POST https://down.example/ failed");
    return { status: 200, headers: {}, body: new Uint8Array() };
  },
  stream: () => Promise.reject(new Error("no stream here")),
};

let domain: string;
let ctx: ServiceContext;

beforeEach(async () => {
  await resetWorld(pool);
  sent = [];
  domain = randomUUID();
  await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'd', $2)", [domain, NOW]);
  ctx = contextOf(domain);
});

function contextOf(...domains: string[]): ServiceContext {
  const actor = { kind: "system", id: "test", trustDomainIds: domains } as const;
  return { db, actor, requestId: "r", address: null, now: () => NOW };
}

const create = (more: Partial<CreateSinkBody> = {}) =>
  createSink(
    ctx,
    {
      ...{ name: "siem", kind: "ndjson", settings: { url: "https://siem.example/in" } },
      secrets: { token: CANARY },
      ...more,
    },
    tools,
  );
const only = async (): Promise<SinkView> => {
  const [item] = (await listSinks(ctx, SINKS)).items;
  if (!item) throw new Error("no sink");
  return item;
};
const bodyOf = ({ name, settings, ocsfVersion, facts }: SinkView) => ({
  ...{ name, settings, ocsfVersion, facts, secrets: null, enabled: true },
});
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

describe("a sink", () => {
  it("uses its secrets and tells them to nobody: not in answers, not in the audit log, not in the database", async () => {
    const { id } = await create();
    const answers = JSON.stringify([await listSinks(ctx, SINKS)]);
    const { rows } = await pool.query(
      "SELECT to_jsonb(s) AS s FROM sink s UNION ALL SELECT to_jsonb(a) FROM audit_entry a",
    );
    expect(answers + JSON.stringify(rows)).not.toContain(CANARY);
    expect(await only()).toMatchObject({ id, hasSecrets: true });
    expect(await testSink(ctx, id, tools, new AbortController().signal)).toMatchObject({ ok: true });
    expect(sent).toEqual([{ url: "https://siem.example/in", authorization: `Bearer ${CANARY}` }]);
  });

  it("does not take stored secrets along to another address", async () => {
    const { id } = await create();
    const view = await only();
    const moved = { ...bodyOf(view), settings: { url: "https://thief.example/" } };
    expect(await codeOf(updateSink(ctx, { sinkId: id, ...moved }, tools))).toBe("request/invalid");
    expect(await codeOf(updateSink(ctx, { sinkId: id, ...moved, secrets: {} }, tools))).toBe("done");
    await testSink(ctx, id, tools, new AbortController().signal);
    expect(sent.at(-1)).toEqual({ url: "https://thief.example/", authorization: undefined });
  });

  it("says which field does not fit, and never what stood there", async () => {
    const error = await create({ secrets: { token: `${CANARY} with spaces` } }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: "request/invalid" });
    expect(JSON.stringify(error)).toContain("/secrets/token");
    expect(JSON.stringify(error)).not.toContain(CANARY);
    expect(await codeOf(create({ kind: "carrier-pigeon" }))).toBe("request/invalid");
    expect(await codeOf(create({ settings: { url: "ftp://x.example/" } }))).toBe("request/invalid");
  });

  it("has a name of its own", async () => {
    await create();
    expect(await codeOf(create())).toBe("sink/name-taken");
    const { id } = await create({ name: "other" });
    const body = bodyOf(await only());
    expect(await codeOf(updateSink(ctx, { sinkId: id, ...body, name: "siem" }, tools))).toBe(
      "sink/name-taken",
    );
  });

  it("gets a name before another one that is given it at the same moment, which is refused", async () => {
    const [one, other] = [await create({ name: "one" }), await create({ name: "other" })];
    const body = bodyOf(await only());
    const rename = ({ id }: { id: string }) =>
      updateSink(ctx, { sinkId: id, ...body, name: "wanted" }, tools);
    const outcomes = await Promise.allSettled([rename(one), rename(other)]);
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason.code] : [],
    );
    expect(refused).toEqual(["sink/name-taken"]);
  });

  it("shows what it was told late in the last 24 hours, and not what another one was", async () => {
    const { id } = await create();
    const told = (sinkId: string, at: number, late: number) =>
      pool.query("INSERT INTO sink_delivery VALUES ($1, $2, $3, 9, $4, 0, 9)", [
        domain,
        sinkId,
        new Date(at),
        late,
      ]);
    await told(id, NOW.getTime() - 86_400_000, 2);
    await told(id, NOW.getTime() - 60_000, 1);
    await told(id, NOW.getTime() - 86_460_000, 4);
    await told(randomUUID(), NOW.getTime(), 8);
    expect((await only()).lateLastDay).toBe(3);
  });

  it("is unknown outside its domain", async () => {
    const { id } = await create();
    const other = randomUUID();
    await pool.query("INSERT INTO trust_domain (id, name, created_at) VALUES ($1, 'o', $2)", [other, NOW]);
    const elsewhere = contextOf(other);
    const body = bodyOf(await only());
    expect(await codeOf(updateSink(elsewhere, { sinkId: id, ...body }, tools))).toBe("sink/not-found");
    expect(await codeOf(removeSink(elsewhere, { sinkId: id }))).toBe("sink/not-found");
    expect(await codeOf(testSink(elsewhere, id, tools, new AbortController().signal))).toBe("sink/not-found");
    expect((await listSinks(elsewhere, SINKS)).items).toEqual([]);
  });

  it("that cannot be reached fails its test in words, and stands where it stood", async () => {
    const { id } = await create({ settings: { url: "https://down.example/" } });
    const tested = await testSink(ctx, id, tools, new AbortController().signal);
    expect(tested).toEqual({ ok: false, detail: "POST https://down.example/ failed" });
    expect(await only()).toMatchObject({ cursor: 0, failures: 0, lastError: null });
  });

  it("begins with what happens from now on, or with what is kept", async () => {
    await pool.query("INSERT INTO feed_head VALUES ($1, 10, 0, 4)", [domain]);
    await create();
    expect(await only()).toMatchObject({ cursor: 10, lastSeq: 10 });
    await create({ name: "all", begin: "kept" });
    expect((await listSinks(ctx, SINKS)).items.map(({ cursor }) => cursor)).toEqual([3, 10]);
  });

  it("is set back as far as facts are kept, and never forward", async () => {
    await pool.query("INSERT INTO feed_head VALUES ($1, 10, 0, 4)", [domain]);
    const { id } = await create();
    expect(await replaySink(ctx, { sinkId: id, after: 7 })).toEqual({ cursor: 7 });
    expect(await replaySink(ctx, { sinkId: id, after: 9 })).toEqual({ cursor: 7 });
    expect(await replaySink(ctx, { sinkId: id, after: 0 })).toEqual({ cursor: 3 });
  });

  it("is turned off and on, and goes with its dead letters", async () => {
    const { id } = await create();
    const body = bodyOf(await only());
    await updateSink(ctx, { sinkId: id, ...body, enabled: false }, tools);
    expect(await only()).toMatchObject({ disabledAt: NOW.toISOString() });
    await updateSink(ctx, { sinkId: id, ...body }, tools);
    expect(await only()).toMatchObject({ disabledAt: null, hasSecrets: true });
    const factId = randomUUID();
    await pool.query(
      "INSERT INTO feed_fact (trust_domain_id, id, seq, kind, at, fact) VALUES ($1, $2, 1, 'trust', $3, '{}')",
      [domain, factId, NOW],
    );
    await pool.query("INSERT INTO sink_dead_letter VALUES ($1, $2, 1, $3, 'r', $4, 1)", [
      domain,
      id,
      factId,
      NOW,
    ]);
    expect(await only()).toMatchObject({ deadLetters: { refused: 1, waiting: 0 } });
    expect(await replayDeadLetters(ctx, { sinkId: id, seqs: null })).toEqual({ asked: 1 });
    expect(await only()).toMatchObject({ deadLetters: { refused: 0, waiting: 1 } });
    await removeSink(ctx, { sinkId: id });
    expect((await pool.query("SELECT FROM sink_dead_letter")).rows).toEqual([]);
  });
});

it("offers a form for every kind, with a title for every field", async () => {
  for (const { kind, settings, secrets } of (await listSinks(ctx, SINKS)).kinds) {
    expect([kind, settings.length > 0]).toEqual([kind, true]);
    for (const field of [...settings, ...secrets])
      expect(field.title, `${kind} ${field.name}`).toMatch(/^[A-Z]/);
  }
});
