import { drizzle } from "drizzle-orm/node-postgres";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { Db } from "#db/client";
import type { BootstrapEventType } from "#lib/domain/bootstrap-event";
import { foldLane } from "#lib/domain/history";
import { recordOfEvent, recordOfLine, recordOfVerdict } from "#lib/domain/lifecycle-record";
import { ALL_FACTS, walkAll } from "#lib/domain/lifecycle-testing";
import { newborn } from "#lib/domain/lifecycle-walk";
import type { LaneState } from "#lib/domain/trust-status";
import { retainVerdicts } from "#lib/jobs/retain-verdicts";
import { defaultLine } from "#tests/default-line";
import {
  BATCH,
  type Clock,
  cloudEvent,
  makeWorld,
  resetWorld,
  verdictDocument,
  type World,
} from "#tests/ingest-world";
import { addTrigger, bootstrapDocument, foldAllDue, livesOf } from "#tests/lifecycle-world";
import { useDatabase, whileLocked } from "#tests/pg";
import { foldLives } from "./fold.ts";
import { rebuildLives } from "./rebuild.ts";

const { pool } = useDatabase();
const db = Object.assign(drizzle(pool), { $client: pool }) as Db;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const STALE_MS = 30 * MINUTE;
const clock: Clock = { now: new Date(NOW) };

let world: World;
let lab: { id: string; bearer: string };

async function begin(): Promise<void> {
  await resetWorld(pool);
  await pool.query("UPDATE retention SET retained_since = NULL");
  clock.now = new Date(NOW);
  world = await makeWorld(pool, clock);
  lab = await world.addSource({ kind: "generic", name: "lab", staleAfterMs: STALE_MS });
}
beforeEach(begin);

const at = (minute: number) => NOW - 300 * MINUTE + minute * MINUTE;
const fold = () => foldAllDue(pool, world.trustDomainId, clock.now);

async function send(...events: unknown[]): Promise<void> {
  const { json } = await world.send({ bearer: lab.bearer, headers: BATCH, body: JSON.stringify(events) });
  expect(json.rejected).toEqual([]);
}

const event = (minute: number, type: BootstrapEventType, more: Record<string, unknown> = {}, node = "n") =>
  bootstrapDocument(node, at(minute), type, more);
const verdict = (
  minute: number,
  tier: "affirming" | "warning" | "contraindicated" = "affirming",
  freshness = "evidence",
  node = "n",
) => cloudEvent("verdict", verdictDocument(node, at(minute), tier, { freshness }));

const toAttesting = () => [
  event(0, "provisioning.registered"),
  event(20, "provisioning.image_completed"),
  event(22, "enrollment.requested"),
  event(23, "enrollment.credential_issued"),
];
const life = async () => {
  const { state, log = [] } = (await livesOf(pool)).n ?? { state: "" };
  return { state, log: log.map((line) => line.replace(/ \S+$/, "")) };
};
const rules = async () => (await life()).log.map((line) => line.split(" ")[1]);

describe("folding lives", () => {
  it("follows a node to trust, and says what was taken for granted", async () => {
    await send(...toAttesting(), verdict(25));
    await fold();
    expect(await life()).toEqual({
      state: "trusted",
      log: [
        "moved T01 discovered>provisioning provisioning.registered",
        "moved T03 provisioning>enrolling provisioning.image_completed",
        "moved T05 enrolling>attesting enrollment.credential_issued",
        "moved T07 attesting>trusted verdict.pass",
      ],
    });
    const { rows } = await pool.query(
      "SELECT transition_id, notes, actor, cause_kind, policy_version FROM node_transition ORDER BY occurred_at DESC LIMIT 2",
    );
    expect(rows).toMatchObject([
      {
        notes: ["baseline_not_judged", "key_not_judged"],
        cause_kind: "verdict",
        policy_version: "lifecycle-1",
      },
      { notes: ["incarnation_not_judged"], actor: { kind: "controller", id: "test" } },
    ]);
  });

  it("counts a result without a bound nonce from its issue time, and says so", async () => {
    await send(...toAttesting(), verdict(25, "affirming", "result_only"));
    await fold();
    expect((await life()).state).toBe("trusted");
    const { rows } = await pool.query("SELECT notes FROM node_transition WHERE transition_id = 'T07'");
    expect(rows[0].notes).toContain("time_from_result");
  });

  it("does not trust a pass that proves no time, nor one from before the credential", async () => {
    await send(
      ...toAttesting(),
      verdict(21),
      verdict(26, "affirming", "none"),
      verdict(27, "affirming", "none"),
    );
    await fold();
    expect((await life()).log.filter((line) => line.startsWith("refused"))).toEqual([
      "refused F05 enrolling>trusted verdict.pass",
      "refused T07 attesting>trusted verdict.pass",
    ]);
    expect((await life()).state).toBe("suspect");
  });

  it("counts a repeat of the current statement while a node waits, and looks at none afterwards", async () => {
    await send(...toAttesting(), verdict(21));
    await fold();
    clock.now = new Date(at(26));
    await send(verdict(25));
    await fold();
    expect((await life()).state).toBe("trusted");
    await send(verdict(26));
    expect((await pool.query("SELECT 1 FROM lifecycle_dirty")).rowCount).toBe(0);
  });

  it("asks a suspect node for two passes in a row, over all of its lanes", async () => {
    const other = await world.addSource({ kind: "generic", name: "other", staleAfterMs: null });
    const sendOther = (...events: unknown[]) =>
      world.send({ bearer: other.bearer, headers: BATCH, body: JSON.stringify(events) });
    await send(...toAttesting(), verdict(25));
    await sendOther(verdict(30, "contraindicated"));
    await send(verdict(31), verdict(32));
    await fold();
    expect((await life()).state).toBe("suspect");
    await sendOther(verdict(33));
    await fold();
    expect((await life()).state).toBe("suspect");
    await send(verdict(34));
    await fold();
    expect((await life()).state).toBe("trusted");
  });

  it("moves nothing for a source that is not authoritative for the phase", async () => {
    const scribe = await world.addSource({
      kind: "generic",
      name: "scribe",
      authority: { authoritativeFor: ["operation"] },
    });
    await world.send({ bearer: scribe.bearer, headers: BATCH, body: JSON.stringify(toAttesting()) });
    await fold();
    expect(await life()).toEqual({ state: "discovered", log: [] });
  });

  it("lets only a source that may do so introduce a node", async () => {
    const shy = await world.addSource({
      kind: "generic",
      name: "shy",
      authority: { introducesNodes: false },
    });
    await world.send({
      bearer: shy.bearer,
      headers: BATCH,
      body: JSON.stringify([event(1, "enrollment.requested")]),
    });
    await fold();
    expect(await life()).toEqual({
      state: "discovered",
      log: ["refused T02 discovered>enrolling enrollment.requested"],
    });
    await send(event(2, "enrollment.requested"));
    await fold();
    expect((await life()).log.at(-2)).toBe("moved T02 discovered>enrolling enrollment.requested");
  });

  it("never lets an event of an earlier stage that comes late move a node back", async () => {
    const [registered, ...others] = toAttesting();
    await send(...others, verdict(25));
    await fold();
    const before = await life();
    expect(before.state).toBe("trusted");
    await send(registered, event(1, "provisioning.inspection_started"), event(21, "enrollment.requested"));
    await fold();
    expect((await life()).state).toBe("trusted");
    expect((await life()).log[0]).toBe("moved T01 discovered>provisioning provisioning.registered");
    const { rows } = await pool.query(
      "SELECT count(*)::int AS n FROM node_transition WHERE superseded_at IS NOT NULL",
    );
    expect(rows[0].n).toBeGreaterThan(0);
  });

  it("records what a quarantined and a decommissioned node tried: in its log, and as audit entries", async () => {
    await send(...toAttesting(), verdict(25));
    await addTrigger(pool, {
      node: "n",
      type: "remediation.quarantine.executing",
      atMs: at(26),
      facts: ALL_FACTS,
    });
    await addTrigger(pool, { node: "n", type: "containment.verified", atMs: at(27), facts: ALL_FACTS });
    await send(event(28, "enrollment.credential_renewed"), event(29, "enrollment.credential_renewed"));
    await addTrigger(pool, {
      node: "n",
      type: "remediation.decommission.executing",
      atMs: at(30),
      facts: ALL_FACTS,
    });
    await addTrigger(pool, { node: "n", type: "decommission.verified", atMs: at(31), facts: ALL_FACTS });
    await send(event(32, "enrollment.credential_issued"), verdict(33));
    await fold();
    const refused = [
      "refused F08 quarantined>enrolling enrollment.credential_renewed",
      "refused F09 decommissioned>* enrollment.credential_issued",
      "refused F09 decommissioned>* timer.verdict_stale",
    ];
    expect((await life()).state).toBe("decommissioned");
    expect((await life()).log.filter((line) => line.startsWith("refused"))).toEqual(refused.slice(0, 2));
    const { rows } = await pool.query(
      "SELECT action, outcome, after ->> 'rule' AS rule, after ->> 'event' AS event FROM audit_entry ORDER BY id",
    );
    expect(rows).toEqual([
      { action: "node.transition", outcome: "refused", rule: "F08", event: "enrollment.credential_renewed" },
      { action: "node.transition", outcome: "refused", rule: "F09", event: "enrollment.credential_issued" },
    ]);
    await rebuildLives(pool, clock.now, { write: true });
    expect((await pool.query("SELECT 1 FROM audit_entry")).rowCount).toBe(2);
  });

  it("begins again when the provisioning system does, unless there was a credential", async () => {
    const failed = [event(0, "provisioning.registered"), event(5, "provisioning.image_failed")];
    await send(...failed, event(6, "provisioning.image_started"), event(9, "provisioning.image_completed"));
    await fold();
    expect(await rules()).toEqual(["T01", "T04", "T19", "T03", "T06"]);
    await send(event(30, "enrollment.token_issued"));
    await fold();
    expect((await rules()).at(-1)).toBe("T06");
    await send(event(31, "enrollment.token_issued", { actor: { kind: "user", id: "ann" } }));
    await fold();
    expect(await rules()).toEqual(["T01", "T04", "T19", "T03", "T06", "T20", "T06"]);
  });
});

describe("the recorded life", () => {
  const TYPES = [
    "provisioning.registered",
    "provisioning.image_started",
    "provisioning.image_failed",
    "provisioning.image_completed",
    "enrollment.requested",
    "enrollment.credential_issued",
    "enrollment.credential_issued",
    "enrollment.failed",
    "enrollment.credential_renewed",
    "provisioning.discovered",
    "anomaly.identity",
  ] as const satisfies readonly BootstrapEventType[];
  const item = fc.oneof(
    fc.record({ kind: fc.constant("event" as const), minute: fc.nat(280), type: fc.constantFrom(...TYPES) }),
    fc.record({
      kind: fc.constant("verdict" as const),
      minute: fc.nat(280),
      tier: fc.constantFrom(
        "affirming" as const,
        "affirming" as const,
        "warning" as const,
        "contraindicated" as const,
      ),
      freshness: fc.constantFrom("evidence" as const, "result_only" as const, "none" as const),
    }),
  );
  // Ten lives at a time, so that batches mix nodes.
  const lives = fc.array(fc.array(item, { minLength: 1, maxLength: 30 }), { minLength: 10, maxLength: 10 });
  type Item = typeof item extends fc.Arbitrary<infer T> ? T : never;

  const STATES = { affirming: "trusted", warning: "degraded", contraindicated: "failed" } as const;

  /** The fold of one life, from what was sent and nothing else. */
  function expected(items: readonly (Item & { id: string })[]) {
    const verdicts = items.flatMap((one) => {
      if (one.kind !== "verdict") return [];
      const state: LaneState = STATES[one.tier];
      return [{ atMs: at(one.minute), hash: one.id, state, evidenceKey: one.tier, one }];
    });
    const statement = {
      outcome: "pending",
      tier: "none",
      vector: [],
      measurementDigest: null,
      kid: null,
    } as const;
    const lane = foldLane(
      verdicts.map((one) => ({ ...one, reason: one.state, statement })),
      STALE_MS,
      Math.max(0, ...verdicts.map(({ atMs }) => atMs)),
      () => "",
    );
    const firstMs = Math.min(...items.map(({ minute }) => at(minute)));
    const line = defaultLine(lane.length > 0 ? [{ label: "lab", intervals: lane }] : [], firstMs);
    const turns = line.filter(({ state }, index) => state !== line[index - 1]?.state);
    const fusedAt = (ms: number): LaneState =>
      turns.findLast(({ fromMs }) => fromMs <= ms)?.state ?? "pending";
    const events = items.flatMap((one) =>
      one.kind === "event"
        ? recordOfEvent({
            id: one.id,
            sourceId: lab.id,
            externalId: one.id,
            type: one.type,
            occurredAtMs: at(one.minute),
            actor: { kind: "controller", id: "test" },
            introducesNodes: true,
          })
        : [],
    );
    const said = verdicts.flatMap(({ atMs, hash, state, one }) => {
      const fused = fusedAt(atMs);
      if (fused === "trusted" && state !== "trusted") return [];
      const { freshness } = one;
      return recordOfVerdict({ hash, sourceId: lab.id, observedAtMs: atMs, freshness, fused }) ?? [];
    });
    const walked = walkAll([...events, ...turns.flatMap((turn) => recordOfLine(turn) ?? [])], {
      verdicts: said,
      untilMs: NOW,
      from: newborn(firstMs),
    });
    return {
      state: walked.standing.state,
      log: walked.log.map((entry) =>
        [
          entry.outcome,
          entry.outcome === "moved" ? entry.transitionId : (entry.transitionId ?? entry.ruleId),
          `${entry.from}>${entry.to ?? "*"}`,
          entry.record.type,
          entry.position.atMs,
        ].join(" "),
      ),
    };
  }

  it("is the fold of what was sent, for 300 lives in any order, split and duplication", {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(lives, fc.infiniteStream(fc.nat(1000)), async (list, salt) => {
        await begin();
        const draw = () => salt.next().value ?? 0;
        const sent = list.flatMap((items, index) =>
          items.map((one, position) => {
            const node = `n${index}`;
            const id = `${index}-${String(position).padStart(2, "0")}`;
            const body =
              one.kind === "event"
                ? bootstrapDocument(node, at(one.minute), one.type, { externalId: id })
                : verdict(one.minute, one.tier, one.freshness, node);
            return { node, one: { ...one, id }, body, order: draw() };
          }),
        );
        const shuffled = [...sent, ...sent.slice(0, 9)].sort((a, b) => a.order - b.order);
        for (let start = 0; start < shuffled.length; ) {
          const size = 1 + (draw() % 40);
          await send(...shuffled.slice(start, start + size).map(({ body }) => body));
          start += size;
          if (draw() % 2 === 0) await fold();
        }
        await fold();
        const recorded = await livesOf(pool);
        for (const [node, items] of Map.groupBy(sent, (one) => one.node)) {
          expect(recorded[node], node).toEqual(expected(items.map(({ one }) => one)));
        }
        expect(await rebuildLives(pool, clock.now, { write: false })).toMatchObject({
          nodes: 10,
          differing: 0,
        });
      }),
      { numRuns: 30 },
    );
  });

  it("is one life when two folds and two batches race on one node", async () => {
    await send(event(0, "provisioning.registered"));
    const [row] = (await pool.query("SELECT id FROM node")).rows;
    const rest = [
      ...toAttesting().slice(1),
      verdict(25),
      verdict(30, "contraindicated"),
      verdict(31),
      verdict(32),
    ];
    const results = await whileLocked(
      pool,
      "node_state",
      "node_id = $1",
      [row.id],
      { blocked: 4 },
      (): Promise<unknown>[] => [
        send(...rest.slice(0, 4)),
        foldLives(pool, world.trustDomainId, [row.id], clock.now),
        send(...rest.slice(4)),
        foldLives(pool, world.trustDomainId, [row.id], clock.now),
      ],
    );
    expect(results.map(({ status }) => status)).toEqual(Array(4).fill("fulfilled"));
    await fold();
    expect(await rules()).toEqual(["T01", "T03", "T05", "T07", "T10", "T11"]);
    expect(await rebuildLives(pool, clock.now, { write: false })).toMatchObject({ differing: 0 });
  });

  it("keeps by a rebuild what rests on verdicts that are not kept any more", async () => {
    const other = ["waits", "suspect"].flatMap((node) => [
      event(0, "provisioning.registered", {}, node),
      event(20, "provisioning.image_completed", {}, node),
      event(22, "enrollment.requested", {}, node),
      event(23, "enrollment.credential_issued", {}, node),
    ]);
    await send(...toAttesting(), verdict(25), ...other);
    await send(verdict(26, "affirming", "none", "waits"));
    await send(verdict(25, "affirming", "evidence", "suspect"));
    // One of the two passes that a suspect node needs is dropped, the other one is not.
    await send(
      verdict(30, "contraindicated", "evidence", "suspect"),
      verdict(31, "affirming", "evidence", "suspect"),
    );
    await fold();
    clock.now = new Date(NOW + DAY);
    const today = { ...verdictDocument("suspect", NOW + DAY, "affirming", { freshness: "evidence" }) };
    await send(cloudEvent("verdict", today));
    await fold();
    expect(await livesOf(pool)).toMatchObject({ n: { state: "trusted" }, suspect: { state: "trusted" } });
    clock.now = new Date(NOW + DAY + 5 * MINUTE);
    await send(cloudEvent("verdict", verdictDocument("suspect", clock.now.getTime(), "contraindicated")));
    await fold();
    const before = await livesOf(pool);
    expect(await rebuildLives(pool, clock.now, { write: false })).toMatchObject({
      keptSince: null,
      differing: 0,
    });

    await pool.query("UPDATE retention SET verdict_days = 7, raw_days = 7, retained_since = NULL");
    const later = new Date(NOW + 7.6 * DAY);
    while ((await retainVerdicts.run({ db, now: () => later }, new AbortController().signal)) === "more");
    expect((await pool.query("SELECT 1 FROM verdict")).rowCount).toBe(2);
    for (const write of [false, true]) {
      const found = await rebuildLives(pool, clock.now, { write });
      expect(found).toMatchObject({ keptSince: new Date("2026-03-02"), nodes: 3, differing: 0 });
      expect(await livesOf(pool)).toEqual(before);
    }
    // What is kept is folded again as ever.
    await pool.query("UPDATE node_transition SET to_state = 'decommissioned' WHERE occurred_at > $1", [
      new Date(NOW + DAY + MINUTE),
    ]);
    expect(await rebuildLives(pool, clock.now, { write: true })).toMatchObject({ differing: 1 });
    expect(await livesOf(pool)).toEqual(before);
  });

  it("is told from a tampered one, and mended, by a rebuild", async () => {
    await send(...toAttesting(), verdict(25));
    await fold();
    const before = await livesOf(pool);
    await pool.query("UPDATE node_transition SET to_state = 'decommissioned' WHERE transition_id = 'T05'");
    await pool.query("UPDATE node_state SET lifecycle_state = 'failed'");
    const found = await rebuildLives(pool, clock.now, { write: false });
    expect(found).toMatchObject({ nodes: 1, differing: 1 });
    await rebuildLives(pool, clock.now, { write: true });
    expect(await livesOf(pool)).toEqual(before);
    expect(await rebuildLives(pool, clock.now, { write: false })).toMatchObject({ differing: 0 });
  });
});
