/** Query options and calls of policies: what is in force, what a text would do, and exceptions. */
import { queryOptions } from "@tanstack/react-query";
import type {
  BacktestBody,
  BacktestView,
  ExceptionBody,
  ImpactBody,
  PolicyCheck,
  PolicyExceptionList,
  PolicyImpactView,
  PolicyList,
  PolicySchemaView,
  PolicyTrial,
  PolicyView,
  RollbackBody,
  SavedPolicy,
  SavePolicyBody,
  ShadowBody,
  TestPolicyBody,
} from "#lib/contracts/policy";
import { ApiProblem, getJson, sendForLines, sendJson, trust } from "./api.ts";
import { paths } from "./paths.ts";
import { inScope } from "./scope.ts";

/** Somebody else may stage, approve or roll back; while nodes are decided again it moves faster. */
const LOOK_AGAIN_MS = 15_000;
const LOOK_AGAIN_DECIDING_MS = 2_000;

export const policyKeys = {
  all: ["policies"] as const,
  list: () => [...policyKeys.all, "list"] as const,
  one: (name: string) => [...policyKeys.all, "one", name] as const,
  exceptions: () => [...policyKeys.all, "exceptions"] as const,
  schema: () => [...policyKeys.all, "schema"] as const,
  check: (text: string) => [...policyKeys.all, "check", text] as const,
  node: (body: TestPolicyBody) => [...policyKeys.all, "node", body] as const,
  impact: (body: ImpactBody) => [...policyKeys.all, "impact", body] as const,
};

export const policyListOptions = () =>
  queryOptions({
    queryKey: policyKeys.list(),
    queryFn: ({ signal }) => getJson(paths.api.policies(), trust<PolicyList>(), signal),
    refetchInterval: ({ state }) => (state.data?.deciding ? LOOK_AGAIN_DECIDING_MS : LOOK_AGAIN_MS),
  });

export const policyOptions = (name: string) =>
  queryOptions({
    queryKey: policyKeys.one(name),
    queryFn: ({ signal }) => getJson(paths.api.policy(name), trust<PolicyView>(), signal),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const policyExceptionOptions = () =>
  queryOptions({
    queryKey: policyKeys.exceptions(),
    queryFn: ({ signal }) => getJson(paths.api.policyExceptions(), trust<PolicyExceptionList>(), signal),
  });

/** Part of the build that answers, so it stays right for as long as the page is open. */
export const policySchemaOptions = () =>
  queryOptions({
    queryKey: policyKeys.schema(),
    queryFn: ({ signal }) => getJson(paths.api.policySchema(), trust<PolicySchemaView>(), signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What is wrong with a text; the same text always has the same faults. */
export const policyCheckOptions = (text: string) =>
  queryOptions({
    queryKey: policyKeys.check(text),
    queryFn: () => sendJson(inScope(paths.api.policyTrial("check")), { text }, trust<PolicyCheck>()),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  });

/** What a policy makes of a node; as of now, so it is never kept. */
export const nodeTrialOptions = (body: TestPolicyBody) =>
  queryOptions({
    queryKey: policyKeys.node(body),
    queryFn: () => sendJson(inScope(paths.api.policyTrial("node")), body, trust<PolicyTrial>()),
    gcTime: 0,
    retry: false,
  });

/** What enforcing would move; as of now, so it is never kept. */
export const policyImpactOptions = (body: ImpactBody) =>
  queryOptions({
    queryKey: policyKeys.impact(body),
    queryFn: () => sendJson(inScope(paths.api.policyTrial("impact")), body, trust<PolicyImpactView>()),
    gcTime: 0,
    retry: false,
  });

export type BacktestProgress = { nodes: number; states: number };
type BacktestLine = { progress: BacktestProgress } | { result: BacktestView } | { error: string };

/**
 * Replay stored history. Aborting the signal ends it, here and on the server, and rejects with the abort.
 *
 * @throws {ApiProblem} when it is refused, or ends without a result
 */
export async function backtest(
  body: BacktestBody,
  onProgress: (progress: BacktestProgress) => void,
  signal: AbortSignal,
): Promise<BacktestView> {
  const path = inScope(paths.api.policyTrial("backtest"));
  const shape = trust<BacktestLine>();
  for await (const line of sendForLines(path, body, shape, signal)) {
    if ("result" in line) return line.result;
    if ("error" in line) throw incomplete(line.error);
    onProgress(line.progress);
  }
  throw incomplete("The answer ended before the result.");
}

const incomplete = (detail: string) =>
  new ApiProblem({ code: "network/incomplete", status: 0, title: "The backtest was not completed", detail });

export function savePolicy(body: SavePolicyBody): Promise<SavedPolicy> {
  return sendJson(paths.api.policies(), body, trust<SavedPolicy>());
}

export function startShadow(name: string, body: ShadowBody): Promise<unknown> {
  return sendJson(paths.api.policyShadow(name), body, trust<unknown>());
}

export function endShadow(name: string): Promise<unknown> {
  return sendJson(paths.api.policyShadow(name, "end"), {}, trust<unknown>());
}

export function rollbackPolicy(name: string, body: RollbackBody): Promise<unknown> {
  return sendJson(paths.api.policyRollback(name), body, trust<unknown>());
}

export function makePolicyException(body: ExceptionBody): Promise<unknown> {
  return sendJson(paths.api.policyExceptions(), body, trust<unknown>());
}

export function endPolicyException(id: string, reason: string): Promise<unknown> {
  return sendJson(paths.api.policyExceptionEnd(id), { reason }, trust<unknown>());
}
