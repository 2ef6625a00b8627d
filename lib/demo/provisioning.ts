/** How every node came to be: the provisioner's events and SPIRE's audit lines. */
import type { BootstrapEventType, BootstrapOutcome, ReasonCode } from "#lib/domain/bootstrap-event";
import type { NodeIdentity } from "#lib/domain/verdict";
import { type DemoNode, stepMinutes } from "./fleet.ts";
import { chance, hex, uuid } from "./random.ts";
import { DAY_MS, MINUTE_MS } from "./time.ts";
import { bornAtMs, kernelAtMs, type World } from "./world.ts";

/** The document of a generic bootstrap event (`touchstone.bootstrap/1`). */
export type BootstrapDocument = {
  schema: "touchstone.bootstrap/1";
  externalId: string;
  type: BootstrapEventType;
  outcome: BootstrapOutcome;
  reasonCode?: ReasonCode;
  reasonText?: string;
  occurredAt: string;
  identities: readonly NodeIdentity[];
  displayName: string;
  actor: { kind: "controller" | "user" | "node"; id: string; address?: string };
  method?: string;
  /** Whether somebody checked where an image came from; only of one that was installed. */
  provenance?: { verified: boolean; by: string; digest: string };
};

/** One line of SPIRE's audit log. */
export type SpireLine = Readonly<Record<string, string>>;

type Step = {
  type: BootstrapEventType;
  minutes: number;
  outcome?: BootstrapOutcome;
  reasonCode?: ReasonCode;
  reasonText?: string;
};

/** Position of the worker whose first image fails to boot. */
const IMAGE_FAILS_AT = 6;

/** What the provisioner says of an image; guests boot one that it did not look at. */
function provenanceOf({ pool, position }: DemoNode): Pick<BootstrapDocument, "provenance"> {
  if (pool === "confidential") return {};
  // The image that failed was put right by hand.
  const verified = !(pool === "worker" && position === IMAGE_FAILS_AT);
  return { provenance: { verified, by: "provisioner", digest: hex("image", pool) } };
}

/** The way from the first sight of a node to the moment at which it takes work. */
function stepsOf(world: World, node: DemoNode): Step[] {
  const minutes = (step: string, low: number, high: number) => stepMinutes(world.seed, node, step, low, high);
  const guest = node.pool === "confidential";
  const bare: Step[] = [
    { type: "provisioning.discovered", minutes: 0, outcome: "info" },
    { type: "provisioning.registered", minutes: minutes("register", 2, 9) },
    { type: "provisioning.inspection_started", minutes: 1, outcome: "pending" },
    { type: "provisioning.inspection_completed", minutes: minutes("inspect", 7, 16) },
  ];
  const failed: Step[] = [
    { type: "provisioning.image_started", minutes: 1, outcome: "pending" },
    {
      type: "provisioning.image_failed",
      minutes: minutes("image fails", 30, 45),
      outcome: "failure",
      reasonCode: "timeout",
      reasonText: "the node did not call back within 30 minutes after the image was written",
    },
  ];
  return [
    ...(guest ? bare.slice(0, 2) : bare),
    ...(node.pool === "worker" && node.position === IMAGE_FAILS_AT ? failed : []),
    { type: "provisioning.image_started", minutes: 1, outcome: "pending" },
    {
      type: "provisioning.image_completed",
      minutes: guest ? minutes("boot", 1, 3) : minutes("image", 12, 34),
    },
    ...(node.attestor === "join_token" ? [{ type: "enrollment.token_issued" as const, minutes: 1 }] : []),
    { type: "enrollment.requested", minutes: minutes("request", 1, 3), outcome: "pending" },
  ];
}

/** Steps behind the enrolment, in minutes after the credential. */
const AFTER_ENROLMENT: readonly Step[] = [
  { type: "node.registered", minutes: 0.4 },
  { type: "node.ready", minutes: 1.2 },
];

/** When a node asks to enrol. */
function requestedAtMs(world: World, node: DemoNode): number {
  const minutes = stepsOf(world, node).reduce((sum, step) => sum + step.minutes, 0);
  return Math.round(bornAtMs(world, node) + minutes * MINUTE_MS);
}

/** When a node holds its credential. A cold TPM takes about half a minute. */
export function enrolledAtMs(world: World, node: DemoNode): number {
  const seconds = node.attestor === "tpm_devid" ? 33 + chance(world.seed, "devid", node.index) : 2;
  return Math.round(requestedAtMs(world, node) + seconds * 1000);
}

/** All events of the provisioner about one node, oldest first. */
export function provisionerEvents(
  world: World,
  node: DemoNode,
): { atMs: number; document: BootstrapDocument }[] {
  const events: { atMs: number; document: BootstrapDocument }[] = [];
  const add = (atMs: number, { type, outcome = "success", reasonCode, reasonText }: Step) => {
    const document: BootstrapDocument = {
      schema: "touchstone.bootstrap/1",
      externalId: uuid("provisioner", world.seed, node.index, events.length),
      type,
      outcome,
      ...(reasonCode && { reasonCode }),
      ...(reasonText && { reasonText }),
      occurredAt: new Date(Math.round(atMs)).toISOString(),
      identities: identitiesOf(node),
      displayName: node.name,
      actor: { kind: "controller", id: "provisioner" },
      ...(type.startsWith("enrollment.") && { method: node.attestor }),
      ...(type === "provisioning.image_completed" && provenanceOf(node)),
    };
    events.push({ atMs: Math.round(atMs), document });
  };
  const run = (fromMs: number, steps: readonly Step[]) => {
    let atMs = fromMs;
    for (const step of steps) {
      atMs += step.minutes * MINUTE_MS;
      add(atMs, step);
    }
  };
  run(bornAtMs(world, node), stepsOf(world, node));
  if (node === world.neverEnrols.node) return events;
  run(enrolledAtMs(world, node), AFTER_ENROLMENT);
  const movedAtMs = kernelAtMs(world, node);
  if (node.verifier === "lab-verifier" && movedAtMs > enrolledAtMs(world, node)) {
    run(movedAtMs - 2 * MINUTE_MS, [{ type: "node.rebooted", minutes: 0, outcome: "info" }]);
  }
  if (node === world.repaired.node) {
    run(world.repaired.atMs - 26 * MINUTE_MS, [
      { type: "node.cordoned", minutes: 0 },
      { type: "node.drained", minutes: 6 },
      { type: "node.rebooted", minutes: 14, outcome: "info" },
      { type: "node.uncordoned", minutes: 5 },
    ]);
  }
  return events.sort((a, b) => a.atMs - b.atMs);
}

function identitiesOf(node: DemoNode): NodeIdentity[] {
  return [
    { kind: "custom", value: node.name },
    { kind: "spiffe_id", value: node.spiffeId },
    { kind: "system_uuid", value: node.systemUuid },
    ...(node.pool === "confidential" ? [] : [{ kind: "ek_sha256" as const, value: node.ekSha256 }]),
    { kind: "serial", value: node.serial },
    { kind: "ip", value: node.address },
  ];
}

/** SPIRE's audit lines about one node in `[fromMs, toMs)`, oldest first. */
export function spireLines(
  world: World,
  node: DemoNode,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): { atMs: number; line: SpireLine }[] {
  if (node === world.neverEnrols.node) return failedAttempts(world, node, { fromMs, toMs });
  const enrolled = enrolledAtMs(world, node);
  const lines: { atMs: number; line: SpireLine }[] = [];
  const add = (atMs: number, members: SpireLine) => {
    if (atMs >= fromMs && atMs < toMs) lines.push({ atMs, line: auditLine(world, node, atMs, members) });
  };
  add(enrolled, {
    status: "success",
    method: "AttestAgent",
    agent_id: node.spiffeId,
    node_attestor_type: node.attestor,
  });
  const silentFromMs = world.silences.get(node)?.[0]?.fromMs ?? Number.POSITIVE_INFINITY;
  for (let day = Math.max(1, Math.floor((fromMs - enrolled) / DAY_MS)); ; day += 1) {
    const atMs = Math.round(
      enrolled + day * DAY_MS - chance(world.seed, "renew", node.index, day) * 60 * MINUTE_MS,
    );
    if (atMs >= Math.min(toMs, silentFromMs)) break;
    add(atMs, { status: "success", method: "RenewAgent", caller_id: node.spiffeId });
  }
  return lines;
}

/** What SPIRE says when a device's certificate comes from an authority that it does not know. */
const REFUSALS = [
  {
    status_code: "InvalidArgument",
    status_message:
      "nodeattestor(tpm_devid): unable to verify DevID signature: verification failed: x509: certificate signed by unknown authority",
  },
  {
    status_code: "PermissionDenied",
    status_message: "failed to attest: certificate signed by unknown authority",
  },
] as const;

/** The lines name no agent: the attempt never gets far enough to have one. */
function failedAttempts(
  world: World,
  node: DemoNode,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): { atMs: number; line: SpireLine }[] {
  const first = requestedAtMs(world, node) + 20_000;
  const lines: { atMs: number; line: SpireLine }[] = [];
  for (let attempt = 0; ; attempt += 1) {
    // 1, 2, 4, … minutes, then every half hour.
    const minutes = attempt < 5 ? 2 ** attempt - 1 : 15 + (attempt - 4) * 30;
    const atMs = Math.round(first + minutes * MINUTE_MS + chance(world.seed, "attempt", attempt) * 5_000);
    if (atMs >= toMs) return lines;
    const refusal = REFUSALS[attempt % 4 === 3 ? 1 : 0];
    const members = { status: "error", ...refusal, method: "AttestAgent", node_attestor_type: "tpm_devid" };
    if (atMs >= fromMs) lines.push({ atMs, line: auditLine(world, node, atMs, members) });
  }
}

function auditLine({ seed }: World, node: DemoNode, atMs: number, members: SpireLine): SpireLine {
  const id = `${seed}/${node.index}/${atMs}`;
  return {
    level: "info",
    msg: "API accessed",
    type: "audit",
    time: new Date(atMs).toISOString(),
    service: "agent.v1.Agent",
    subsystem_name: "api",
    request_id: uuid("spire", id),
    caller_addr: `${node.address}:${32768 + (Number.parseInt(hex("port", id).slice(0, 4), 16) % 28000)}`,
    authorized_as: members.method === "RenewAgent" ? "agent" : "nobody",
    authorized_via: "",
    ...members,
  };
}
