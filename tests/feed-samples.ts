/** One fact of every shape that is told, with names that somebody hostile chose. */
import type { Fact, FeedItem } from "#lib/domain/feed/fact";
import { CONTROL_STATUSES, type ControlStatus } from "#lib/domain/measure/control";
import { TRUST_STATUSES } from "#lib/domain/trust-status";

const DOMAIN = "11111111-1111-4111-8111-111111111111";
const NODE = { id: "22222222-2222-4222-8222-222222222222", name: 'rack|1=\\"x"]\r\nCEF:0|evil' };
const AT = Date.parse("2026-03-01T12:00:00.123Z");

const audit = (action: string, more: object = {}): Fact => ({
  kind: "audit",
  action,
  actorKind: "user",
  actorId: "33333333-3333-4333-8333-333333333333",
  actorName: "eve@example.org",
  entity: action.split(".")[0] ?? "",
  entityId: "44444444-4444-4444-8444-444444444444",
  outcome: "done",
  problemCode: null,
  address: "192.0.2.7",
  requestId: "r1",
  before: null,
  after: { role: "admin" },
  leafIndex: 7,
  leafHash: "ab".repeat(32),
  previous: { entryId: "55555555-5555-4555-8555-555555555555", leafHash: "cd".repeat(32) },
  ...more,
});

const lifecycle = (event: string, to: string, more: object = {}): Fact => ({
  kind: "lifecycle",
  outcome: "moved",
  from: "trusted",
  to,
  event,
  why: null,
  actor: { kind: "executor", id: null },
  causeId: "66666666-6666-4666-8666-666666666666",
  atMs: AT,
  ...more,
});

const drift = (change: "opened" | "closed" | "withdrawn", more: object = {}): Fact => ({
  kind: "drift",
  change,
  fingerprint: "ef".repeat(32),
  path: "secure_boot/db|=x",
  difference: "changed",
  layer: "secure_boot",
  class: "malicious_like",
  effect: "fail",
  why: "Secure Boot was turned off",
  expected: ["on"],
  actual: "off",
  baselineId: "77777777-7777-4777-8777-777777777777",
  baselineVersion: 3,
  sourceId: "88888888-8888-4888-8888-888888888888",
  submod: "",
  isExcepted: false,
  score: 1,
  fromMs: AT,
  toMs: change === "closed" ? AT + 60_000 : null,
  ...more,
});

const incident = (step: string): Fact => ({
  kind: "incident",
  step,
  text: "3 → 6 nodes",
  incidentId: "99999999-9999-4999-8999-999999999999",
  incidentKind: "coordinated_change",
  title: "6 nodes changed kernel/release",
  cause: "An update, or somebody with access to all of them.",
  breaker: step === "breaker",
  nodes: 6,
  openedMs: AT,
});

const control = (status: ControlStatus): Fact => ({
  kind: "control",
  reportId: "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb",
  reportTitle: 'First quarter|"]\r\n',
  framework: { id: "nist-800-53-r5", title: "NIST SP 800-53", edition: "Revision 5" },
  control: { id: "SI-7", line: "Integrity is verified" },
  status,
  previousStatus: "no_evidence",
  measures: [
    { id: "M01", title: "Coverage", result: "satisfied" },
    { id: "M02", title: "Pass rate", result: "not_satisfied" },
    { id: "M03", title: "Age", result: "no_data" },
    { id: "M20", title: "Time to detect", result: null },
  ],
  notCovered: status === "pass" ? "" : "Applications",
  fromMs: AT - 90_000_000,
  toMs: AT,
  knownMs: AT,
});

const FACTS: readonly Fact[] = [
  ...TRUST_STATUSES.flatMap((status): Fact[] => [
    {
      kind: "trust",
      change: "entered",
      status,
      before: "trusted",
      reason: "because | = \\",
      policyVersion: "default/1",
      fromMs: AT,
    },
    {
      kind: "trust",
      change: "withdrawn",
      status,
      before: null,
      reason: "r",
      policyVersion: "default/1",
      fromMs: AT,
    },
  ]),
  lifecycle("attestation.failed", "suspect"),
  lifecycle("node.enrol", "enrolling"),
  lifecycle("release.done", "trusted", { from: "quarantined" }),
  lifecycle("node.retired", "decommissioned"),
  lifecycle("node.moved", "trusted", { outcome: "refused", to: null, why: "it is forbidden" }),
  ...["quarantine", "release", "reprovision", "decommission"].flatMap((action) =>
    ["executing", "executed", "aborted"].map((step) =>
      lifecycle(`remediation.${action}.${step}`, "quarantined"),
    ),
  ),
  drift("opened"),
  drift("closed"),
  drift("withdrawn", { class: "benign", layer: "kernel", isExcepted: true, actual: null, submod: "gpu0" }),
  ...["opened", "spread", "breaker", "resolved"].map(incident),
  audit("session.create"),
  audit("session.create", { outcome: "refused", problemCode: "auth/locked", actorName: null }),
  audit("session.revoke"),
  audit("role.grant"),
  audit("role.revoke", { after: null, before: { role: "viewer" } }),
  audit("policy.save", { actorKind: "service", address: null }),
  audit("baseline.discard", { actorKind: "system", previous: null, entityId: "name\nwith a line" }),
  audit("evidence.read-raw", { outcome: "refused", problemCode: "auth/forbidden" }),
  ...CONTROL_STATUSES.map(control),
];

export const FEED_SAMPLES: readonly FeedItem[] = FACTS.map((fact, index) => ({
  trustDomainId: DOMAIN,
  id: `aaaaaaaa-aaaa-4aaa-8aaa-${String(index).padStart(12, "0")}`,
  seq: index + 1,
  atMs: AT + index,
  node: ["incident", "control", "audit"].includes(fact.kind) ? null : NODE,
  fact,
}));
