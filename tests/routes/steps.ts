/**
 * One request for every route that changes something, in an order in which each can succeed.
 *
 * A route without a step, and a step without a route, fail the test of the matrix.
 */
import { Secret, TOTP, URI } from "otpauth";
import { DEFAULT_ADMISSION_RULE } from "#lib/domain/admission";
import { DEFAULT_SETTINGS } from "#lib/domain/drift-settings";
import { policyText } from "../policy-world.ts";
import { type Ask, type Caller, ISSUER, PASSWORD } from "./callers.ts";
import { COMPLIANCE_STEPS } from "./compliance-steps.ts";
import { notifying } from "./notify-steps.ts";
import { REPORT_SCHEDULE_STEPS } from "./report-schedule-steps.ts";
import { REPORT_STEPS } from "./report-steps.ts";
import { SINK_STEPS } from "./sink-steps.ts";
import { connectors } from "./steps-of-connectors.ts";
import { REMEDIATION } from "./steps-remediation.ts";
import { publicJwk, type RouteWorld } from "./world.ts";

/** What earlier answers left for later steps. */
export type Kept = Record<string, string>;

export type Step = {
  /** `METHOD /path`, as the access matrix writes it. */
  route: string;
  ask: (kept: Kept, world: RouteWorld) => Omit<Ask, "route"> | Promise<Omit<Ask, "route">>;
  keep?: (answer: string, world: RouteWorld) => Kept | Promise<Kept>;
  /** Another caller than the administrator. */
  by?: (world: RouteWorld) => Caller;
  /** The route refuses it in this world; a refusal goes on record, too. */
  refusedWith?: string;
};

const REASON = "Because the matrix asks for it";
const later = () => new Date(Date.now() + 86_400_000).toISOString();
const idAs = (name: string) => (answer: string) => ({ [name]: (JSON.parse(answer) as { id: string }).id });
const entries = (value: string) => ({
  kind: "document",
  document: JSON.stringify({ entries: { "kernel/release": value } }),
});

/** POST requests that only ask. */
export const READING: Readonly<Record<string, string>> = {
  "POST /api/v1/admission/kubernetes": "answers a question",
  "POST /api/v1/admission/step-ca/[connectorId]": "answers a question",
  "POST /api/v1/audit/verify": "reads the log through",
  "POST /api/v1/baselines/content": "makes a content without keeping it",
  "POST /api/v1/change-requests/preview": "says what would happen",
  "POST /api/v1/compliance/frameworks/preview": "says what importing a document would do",
  "POST /api/v1/drift-settings/preview": "says what other weights would move",
  "POST /api/v1/maintenance-windows/preview": "says which nodes a window would select",
  "POST /api/v1/notification-routes/preview": "tries routes on what happened",
  "POST /api/v1/policy-trials/backtest": "tries a text",
  "POST /api/v1/policy-trials/check": "tries a text",
  "POST /api/v1/policy-trials/impact": "tries a text",
  "POST /api/v1/policy-trials/node": "tries a text",
  "POST /api/v1/remediations/limits/preview": "says what other limits would allow",
  "POST /api/v1/remediations/preview": "says what would be done",
};

/** Evidence is no change that somebody made: what is taken and what is refused is itself the record. */
export const INGEST = ["POST /api/v1/events", "POST /api/v1/sources/[sourceId]/deliver"];

const sources: Step[] = [
  {
    route: "POST /api/v1/sources",
    ask: () => ({ body: { kind: "ear", name: "a source of the matrix", jwks: { keys: [publicJwk("k1")] } } }),
    keep: idAs("sourceId"),
  },
  {
    route: "PUT /api/v1/sources/[sourceId]/limit",
    ask: ({ sourceId = "" }) => ({ params: { sourceId }, body: { mode: "none" } }),
  },
  {
    route: "POST /api/v1/sources/[sourceId]/enrolment",
    ask: ({ sourceId = "" }) => ({ params: { sourceId }, body: { enrolment: "ask" } }),
  },
  {
    route: "POST /api/v1/sources/[sourceId]/api-keys",
    ask: ({ sourceId = "" }) => ({ params: { sourceId }, body: { scopes: ["ingest:write"] } }),
    keep: (answer) => ({ apiKeyId: (JSON.parse(answer) as { key: { id: string } }).key.id }),
  },
  {
    route: "DELETE /api/v1/sources/[sourceId]/api-keys/[apiKeyId]",
    ask: ({ sourceId = "", apiKeyId = "" }) => ({ params: { sourceId, apiKeyId } }),
  },
  {
    route: "POST /api/v1/sources/[sourceId]/keys",
    ask: ({ sourceId = "" }) => ({ params: { sourceId }, body: { jwks: { keys: [publicJwk("k2")] } } }),
  },
  {
    route: "POST /api/v1/sources/[sourceId]/keys/activate",
    ask: ({ sourceId = "" }) => ({ params: { sourceId }, body: { kid: "k2" } }),
  },
  {
    route: "POST /api/v1/sources/[sourceId]/keys/retire",
    ask: ({ sourceId = "" }) => ({ params: { sourceId }, body: { kid: "k1" } }),
  },
  {
    route: "POST /api/v1/sources/[sourceId]/disable",
    ask: ({ sourceId = "" }) => ({ params: { sourceId } }),
  },
];

const nodes: Step[] = [
  {
    route: "PATCH /api/v1/nodes/[nodeId]/labels",
    ask: (_, { nodeId }) => ({ params: { nodeId }, body: { labels: { rack: "7" } } }),
  },
  {
    route: "POST /api/v1/nodes/[nodeId]/lifecycle/retry",
    ask: (_, { nodeId }) => ({ params: { nodeId }, body: { step: "enroll" } }),
    refusedWith: "lifecycle/refused",
  },
  {
    route: "POST /api/v1/enrolments/[nodeId]/pause",
    ask: (_, { waiting }) => ({ params: { nodeId: waiting }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/enrolments/[nodeId]/decision",
    ask: (_, { waiting }) => ({
      params: { nodeId: waiting },
      body: { decision: "accepted", reason: REASON },
    }),
  },
  {
    route: "POST /api/v1/event-links",
    ask: (_, { nodeId, eventId }) => ({ body: { nodeId, target: { eventId }, reason: REASON } }),
    keep: idAs("linkId"),
  },
  {
    route: "POST /api/v1/event-links/[linkId]/undo",
    ask: ({ linkId = "" }) => ({ params: { linkId }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/expected-nodes",
    ask: () => ({
      body: { nodes: [{ name: "rack 7 node 1", identities: [{ kind: "serial", value: "S-1" }] }] },
    }),
    keep: async (_, { pool, home }) => {
      const mine = "SELECT id FROM expected_node WHERE trust_domain_id = $1";
      const { rows } = await pool.query<{ id: string }>(mine, [home]);
      return { expectedNodeId: rows[0]?.id ?? "" };
    },
  },
  {
    route: "POST /api/v1/expected-nodes/[expectedNodeId]/withdraw",
    ask: ({ expectedNodeId = "" }) => ({ params: { expectedNodeId }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/identity-alarms/[alarmId]/settle",
    ask: (_, { alarmId }) => ({ params: { alarmId }, body: { reason: REASON } }),
  },
];

const drift: Step[] = [
  {
    route: "POST /api/v1/incidents/[incidentId]/owner",
    ask: (_, { incidentId, admin }) => ({ params: { incidentId }, body: { owner: admin.userId } }),
  },
  {
    route: "POST /api/v1/incidents/[incidentId]/notes",
    ask: (_, { incidentId }) => ({ params: { incidentId }, body: { text: "Seen on two nodes." } }),
  },
  {
    route: "POST /api/v1/incidents/[incidentId]/groups",
    ask: (_, { incidentId, groupId }) => ({ params: { incidentId }, body: { groupId } }),
  },
  {
    route: "POST /api/v1/incidents/[incidentId]/resolve",
    ask: (_, { incidentId }) => ({
      params: { incidentId },
      body: { review: "A kernel was rolled out without its baseline; the order is now fixed." },
    }),
  },
  {
    route: "POST /api/v1/drift/decision",
    ask: (_, { groupId, admin }) => ({
      body: { decision: "assign", groups: { ids: [groupId] }, assignee: admin.userId },
    }),
  },
  {
    route: "POST /api/v1/drift/[groupId]/remediation",
    // Its nodes were never enrolled: nothing else is possible for them.
    ask: (_, { groupId }) => ({ params: { groupId }, body: { action: "decommission", reason: REASON } }),
  },
  {
    route: "POST /api/v1/exceptions",
    ask: (_, { secondGroupId }) => ({
      body: {
        groups: { ids: [secondGroupId] },
        scope: { kind: "baseline" },
        reason: REASON,
        expiresAt: later(),
      },
    }),
    keep: (answer) => ({
      exceptionId: (JSON.parse(answer) as { exceptionIds: string[] }).exceptionIds[0] ?? "",
    }),
  },
  {
    route: "POST /api/v1/exceptions/[exceptionId]/end",
    ask: ({ exceptionId = "" }) => ({ params: { exceptionId }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/baselines",
    ask: () => ({ body: { name: "matrix", sourceId: null, submod: null, origin: entries("1") } }),
    keep: idAs("baselineId"),
  },
  {
    route: "POST /api/v1/baselines/[baselineId]/versions",
    ask: ({ baselineId = "" }) => ({ params: { baselineId }, body: { origin: entries("2") } }),
    keep: (answer) => ({ version: String((JSON.parse(answer) as { version: number }).version) }),
  },
  {
    route: "POST /api/v1/baselines/[baselineId]/versions/[version]/discard",
    ask: ({ baselineId = "", version = "" }) => ({ params: { baselineId, version }, body: {} }),
  },
];

const windows: Step[] = [
  {
    route: "POST /api/v1/maintenance-windows",
    ask: () => ({
      body: { name: "matrix", selector: 'node.name == "nobody"', from: null, until: later(), reason: REASON },
    }),
    keep: idAs("windowId"),
  },
  {
    route: "POST /api/v1/maintenance-windows/[windowId]/end",
    ask: ({ windowId = "" }) => ({ params: { windowId }, body: { reason: REASON } }),
  },
  {
    route: "PUT /api/v1/admission/rules",
    ask: (_, { home }) => ({
      body: { trustDomainId: home, version: 0, rule: DEFAULT_ADMISSION_RULE, reason: REASON },
    }),
  },
  {
    route: "PUT /api/v1/drift-settings",
    ask: () => {
      const kernel = { ...DEFAULT_SETTINGS.kernel, degradeAt: null, failAt: 90 };
      return { body: { version: 0, settings: { ...DEFAULT_SETTINGS, kernel }, reason: REASON } };
    },
  },
];

const programs: Step[] = [
  {
    route: "POST /api/v1/service-accounts",
    ask: (_, { home }) => ({ body: { trustDomainId: home, name: "matrix", role: "viewer" } }),
    keep: idAs("serviceAccountId"),
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/disable",
    ask: ({ serviceAccountId = "" }) => ({ params: { serviceAccountId } }),
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/enable",
    ask: ({ serviceAccountId = "" }) => ({ params: { serviceAccountId } }),
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/roles",
    ask: ({ serviceAccountId = "", trustDomainId = "" }) => ({
      params: { serviceAccountId },
      body: { trustDomainId, role: "analyst" },
    }),
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/roles/revoke",
    ask: ({ serviceAccountId = "", trustDomainId = "" }) => ({
      params: { serviceAccountId },
      body: { trustDomainId, role: "analyst" },
    }),
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/keys",
    ask: ({ serviceAccountId = "" }) => ({ params: { serviceAccountId }, body: { scopes: ["fleet:read"] } }),
    keep: keyOf,
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/keys/[keyId]/rotate",
    ask: ({ serviceAccountId = "", keyId = "" }) => ({ params: { serviceAccountId, keyId }, body: {} }),
    keep: keyOf,
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/keys/[keyId]/revoke",
    ask: ({ serviceAccountId = "", keyId = "" }) => ({ params: { serviceAccountId, keyId } }),
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/trusts",
    ask: ({ serviceAccountId = "" }) => ({
      params: { serviceAccountId },
      body: { issuer: ISSUER, subject: "pipeline", scopes: ["fleet:read"] },
    }),
    keep: idAs("trustId"),
  },
  {
    route: "POST /api/v1/service-accounts/[serviceAccountId]/trusts/[trustId]/remove",
    ask: ({ serviceAccountId = "", trustId = "" }) => ({ params: { serviceAccountId, trustId } }),
  },
];

function keyOf(answer: string): Kept {
  return { keyId: (JSON.parse(answer) as { key: { id: string } }).key.id };
}

const proposal = (nodeId: string, value: string) => ({
  body: { kind: "node.rebind", payload: { nodeId, kind: "serial", value }, reason: REASON },
});
const planOf = (answer: string) => {
  const { id, planHash } = JSON.parse(answer) as { id: string; planHash: string };
  return { requestId: id, planHash };
};

const changes: Step[] = [
  {
    route: "POST /api/v1/change-requests",
    ask: (_, { nodeId }) => proposal(nodeId, "SN-NEW-1"),
    keep: planOf,
  },
  {
    route: "POST /api/v1/change-requests/[requestId]/cancel",
    ask: ({ requestId = "" }) => ({ params: { requestId }, body: { reason: REASON } }),
  },
  {
    route: "POST /api/v1/change-requests",
    ask: (_, { nodeId }) => proposal(nodeId, "SN-NEW-2"),
    keep: planOf,
  },
  {
    route: "POST /api/v1/change-requests/[requestId]/decision",
    by: ({ second }) => second,
    ask: ({ requestId = "", planHash = "" }) => ({
      params: { requestId },
      body: { decision: "approve", planHash },
    }),
  },
];

const policies: Step[] = [
  {
    route: "POST /api/v1/policies",
    ask: () => ({ body: { text: policyText("matrix", "false") } }),
  },
  {
    route: "POST /api/v1/policies/[name]/shadow",
    ask: () => ({ params: { name: "matrix" }, body: { version: 1 } }),
  },
  {
    route: "POST /api/v1/policies/[name]/shadow/end",
    ask: () => ({ params: { name: "matrix" }, body: {} }),
  },
  {
    route: "POST /api/v1/policies/[name]/rollback",
    ask: () => ({ params: { name: "matrix" }, body: { toVersion: null, reason: REASON } }),
    refusedWith: "policy/unchanged",
  },
  {
    route: "POST /api/v1/policy-exceptions",
    ask: (_, { nodeId }) => ({
      body: {
        policy: "default",
        ruleId: "lane-failed",
        selector: `node.id == "${nodeId}"`,
        reason: REASON,
        until: later(),
      },
    }),
    keep: idAs("policyExceptionId"),
  },
  {
    route: "POST /api/v1/policy-exceptions/[exceptionId]/end",
    ask: ({ policyExceptionId = "" }) => ({
      params: { exceptionId: policyExceptionId },
      body: { reason: REASON },
    }),
  },
];

const people: Step[] = [
  {
    route: "POST /api/v1/trust-domains",
    ask: (_, { home }) => ({ body: { parentId: home, name: "matrix" } }),
    keep: idAs("trustDomainId"),
  },
  {
    route: "POST /api/v1/trust-domains/[trustDomainId]/rename",
    ask: ({ trustDomainId = "" }) => ({ params: { trustDomainId }, body: { name: "matrix renamed" } }),
  },
  {
    route: "POST /api/v1/users",
    ask: (_, { home }) => ({
      body: {
        email: "matrix@example.test",
        role: "viewer",
        trustDomainId: home,
        password: "four plain words",
      },
    }),
    keep: (answer) => ({ userId: (JSON.parse(answer) as { user: { id: string } }).user.id }),
  },
  {
    route: "POST /api/v1/users/[userId]/roles",
    ask: ({ userId = "", trustDomainId = "" }) => ({
      params: { userId },
      body: { trustDomainId, role: "approver" },
    }),
  },
  {
    route: "POST /api/v1/users/[userId]/roles/confirm",
    ask: ({ userId = "", trustDomainId = "" }) => ({
      params: { userId },
      body: { trustDomainId, role: "approver", note: REASON },
    }),
  },
  {
    route: "POST /api/v1/users/[userId]/roles/revoke",
    ask: ({ userId = "", trustDomainId = "" }) => ({
      params: { userId },
      body: { trustDomainId, role: "approver" },
    }),
  },
  {
    route: "POST /api/v1/group-roles",
    ask: (_, { home }) => ({ body: { trustDomainId: home, group: "matrix", role: "viewer" } }),
  },
  {
    route: "POST /api/v1/group-roles/remove",
    ask: (_, { home }) => ({ body: { trustDomainId: home, group: "matrix", role: "viewer" } }),
  },
];

const account: Step[] = [
  {
    route: "POST /api/v1/account/step-up",
    by: ({ keeper }) => keeper,
    ask: () => ({ body: { password: PASSWORD } }),
  },
  {
    route: "POST /api/v1/account/second-factor",
    by: ({ keeper }) => keeper,
    ask: () => ({ body: {} }),
    keep: (answer) => ({ uri: (JSON.parse(answer) as { uri: string }).uri }),
  },
  {
    route: "POST /api/v1/account/second-factor/confirm",
    by: ({ keeper }) => keeper,
    ask: ({ uri = "" }) => ({ body: { code: codeNow(uri) } }),
  },
  { route: "DELETE /api/v1/account/second-factor", by: ({ keeper }) => keeper, ask: () => ({}) },
  {
    route: "DELETE /api/v1/sessions/[sessionId]",
    by: ({ keeper }) => keeper,
    ask: async (_, { pool, keeper }) => {
      const { rows } = await pool.query<{ id: string }>(
        "SELECT encode(id_sha256, 'hex') AS id FROM session WHERE user_id = $1 ORDER BY created_at DESC LIMIT 1",
        [keeper.userId],
      );
      return { params: { sessionId: rows[0]?.id ?? "" } };
    },
  },
  {
    route: "POST /api/v1/account/password",
    by: ({ keeper }) => keeper,
    ask: () => ({ body: { currentPassword: PASSWORD, newPassword: "four other plain words" } }),
  },
];

function codeNow(uri: string): string {
  const parsed = URI.parse(uri);
  if (!(parsed instanceof TOTP)) throw new Error("not a TOTP address");
  return new TOTP({ ...parsed, secret: Secret.fromBase32(parsed.secret.base32) }).generate();
}

export const STEPS: readonly Step[] = [
  ...sources,
  ...nodes,
  ...drift,
  ...windows,
  ...COMPLIANCE_STEPS,
  ...REPORT_STEPS,
  ...REPORT_SCHEDULE_STEPS,
  ...changes,
  ...REMEDIATION,
  ...policies,
  ...people,
  ...programs,
  ...connectors,
  ...SINK_STEPS,
  ...notifying,
  ...account,
];
