/** What use cases with sinks are given by the composition root. */
import type { Sealer, SecretPlace } from "#db/sealing";
import type { Outbound, OutboundStream } from "#lib/domain/outbound";
import type { Sink } from "#lib/sinks/contract";

export type SinkTools = {
  /** The registered kinds. */
  kinds: readonly Sink[];
  sealer: Sealer;
  /** The guarded ways out. */
  outbound: Outbound;
  stream: OutboundStream;
  /** Where people reach this installation; `null` = nobody said. */
  url: string | null;
  productVersion: string;
};

/** Where a sink's secrets are sealed: they open nothing for another one. */
export const secretPlace = ({ trustDomainId, id }: { trustDomainId: string; id: string }): SecretPlace => ({
  trustDomainId,
  sourceId: id,
  kid: "sink",
});
