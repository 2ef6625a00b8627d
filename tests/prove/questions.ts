/** Every read that knows both times, as a question about (T, K). */
import { CompareQuery } from "#lib/contracts/compare";
import { CredentialListQuery } from "#lib/contracts/credential";
import { FleetChangesQuery, FleetTrendQuery } from "#lib/contracts/fleet";
import { IdentityAlarmQuery } from "#lib/contracts/identity";
import { EvidenceQuery, NodeEventsQuery, NodeListQuery } from "#lib/contracts/node";
import { RejectedQuery } from "#lib/contracts/source";
import { unattributedEvents } from "#lib/services/bootstrap/unattributed";
import type { ServiceContext } from "#lib/services/context";
import { endingCredentialList } from "#lib/services/credential/ending";
import { nodeCredentials } from "#lib/services/credential/of-node";
import { unattributedOverview } from "#lib/services/event-link/overview";
import { fleetChanges } from "#lib/services/fleet/changes";
import { fleetSummary } from "#lib/services/fleet/summary";
import { fleetTrend } from "#lib/services/fleet/trend";
import { identityAlarms } from "#lib/services/identity/alarms";
import { onboardingBoard } from "#lib/services/lifecycle/board";
import { lifecycleGet } from "#lib/services/lifecycle/get";
import { nodeCompare } from "#lib/services/node/compare";
import { nodeEvents } from "#lib/services/node/events";
import { nodeEvidence } from "#lib/services/node/evidence";
import { nodeGet } from "#lib/services/node/get";
import { nodeList } from "#lib/services/node/list";
import { nodeTimeline } from "#lib/services/node/timeline";
import { sourceFindings } from "#lib/services/source/findings";
import { sourceKeys } from "#lib/services/source/keys";
import { sourceList } from "#lib/services/source/list";
import { rejectedEvents } from "#lib/services/source/rejected";

export type Probe = { question: string; nodeId: string; sourceId: string; asOf: string; knownAt: string };

type Ask = (ctx: ServiceContext, probe: Probe) => Promise<unknown>;

const times = ({ asOf, knownAt }: Probe) => ({ asOf, knownAt });
const DAY = 86_400_000;
/** Sources keep five-minute counters: an instant is settled once the bucket before it is over. */
const settled = (asOf: string) => new Date(Date.parse(asOf) - 300_000).toISOString();

export const ASK: Readonly<Record<string, Ask>> = {
  summary: (ctx, probe) => fleetSummary(ctx, times(probe)),
  trend: (ctx, { asOf, knownAt }) =>
    fleetTrend(
      ctx,
      FleetTrendQuery.parse({
        from: new Date(Date.parse(asOf) - DAY).toISOString(),
        to: asOf,
        points: 9,
        knownAt,
      }),
    ),
  changes: (ctx, probe) => fleetChanges(ctx, FleetChangesQuery.parse({ limit: 30, ...times(probe) })),
  nodes: (ctx, probe) => nodeList(ctx, NodeListQuery.parse(times(probe))),
  search: (ctx, probe) => nodeList(ctx, NodeListQuery.parse({ q: "n1 source:lab", ...times(probe) })),
  node: (ctx, probe) => nodeGet(ctx, { nodeId: probe.nodeId, ...times(probe) }),
  timeline: (ctx, { nodeId, asOf, knownAt }) =>
    nodeTimeline(ctx, {
      nodeId,
      from: new Date(Date.parse(asOf) - 5 * DAY).toISOString(),
      to: knownAt,
      knownAt,
    }),
  evidence: (ctx, probe) => nodeEvidence(ctx, { nodeId: probe.nodeId, ...EvidenceQuery.parse(times(probe)) }),
  events: (ctx, probe) => nodeEvents(ctx, { nodeId: probe.nodeId, ...NodeEventsQuery.parse(times(probe)) }),
  unattributed: (ctx, probe) => unattributedEvents(ctx, NodeEventsQuery.parse(times(probe))),
  compare: (ctx, { nodeId, asOf, knownAt }) =>
    nodeCompare(ctx, { nodeId, ...CompareQuery.parse({ a: asOf, b: "lastTrusted", knownAt }) }),
  lifecycle: (ctx, probe) => lifecycleGet(ctx, { nodeId: probe.nodeId, ...times(probe) }),
  onboarding: (ctx, probe) => onboardingBoard(ctx, times(probe)),
  credentials: (ctx, probe) => nodeCredentials(ctx, { nodeId: probe.nodeId, ...times(probe) }, []),
  ending: (ctx, probe) =>
    endingCredentialList(ctx, CredentialListQuery.parse({ within: "90d", ...times(probe) })),
  findings: (ctx, probe) => sourceFindings(ctx, { sourceId: probe.sourceId, ...times(probe) }),
  groups: (ctx, probe) => unattributedOverview(ctx, times(probe)),
  alarms: (ctx, { asOf }) => identityAlarms(ctx, IdentityAlarmQuery.parse({ asOf })),
  keys: (ctx, { sourceId, asOf }) => sourceKeys(ctx, { sourceId, asOf }),
  sources: (ctx, { asOf }) => sourceList(ctx, [], { asOf: settled(asOf) }),
  rejected: (ctx, { sourceId, asOf }) => rejectedEvents(ctx, { sourceId, ...RejectedQuery.parse({ asOf }) }),
};
