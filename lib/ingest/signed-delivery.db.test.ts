import { beforeEach, describe, expect, it } from "vitest";
import {
  type Clock,
  makeWorld,
  resetWorld,
  STRUCTURED,
  type World,
  type WorldKey,
} from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";
import { SENDERS, type Sender, type Signed } from "#tests/webhook-senders";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const clock: Clock = { now: new Date(NOW) };

const secretOf = (name: string) => `the ${name} secret of this very test`;
const ENDED = new Date(NOW - MINUTE);
/** One source of each kind has all of these; each signs with a secret of its own. */
const KEYS: readonly WorldKey[] = [
  { kid: "active", alg: "HS256", secret: secretOf("active") },
  { kid: "prepared", alg: "HS256", secret: secretOf("prepared"), state: "prepared" },
  { kid: "retired", alg: "HS256", secret: secretOf("retired"), state: "retired", acceptUntil: ENDED },
  { kid: "distrusted", alg: "HS256", secret: secretOf("distrusted"), state: "distrusted" },
];

let world: World;
let source: { id: string; bearer: string };

/** What is delivered, how, and what must come of it: `stored`, `known`, or the code of the refusal. */
type Case = {
  what: string;
  by?: string;
  /** When it was signed, relative to now. */
  signedMs?: number;
  change?: (signed: Signed) => Signed;
  request?: (request: { path: string; bearer: string }) => { path: string; bearer?: string };
  comes: string;
};

const withHeaders = (change: (name: string, value: string) => string) => (signed: Signed) => ({
  ...signed,
  headers: Object.fromEntries(
    Object.entries(signed.headers).map(([name, value]) => [name, change(name, value)]),
  ),
});
const flip = (text: string) => text.slice(0, -2) + (text.at(-2) === "0" ? "1" : "0") + text.slice(-1);

const CASES: readonly Case[] = [
  { what: "signed just now", comes: "stored" },
  { what: "signed five minutes ago", signedMs: -5 * MINUTE, comes: "stored" },
  { what: "signed more than five minutes ago", signedMs: -5 * MINUTE - SECOND, comes: "event/expired" },
  { what: "signed five minutes ahead", signedMs: 5 * MINUTE, comes: "stored" },
  { what: "signed a day ago", signedMs: -DAY, comes: "event/expired" },
  { what: "signed in 1970", signedMs: -NOW + SECOND, comes: "event/expired" },
  { what: "by the prepared secret", by: "prepared", comes: "stored" },
  { what: "by the retired secret before its end", by: "retired", signedMs: -MINUTE, comes: "stored" },
  { what: "by the retired secret after its end", by: "retired", comes: "event/key-retired" },
  {
    what: "by the retired secret a second late",
    by: "retired",
    signedMs: -59 * SECOND,
    comes: "event/key-retired",
  },
  { what: "by the distrusted secret", by: "distrusted", comes: "event/signature" },
  {
    what: "by the distrusted secret long ago",
    by: "distrusted",
    signedMs: -4 * MINUTE,
    comes: "event/signature",
  },
  { what: "by a stranger", by: "stranger", comes: "event/signature" },
  {
    what: "with another body",
    change: (signed) => ({ ...signed, body: signed.body.replace("node-", "Node-") }),
    comes: "event/signature",
  },
  {
    what: "with one more byte",
    change: (signed) => ({ ...signed, body: `${signed.body} ` }),
    comes: "event/signature",
  },
  { what: "without headers", change: ({ body }) => ({ body, headers: {} }), comes: "event/signature" },
  { what: "with empty headers", change: withHeaders(() => ""), comes: "event/signature" },
  { what: "with nonsense in its headers", change: withHeaders(() => "nonsense"), comes: "event/signature" },
  {
    what: "with another signature",
    change: withHeaders((name, value) => (name.endsWith("signature") ? flip(value) : value)),
    comes: "event/signature",
  },
  { what: "by the key in the address", request: urlKey, comes: "stored" },
  { what: "without an API key", request: ({ path }) => ({ path }), comes: "auth/required" },
  {
    what: "with a wrong API key",
    request: ({ path }) => ({ path, bearer: "Bearer nobody" }),
    comes: "auth/required",
  },
];

function urlKey({ path, bearer }: { path: string; bearer: string }) {
  return { path: `${path}?key=${bearer.replace("Bearer ", "")}` };
}

describe.each(SENDERS.map((sender) => [sender.kind, sender] as const))("a %s delivery", (kind, sender) => {
  beforeEach(async () => {
    await resetWorld(pool);
    clock.now = new Date(NOW);
    world = await makeWorld(pool, clock);
    source = await world.addSource({ kind, keys: [...KEYS], scopes: ["ingest:write", "ingest:backfill"] });
  });

  const signed = ({ by = "active", signedMs = 0 }: Pick<Case, "by" | "signedMs">, id = "node-1") =>
    sender.sign({ id, atMs: NOW + signedMs, secret: secretOf(by) });

  it.each(CASES)("$what: $comes", async ({ change, request, comes, ...how }) => {
    const message = (change ?? ((it) => it))(signed(how));
    const place = { path: `/api/v1/sources/${source.id}/deliver`, bearer: source.bearer };
    expect(await send(message, (request ?? ((it) => it))(place))).toBe(comes);
    expect(await storedEvents()).toBe(comes === "stored" ? 1 : 0);
  });

  it("that is repeated changes nothing, within the window and after it", async () => {
    const message = signed({});
    expect(await send(message)).toBe("stored");
    for (let again = 0; again < 3; again += 1) expect(await send(message)).toBe("known");
    clock.now = new Date(NOW + 5 * MINUTE + SECOND);
    expect(await send(message)).toBe("event/expired");
    expect(await storedEvents()).toBe(1);
  });

  it("counts for nothing at another source, in the same domain or another", async () => {
    const message = signed({});
    const neighbour = await world.addSource({
      kind,
      name: "neighbour",
      keys: [{ kid: "own", alg: "HS256", secret: secretOf("neighbour") }],
    });
    const abroad = await makeWorld(pool, clock).then((other) => ({
      other,
      source: other.addSource({ kind }),
    }));
    const foreign = await abroad.source;
    expect(await send(message, pathAnd(neighbour))).toBe("event/signature");
    expect(await send(message, pathAnd(foreign), abroad.other)).toBe("event/key");
    expect(await send(message, { path: pathAnd(source).path, bearer: neighbour.bearer })).toBe(
      "source/wrong-key",
    );
    expect(await storedEvents()).toBe(0);
  });

  it("is history when it is imported: any age, by any secret that was believed then", async () => {
    const backfill = { path: `${pathAnd(source).path}?backfill=true`, bearer: source.bearer };
    expect(await send(signed({ signedMs: -400 * DAY }, "old"), backfill)).toBe("stored");
    expect(await send(signed({ by: "retired", signedMs: -400 * DAY }, "older"), backfill)).toBe("stored");
    expect(await send(signed({ by: "retired" }, "late"), backfill)).toBe("event/key-retired");
    expect(await send(signed({ by: "distrusted", signedMs: -400 * DAY }), backfill)).toBe("event/signature");
    expect(await send(signed({ signedMs: DAY }, "ahead"), backfill)).toBe("event/future");
    expect(await storedEvents()).toBe(2);
  });

  it("is not understood as a CloudEvent, which carries no headers", async () => {
    const { body, headers } = signed({});
    const event = { specversion: "1.0", id: "e", source: "urn:x", type: "dev.touchstone.bootstrap.event.v1" };
    const wrapped = JSON.stringify({ ...event, datacontenttype: "application/json", data: JSON.parse(body) });
    const request = { bearer: source.bearer, headers: { ...headers, ...STRUCTURED }, body: wrapped };
    expect((await world.send(request)).json.code).toBe("event/unsupported-type");
    expect(await storedEvents()).toBe(0);
  });

  it("waits when its secret cannot be opened here, instead of being refused", async () => {
    await pool.query(
      "UPDATE source_key SET sealed_secret = set_byte(sealed_secret, 20, get_byte(sealed_secret, 20) # 1) WHERE kid <> 'retired'",
    );
    expect(await send(signed({}))).toBe("server/unavailable");
    await pool.query("UPDATE source_key SET state = 'distrusted' WHERE kid IN ('active', 'prepared')");
    expect(await send(signed({ by: "retired", signedMs: -MINUTE }))).toBe("stored");
  });
});

describe("the use of a key", () => {
  it("is noted for the key that vouched, at most once a minute, and not for what was refused", async () => {
    await resetWorld(pool);
    clock.now = new Date(NOW);
    world = await makeWorld(pool, clock);
    const [sender] = SENDERS as [Sender];
    source = await world.addSource({ kind: sender.kind, keys: [...KEYS] });
    const used = async (by: string, atMs: number) => {
      clock.now = new Date(atMs);
      await send(sender.sign({ id: `${by}-${atMs}`, atMs, secret: secretOf(by) }));
      const { rows } = await pool.query(
        "SELECT kid, last_used_at AS at FROM source_key WHERE last_used_at IS NOT NULL",
      );
      return Object.fromEntries(rows.map(({ kid, at }) => [kid, at.getTime() - NOW]));
    };
    expect(await used("retired", NOW)).toEqual({});
    expect(await used("active", NOW)).toEqual({ active: 0 });
    expect(await used("active", NOW + MINUTE - SECOND)).toEqual({ active: 0 });
    expect(await used("prepared", NOW + MINUTE)).toEqual({ active: 0, prepared: MINUTE });
    expect(await used("active", NOW + MINUTE)).toEqual({ active: MINUTE, prepared: MINUTE });
  });
});

const pathAnd = ({ id, bearer }: { id: string; bearer: string }) => ({
  path: `/api/v1/sources/${id}/deliver`,
  bearer,
});

/** `stored`, `known`, or the code of the refusal. */
async function send(
  { body, headers }: Signed,
  place: { path: string; bearer?: string } = pathAnd(source),
  where: World = world,
): Promise<string> {
  const { status, json } = await where.send({ ...place, headers, body });
  if (status !== 202) return json.code ?? "no code";
  return json.accepted === 1 ? "stored" : "known";
}

async function storedEvents(): Promise<number> {
  return (await pool.query("SELECT count(*)::int AS n FROM bootstrap_event")).rows[0].n;
}
