/** Random records about nodes and sources: steps of lives, comparisons with baselines, who nodes are, findings. */
import { intBetween, pick } from "../random.ts";
import {
  at,
  bitemporal,
  change,
  DAY,
  dated,
  digest,
  later,
  type Moment,
  newId,
  type Place,
  put,
  remember,
  type Story,
} from "./moments.ts";

export const NODES = ["n1", "n2", "n3"] as const;
export const SOURCES = ["lab", "second"] as const;

const STATES = [
  "enrolling",
  "enrolling",
  "attesting",
  "trusted",
  "trusted",
  "quarantined",
  "quarantined",
  "failed",
] as const;

/** A step of a life, which may turn out to have been dated wrongly or never to have been made. */
export const transition: Story = (random, atMs) => {
  const [node, id, fromMs] = [pick(random, NODES), newId(), dated(random, atMs)];
  const to = random() < 0.03 ? "decommissioned" : pick(random, STATES);
  const moved = random() < 0.85;
  const row = (occurredMs: number, recordedMs: number) => ({
    occurred_at: at(occurredMs),
    record_order: id,
    recorded_at: at(recordedMs),
    outcome: moved ? "moved" : "refused",
    from_state: "discovered",
    entered_at: at(occurredMs),
    to_state: to,
    event_type: "prove",
    cause_kind: "trigger",
    actor: "{}",
    policy_version: "prove",
    facts: "{}",
    notes: [],
  });
  let forget: (() => void) | null = null;
  const moments: Moment[] = [
    {
      atMs,
      async happen(place) {
        const nodeId = place.nodes.get(node);
        if (!nodeId) return;
        await put(place, "node_transition", { node_id: nodeId, ...row(fromMs, atMs) });
        forget = remember(place.recorded.transitions, { node, atMs: fromMs, moved, to });
      },
    },
  ];
  if (random() < 0.7) return moments;
  const againMs = later(random, atMs, DAY);
  const better = random() < 0.6 ? dated(random, atMs) : null;
  moments.push({
    atMs: againMs,
    async happen(place) {
      if (!forget) return;
      await change(place, "node_transition", { record_order: id }, { superseded_at: at(againMs) });
      forget();
      if (better === null) return;
      await put(place, "node_transition", { node_id: place.nodes.get(node), ...row(better, againMs) });
      remember(place.recorded.transitions, { node, atMs: better, moved, to });
    },
  });
  return moments;
};

/** Columns of a line of evidence of a node; `null` = nobody has heard of the node. */
function lineOf({ nodes, sources }: Place, node: string, source: string) {
  const nodeId = nodes.get(node);
  return nodeId ? { node_id: nodeId, source_id: sources.get(source) } : null;
}

/** A line of evidence was compared with baselines, or with none. */
export const comparison: Story = (random, atMs) => {
  const [node, source] = [pick(random, NODES), pick(random, SOURCES)];
  const baselines = random() < 0.7 ? 1 : 0;
  return bitemporal(random, atMs, {
    table: "drift_interval",
    key: { submod: newId() },
    row(place) {
      const line = lineOf(place, node, source);
      return (
        line && {
          ...line,
          score: 0,
          findings: "[]",
          reason: "prove",
          baselines: JSON.stringify(Array.from({ length: baselines }, () => ({ id: place.baselineId }))),
          measurement_digest: digest("prove"),
          setting_version: 1,
        }
      );
    },
    remember: ({ compared }, stretch) => remember(compared, { ...stretch, node, baselines }),
  });
};

const LAYERS = ["boot", "secure_boot", "kernel", "cmdline", "firmware", "ima_file", "image", "config"];

/** A node differs from its baseline, with leave or without. */
export const difference: Story = (random, atMs) => {
  const [node, source, submod] = [pick(random, NODES), pick(random, SOURCES), newId()];
  const layer = pick(random, LAYERS);
  const className = pick(random, ["unexplained", "malicious_like", "operational_like", "pending_reboot"]);
  const leave = pick(random, [null, null, null, "exception_id", "window_id"]);
  return bitemporal(random, atMs, {
    table: "drift_finding",
    key: { submod },
    row(place) {
      const line = lineOf(place, node, source);
      return (
        line && {
          ...line,
          fingerprint: digest(submod),
          baseline_id: place.baselineId,
          baseline_version: 1,
          path: "prove",
          kind: "changed",
          layer,
          expected: [],
          class: className,
          rule: "prove",
          why: "prove",
          effect: "prove",
          score: 1,
          ...(leave && { [leave]: newId() }),
        }
      );
    },
    remember: ({ findings }, stretch) =>
      remember(findings, { ...stretch, node, layer, class: className, excused: leave !== null }),
  });
};

/** What a node is known by, for a time. */
export const identity: Story = (random, atMs) => {
  const node = pick(random, NODES);
  const kind = pick(random, ["ek_sha256", "ak_sha256", "devid_fp", "psa_instance", "hostname", "machine_id"]);
  const [strong, value] = [random() < 0.8, newId()];
  const item = { fromMs: atMs, toMs: null as number | null, node, kind, strong };
  let known = false;
  const [ends, endMs] = [random() < 0.5, later(random, atMs, 2 * DAY)];
  return [
    {
      atMs,
      async happen(place) {
        const nodeId = place.nodes.get(node);
        if (!nodeId) return;
        known = true;
        await put(place, "node_identity", { node_id: nodeId, kind, value, strong, valid_from: at(atMs) });
        place.recorded.identities.push(item);
      },
    },
    {
      atMs: endMs,
      async happen(place) {
        if (!known || !ends) return;
        await change(place, "node_identity", { value }, { valid_to: at(endMs) });
        item.toMs = endMs;
      },
    },
  ];
};

/** Two parties claim to be one machine, until somebody settles it. */
export const alarm: Story = (random, atMs) => {
  const [node, id, endMs] = [pick(random, NODES), newId(), later(random, atMs, 2 * DAY)];
  const item = { fromMs: atMs, toMs: null as number | null, node };
  let known = false;
  return [
    {
      atMs,
      async happen(place) {
        const nodeId = place.nodes.get(node);
        if (!nodeId) return;
        known = true;
        await put(place, "identity_alarm", {
          fingerprint: digest(id),
          id,
          kind: "prove",
          node_id: nodeId,
          sentence: "prove",
          claimed: "[]",
          n: 1,
          first_at: at(atMs),
          last_at: at(atMs),
        });
        place.recorded.alarms.push(item);
      },
    },
    {
      atMs: endMs,
      async happen(place) {
        if (!known) return;
        await change(place, "identity_alarm", { id }, { settled_at: at(endMs) });
        item.toMs = endMs;
      },
    },
  ];
};

/** Something is wrong with a source for a time. */
export const sourceFinding: Story = (random, atMs) => {
  const [source, nodes] = [pick(random, SOURCES), intBetween(random, 1, 3)];
  const kind = pick(random, ["silent", "silent", "clock_skew", "coverage_lost"]);
  return bitemporal(random, atMs, {
    table: "source_finding",
    key: { subject: newId() },
    row: ({ sources }) => ({ id: newId(), source_id: sources.get(source), kind, detail: "{}", nodes }),
    stretch: ["since", "until"],
    remember: ({ sourceFindings }, stretch) => remember(sourceFindings, { ...stretch, kind }),
  });
};
