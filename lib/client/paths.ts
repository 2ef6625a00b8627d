/** Every address of the product: screens and API. Nothing else spells a path. */

type Params = Record<string, string | number | null | undefined>;

/** The two times of a question; absent = now. */
type Times = { asOf?: string | undefined; knownAt?: string | undefined };

/** What audit entries are looked for. */
type AuditParams = {
  entry?: string | undefined;
  object?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  entity?: string | undefined;
  entityId?: string | undefined;
  outcome?: string | undefined;
  address?: string | undefined;
  requestId?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

/** Pages of a policy besides its rules. */
export type PolicyTab = "versions" | "edit" | "test" | "impact" | "backtest" | "exceptions" | "activity";

/** `a` and `b` are versions to compare, `version` is the one to try or to begin with. */
type PolicyParams = {
  a?: number | undefined;
  b?: number | undefined;
  version?: number | undefined;
  node?: string | undefined;
};

/** What every question about compliance is narrowed to. */
export type PeriodParams = {
  from?: string | undefined;
  to?: string | undefined;
  q?: string | undefined;
  knownAt?: string | undefined;
};

/** Appends the parameters that have a value; order is the order given. */
function withQuery(path: string, params: Params): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

const segment = encodeURIComponent;

export const paths = {
  overview: (params: { range?: string | undefined } = {}) => withQuery("/", params),
  nodes: (params: { q?: string | undefined; sort?: string | undefined; asOf?: string | undefined } = {}) =>
    withQuery("/nodes", params),
  node: (id: string) => `/nodes/${segment(id)}`,
  nodeTimeline: (
    id: string,
    params: { from?: string | undefined; to?: string | undefined; knownAt?: string | undefined } = {},
  ) => withQuery(`/nodes/${segment(id)}/timeline`, params),
  nodeEvidence: (id: string, params: { event?: string | undefined; log?: "compared" | undefined } = {}) =>
    withQuery(`/nodes/${segment(id)}/evidence`, params),
  nodeCompare: (
    id: string,
    params: { a?: string | undefined; b?: string | undefined; knownAt?: string | undefined } = {},
  ) => withQuery(`/nodes/${segment(id)}/compare`, params),
  nodeDrift: (id: string) => `/nodes/${segment(id)}/drift`,
  nodeBootstrap: (id: string) => `/nodes/${segment(id)}/bootstrap`,
  nodeActivity: (id: string) => `/nodes/${segment(id)}/activity`,
  credentials: (params: { within?: string | undefined } = {}) => withQuery("/onboarding/credentials", params),
  onboarding: () => "/onboarding",
  sources: () => "/sources",
  source: (id: string, { tab }: { tab?: "rejected" | "activity" } = {}) =>
    `/sources/${segment(id)}${tab === undefined ? "" : `/${tab}`}`,
  distrustKey: (sourceId: string, kid: string) =>
    `/sources/${segment(sourceId)}/keys/${segment(kid)}/distrust`,
  unattributed: () => "/sources/unattributed",
  enrolmentQueue: () => "/onboarding/queue",
  drift: (
    params: {
      tab?: string | undefined;
      q?: string | undefined;
      sort?: string | undefined;
      peek?: string | undefined;
    } = {},
  ) => withQuery("/drift", params),
  exceptions: (params: { list?: string | undefined } = {}) => withQuery("/drift/exceptions", params),
  compliance: (
    params: PeriodParams & {
      framework?: string | undefined;
      control?: string | undefined;
      period?: string | undefined;
    } = {},
  ) => withQuery("/compliance", params),
  complianceMeasures: (
    params: PeriodParams & { measure?: string | undefined; period?: string | undefined } = {},
  ) => withQuery("/compliance/measures", params),
  frameworks: () => "/compliance/frameworks",
  frameworkImport: (params: { framework?: string | undefined } = {}) =>
    withQuery("/compliance/frameworks/import", params),
  reports: () => "/compliance/reports",
  checkPack: () => "/compliance/reports/check",
  reportSchedules: () => "/compliance/reports/schedules",
  report: (id: string, params: { compare?: string | undefined } = {}) =>
    withQuery(`/compliance/reports/${segment(id)}`, params),
  maintenance: (params: { window?: string | undefined } = {}) => withQuery("/drift/maintenance", params),
  incidents: (params: { state?: string | undefined } = {}) => withQuery("/incidents", params),
  incident: (id: string) => `/incidents/${segment(id)}`,
  incidentActivity: (id: string) => `/incidents/${segment(id)}/activity`,
  changes: (params: { list?: string | undefined } = {}) => withQuery("/changes", params),
  change: (id: string) => `/changes/${segment(id)}`,
  changeActivity: (id: string) => `/changes/${segment(id)}/activity`,
  remediations: (params: { tab?: string | undefined } = {}) => withQuery("/remediations", params),
  remediation: (id: string) => `/remediations/${segment(id)}`,
  drills: () => "/remediations/drills",
  remediationActivity: (id: string) => `/remediations/${segment(id)}/activity`,
  myWork: () => "/my-work",
  notifications: (params: { list?: string | undefined } = {}) => withQuery("/notifications", params),
  runbooks: () => "/runbooks",
  runbook: (id: string) => `/runbooks/${segment(id)}`,
  baselines: () => "/baselines",
  newBaseline: (
    params: {
      from?: string | undefined;
      node?: string | undefined;
      selector?: string | undefined;
      source?: string | undefined;
      submod?: string | undefined;
    } = {},
  ) => withQuery("/baselines/new", params),
  baseline: (id: string, params: { a?: number | undefined; b?: number | undefined } = {}) =>
    withQuery(`/baselines/${segment(id)}`, params),
  baselineActivity: (id: string) => `/baselines/${segment(id)}/activity`,
  baselineDraft: (id: string, params: { from?: number | undefined } = {}) =>
    withQuery(`/baselines/${segment(id)}/draft`, params),
  baselineChange: (
    id: string,
    action: "publish" | "rollout" | "rollback",
    params: { version?: number | undefined } = {},
  ) => withQuery(`/baselines/${segment(id)}/${action}`, params),
  policies: () => "/policies",
  policy: (name: string, tab?: PolicyTab, params: PolicyParams = {}) =>
    withQuery(`/policies/${segment(name)}${tab === undefined ? "" : `/${tab}`}`, params),
  audit: (params: AuditParams = {}) => withQuery("/audit", params),
  account: () => "/account",
  settings: (
    page:
      | "people"
      | "service-accounts"
      | "sessions"
      | "trust-domains"
      | "single-sign-on"
      | "signing-keys"
      | "connectors"
      | "drift"
      | "notifications"
      | "siem"
      | "admission"
      | "limits"
      | "automatic" = "people",
  ) => `/settings/${page}`,
  signIn: (params: { callbackUrl?: string | undefined } = {}) => withQuery("/sign-in", params),
  problem: (code: string) => `/problems/${code.split("/").map(segment).join("/")}`,

  api: {
    account: () => "/api/v1/account",
    accountPassword: () => "/api/v1/account/password",
    accountSessions: () => "/api/v1/account/sessions",
    accountStepUp: () => "/api/v1/account/step-up",
    accountSecondFactor: (step?: "confirm") =>
      `/api/v1/account/second-factor${step === undefined ? "" : `/${step}`}`,
    users: () => "/api/v1/users",
    userRoles: (id: string, step?: "revoke" | "confirm") =>
      `/api/v1/users/${segment(id)}/roles${step === undefined ? "" : `/${step}`}`,
    strongRoles: () => "/api/v1/strong-roles",
    connectors: () => "/api/v1/connectors",
    connector: (id: string, step?: "disable" | "enable" | "test" | "callbacks") =>
      `/api/v1/connectors/${segment(id)}${step === undefined ? "" : `/${step}`}`,
    serviceAccounts: () => "/api/v1/service-accounts",
    serviceAccount: (id: string, step: "disable" | "enable" | "roles" | "roles/revoke" | "keys" | "trusts") =>
      `/api/v1/service-accounts/${segment(id)}/${step}`,
    serviceKey: (id: string, keyId: string, step: "rotate" | "revoke") =>
      `/api/v1/service-accounts/${segment(id)}/keys/${segment(keyId)}/${step}`,
    workloadTrustRemove: (id: string, trustId: string) =>
      `/api/v1/service-accounts/${segment(id)}/trusts/${segment(trustId)}/remove`,
    effectivePermissions: (params: { kind: "user" | "service"; id: string; trustDomainId: string }) =>
      withQuery("/api/v1/effective-permissions", params),
    sessions: () => "/api/v1/sessions",
    session: (id: string) => `/api/v1/sessions/${segment(id)}`,
    trustDomains: () => "/api/v1/trust-domains",
    trustDomainRename: (id: string) => `/api/v1/trust-domains/${segment(id)}/rename`,
    groupRoles: (step?: "remove") => `/api/v1/group-roles${step === undefined ? "" : `/${step}`}`,
    events: () => "/api/v1/events",
    deliver: (sourceId: string) => `/api/v1/sources/${segment(sourceId)}/deliver`,
    fleetSummary: (params: Times = {}) => withQuery("/api/v1/fleet/summary", params),
    fleetTrend: (params: {
      from: string;
      to: string;
      points?: number | undefined;
      knownAt?: string | undefined;
    }) => withQuery("/api/v1/fleet/trend", params),
    fleetChanges: (params: Times = {}) => withQuery("/api/v1/fleet/changes", params),
    nodes: (
      params: {
        q?: string | undefined;
        sort?: string | undefined;
        cursor?: string | null | undefined;
        limit?: number | undefined;
      } & Times = {},
    ) => withQuery("/api/v1/nodes", params),
    node: (id: string, params: Times = {}) => withQuery(`/api/v1/nodes/${segment(id)}`, params),
    nodeCompare: (
      id: string,
      params: { a?: string | undefined; b?: string | undefined; knownAt?: string | undefined },
    ) => withQuery(`/api/v1/nodes/${segment(id)}/compare`, params),
    nodeDrift: (id: string, params: Times = {}) => withQuery(`/api/v1/nodes/${segment(id)}/drift`, params),
    nodeTimeline: (id: string, params: { from: string; to: string; knownAt?: string | undefined }) =>
      withQuery(`/api/v1/nodes/${segment(id)}/timeline`, params),
    nodeEvidence: (
      id: string,
      params: {
        cursor?: string | null | undefined;
        limit?: number | undefined;
        before?: string | undefined;
      } & Times = {},
    ) => withQuery(`/api/v1/nodes/${segment(id)}/evidence`, params),
    nodeVerdict: (id: string, eventHash: string) =>
      `/api/v1/nodes/${segment(id)}/evidence/${segment(eventHash)}`,
    nodeVerdictRaw: (id: string, eventHash: string) =>
      `/api/v1/nodes/${segment(id)}/evidence/${segment(eventHash)}/raw`,
    nodeEventLog: (id: string, eventHash: string, part?: "difference") =>
      `/api/v1/nodes/${segment(id)}/evidence/${segment(eventHash)}/event-log${part === undefined ? "" : `/${part}`}`,
    nodeEvents: (
      id: string,
      params: { cursor?: string | null | undefined; limit?: number | undefined } & Times = {},
    ) => withQuery(`/api/v1/nodes/${segment(id)}/events`, params),
    nodeCredentials: (id: string, params: Times = {}) =>
      withQuery(`/api/v1/nodes/${segment(id)}/credentials`, params),
    credentials: (params: { within: string; cursor?: string | null | undefined } & Times) =>
      withQuery("/api/v1/credentials", params),
    nodeLifecycle: (id: string, params: Times = {}) =>
      withQuery(`/api/v1/nodes/${segment(id)}/lifecycle`, params),
    nodeRetry: (id: string) => `/api/v1/nodes/${segment(id)}/lifecycle/retry`,
    onboarding: (params: Times = {}) => withQuery("/api/v1/onboarding", params),
    sources: (params: { asOf?: string | undefined } = {}) => withQuery("/api/v1/sources", params),
    source: (id: string) => `/api/v1/sources/${segment(id)}`,
    sourceApiKeys: (id: string) => `/api/v1/sources/${segment(id)}/api-keys`,
    sourceApiKey: (id: string, apiKeyId: string) =>
      `/api/v1/sources/${segment(id)}/api-keys/${segment(apiKeyId)}`,
    sourceFindings: (id: string, params: Times = {}) =>
      withQuery(`/api/v1/sources/${segment(id)}/findings`, params),
    sourceLimit: (id: string) => `/api/v1/sources/${segment(id)}/limit`,
    sourceSigningKeys: (id: string, step?: "activate" | "retire") =>
      `/api/v1/sources/${segment(id)}/keys${step === undefined ? "" : `/${step}`}`,
    sourceDisable: (id: string) => `/api/v1/sources/${segment(id)}/disable`,
    sourceRejected: (
      id: string,
      params: {
        cursor?: string | null | undefined;
        limit?: number | undefined;
        asOf?: string | undefined;
      } = {},
    ) => withQuery(`/api/v1/sources/${segment(id)}/rejected`, params),
    unattributedEvents: (
      params: { cursor?: string | null | undefined; limit?: number | undefined } & Times = {},
    ) => withQuery("/api/v1/unattributed-events", params),
    drift: (
      params: {
        tab?: string | undefined;
        q?: string | undefined;
        sort?: string | undefined;
        cursor?: string | null | undefined;
        limit?: number | undefined;
      } = {},
    ) => withQuery("/api/v1/drift", params),
    driftGroup: (id: string) => `/api/v1/drift/${segment(id)}`,
    driftDecision: () => "/api/v1/drift/decision",
    driftRemediation: (id: string) => `/api/v1/drift/${segment(id)}/remediation`,
    exceptions: (params: { list?: string | undefined } = {}) => withQuery("/api/v1/exceptions", params),
    exceptionEnd: (id: string) => `/api/v1/exceptions/${segment(id)}/end`,
    complianceMeasures: (params: PeriodParams) => withQuery("/api/v1/compliance/measures", params),
    complianceMeasure: (
      id: string,
      params: PeriodParams & { verdict?: string | undefined; cursor?: string | undefined },
    ) => withQuery(`/api/v1/compliance/measures/${segment(id)}`, params),
    complianceFrameworks: () => "/api/v1/compliance/frameworks",
    complianceFrameworkPreview: () => "/api/v1/compliance/frameworks/preview",
    complianceFrameworkRetire: (framework: string) =>
      `/api/v1/compliance/frameworks/${segment(framework)}/retire`,
    complianceMappings: (framework: string, step?: "clear") =>
      `/api/v1/compliance/frameworks/${segment(framework)}/mappings${step === undefined ? "" : `/${step}`}`,
    complianceControls: (framework: string, params: PeriodParams) =>
      withQuery(`/api/v1/compliance/frameworks/${segment(framework)}/controls`, params),
    complianceControl: (framework: string, control: string, params: PeriodParams) =>
      withQuery(`/api/v1/compliance/frameworks/${segment(framework)}/controls/${segment(control)}`, params),
    complianceNotes: (framework: string) => `/api/v1/compliance/frameworks/${segment(framework)}/notes`,
    complianceNoteEnd: (id: string) => `/api/v1/compliance/notes/${segment(id)}/end`,
    reports: (params: { cursor?: string | undefined } = {}) => withQuery("/api/v1/reports", params),
    checkPack: () => "/api/v1/reports/check",
    report: (id: string, step?: "cancel") =>
      `/api/v1/reports/${segment(id)}${step === undefined ? "" : `/${step}`}`,
    reportComparison: (id: string, other: string) =>
      `/api/v1/reports/${segment(id)}/compare/${segment(other)}`,
    reportFile: (id: string, format: string) => `/api/v1/reports/${segment(id)}/files/${segment(format)}`,
    reportSchedules: () => "/api/v1/report-schedules",
    reportSchedule: (id: string, step?: "pause" | "run") =>
      `/api/v1/report-schedules/${segment(id)}${step === undefined ? "" : `/${step}`}`,
    reportNotices: () => "/api/v1/report-notices",
    maintenanceWindows: (params: { state?: string | undefined } = {}) =>
      withQuery("/api/v1/maintenance-windows", params),
    maintenanceWindow: (id: string) => `/api/v1/maintenance-windows/${segment(id)}`,
    maintenanceWindowEnd: (id: string) => `/api/v1/maintenance-windows/${segment(id)}/end`,
    maintenanceWindowPreview: () => "/api/v1/maintenance-windows/preview",
    driftSettings: (step?: "preview") => `/api/v1/drift-settings${step === undefined ? "" : `/${step}`}`,
    admissionRules: () => "/api/v1/admission/rules",
    admissionRecords: (params: { limit?: number | undefined } = {}) =>
      withQuery("/api/v1/admission/records", params),
    admissionNode: (reference: string) => `/api/v1/admission/nodes/${segment(reference)}`,
    incidents: (params: { state?: string | undefined; cursor?: string | null | undefined } = {}) =>
      withQuery("/api/v1/incidents", params),
    incident: (id: string) => `/api/v1/incidents/${segment(id)}`,
    incidentAct: (id: string, act: "owner" | "notes" | "groups" | "resolve") =>
      `/api/v1/incidents/${segment(id)}/${act}`,
    remediations: (
      params: {
        tab?: string | undefined;
        nodeId?: string | undefined;
        cursor?: string | null | undefined;
        limit?: number | undefined;
      } = {},
    ) => withQuery("/api/v1/remediations", params),
    remediationNew: (step: "preview" | "break-glass") => `/api/v1/remediations/${step}`,
    remediation: (id: string) => `/api/v1/remediations/${segment(id)}`,
    remediationAct: (
      id: string,
      act: "votes" | "narrow" | "cancel" | "claim" | "delegate" | "abort" | "retry" | "review",
    ) => `/api/v1/remediations/${segment(id)}/${act}`,
    remediationAutomatic: () => "/api/v1/remediations/automatic",
    remediationLimits: () => "/api/v1/remediations/limits",
    remediationLimitsPreview: () => "/api/v1/remediations/limits/preview",
    remediationDrills: () => "/api/v1/remediations/drills",
    remediationAlarms: (params: { nodeId?: string | undefined } = {}) =>
      withQuery("/api/v1/remediations/alarms", params),
    remediationReviews: () => "/api/v1/remediations/reviews",
    remediationPauses: () => "/api/v1/remediations/pauses",
    remediationPauseEnd: (id: string) => `/api/v1/remediations/pauses/${segment(id)}/end`,
    approverGroups: () => "/api/v1/remediations/approver-groups",
    approverGroup: (group: string) => `/api/v1/remediations/approver-groups/${segment(group)}`,
    changeRequests: (
      params: {
        list?: string | undefined;
        cursor?: string | null | undefined;
        limit?: number | undefined;
      } = {},
    ) => withQuery("/api/v1/change-requests", params),
    changeRequestPreview: () => "/api/v1/change-requests/preview",
    changeRequest: (id: string) => `/api/v1/change-requests/${segment(id)}`,
    changeRequestDecision: (id: string) => `/api/v1/change-requests/${segment(id)}/decision`,
    changeRequestCancel: (id: string) => `/api/v1/change-requests/${segment(id)}/cancel`,
    unattributedGroups: (params: Times = {}) => withQuery("/api/v1/unattributed-groups", params),
    eventLinks: () => "/api/v1/event-links",
    eventLinkUndo: (id: string) => `/api/v1/event-links/${segment(id)}/undo`,
    identityAlarms: (
      params: { nodeId?: string | undefined; state?: string | undefined; asOf?: string | undefined } = {},
    ) => withQuery("/api/v1/identity-alarms", params),
    identityAlarmSettle: (id: string) => `/api/v1/identity-alarms/${segment(id)}/settle`,
    enrolments: (params: { state?: string | undefined } = {}) => withQuery("/api/v1/enrolments", params),
    enrolmentDecision: (nodeId: string) => `/api/v1/enrolments/${segment(nodeId)}/decision`,
    enrolmentPause: (nodeId: string) => `/api/v1/enrolments/${segment(nodeId)}/pause`,
    sourceEnrolment: (id: string) => `/api/v1/sources/${segment(id)}/enrolment`,
    expectedNodes: () => "/api/v1/expected-nodes",
    expectedNodeWithdraw: (id: string) => `/api/v1/expected-nodes/${segment(id)}/withdraw`,
    baselines: () => "/api/v1/baselines",
    baselineContent: () => "/api/v1/baselines/content",
    commonStates: () => "/api/v1/baselines/common-states",
    baseline: (id: string) => `/api/v1/baselines/${segment(id)}`,
    baselineVersions: (id: string) => `/api/v1/baselines/${segment(id)}/versions`,
    baselineVersion: (id: string, version: number) => `/api/v1/baselines/${segment(id)}/versions/${version}`,
    baselineDiscard: (id: string, version: number) =>
      `/api/v1/baselines/${segment(id)}/versions/${version}/discard`,
    baselineDiff: (id: string, params: { a: number; b: number }) =>
      withQuery(`/api/v1/baselines/${segment(id)}/diff`, params),
    exportOf: (what: string) => `/api/v1/exports/${segment(what)}`,
    sinks: () => "/api/v1/sinks",
    sink: (id: string, step?: "test" | "replay" | "dead-letters" | "dead-letters/replay") =>
      `/api/v1/sinks/${segment(id)}${step === undefined ? "" : `/${step}`}`,
    notificationChannels: () => "/api/v1/notification-channels",
    notificationChannel: (id: string, step?: "disable" | "enable" | "test") =>
      `/api/v1/notification-channels/${segment(id)}${step === undefined ? "" : `/${step}`}`,
    notificationRoutes: (step?: "preview") =>
      `/api/v1/notification-routes${step === undefined ? "" : `/${step}`}`,
    notificationEvents: (params: { list?: string | undefined } = {}) =>
      withQuery("/api/v1/notification-events", params),
    notifications: (params: { list?: string | undefined; cursor?: string | null | undefined } = {}) =>
      withQuery("/api/v1/notifications", params),
    notification: (id: string, step?: "acknowledge" | "resolve") =>
      `/api/v1/notifications/${segment(id)}${step === undefined ? "" : `/${step}`}`,
    notificationDeliveries: (
      params: { state?: string | undefined; cursor?: string | null | undefined } = {},
    ) => withQuery("/api/v1/notification-deliveries", params),
    notificationReplay: (deliveryId: string) =>
      `/api/v1/notification-deliveries/${segment(deliveryId)}/replay`,
    nodeAttestation: (id: string, format: "vsa" | "test-result" | "ear") =>
      withQuery(`/api/v1/nodes/${segment(id)}/attestation`, { format }),
    signingKeys: () => "/api/v1/signing-keys",
    nodeSacrificial: (id: string) => `/api/v1/nodes/${segment(id)}/sacrificial`,
    nodeSacrificialEnd: (id: string) => `/api/v1/nodes/${segment(id)}/sacrificial/end`,
    nodeLabels: (id: string) => `/api/v1/nodes/${segment(id)}/labels`,
    policies: () => "/api/v1/policies",
    policy: (name: string) => `/api/v1/policies/${segment(name)}`,
    policySchema: () => "/api/v1/policy-trials/schema",
    policyTrial: (trial: "check" | "node" | "impact" | "backtest") => `/api/v1/policy-trials/${trial}`,
    policyShadow: (name: string, step?: "end") =>
      `/api/v1/policies/${segment(name)}/shadow${step === undefined ? "" : `/${step}`}`,
    policyRollback: (name: string) => `/api/v1/policies/${segment(name)}/rollback`,
    policyExceptions: () => "/api/v1/policy-exceptions",
    policyExceptionEnd: (id: string) => `/api/v1/policy-exceptions/${segment(id)}/end`,
    audit: (params: AuditParams & { cursor?: string | null | undefined; limit?: number | undefined } = {}) =>
      withQuery("/api/v1/audit", params),
    auditExport: (params: AuditParams & { format: "csv" | "jsonl" }) =>
      withQuery("/api/v1/audit/export", params),
    auditLogs: () => "/api/v1/audit/logs",
    auditVerify: () => "/api/v1/audit/verify",
    auditCheckpoint: (params: { domain?: string | undefined } = {}) =>
      withQuery("/api/v1/audit/checkpoint", params),
    auditProof: (seq: number, params: { domain?: string | undefined } = {}) =>
      withQuery(`/api/v1/audit/${seq}/proof`, params),
    stream: () => "/api/v1/stream",
  },
} as const;

/**
 * A place on this site to go on to after signing in; anything else (another host, a scheme, `//host`,
 * a backslash, the sign-in page itself) becomes the overview.
 */
export function safeCallbackPath(value: string | null | undefined): string {
  if (!value?.startsWith("/") || value.startsWith("//") || value.includes("\\")) return "/";
  const base = "http://touchstone.invalid";
  let url: URL;
  try {
    url = new URL(value, base);
  } catch {
    return "/";
  }
  if (url.origin !== base || url.pathname.startsWith("//")) return "/";
  if (url.pathname === "/sign-in" || url.pathname.startsWith("/api/")) return "/";
  return `${url.pathname}${url.search}${url.hash}`;
}
