/** What trying a policy needs of ingest: the computations that decide. */
import "server-only";
import { replayPolicy } from "#lib/ingest/policy-backtest";
import { policyImpact, tryOnNode } from "#lib/ingest/policy-impact";
import type { ImpactOf, ReplayOf, TrialOf } from "#lib/services/policy/trial";

const impactOf: ImpactOf = ({ db, now }, trustDomainId, proposal) =>
  policyImpact(db.$client, trustDomainId, proposal, now());

const trialOf: TrialOf = ({ db, now }, trustDomainId, nodeId, proposal) =>
  tryOnNode(db.$client, trustDomainId, nodeId, proposal, now());

const replayOf: ReplayOf = ({ db }, trustDomainId, proposal, window, onProgress, signal) =>
  replayPolicy(db.$client, trustDomainId, proposal, window, onProgress, signal);

export const policyTools = { impactOf, trialOf, replayOf };
