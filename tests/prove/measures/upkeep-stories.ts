/** Random records about machines that are expected, keys, the audit log and incidents. */
import { JWK } from "#tests/distrust-world";
import { intBetween, pick } from "../random.ts";
import {
  altered,
  at,
  DAY,
  digest,
  later,
  MINUTE,
  type Moment,
  newId,
  type Place,
  put,
  type Story,
} from "./moments.ts";
import { SOURCES } from "./node-stories.ts";
import type { Recorded } from "./recorded.ts";

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
    const stepped = altered(ms, ["expected_node", { id }, { [column]: at(ms) }], () => {
      item[name] = ms;
    });
    moments.push(stepped);
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
    const set = { state: "retired", valid_to: at(retiredMs) };
    const retired = altered(retiredMs, ["source_key", { kid }, set], () => {
      item.retiredMs = retiredMs;
    });
    moments.push(retired);
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
    altered(
      resolvedMs,
      ["incident", { id }, { state: "resolved", resolved_at: at(resolvedMs), review }],
      () => {
        Object.assign(item, { resolvedMs, review });
      },
    ),
  ];
};
