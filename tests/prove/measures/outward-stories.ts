/** Random records about what leaves the product and who may do what in it: sinks, images, and roles of people. */
import { intBetween, pick, type Random } from "../random.ts";
import {
  altered,
  at,
  change,
  DAY,
  dated,
  digest,
  later,
  MINUTE,
  type Moment,
  newId,
  type Place,
  put,
  type Story,
} from "./moments.ts";
import { NODES, SOURCES } from "./node-stories.ts";
import type { Recorded } from "./recorded.ts";

/** Kinds that nothing else in these histories writes. */
const KINDS = ["incident", "lifecycle", "audit"] as const;

/** Something that sinks are told about; one of ten waits for its place in the order. */
export const fact: Story = (random, atMs) => {
  const [kind, waits] = [pick(random, KINDS), random() < 0.1];
  return [
    {
      atMs,
      async happen(place) {
        const { facts } = place.recorded;
        const seq = waits ? null : facts.length + 1;
        await put(place, "feed_fact", { id: newId(), seq, kind, at: at(atMs), fact: "{}" });
        facts.push({ seq, kind, atMs });
      },
    },
  ];
};

/** A sink, and what it is told minute by minute; it may be switched off. */
export const sink: Story = (random, atMs) => {
  const item: Recorded["sinks"][number] = {
    id: newId(),
    kinds: KINDS.filter(() => random() < 0.6),
    countedMs: random() < 0.5 ? atMs : later(random, atMs, DAY),
    offMs: null,
    told: new Map(),
    refused: [],
  };
  const { id } = item;
  const moments: Moment[] = [
    {
      atMs,
      async happen(place) {
        await put(place, "sink", {
          id,
          name: id,
          kind: "prove",
          settings: "{}",
          ocsf_version: "1.8.0",
          facts: item.kinds,
          created_at: at(atMs),
          revision: 1,
          cursor: 0,
          delivered: 0,
          missed: 0,
          failures: 0,
          counted_from: item.countedMs === atMs ? null : at(item.countedMs),
        });
        place.recorded.sinks.push(item);
      },
    },
  ];
  for (let n = intBetween(random, 0, 8); n > 0; n -= 1)
    moments.push(delivery(random, later(random, atMs, 3 * DAY), item));
  for (let n = intBetween(random, 0, 3); n > 0; n -= 1)
    moments.push(...refusal(random, later(random, atMs, 3 * DAY), item));
  if (random() < 0.2) {
    const offMs = later(random, atMs, 3 * DAY);
    const off = altered(offMs, ["sink", { id }, { disabled_at: at(offMs) }], () => {
      item.offMs = offMs;
    });
    moments.push(off);
  }
  return moments;
};

function delivery(random: Random, atMs: number, item: Recorded["sinks"][number]): Moment {
  const minuteMs = Math.floor(atMs / MINUTE) * MINUTE;
  const facts = intBetween(random, 0, 500);
  const counts = {
    facts,
    late: random() < 0.5 ? 0 : intBetween(random, 0, facts),
    missed: random() < 0.8 ? 0 : 7,
  };
  return {
    atMs,
    async happen(place) {
      const numbered = place.recorded.facts.filter(({ seq }) => seq !== null);
      const before = [...item.told.values()].map(({ through }) => through);
      const through = Math.max(0, ...before, pick(random, [0, ...numbered.map(({ seq }) => seq ?? 0)]));
      const old = item.told.get(minuteMs);
      const key = { sink_id: item.id, minute: at(minuteMs) };
      const now = {
        facts: counts.facts + (old?.facts ?? 0),
        late: counts.late + (old?.late ?? 0),
        missed: counts.missed + (old?.missed ?? 0),
        through,
      };
      if (old) await change(place, "sink_delivery", key, now);
      else await put(place, "sink_delivery", { ...key, ...now });
      item.told.set(minuteMs, now);
    },
  };
}

function refusal(random: Random, atMs: number, item: Recorded["sinks"][number]): Moment[] {
  const refused = { atMs, replayedMs: null as number | null };
  const [seq, replayedMs] = [intBetween(random, 1, 1e9), later(random, atMs, DAY)];
  const key = { sink_id: item.id, seq };
  const first: Moment = {
    atMs,
    async happen(place) {
      await put(place, "sink_refusal", { ...key, at: at(atMs) });
      item.refused.push(refused);
    },
  };
  if (random() < 0.5) return [first];
  const replayed = altered(replayedMs, ["sink_refusal", key, { replayed_at: at(replayedMs) }], () => {
    refused.replayedMs = replayedMs;
  });
  return [first, replayed];
}

/** An image was installed on a node, and somebody may have checked where it came from. */
export const image: Story = (random, atMs) => {
  const [node, id] = [pick(random, NODES), newId()];
  const place = intBetween(random, 0, SOURCES.length - 1);
  const item: Recorded["images"][number] = {
    node,
    source: SOURCES[place] ?? SOURCES[0],
    kid: pick(random, [null, `k${2 * place + 1}`, `k${2 * place + 2}`]),
    atMs: dated(random, atMs),
    receivedMs: atMs,
    linked: random() < 0.1,
    verified: pick(random, [true, true, false, null]),
  };
  return [
    {
      atMs,
      async happen(where) {
        const nodeId = where.nodes.get(node);
        // What is earlier than all that is known of a node would move its beginning; that is not told here.
        if (!nodeId || item.atMs < (await firstSeenMs(where, nodeId))) return;
        await put(where, "bootstrap_event", {
          source_id: where.sources.get(item.source),
          external_id: id,
          id,
          node_id: nodeId,
          type: "provisioning.image_completed",
          phase: "provisioning",
          outcome: "success",
          occurred_at: at(item.atMs),
          received_at: at(atMs),
          identities: "[]",
          actor: "{}",
          redactions: [],
          kid: item.kid,
          raw_sha256: digest(id),
          raw_media_type: "application/json",
          link_id: item.linked ? newId() : null,
          linked_at: item.linked ? at(atMs) : null,
          provenance:
            item.verified === null
              ? null
              : JSON.stringify({ verified: item.verified, by: null, digest: null }),
        });
        where.recorded.images.push(item);
      },
    },
  ];
};

async function firstSeenMs({ pool, trustDomainId }: Place, nodeId: string): Promise<number> {
  const { rows } = await pool.query<{ at: Date }>(
    "SELECT first_seen_at AS at FROM node WHERE trust_domain_id = $1 AND id = $2",
    [trustDomainId, nodeId],
  );
  return rows[0]?.at.getTime() ?? Number.POSITIVE_INFINITY;
}

/** Somebody is given a role, which others confirm, and which runs out or is taken away. */
export const role: Story = (random, atMs) => {
  const userId = newId();
  // Half of a year ago, so that what is needed again after 90 days is needed.
  const givenMs = atMs - intBetween(random, 0, 180) * DAY;
  const item: Recorded["grants"][number] = {
    strong: random() < 0.8,
    ownGift: random() < 0.3,
    fromMs: givenMs,
    toMs: random() < 0.3 ? later(random, givenMs, 200 * DAY) : null,
    confirmedMs: [],
  };
  const name = item.strong
    ? pick(random, ["approver", "admin"])
    : pick(random, ["viewer", "auditor", "analyst"]);
  const key = { user_id: userId, role: name };
  const moments: Moment[] = [
    {
      atMs: givenMs,
      async happen(place) {
        await place.pool.query(
          `INSERT INTO app_user (id, email, password_hash, must_change_password, created_at)
           VALUES ($1, $2, 'none', false, $3)`,
          [userId, `${userId}@example.org`, at(givenMs)],
        );
        const end = item.toMs === null ? null : at(item.toMs);
        const row = {
          ...key,
          origin: "local",
          own_gift: item.ownGift,
          created_at: at(givenMs),
          expires_at: end,
        };
        await put(place, "role_grant", row);
        place.recorded.grants.push(item);
      },
    },
  ];
  for (let n = intBetween(random, 0, 2); n > 0; n -= 1) {
    const ms = later(random, givenMs, 180 * DAY);
    moments.push({
      atMs: ms,
      async happen(place) {
        await put(place, "access_confirmation", {
          ...key,
          id: newId(),
          given_at: at(givenMs),
          confirmed_by: place.userIds[0],
          at: at(ms),
          note: "",
        });
        item.confirmedMs.push(ms);
      },
    });
  }
  if (random() < 0.3) {
    const endMs = later(random, atMs, 2 * DAY);
    moments.push({
      atMs: endMs,
      async happen(place) {
        const { pool, trustDomainId } = place;
        await pool.query("DELETE FROM role_grant WHERE trust_domain_id = $1 AND user_id = $2", [
          trustDomainId,
          userId,
        ]);
        const toMs = Math.min(endMs, item.toMs ?? endMs);
        const row = {
          ...key,
          origin: "local",
          own_gift: item.ownGift,
          created_at: at(givenMs),
          ended_at: at(toMs),
        };
        await put(place, "role_grant_past", row);
        item.toMs = toMs;
      },
    });
  }
  return moments;
};
