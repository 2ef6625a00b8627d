/** Random records about what people did and the product did for them. */
import { JWK } from "#tests/distrust-world";
import { intBetween, pick, type Random } from "../random.ts";
import {
  at,
  change,
  DAY,
  digest,
  HOUR,
  later,
  MINUTE,
  type Moment,
  newId,
  type Place,
  put,
  type Story,
} from "./moments.ts";
import { NODES, SOURCES } from "./node-stories.ts";
import type { Recorded, Vote } from "./recorded.ts";

/** A change of the fleet: opened, decided about, excepted, over; each of them or not. */
export const group: Story = (random, atMs) => {
  const item: Recorded["groups"][number] = {
    id: newId(),
    fromMs: atMs,
    toMs: null,
    again: false,
    exception: null,
  };
  const again = random() < 0.4;
  const moments: Moment[] = [
    {
      atMs,
      async happen(place) {
        const previous = again ? (place.recorded.groups[0]?.id ?? null) : null;
        item.again = previous !== null;
        await put(place, "drift_group", {
          id: item.id,
          fingerprint: digest(item.id),
          occurrence: 1,
          previous_id: previous,
          link: previous && "again",
          baseline_id: place.baselineId,
          path: "prove",
          kind: "changed",
          layer: "boot",
          expected: [],
          state: "new",
          opened_at: at(atMs),
          first_seen_at: at(atMs),
          spread_at: at(atMs),
          nodes: 1,
          peak_nodes: 1,
          excepted: 0,
          worst: "unexplained",
          why: "prove",
          score: 1,
          priority: 1,
        });
        place.recorded.groups.push(item);
      },
    },
  ];
  for (let spoken = intBetween(random, 0, 2); spoken > 0; spoken -= 1)
    moments.push(decision(random, later(random, atMs, 2 * DAY), item.id));
  if (random() < 0.5) {
    const [fromMs, id] = [later(random, atMs, DAY), newId()];
    moments.push(...exceptionCourse(random, fromMs, id), {
      atMs: fromMs,
      async happen(place) {
        await change(place, "drift_group", { id: item.id }, { exception_id: id });
        item.exception = id;
      },
    });
  }
  if (random() < 0.6) {
    const endMs = later(random, atMs, 3 * DAY);
    moments.push({
      atMs: endMs,
      async happen(place) {
        await change(place, "drift_group", { id: item.id }, { ended_at: at(endMs) });
        item.toMs = endMs;
      },
    });
  }
  return moments;
};

function decision(random: Random, atMs: number, groupId: string): Moment {
  const person = random() < 0.7;
  return {
    atMs,
    async happen(place) {
      await put(place, "drift_decision", {
        id: newId(),
        group_id: groupId,
        at: at(atMs),
        decided_by: person ? place.userIds[0] : null,
        kind: "note",
        reason: "prove",
        detail: "{}",
      });
      place.recorded.decisions.push({ group: groupId, atMs, person });
    },
  };
}

/** How long an exception lasts: hours or months, and sometimes exactly as long as is allowed. */
const term = (random: Random): number =>
  pick(random, [intBetween(random, 1, 60) * HOUR, intBetween(random, 80, 120) * DAY, 90 * DAY, 90 * DAY + 1]);

function exceptionCourse(random: Random, fromMs: number, id: string): Moment[] {
  const item = { id, fromMs, toMs: fromMs + term(random), endedMs: null as number | null };
  const moments: Moment[] = [
    {
      atMs: fromMs,
      async happen(place) {
        await put(place, "drift_exception", {
          id,
          pattern: "prove",
          selector: "",
          reason: "prove",
          created_at: at(fromMs),
          valid_from: at(fromMs),
          expires_at: at(item.toMs),
        });
        place.recorded.exceptions.push(item);
      },
    },
  ];
  const endedMs = later(random, fromMs, 3 * DAY);
  if (random() < 0.4 && endedMs < item.toMs) {
    moments.push({
      atMs: endedMs,
      async happen(place) {
        await change(place, "drift_exception", { id }, { ended_at: at(endedMs) });
        item.endedMs = endedMs;
      },
    });
  }
  return moments;
}

export const exception: Story = (random, atMs) =>
  exceptionCourse(random, atMs - intBetween(random, 0, 100) * DAY, newId());

export const policyException: Story = (random, atMs) => {
  const toMs = atMs + term(random);
  const id = newId();
  return [
    {
      atMs,
      async happen(place) {
        await put(place, "policy_exception", {
          id,
          policy_name: "no such policy",
          rule_id: "prove",
          selector: "",
          reason: "prove",
          created_at: at(atMs),
          valid_from: at(atMs),
          valid_to: at(toMs),
          matches: 0,
        });
        place.recorded.exceptions.push({ id, fromMs: atMs, toMs, endedMs: null });
      },
    },
  ];
};

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
    {
      atMs: decidedMs,
      async happen(place) {
        await change(place, "change_request", { id }, { state, decided_at: at(decidedMs) });
        Object.assign(item, { state, decidedMs });
      },
    },
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
    moments.push({
      atMs: reviewedMs,
      async happen(place) {
        const set = { state, reviewed_at: at(reviewedMs) };
        await change(place, "remediation_review", { request_id: id }, set);
        if (state === "ratified") item.ratifiedMs = reviewedMs;
      },
    });
  }
  return moments;
}

/** A machine that is counted on: overdue, come, or withdrawn; each of them or not. */
export const expectedNode: Story = (random, atMs) => {
  const id = newId();
  const item = {
    fromMs: atMs,
    toMs: null,
    overdueMs: null,
    enrolledMs: null,
  } as Recorded["expected"][number];
  const moments: Moment[] = [
    {
      atMs,
      async happen(place) {
        await put(place, "expected_node", {
          id,
          origin: "inventory",
          name: id,
          identities: "[]",
          created_at: at(atMs),
          created_by: "prove",
        });
        place.recorded.expected.push(item);
      },
    },
  ];
  const steps = [
    { column: "overdue_at", name: "overdueMs", chance: 0.7 },
    { column: "enrolled_at", name: "enrolledMs", chance: 0.5 },
    { column: "withdrawn_at", name: "toMs", chance: 0.2 },
  ] as const;
  for (const { column, name, chance } of steps) {
    if (random() >= chance) continue;
    const ms = later(random, atMs, 2 * DAY);
    moments.push({
      atMs: ms,
      async happen(place) {
        await change(place, "expected_node", { id }, { [column]: at(ms) });
        item[name] = ms;
      },
    });
  }
  return moments;
};

/** A key of a source that was registered up to 400 days ago, and perhaps retires. */
export const sourceKey: Story = (random, atMs) => {
  const [kid, source] = [newId(), pick(random, SOURCES)];
  const createdMs = pick(random, [atMs, atMs - 365 * DAY, atMs - intBetween(random, 300, 400) * DAY]);
  const item: Recorded["keys"][number] = { kid, createdMs, retiredMs: null, distrustedMs: null };
  const moments: Moment[] = [
    {
      atMs: createdMs,
      async happen(place) {
        await put(place, "source_key", {
          source_id: place.sources.get(source),
          kid,
          alg: "ES256",
          jwk: JSON.stringify(JWK),
          state: "active",
          valid_from: at(createdMs),
          created_at: at(createdMs),
        });
        place.recorded.keys.push(item);
      },
    },
  ];
  if (random() < 0.4) {
    const retiredMs = later(random, atMs, 2 * DAY);
    moments.push({
      atMs: retiredMs,
      async happen(place) {
        const set = { state: "retired", valid_to: at(retiredMs) };
        await change(place, "source_key", { kid }, set);
        item.retiredMs = retiredMs;
      },
    });
  }
  return moments;
};

/** The audit log of the domain begins. */
export const auditLog: Story = (_, atMs) => [
  {
    atMs,
    async happen(place) {
      if (place.recorded.logMs !== null) return;
      await put(place, "audit_log", {
        origin: newId(),
        size: 0,
        peaks: Buffer.alloc(0),
        created_at: at(atMs),
      });
      place.recorded.logMs = atMs;
    },
  },
];

export const checkpoint: Story = (_, atMs) => [
  {
    atMs,
    async happen(place) {
      const size = place.recorded.checkpoints.length + 1;
      await put(place, "audit_checkpoint", { size, root: digest("root"), note: "prove", at: at(atMs) });
      place.recorded.checkpoints.push(atMs);
    },
  },
];

/** Something was done, and stands in the tree or does not. */
export const auditEntry: Story = (random, atMs) => {
  const leaf = random() < 0.9;
  return [{ atMs, happen: (place) => writeEntry(place, atMs, leaf) }];
};

async function writeEntry(place: Place, atMs: number, leaf: boolean): Promise<void> {
  const { entries } = place.recorded;
  const id = newId();
  await put(place, "audit_entry", {
    id,
    at: at(atMs),
    actor_kind: "system",
    actor_id: "prove",
    action: "prove",
    entity: "prove",
    entity_id: "prove",
    outcome: "ok",
    request_id: "prove",
  });
  if (leaf) {
    const leafHash = { leaf_index: entries.length, entry_id: id, leaf_hash: digest(id) };
    await put(place, "audit_leaf", leafHash);
  }
  entries.push({ atMs, leaf });
}

export const incident: Story = (random, atMs) => {
  const id = newId();
  const item = { openedMs: atMs, resolvedMs: null as number | null, review: "" };
  const resolvedMs = later(random, atMs, DAY + 30 * MINUTE);
  const review = pick(random, ["", "  ", "what was learnt", "what was learnt"]);
  return [
    {
      atMs,
      async happen(place) {
        await put(place, "incident", {
          id,
          kind: "prove",
          subject: id,
          title: "prove",
          cause: "prove",
          state: "open",
          breaker: false,
          opened_at: at(atMs),
          last_at: at(atMs),
          seen_at: at(atMs),
          nodes: 1,
        });
        place.recorded.incidents.push(item);
      },
    },
    {
      atMs: resolvedMs,
      async happen(place) {
        await change(place, "incident", { id }, { state: "resolved", resolved_at: at(resolvedMs), review });
        Object.assign(item, { resolvedMs, review });
      },
    },
  ];
};
