import { beforeEach, describe, expect, it } from "vitest";
import { nodeIdentityInsert } from "#db/queries/ingest-nodes";
import { inTransaction } from "#db/transaction";
import {
  BATCH,
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  STRUCTURED,
  verdictDocument,
  type World,
} from "#tests/ingest-world";
import { useDatabase } from "#tests/pg";

const { pool } = useDatabase();
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const clock: Clock = { now: new Date(NOW) };

let world: World;
let lab: { id: string; bearer: string };

async function begin(): Promise<void> {
  await resetWorld(pool);
  clock.now = new Date(NOW);
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: null });
}
beforeEach(begin);

type Id = { kind: string; value: string };
const id = (kind: string, value: string): Id => ({ kind, value });

function verdict(identities: Id[], minutesAgo = 1, status: "affirming" | "contraindicated" = "affirming") {
  const [first, ...rest] = identities;
  return cloudEvent("verdict", {
    ...verdictDocument("", NOW - minutesAgo * MINUTE, status),
    node: { id: first?.value, idType: first?.kind, displayName: "n1", identities: rest },
  });
}
const bootstrap = (identities: Id[], minutesAgo: number, more: Record<string, unknown> = {}) =>
  cloudEvent("bootstrap", {
    schema: "touchstone.bootstrap/1",
    type: "enrollment.requested",
    outcome: "success",
    occurredAt: new Date(NOW - minutesAgo * MINUTE).toISOString(),
    identities,
    ...more,
  });
const send = (...events: unknown[]) =>
  world.send({ bearer: lab.bearer, headers: BATCH, body: JSON.stringify(events) });

/** Everything that is kept about nodes, as text. */
async function nodeState(): Promise<string> {
  const tables = ["node", "node_identity", "node_state", "lane", "trust_interval", "verdict", "incarnation"];
  const parts = await Promise.all(
    tables.map(async (table) => (await pool.query(`SELECT t::text AS row FROM ${table} t ORDER BY 1`)).rows),
  );
  return JSON.stringify(parts);
}
const alarms = async () =>
  (
    await pool.query(
      `SELECT a.kind, n.display_name AS node, a.other_node_id IS NOT NULL AS other, a.n::int, a.claimed
       FROM identity_alarm a JOIN node n ON n.id = a.node_id ORDER BY a.kind`,
    )
  ).rows;
const count = async (sql: string) => (await pool.query(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0]?.n;

describe("a takeover", () => {
  const NAME = id("agent_uuid", "0a0b0c0d-0000-4000-8000-00000000abcd");

  it("is answered with 409, kept with its reason, raises an alarm, and changes nothing of the node", async () => {
    await send(verdict([NAME, id("ek_sha256", "aa")], 10));
    const before = await nodeState();
    const body = JSON.stringify(verdict([NAME, id("ek_sha256", "bb"), id("hostname", "evil")], 1));
    const answer = await world.send({ bearer: lab.bearer, headers: STRUCTURED, body });
    expect([answer.status, answer.json.code]).toEqual([409, "event/identity-changed"]);
    expect(await nodeState()).toBe(before);
    const { rows } = await pool.query("SELECT code, category, detail FROM rejected_event");
    expect(rows).toEqual([
      {
        code: "event/identity-changed",
        category: "claims",
        detail:
          "The node that its agent_uuid names has another ek_sha256. Only an approved rebind changes that.",
      },
    ]);
    expect(await alarms()).toMatchObject([{ kind: "anchor_changed", node: "n1", other: false, n: 1 }]);
  });

  it("by another spelling of a UUID is one, too", async () => {
    await send(verdict([NAME, id("ek_sha256", "aa")], 10));
    const before = await nodeState();
    const answer = await send(
      verdict([id("agent_uuid", NAME.value.toUpperCase()), id("ek_sha256", "BB")]),
      verdict([id("agent_uuid", NAME.value.toUpperCase()), id("ek_sha256", "CC")]),
    );
    expect(answer.json).toMatchObject({
      accepted: 0,
      rejected: [{ problem: { code: "event/identity-changed" } }, {}],
    });
    expect(await nodeState()).toBe(before);
  });

  it("is one alarm with a count, however many keys are tried", async () => {
    await send(verdict([NAME, id("ek_sha256", "aa")], 10));
    for (const key of ["b0", "b1", "b2"]) await send(verdict([NAME, id("ek_sha256", key)]));
    expect(await alarms()).toMatchObject([{ kind: "anchor_changed", n: 3 }]);
    expect(await count("rejected_event")).toBe(3);
  });

  it("inside the very batch that introduces the node is refused alike", async () => {
    const answer = await send(
      verdict([NAME, id("ek_sha256", "aa")], 3),
      verdict([NAME, id("custom", "alias")], 2),
      verdict([id("custom", "alias"), id("ek_sha256", "bb")], 1),
    );
    expect(answer.json).toMatchObject({
      accepted: 2,
      rejected: [{ index: 2, problem: { code: "event/identity-changed", status: 409 } }],
    });
    expect(await count("node")).toBe(1);
  });

  it("through an alias that the batch itself adds to a known node is refused, not retried for ever", async () => {
    await send(verdict([NAME, id("ek_sha256", "aa")], 10));
    const answer = await send(
      verdict([NAME, id("custom", "alias")], 2),
      verdict([id("custom", "alias"), id("ek_sha256", "bb")], 1),
    );
    expect(answer).toMatchObject({ status: 202, json: { accepted: 1, rejected: [{ index: 1 }] } });
  });

  it("opens a settled alarm anew", async () => {
    await send(verdict([NAME, id("ek_sha256", "aa")], 10));
    await send(verdict([NAME, id("ek_sha256", "bb")]));
    await pool.query("UPDATE identity_alarm SET settled_at = now(), settled_by = 'x', settled_reason = 'y'");
    await send(verdict([NAME, id("ek_sha256", "cc")]));
    expect(await count("identity_alarm WHERE settled_at IS NULL AND settled_reason IS NULL AND n = 2")).toBe(
      1,
    );
  });
});

describe("two nodes", () => {
  it("with one key claimed under both names stay two, and the key's owner gets the alarm", async () => {
    await send(verdict([id("ak_sha256", "aa")], 9), verdict([id("agent_uuid", "b")], 8));
    const answer = await send(verdict([id("agent_uuid", "b"), id("ak_sha256", "aa")]));
    expect(answer.json).toMatchObject({ rejected: [{ problem: { code: "event/identity-conflict" } }] });
    expect(await alarms()).toMatchObject([{ kind: "duplicate_key", other: true }]);
    expect(await count("node")).toBe(2);
  });

  it("with the same host name, address and MAC are never merged", async () => {
    const weak = [id("hostname", "web-1"), id("ip", "10.0.0.1"), id("mac", "02:00:00:00:00:01")];
    await send(verdict([id("serial", "a"), ...weak]), verdict([id("serial", "b"), ...weak]));
    expect(await count("node")).toBe(2);
    expect(await count("node_identity WHERE role = 'weak'")).toBe(6);
  });
});

describe("incarnations", () => {
  const anchor = id("serial", "s1");
  const life = [
    bootstrap([anchor, id("k8s_node_uid", "00000000-0000-4000-8000-000000000001")], 60),
    bootstrap([anchor, id("spiffe_id", "spiffe://x/1")], 50),
    bootstrap([anchor, id("k8s_node_uid", "00000000-0000-4000-8000-000000000002")], 30),
    bootstrap([anchor, id("spiffe_id", "spiffe://x/2")], 20),
  ];
  const folded = async () => {
    const { rows } = await pool.query(
      `SELECT n.opened_at, n.closed_at, n.why,
         (SELECT string_agg(right(i.value, 1), ',' ORDER BY i.kind) FROM node_identity i WHERE i.incarnation_id = n.id) AS ids
       FROM incarnation n ORDER BY n.opened_at`,
    );
    const minutes = (at: Date | null) => at && (at.getTime() - NOW) / MINUTE;
    return rows.map((row) => [minutes(row.opened_at), minutes(row.closed_at), row.why, row.ids]);
  };
  const expected = [
    [-60, -30, "First seen with a k8s_node_uid", "1,1"],
    [-30, null, "A new k8s_node_uid appeared", "2,2"],
  ];

  it("of one node follow each other, and the node stays one", async () => {
    await send(...life);
    expect(await folded()).toEqual(expected);
    expect(await count("node")).toBe(1);
  });

  it("are the same in any order of arrival", async () => {
    for (const order of [
      [3, 2, 1, 0],
      [2, 0, 3, 1],
      [1, 3, 0, 2, 1, 0],
    ]) {
      await begin();
      for (const index of order) await send(life[index]);
      expect(await folded()).toEqual(expected);
    }
  });

  it("cost a repeat nothing: no row is written", async () => {
    await send(...life);
    const before = await pool.query(
      "SELECT xmin::text FROM incarnation UNION ALL SELECT xmin::text FROM node_identity",
    );
    await send(bootstrap([anchor, id("k8s_node_uid", "00000000-0000-4000-8000-000000000002")], 10));
    const after = await pool.query(
      "SELECT xmin::text FROM incarnation UNION ALL SELECT xmin::text FROM node_identity",
    );
    expect(after.rows).toEqual(before.rows);
  });

  it("that speak at the same time raise an alarm; one that only arrives late does not", async () => {
    await send(...life);
    await send(bootstrap([anchor, id("spiffe_id", "spiffe://x/1")], 21));
    expect(await alarms()).toEqual([]);
    await send(bootstrap([anchor, id("spiffe_id", "spiffe://x/1")], 2));
    expect(await alarms()).toMatchObject([{ kind: "clone", n: 1, claimed: [{ value: "spiffe://x/1" }] }]);
  });
});

describe("races in the database", () => {
  it("of batches that give one node different anchors leave one anchor, and refuse the others", async () => {
    for (let round = 0; round < 4; round += 1) {
      await begin();
      await send(verdict([id("custom", "n")], 30));
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          send(verdict([id("custom", "n"), id("ek_sha256", `${index}${index}`)], 1 + index)),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(202));
      expect(answers.reduce((sum, { json }) => sum + json.accepted, 0)).toBe(1);
      expect(await count("node_identity WHERE role = 'anchor'")).toBe(1);
      expect(await count("node")).toBe(1);
    }
  });

  it("of batches that introduce the same node leave one node with one incarnation", async () => {
    for (let round = 0; round < 4; round += 1) {
      await begin();
      const same = [id("custom", "n"), id("ek_sha256", "aa"), id("spiffe_id", "spiffe://x/1")];
      await Promise.all(Array.from({ length: 6 }, (_, index) => send(verdict(same, 1 + index))));
      expect(await count("node")).toBe(1);
      expect(await count("incarnation")).toBe(1);
      expect(await count("node_identity")).toBe(3);
    }
  });

  const secondAnchor = async () => {
    await send(verdict([id("custom", "n"), id("ek_sha256", "aa")]));
    const { rows } = await pool.query("SELECT id FROM node");
    const row = {
      nodeId: rows[0]?.id,
      kind: "ek_sha256",
      value: "bb",
      strong: true,
      role: "anchor",
      firstSeenAt: null,
    };
    return inTransaction(pool, (client) =>
      nodeIdentityInsert(client, world.trustDomainId, [row], new Date(NOW + 1)),
    );
  };

  it("cannot give a node a second anchor of a kind: the database refuses it", async () => {
    expect(await secondAnchor()).toBe(false);
  });

  it("(planted) without the index the same insert would go through", async () => {
    const { rows } = await pool.query(
      "SELECT indexdef FROM pg_indexes WHERE indexname = 'node_identity_anchor'",
    );
    await pool.query("DROP INDEX node_identity_anchor");
    try {
      expect(await secondAnchor()).toBe(true);
    } finally {
      await resetWorld(pool);
      await pool.query(rows[0]?.indexdef);
    }
  });
});
