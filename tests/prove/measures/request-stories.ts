/** Random records about what people asked for and what was done. */
import { intBetween, pick, type Random } from "../random.ts";
import {
  altered,
  at,
  change,
  DAY,
  digest,
  HOUR,
  later,
  type Moment,
  newId,
  put,
  type Story,
} from "./moments.ts";
import { NODES } from "./node-stories.ts";
import type { Recorded, Vote } from "./recorded.ts";

const PLAN = digest("the plan");

/** Votes on a request, of which some are about another plan and some refuse. */
function votes(
  random: Random,
  fromMs: number,
  subject: { id: string; table: string; asks: string },
  list: Vote[],
) {
  return Array.from({ length: intBetween(random, 0, 2) }, (_, index): Moment => {
    const vote = {
      atMs: later(random, fromMs, 3 * HOUR),
      approves: random() < 0.8,
      samePlan: random() < 0.8,
    };
    return {
      atMs: vote.atMs,
      async happen(place) {
        await put(place, subject.table, {
          request_id: subject.id,
          person: `person ${index}`,
          [subject.asks]: "somebody",
          user_id: place.userIds[index],
          decision: vote.approves ? "approve" : "deny",
          reason: "prove",
          plan_hash: vote.samePlan ? PLAN : digest("another plan"),
          at: at(vote.atMs),
        });
        list.push(vote);
      },
    };
  });
}

export const changeRequest: Story = (random, atMs) => {
  const id = newId();
  const item: Recorded["changes"][number] = {
    state: "pending",
    decidedMs: null,
    expiresMs: later(random, atMs, 8 * HOUR),
    votes: [],
  };
  const decidedMs = later(random, atMs, 4 * HOUR);
  const state = pick(random, ["applied", "applied", "applied", "rejected", "expired"]);
  return [
    {
      atMs,
      async happen(place) {
        await put(place, "change_request", {
          id,
          kind: "prove",
          subject: "prove",
          summary: "prove",
          payload: "{}",
          reason: "prove",
          plan_hash: PLAN,
          preview: "{}",
          state: item.state,
          proposed_by: place.userIds[0],
          proposer: "somebody",
          proposed_at: at(atMs),
          expires_at: at(item.expiresMs),
        });
        place.recorded.changes.push(item);
      },
    },
    ...votes(random, atMs, { id, table: "change_request_vote", asks: "proposer" }, item.votes),
    altered(decidedMs, ["change_request", { id }, { state, decided_at: at(decidedMs) }], () => {
      Object.assign(item, { state, decidedMs });
    }),
  ];
};

/** A request to act on nodes: asked for, voted on, done, and reviewed when nobody was asked before. */
export const remediation: Story = (random, atMs) => {
  const id = newId();
  const item: Recorded["remediations"][number] = {
    nodes: [...new Set([pick(random, NODES), pick(random, NODES)])],
    action: pick(random, ["quarantine", "quarantine", "reprovision"]),
    origin: pick(random, ["person", "person", "policy", "break_glass", "drill", "real_drill"]),
    state: "pending",
    requestedMs: atMs,
    expiresMs: later(random, atMs, 8 * HOUR),
    startedMs: null,
    endedMs: null,
    votes: [],
    ratifiedMs: null,
  };
  const moments: Moment[] = [
    {
      atMs,
      async happen(place) {
        await put(place, "remediation_request", {
          id,
          action: item.action,
          recipe: "prove",
          recipe_version: 1,
          params: "{}",
          reason: "prove",
          origin: item.origin,
          state: item.state,
          revision: 1,
          requester: "somebody",
          requested_at: at(atMs),
          plan: "{}",
          plan_hash: PLAN,
          rules: "[]",
          checks: "[]",
          expires_at: at(item.expiresMs),
        });
        item.nodes = item.nodes.filter((node) => place.nodes.has(node));
        for (const node of item.nodes)
          await put(place, "remediation_target", {
            request_id: id,
            node_id: place.nodes.get(node),
            display_name: node,
          });
        place.recorded.remediations.push(item);
      },
    },
    ...votes(random, atMs, { id, table: "remediation_vote", asks: "requester" }, item.votes),
  ];
  if (random() < 0.7) moments.push(...executionCourse(random, later(random, atMs, 4 * HOUR), id, item));
  return moments;
};

function executionCourse(
  random: Random,
  startedMs: number,
  id: string,
  item: Recorded["remediations"][number],
): Moment[] {
  const moments: Moment[] = [
    {
      atMs: startedMs,
      async happen(place) {
        await put(place, "execution", { request_id: id, state: "running", started_at: at(startedMs) });
        item.startedMs = startedMs;
        if (item.origin !== "break_glass") return;
        const review = { request_id: id, due_at: at(startedMs + DAY), state: "open" };
        await put(place, "remediation_review", review);
      },
    },
  ];
  if (random() < 0.8) {
    const endedMs = later(random, startedMs, 2 * HOUR);
    const state = pick(random, ["succeeded", "succeeded", "failed", "rolled_back"]);
    moments.push({
      atMs: endedMs,
      async happen(place) {
        await change(place, "execution", { request_id: id }, { state: "done", ended_at: at(endedMs) });
        await change(place, "remediation_request", { id }, { state, ended_at: at(endedMs) });
        Object.assign(item, { state, endedMs });
      },
    });
  }
  if (item.origin === "break_glass" && random() < 0.7) {
    const [reviewedMs, state] = [
      later(random, startedMs, DAY),
      pick(random, ["ratified", "ratified", "disputed"]),
    ];
    const set = { state, reviewed_at: at(reviewedMs) };
    const reviewed = altered(reviewedMs, ["remediation_review", { request_id: id }, set], () => {
      if (state === "ratified") item.ratifiedMs = reviewedMs;
    });
    moments.push(reviewed);
  }
  return moments;
}
