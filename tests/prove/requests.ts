/**
 * A11 and A12: requests of remediation keep to their table of edges, whoever races whom.
 *
 * Sixteen writers ask, vote (with second accounts of the same people, too), deny, narrow, cancel, abort, carry out, take
 * roles away, move the clock and run the worker, while connections are killed. A trigger of this database alone, which
 * the product knows nothing of, writes down every version of every request, and who had approved it when it was
 * started. The checker reads that history: revisions follow each other one by one, every step is an edge of the table,
 * one start and one execution per request, started by approvals of people who held the role at that moment and are
 * neither who asked nor one person twice, and no vote that was acknowledged is missing.
 *
 * Planted bug: requests are changed without their lock.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pool } from "pg";
import { openDb } from "#db/client";
import { migrate } from "#db/migrate";
import { remediationLock } from "#db/queries/remediation";
import { ProblemError } from "#lib/domain/problems";
import {
  isOver,
  nextRequestState,
  REQUEST_EVENTS,
  type RequestEvent,
  type RequestState,
} from "#lib/domain/remediation";
import type { ServiceContext } from "#lib/services/context";
import { CLAIMABLE, moveRequest } from "#lib/services/remediation/move";
import { abortRemediation, cancelRemediation, claimRemediation } from "#lib/services/remediation/operate";
import { narrowRemediation } from "#lib/services/remediation/vote";
import { makeRemediationWorld, REASON, type RemediationWorld } from "#tests/remediation-world";
import { plantUnlockedRequests } from "./planted/unlocked-requests.ts";
import { dropDurability, startPostgres } from "./postgres.ts";
import type { Proof } from "./proof.ts";
import { intBetween, mulberry32, pick, type Random } from "./random.ts";

const OPERATIONS = { short: 300, full: 200_000 };
const WRITERS = 16;
/** Requests that are open at a time: few, so that writers meet. */
const LIVE = 4;
const KILL_EVERY = 100;
const TELL_EVERY = 10_000;
const MAX_LINES = 5;

const HISTORY = `
  CREATE TABLE history (seq bigserial PRIMARY KEY, id uuid, before text, after text, revision_before int,
    revision_after int, requester text, approvals jsonb, denied boolean);
  CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
  BEGIN
    INSERT INTO history (id, before, after, revision_before, revision_after, requester, approvals, denied)
    SELECT NEW.id, OLD.state, NEW.state, OLD.revision, NEW.revision, NEW.requester,
      (SELECT jsonb_agg(jsonb_build_object('person', v.person, 'holds', h.holds))
        FROM remediation_vote v CROSS JOIN LATERAL (SELECT EXISTS (
          SELECT FROM role_grant g WHERE g.user_id = v.user_id AND g.role IN ('approver', 'admin')) AS holds) h
        WHERE v.request_id = NEW.id AND v.plan_hash = NEW.plan_hash AND v.decision = 'approve'),
      EXISTS (SELECT FROM remediation_vote v WHERE v.request_id = NEW.id AND v.decision = 'deny');
    RETURN NULL;
  END $$;
  CREATE TRIGGER remember AFTER INSERT OR UPDATE ON remediation_request FOR EACH ROW EXECUTE FUNCTION remember();`;

type Person = Awaited<ReturnType<RemediationWorld["person"]>>;
type Live = { id: string; planHash: string; nodeIds: string[]; by: Person };
type Accepted = { requestId: string; userId: string; decision: string };

type Stage = {
  world: RemediationWorld;
  pool: Pool;
  random: Random;
  nodes: readonly string[];
  askers: readonly Person[];
  voters: readonly Person[];
  live: Live[];
  accepted: Accepted[];
};

export const requestsKeepTheirTable: Proof = async ({ short, planted, seed, log }) => {
  const random = mulberry32(seed);
  const dir = await mkdtemp(join(tmpdir(), "touchstone-prove-"));
  const postgres = await startPostgres(dir);
  await migrate(postgres.url);
  const { $client: pool } = openDb(postgres.url, WRITERS + 4);
  await dropDurability(pool);
  await pool.query(HISTORY);
  const unplant = planted ? plantUnlockedRequests() : () => {};
  let failed = 0;
  const finder = () => {
    let lines = 0;
    return (line: string) => {
      failed += 1;
      lines += 1;
      if (lines <= MAX_LINES) log(line);
    };
  };
  const [odd, wrong] = [finder(), finder()];
  try {
    const stage = await settle(pool, random);
    const total = short ? OPERATIONS.short : OPERATIONS.full;
    let cases = 0;
    const write = async () => {
      while (cases < total) {
        cases += 1;
        if (cases % TELL_EVERY === 0) log(`${cases} operations`);
        if (cases % KILL_EVERY === 0) await kill(pool);
        await operate(stage).catch((error: unknown) => {
          if (!isExpected(error)) odd(`unexpected: ${reasonsOf(error)}`);
        });
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
    const checked = await check(stage, wrong);
    log(
      `${cases} operations, ${checked.versions} versions of ${checked.requests} requests, ${checked.starts} starts, ${stage.accepted.length} votes`,
    );
    return { cases, failed };
  } finally {
    unplant();
    await pool.end();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** Some of the people have a second account. */
async function settle(pool: Pool, random: Random): Promise<Stage> {
  const world = await makeRemediationWorld(pool);
  const nodes: string[] = [];
  for (let at = 0; at < 24; at += 1)
    nodes.push(await world.addNode(`n${at}`, { labels: { pool: `p${at}` } }));
  const voters: Person[] = [];
  for (let at = 0; at < 3; at += 1) {
    const first = await world.person("approver");
    voters.push(first, await world.person("approver", { email: first.email.replace("@", "+2@") }));
  }
  const askers = [await world.person("analyst"), ...voters.slice(0, 2)];
  return { world, pool, random, nodes, askers, voters, live: [], accepted: [] };
}

async function operate(stage: Stage): Promise<void> {
  const { world, random, live, voters } = stage;
  const chance = random();
  if (live.length < LIVE) return ask(stage);
  const one = pick(random, live);
  const requestId = one.id;
  const { ctx } = pick(random, voters);
  if (chance < 0.45) return speak(stage, one);
  if (chance < 0.6) return void (await world.runDue());
  if (chance < 0.78) return carryOut(stage, one);
  if (chance < 0.82) return void (await cancelRemediation(one.by.ctx, { requestId, reason: REASON }));
  if (chance < 0.86) return void (await abortRemediation(ctx, { requestId, reason: REASON }));
  if (chance < 0.9) return narrow(stage, one, ctx);
  if (chance < 0.93) return void (await claimRemediation(ctx, { requestId, claim: true }));
  if (chance < 0.98) return turnRole(stage);
  world.later(intBetween(random, 1, 120_000));
}

async function ask({ world, random, nodes, askers, live }: Stage): Promise<void> {
  const by = pick(random, askers);
  const nodeIds = [...new Set([pick(random, nodes), pick(random, nodes)])];
  const { id, planHash } = await world.request(by.ctx, nodeIds);
  live.push({ id, planHash, nodeIds, by });
}

async function speak({ world, random, voters, accepted }: Stage, one: Live): Promise<void> {
  const voter = pick(random, voters);
  const decision = random() < 0.08 ? "deny" : "approve";
  await world.vote(voter.ctx, one, decision);
  accepted.push({ requestId: one.id, userId: voter.id, decision });
}

async function narrow({ world }: Stage, one: Live, ctx: ServiceContext): Promise<void> {
  const { id: requestId, planHash, nodeIds } = one;
  if (nodeIds.length < 2) return;
  const kept = nodeIds.slice(1);
  const after = await narrowRemediation(
    ctx,
    { requestId, planHash, nodeIds: kept, reason: REASON },
    world.tools,
  );
  Object.assign(one, { planHash: after.planHash, nodeIds: kept });
}

const OUTCOMES = [
  "observe",
  "verify",
  "fail",
  "fail_partly",
  "roll_back",
] as const satisfies readonly RequestEvent[];

/** What whoever carries it out would find; a request that is over makes room for another one. */
async function carryOut({ world, random, live }: Stage, one: Live): Promise<void> {
  const over = await world.db.transaction(async (tx) => {
    const row = await remediationLock(tx, [world.home], one.id);
    if (!row) return true;
    const state = row.state as RequestState;
    if (!CLAIMABLE.some((claimable) => claimable === state)) return isOver(state);
    const events = OUTCOMES.filter((event) => nextRequestState(state, event) !== null);
    const after = await moveRequest(tx, row, pick(random, events), { at: world.clock.now });
    return isOver(after.state as RequestState);
  });
  const at = live.indexOf(one);
  if (over && at >= 0) live.splice(at, 1);
}

/** Somebody gains or loses the role. */
async function turnRole({ world, pool, random, voters }: Stage): Promise<void> {
  const { id } = pick(random, voters);
  const { rowCount } = await pool.query("DELETE FROM role_grant WHERE user_id = $1", [id]);
  if (rowCount) return;
  await pool.query(
    `INSERT INTO role_grant (user_id, trust_domain_id, role, origin, created_at)
     VALUES ($1, $2, 'approver', 'local', now()) ON CONFLICT DO NOTHING`,
    [id, world.home],
  );
}

/** End one connection that is at work. */
async function kill(pool: Pool): Promise<void> {
  await pool
    .query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
         AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT 1`,
    )
    .catch(() => {});
}

/** An error with what it was caused by, innermost last. */
function reasonsOf(error: unknown): string {
  const reasons: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    reasons.push(`${(cause as { code?: string }).code ?? ""} ${cause.message.split("\n")[0]}`.trim());
  return reasons.join("; because of: ") || String(error);
}

/** What the driver says of a connection whose other end is gone, beside its sentences. */
const GONE = ["57P01", "ECONNRESET", "EPIPE"];

/** A refusal, or the loss of a connection that was killed. */
function isExpected(error: unknown): boolean {
  if (error instanceof ProblemError) return true;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (
      GONE.includes((cause as { code?: string }).code ?? "") ||
      /terminat|not queryable|connection ended/i.test(cause.message)
    )
      return true;
  }
  return false;
}

type Version = {
  id: string;
  before: string | null;
  after: string;
  revision_before: number | null;
  revision_after: number;
  requester: string;
  approvals: { person: string; holds: boolean }[] | null;
  denied: boolean;
};

async function check({ pool, accepted }: Stage, wrong: (line: string) => void) {
  const { rows } = await pool.query<Version>("SELECT * FROM history ORDER BY seq");
  const byRequest = Map.groupBy(rows, ({ id }) => id);
  let starts = 0;
  for (const [id, versions] of byRequest) starts += checkLife(id, versions, wrong);
  const { rows: kept } = await pool.query<{ key: string }>(
    "SELECT request_id || ' ' || user_id || ' ' || decision AS key FROM remediation_vote",
  );
  const votes = new Set(kept.map(({ key }) => key));
  for (const { requestId, userId, decision } of accepted)
    if (!votes.has(`${requestId} ${userId} ${decision}`)) wrong(`a vote on ${requestId} is lost`);
  const { rows: executed } = await pool.query<{ n: number }>("SELECT count(*)::int AS n FROM execution");
  if (executed[0]?.n !== starts) wrong(`${executed[0]?.n} executions of ${starts} starts`);
  return { versions: rows.length, requests: byRequest.size, starts };
}

/** @returns how often it was started */
function checkLife(id: string, versions: readonly Version[], wrong: (line: string) => void): number {
  let last: Version | undefined;
  let starts = 0;
  for (const version of versions) {
    const { before, after } = version;
    if ((last?.revision_after ?? null) !== version.revision_before || (last?.after ?? null) !== before)
      wrong(`${id}: a version is lost before revision ${version.revision_after}`);
    if (last && version.revision_after !== last.revision_after + 1)
      wrong(`${id}: revision ${version.revision_after} after ${last.revision_after}`);
    if (last && before !== after && !isEdge(before as RequestState, after as RequestState))
      wrong(`${id}: no edge leads from ${before} to ${after}`);
    if (after === "executing" && (before === "approved" || before === "scheduled")) {
      starts += 1;
      const people = (version.approvals ?? []).filter(({ holds }) => holds).map(({ person }) => person);
      if (new Set(people).size < 1 || people.includes(version.requester) || version.denied)
        wrong(`${id}: started by ${people.join(", ") || "nobody"}, asked for by ${version.requester}`);
    }
    last = version;
  }
  if (starts > 1) wrong(`${id}: started ${starts} times`);
  return starts;
}

const isEdge = (from: RequestState, to: RequestState): boolean =>
  REQUEST_EVENTS.some((event) => nextRequestState(from, event) === to);
