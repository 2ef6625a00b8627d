/** A small fleet in which every page has something to show, and the list of those pages. */
import { paths } from "#lib/client/paths";
import { type Product, unique } from "./api.ts";
import {
  bootstrap,
  EAR_MEDIA_TYPE,
  earClaims,
  GOOD,
  newVerifier,
  signed,
  spireLog,
  WARNING,
} from "./messages.ts";

export type World = { nodeId: string; node: string; sourceId: string; source: string };

/** One node with history, evidence of two submodules and bootstrap events; a source with a refusal. */
export async function makeWorld(product: Product): Promise<World> {
  const verifier = await newVerifier();
  const source = await product.createSource("ear", { jwks: verifier.jwks });
  const provisioner = await product.createSource("generic");
  const spire = await product.createSource("spire");
  const node = unique("world");
  const nowMs = Date.now();
  await product.postDocuments(provisioner, [
    bootstrap("provisioning.discovered", { kind: "custom", value: node }, { atMs: nowMs - 7_200_000 }),
    bootstrap(
      "enrollment.failed",
      { kind: "custom", value: node },
      { outcome: "failure", reasonCode: "timeout", reasonText: "no answer", atMs: nowMs - 7_000_000 },
    ),
  ]);
  for (const [submods, minutesAgo] of [
    [{ cpu0: GOOD, gpu0: GOOD }, 100],
    [{ cpu0: WARNING, gpu0: GOOD }, 1],
  ] as const) {
    const token = await signed(verifier, earClaims(submods, { atMs: nowMs - minutesAgo * 60_000 }));
    const event = { subject: node, mediaType: EAR_MEDIA_TYPE, data: token, backfill: true };
    const answer = await product.postEvent(source, event);
    if (answer.status !== 202) throw new Error(answer.text);
  }
  await product.deliver(source, "not.a.token", EAR_MEDIA_TYPE);
  const log = spireLog([
    { method: "AttestAgent", atMs: nowMs, error: { code: "InvalidArgument", message: "join token expired" } },
  ]);
  await product.deliver(spire, log, "application/x-ndjson");
  return { nodeId: await product.nodeId(node), node, sourceId: source.sourceId, source: source.name };
}

export type ConsolePage = {
  path: string;
  heading: string;
  /** It shows what came in, which a viewer may not read: the server answers 403 to that role. */
  notForViewers?: true;
  /** It shows who may do what: for auditors and administrators. */
  forOverseers?: true;
};

/** Every page behind the sign-in. */
export function consolePages({ nodeId, node, sourceId, source }: World): ConsolePage[] {
  return [
    { path: paths.overview(), heading: "Overview" },
    { path: paths.overview({ range: "7d" }), heading: "Overview" },
    { path: paths.nodes(), heading: "Nodes" },
    { path: paths.nodes({ q: "status:quarantined" }), heading: "Nodes" },
    { path: paths.nodeTimeline(nodeId), heading: node },
    { path: paths.nodeTimeline(nodeId, { from: "now-24h" }), heading: node },
    { path: paths.nodeEvidence(nodeId), heading: node, notForViewers: true },
    { path: paths.nodeCompare(nodeId), heading: node, notForViewers: true },
    {
      path: paths.nodeCompare(nodeId, { a: new Date(Date.now() - 3_600_000).toISOString() }),
      heading: node,
      notForViewers: true,
    },
    { path: paths.nodeDrift(nodeId), heading: node, notForViewers: true },
    { path: paths.nodeBootstrap(nodeId), heading: node },
    { path: paths.nodeActivity(nodeId), heading: node, forOverseers: true },
    { path: paths.onboarding(), heading: "Onboarding" },
    { path: paths.baselines(), heading: "Baselines" },
    { path: paths.policies(), heading: "Policies" },
    { path: paths.policy("default"), heading: "default" },
    { path: paths.policy("default", "edit"), heading: "default" },
    { path: paths.policy("default", "test", { node: nodeId }), heading: "default" },
    { path: paths.policy("default", "impact"), heading: "default" },
    { path: paths.policy("default", "backtest"), heading: "default" },
    { path: paths.policy("default", "exceptions"), heading: "default" },
    { path: paths.policy("default", "activity"), heading: "default", forOverseers: true },
    { path: paths.sources(), heading: "Sources" },
    { path: paths.source(sourceId), heading: source },
    { path: paths.source(sourceId, { tab: "rejected" }), heading: source, notForViewers: true },
    { path: paths.source(sourceId, { tab: "activity" }), heading: source, forOverseers: true },
    { path: paths.unattributed(), heading: "Unattributed bootstrap events" },
    { path: paths.enrolmentQueue(), heading: "Enrolment queue" },
    { path: paths.drift(), heading: "Drift", notForViewers: true },
    { path: paths.drift({ tab: "over", q: "layer:kernel" }), heading: "Drift", notForViewers: true },
    { path: paths.exceptions(), heading: "Exceptions", notForViewers: true },
    { path: paths.maintenance(), heading: "Maintenance", notForViewers: true },
    { path: paths.compliance(), heading: "Compliance", notForViewers: true },
    {
      path: paths.compliance({ framework: "soc-2", control: "CC7.1" }),
      heading: "Compliance",
      notForViewers: true,
    },
    { path: paths.complianceMeasures(), heading: "Measures", notForViewers: true },
    {
      path: paths.complianceMeasures({ measure: "M02", period: "7d" }),
      heading: "Measures",
      notForViewers: true,
    },
    { path: paths.reports(), heading: "Reports", notForViewers: true },
    { path: paths.checkPack(), heading: "Check a pack", notForViewers: true },
    { path: paths.frameworks(), heading: "Frameworks", notForViewers: true },
    { path: paths.reportSchedules(), heading: "Schedules", notForViewers: true },
    { path: paths.incidents(), heading: "Incidents" },
    { path: paths.incidents({ state: "resolved" }), heading: "Incidents" },
    { path: paths.myWork(), heading: "My work", notForViewers: true },
    { path: paths.remediations(), heading: "Remediations", notForViewers: true },
    { path: paths.remediations({ tab: "done" }), heading: "Remediations", notForViewers: true },
    { path: paths.drills(), heading: "Drills", notForViewers: true },
    { path: paths.notifications(), heading: "Notifications", notForViewers: true },
    { path: paths.notifications({ list: "unheard" }), heading: "Notifications", notForViewers: true },
    { path: paths.notifications({ list: "messages" }), heading: "Notifications", notForViewers: true },
    { path: paths.runbooks(), heading: "Runbooks" },
    { path: paths.runbook("storm"), heading: "Far more drift or failures than usual" },
    { path: paths.audit(), heading: "Audit log", forOverseers: true },
    { path: paths.account(), heading: "Account" },
    { path: paths.settings("connectors"), heading: "Connectors", notForViewers: true },
    { path: paths.settings("notifications"), heading: "Notification settings", notForViewers: true },
    { path: paths.settings("siem"), heading: "SIEM", forOverseers: true },
    { path: paths.settings("admission"), heading: "Admission" },
    { path: paths.settings("limits"), heading: "Limits of remediation", notForViewers: true },
    { path: paths.settings("automatic"), heading: "Automatic containment", notForViewers: true },
    { path: paths.settings("drift"), heading: "Drift settings", notForViewers: true },
    { path: paths.settings("people"), heading: "People", forOverseers: true },
    { path: paths.settings("service-accounts"), heading: "Service accounts", forOverseers: true },
    { path: paths.settings("sessions"), heading: "Sessions", forOverseers: true },
    { path: paths.settings("trust-domains"), heading: "Trust domains", forOverseers: true },
    { path: paths.settings("single-sign-on"), heading: "Single sign-on", forOverseers: true },
    { path: paths.settings("signing-keys"), heading: "Signing keys", forOverseers: true },
  ];
}

/** Pages that anyone may see. */
export const PUBLIC_PAGES: readonly ConsolePage[] = [
  { path: paths.signIn(), heading: "Sign in" },
  { path: paths.problem("event/signature"), heading: "The signature does not verify" },
];
