/** What use cases with connectors are given by the composition root. */
import type { Sealer, SecretPlace } from "#db/sealing";
import type { Connector } from "#lib/connectors/contract";
import type { Outbound, OutboundRpc } from "#lib/domain/outbound";

export type ConnectorTools = {
  /** The registered kinds. */
  kinds: readonly Connector[];
  sealer: Sealer;
  /** The guarded way out. */
  outbound: Outbound;
  /** The same for gRPC. */
  rpc: OutboundRpc;
  /** Where other systems reach this installation; `null` = nobody said. */
  origin: string | null;
  /** Rejects with the signal's reason when it is aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** Where a connector's secrets are sealed: they open nothing for another one. */
export const secretPlace = ({ trustDomainId, id }: { trustDomainId: string; id: string }): SecretPlace => ({
  trustDomainId,
  sourceId: id,
  kid: "connector",
});

/** Where the other side of a connector reports to. */
export const callbackUrlOf = (origin: string | null, connectorId: string): string | null =>
  origin === null ? null : `${origin}/api/v1/connectors/${connectorId}/callbacks`;
