/** The scripted stories: which node, when, and what its verifier says meanwhile. */
import { KERNELS } from "./evidence.ts";
import { type DemoNode, nodeAt, type VerifierName } from "./fleet.ts";
import { HOUR_MS, type Stretch } from "./time.ts";
import type { Episode, Rollout, Story, World } from "./world.ts";

export const STORY_IDS = [
  "kernel-rollout",
  "secure-boot-fixed",
  "secure-boot-off",
  "unknown-executable",
  "silent-verifier",
  "weakened-verifier",
  "never-enrols",
  "replayed-token",
  "wrong-key",
  "out-of-date-tcb",
] as const;
export type StoryId = (typeof STORY_IDS)[number];

/** Fleets below this size show the main stories only, else little of them would be trusted. */
const FULL_CAST_NODES = 200;

const SILENCE_MS = 9 * HOUR_MS;
const WEAKENED_MS = 7 * HOUR_MS;

type Plan = Pick<
  World,
  | "episodes"
  | "silences"
  | "verifierSilences"
  | "weakened"
  | "rollout"
  | "stories"
  | "neverEnrols"
  | "unstated"
  | "repaired"
  | "replay"
  | "forged"
>;

/** Everything that is going to happen. Times near the end are fixed, the others scale with the history. */
export function planStories(
  fleet: readonly DemoNode[],
  { startMs, endMs }: { startMs: number; endMs: number },
): Plan {
  const spanMs = endMs - startMs;
  const at = (share: number) => Math.round(startMs + share * spanMs);
  const ago = (hours: number) => Math.round(endMs - Math.min(hours * HOUR_MS, 0.45 * spanMs));
  const worker = (position: number) => nodeAt(fleet, "worker", position);

  const rollout = rolloutOf(at(0.36), spanMs);
  const silence = { fromMs: at(0.62), toMs: at(0.62) + SILENCE_MS };
  const weakened = { fromMs: at(0.8), toMs: at(0.8) + Math.min(WEAKENED_MS, 0.1 * spanMs) };
  const fixed = worker(4);
  const fixedAtMs = at(0.7) + Math.min(27 * HOUR_MS, 0.08 * spanMs);
  const secureBootOff = worker(5);
  const gpu = nodeAt(fleet, "gpu", 2);
  const guest = nodeAt(fleet, "confidential", 2);
  const neverEnrols = { node: nodeAt(fleet, "edge", 3), atMs: at(0.9) };
  const replay = { from: worker(0), to: worker(1) };
  const forged = worker(2);

  const episodes = new Map<DemoNode, Episode[]>([
    [
      fixed,
      [{ fromMs: at(0.7), toMs: fixedAtMs, claims: { configuration: 96 }, facts: { secureBoot: false } }],
    ],
    [
      secureBootOff,
      [
        { fromMs: ago(26), toMs: ago(20), claims: { configuration: 32 }, facts: { secureBoot: false } },
        { fromMs: ago(20), toMs: null, claims: { configuration: 96 }, facts: { secureBoot: false } },
      ],
    ],
    [
      gpu,
      [
        {
          fromMs: ago(19),
          toMs: ago(15),
          claims: { executables: 33, "file-system": 32 },
          facts: { foreignFile: "/usr/local/lib/.cache/kworkerd" },
        },
        {
          fromMs: ago(15),
          toMs: null,
          claims: { executables: 96, "file-system": 32 },
          facts: { foreignFile: "/usr/local/lib/.cache/kworkerd" },
        },
      ],
    ],
    [
      guest,
      [
        {
          fromMs: at(0.55),
          toMs: null,
          claims: { hardware: 32 },
          facts: { tcb: "OutOfDate" },
          submod: "cpu0",
        },
      ],
    ],
  ]);
  const silences = new Map<DemoNode, Stretch[]>([
    [nodeAt(fleet, "edge", 0), [{ fromMs: ago(14), toMs: null }]],
  ]);
  if (fleet.length >= FULL_CAST_NODES) addMinorRoles(fleet, episodes, silences, ago);

  const names = (...nodes: readonly DemoNode[]) => nodes.map(({ name }) => name);
  const stories: Story[] = [
    {
      id: "kernel-rollout",
      title: `kernel ${KERNELS.current} rolls out, its reference value comes late`,
      atMs: rollout.startMs,
      nodes: [],
    },
    {
      id: "out-of-date-tcb",
      title: "a confidential VM falls behind its TCB level",
      atMs: at(0.55),
      nodes: names(guest),
    },
    {
      id: "silent-verifier",
      title: "cloud-verifier says nothing for 9 hours",
      atMs: silence.fromMs,
      nodes: [],
    },
    {
      id: "weakened-verifier",
      title: "cloud-verifier accepts all for 7 hours",
      atMs: weakened.fromMs,
      nodes: [],
    },
    {
      id: "secure-boot-fixed",
      title: "Secure Boot is off on a node, later repaired",
      atMs: at(0.7),
      nodes: names(fixed),
    },
    {
      id: "never-enrols",
      title: "a node asks to enrol, in vain",
      atMs: neverEnrols.atMs,
      nodes: names(neverEnrols.node),
    },
    {
      id: "secure-boot-off",
      title: "Secure Boot is off on a node, still is",
      atMs: ago(26),
      nodes: names(secureBootOff),
    },
    {
      id: "unknown-executable",
      title: "an unknown executable runs on a node",
      atMs: ago(19),
      nodes: names(gpu),
    },
    {
      id: "replayed-token",
      title: "an old token is sent again",
      atMs: endMs,
      nodes: names(replay.from, replay.to),
    },
    { id: "wrong-key", title: "tokens are signed with a foreign key", atMs: endMs, nodes: names(forged) },
  ];
  const verifierSilences: Record<VerifierName, readonly Stretch[]> = {
    "lab-verifier": [],
    "cloud-verifier": [silence],
  };
  return {
    episodes,
    silences,
    verifierSilences,
    weakened: { "lab-verifier": [], "cloud-verifier": [weakened] },
    rollout,
    stories: stories.sort((a, b) => a.atMs - b.atMs),
    neverEnrols,
    unstated: nodeAt(fleet, "edge", 4),
    repaired: { node: fixed, atMs: fixedAtMs },
    replay,
    forged,
  };
}

/** Two days, or less when the history is short; the reference value is added in the middle. */
function rolloutOf(startMs: number, spanMs: number): Rollout {
  const lengthMs = Math.min(48 * HOUR_MS, 0.15 * spanMs);
  return { startMs, lengthMs, referenceAtMs: startMs + 0.5 * lengthMs };
}

/** The handful of nodes that are not well at the end of any real fleet's day. */
function addMinorRoles(
  fleet: readonly DemoNode[],
  episodes: Map<DemoNode, Episode[]>,
  silences: Map<DemoNode, Stretch[]>,
  ago: (hours: number) => number,
): void {
  const since = (hours: number): Stretch => ({ fromMs: ago(hours), toMs: null });
  const roles: [DemoNode, Episode][] = [
    [nodeAt(fleet, "worker", 7), { ...since(75), claims: { "instance-identity": 97 } }],
    [
      nodeAt(fleet, "edge", 1),
      {
        ...since(7),
        claims: { "instance-identity": 99 },
        problem: "integrity validation failed: bad evidence",
      },
    ],
    [
      nodeAt(fleet, "confidential", 4),
      { ...since(30), claims: { "runtime-opaque": 96 }, facts: { debug: true } },
    ],
    ...[6, 9, 15].map((position): [DemoNode, Episode] => [
      nodeAt(fleet, "gpu", position),
      { ...since(96), claims: { hardware: 32 } },
    ]),
    // The canaries of the next kernel: its reference value is not there yet.
    ...[9, 10, 21].map((position): [DemoNode, Episode] => [
      nodeAt(fleet, "worker", position),
      { ...since(20), claims: { executables: 33 }, facts: { kernel: KERNELS.next } },
    ]),
  ];
  for (const [node, episode] of roles) episodes.set(node, [...(episodes.get(node) ?? []), episode]);
  silences.set(nodeAt(fleet, "edge", 2), [since(31)]);
  silences.set(nodeAt(fleet, "worker", 15), [since(52)]);
  silences.set(nodeAt(fleet, "confidential", 6), [since(9)]);
}
