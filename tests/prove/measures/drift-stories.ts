/** Random records about changes of the fleet and what is let pass. */
import { intBetween, pick, type Random } from "../random.ts";
import { altered, at, DAY, digest, HOUR, later, type Moment, newId, put, type Story } from "./moments.ts";
import type { Recorded } from "./recorded.ts";

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
    const covered = altered(fromMs, ["drift_group", { id: item.id }, { exception_id: id }], () => {
      item.exception = id;
    });
    moments.push(...exceptionCourse(random, fromMs, id), covered);
  }
  if (random() < 0.6) {
    const endMs = later(random, atMs, 3 * DAY);
    const ended = altered(endMs, ["drift_group", { id: item.id }, { ended_at: at(endMs) }], () => {
      item.toMs = endMs;
    });
    moments.push(ended);
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
    const ended = altered(endedMs, ["drift_exception", { id }, { ended_at: at(endedMs) }], () => {
      item.endedMs = endedMs;
    });
    moments.push(ended);
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
