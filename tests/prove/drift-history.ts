/** Random histories of what was measured, expected and allowed. Everything is drawn from one seed. */
import type { BaselineContent } from "#lib/domain/baseline";
import { DEFAULT_SETTINGS, type DriftSettings } from "#lib/domain/drift-settings";
import { LAYERS } from "#lib/domain/layers";
import { uuidv7 } from "#lib/services/uuidv7";
import { intBetween, pick, type Random } from "#tests/prove/random";

export const NOW = Date.parse("2026-03-01T00:00:00Z");
/** Everything is dated within this, half of it around the instant at which it becomes known. */
export const SPAN_MS = 24 * 3_600_000;
/** Coarse steps, so that beginnings and ends meet. */
const STEP_MS = SPAN_MS / 48;

const NODES = ["a", "b", "c"] as const;
const SUBMODS = ["", "gpu0"] as const;

/** What a lane says at an instant; `null` = without measurements. */
export type Said = {
  node: string;
  submod: string;
  atMs: number;
  measurements: Record<string, string> | null;
};

type Place = { trustDomainId: string; baselineId: string };
/** Something that a person decided: it counts from an instant on. */
export type Happening = {
  fromMs: number;
  write: (place: Place) => { text: string; values: unknown[] };
};

const NOTING = { unexplained: "note", added: "tolerated", removed: "tolerated", values: "newer" } as const;

/** Three versions that follow one another, with tolerances of each kind. */
export const VERSIONS: readonly BaselineContent[] = ["6.1", "6.2", "6.3"].map((kernel, index) => ({
  scope: ["kernel/", "ima/", "secure-boot/"],
  entries: {
    "kernel/release": index === 1 ? [kernel, "6.1"] : [kernel],
    "secure-boot/enabled": ["true"],
    "ima/bin/sh": [`sh ${index}`, "sh 0"],
  },
  ignore: index === 2 ? ["ima/tmp/.*"] : [],
  tolerances: index === 0 ? { ima_file: NOTING } : {},
}));

export function makeHistory(random: Random): { said: Said[]; allowed: Happening[] } {
  const said = new Map<string, Said>();
  for (let count = intBetween(random, 15, 45); count > 0; count -= 1) {
    const statement = makeStatement(random);
    // Two statements of one lane at one instant are A2's matter.
    said.set(`${statement.node} ${statement.submod} ${statement.atMs}`, statement);
  }
  const allowed = [
    ...Array.from({ length: intBetween(random, 1, 5) }, () => makeRollout(random)),
    ...Array.from({ length: intBetween(random, 0, 3) }, () => makeException(random)),
    ...Array.from({ length: intBetween(random, 0, 3) }, () => makeWindow(random)),
    ...Array.from({ length: intBetween(random, 0, 2) }, (_, index) => makeSettings(random, index + 1)),
  ];
  return { said: [...said.values()], allowed };
}

const stepOf = (random: Random, low: number, high: number) => NOW + intBetween(random, low, high) * STEP_MS;

function makeStatement(random: Random): Said {
  const measurements = Object.fromEntries(
    [
      ["kernel/release", pick(random, ["6.1", "6.2", "6.3", "5.9"])],
      ["secure-boot/enabled", pick(random, ["true", "true", "true", "false"])],
      ["ima/bin/sh", pick(random, ["sh 0", "sh 1", "sh 2", "sh x"])],
      ["ima/tmp/1", pick(random, ["1", "2"])],
    ].filter(() => random() < 0.85),
  ) as Record<string, string>;
  // A document tells no measurements and none that it knows of by the same words: an empty map says nothing.
  const silent = Object.keys(measurements).length === 0;
  return {
    node: pick(random, NODES),
    submod: pick(random, SUBMODS),
    // Never after the instant of arrival: the earliest of them is NOW.
    atMs: stepOf(random, -48, 0),
    measurements: random() < 0.12 || silent ? null : measurements,
  };
}

const SELECTORS = ["", "", 'node.name == "a"', 'node.name in ["a", "b"]'] as const;

/** A stretch around the evidence: before, within, over its end, or yet to come. */
function makeSpan(random: Random): { fromMs: number; toMs: number } {
  const fromMs = stepOf(random, -60, 40);
  return { fromMs, toMs: fromMs + intBetween(random, 1, 60) * STEP_MS };
}

const dates = (...all: (number | null)[]) => all.map((ms) => (ms === null ? null : new Date(ms)));

function makeRollout(random: Random): Happening {
  const { fromMs, toMs } = makeSpan(random);
  const [version, part] = [intBetween(random, 1, 3), pick(random, ["target", "target", "accepted"] as const)];
  const [selector, percent] = [pick(random, SELECTORS), pick(random, [100, 100, 50, 10])];
  const [from, to, made] = dates(fromMs, random() < 0.4 ? null : toMs, NOW);
  const id = uuidv7(new Date(NOW));
  return {
    fromMs,
    write: ({ trustDomainId, baselineId }) => ({
      text: `INSERT INTO baseline_rollout (trust_domain_id, id, baseline_id, version, part, selector, percent, valid_from,
          valid_to, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      values: [trustDomainId, id, baselineId, version, part, selector, percent, from, to, made],
    }),
  };
}

function makeException(random: Random): Happening {
  const { fromMs, toMs } = makeSpan(random);
  const pattern = pick(random, ["ima/.*", "kernel/release", "secure-boot/enabled", "ima/bin/sh"]);
  const [selector, everywhere, early] = [pick(random, SELECTORS), random() < 0.3, random() < 0.3];
  const [from, expires, ended, made] = dates(fromMs, toMs, early ? fromMs + STEP_MS : null, NOW);
  const id = uuidv7(new Date(NOW));
  return {
    fromMs,
    write: ({ trustDomainId, baselineId }) => ({
      text: `INSERT INTO drift_exception (trust_domain_id, id, pattern, baseline_id, selector, reason, created_at, valid_from,
          expires_at, ended_at) VALUES ($1, $2, $3, $4, $5, 'proof', $6, $7, $8, $9)`,
      values: [
        trustDomainId,
        id,
        pattern,
        everywhere ? null : baselineId,
        selector,
        made,
        from,
        expires,
        ended,
      ],
    }),
  };
}

function makeWindow(random: Random): Happening {
  const { fromMs, toMs } = makeSpan(random);
  const layers = pick(random, [["kernel"], ["ima_file", "secure_boot"], ["kernel", "ima_file"]]);
  const [selector, [from, to, made]] = [pick(random, SELECTORS), dates(fromMs, toMs, NOW)];
  const id = uuidv7(new Date(NOW));
  return {
    fromMs,
    write: ({ trustDomainId }) => ({
      text: `INSERT INTO maintenance_window (trust_domain_id, id, selector, layers, from_at, to_at, reason, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'proof', $7)`,
      values: [trustDomainId, id, selector, layers, from, to, made],
    }),
  };
}

/** Versions of the settings are numbered by their beginnings, so a later number begins later. */
function makeSettings(random: Random, version: number): Happening {
  const fromMs = NOW + (version * 30 - 60 + intBetween(random, 0, 20)) * STEP_MS;
  const scale = intBetween(random, 1, 3);
  const content = Object.fromEntries(
    LAYERS.map((layer) => {
      const { weights } = DEFAULT_SETTINGS[layer];
      return [
        layer,
        {
          weights: { ...weights, unexplained: weights.unexplained * scale },
          degradeAt: 20 * scale,
          failAt: random() < 0.3 ? 60 : null,
        },
      ];
    }),
  ) as unknown as DriftSettings;
  return {
    fromMs,
    write: ({ trustDomainId }) => ({
      text: `INSERT INTO drift_setting (trust_domain_id, version, content, reason, valid_from)
        VALUES ($1, $2, $3, 'proof', $4)`,
      values: [trustDomainId, version, content, new Date(fromMs)],
    }),
  };
}
