/** A connector with a fake of its system, as the shared suite runs it. */
import type { Connector, ConnectorContext, ConnectorNode } from "#lib/connectors/contract";
import { readAllowed } from "#lib/outbound/address";
import { outboundTo } from "#lib/outbound/client";
import { outboundRpcTo } from "#lib/outbound/rpc";
import type { FakeSystem } from "#tests/stubs/conduct";

/** Stands in every secret of every rig, and must never be seen again. */
export const CANARY = "canary-of-a-secret";
export const NODE_UID = "3f0c8d2e-1111-4000-8000-000000000001";

export type Rig = {
  fake: FakeSystem;
  settings: Record<string, unknown>;
  secrets: Record<string, string>;
  node: ConnectorNode;
  /** A node that the system does not know; `null` = it takes any. */
  stranger: ConnectorNode | null;
  /** Puts the system into a state in which the verb can begin. */
  prepare: (verb: string) => void;
  /** Does what the system does by itself once the verb was started, until it is done. */
  settle: (verb: string, memory: Map<string, unknown>) => void;
};

export type RigMaker = {
  connector: Connector;
  /** `false` = it looks at nothing but the status of an answer. */
  readsAnswers: boolean;
  start: () => Promise<Rig>;
};

export const rigNode = (name: string, identities: Record<string, string> = {}): ConnectorNode => ({
  nodeId: `id-of-${name}`,
  name,
  identities: Object.entries(identities).map(([kind, value]) => ({ kind, value })),
  labels: {},
});

/** What a call of a rig's connector is given; `overrides` for hostile circumstances. */
export function rigContext(
  { connector }: Pick<RigMaker, "connector">,
  rig: Rig,
  memory: Map<string, unknown>,
  overrides: Partial<ConnectorContext> = {},
): ConnectorContext {
  return {
    settings: connector.settings.parse(rig.settings),
    secrets: connector.secrets.parse(rig.secrets),
    request: outboundTo(readAllowed("127.0.0.1")),
    rpc: outboundRpcTo(readAllowed("127.0.0.1")),
    memory: {
      get: async (name) => memory.get(name) ?? null,
      put: async (name, value) => void memory.set(name, JSON.parse(JSON.stringify(value))),
      remove: async (name) => void memory.delete(name),
    },
    callbackUrl: "https://touchstone.example/api/v1/connectors/c1/callbacks",
    nowMs: Date.parse("2026-06-01T12:00:00Z"),
    sleep: async () => {},
    signal: new AbortController().signal,
    ...overrides,
  };
}
