/** What use cases with channels are given by the composition root. */
import type { Sealer, SecretPlace } from "#db/sealing";
import type { MailSend } from "#lib/domain/notify/mail";
import type { Outbound } from "#lib/domain/outbound";
import type { Channel } from "#lib/notify/contract";

export type NotifyTools = {
  /** The registered kinds. */
  kinds: readonly Channel[];
  sealer: Sealer;
  /** The guarded ways out. */
  outbound: Outbound;
  mail: MailSend;
  /** Where people reach this installation. */
  origin: string;
  /** Random, 0 to 1. */
  spread: () => number;
};

/** Where a channel's secrets are sealed: they open nothing for another one. */
export const secretPlace = ({ trustDomainId, id }: { trustDomainId: string; id: string }): SecretPlace => ({
  trustDomainId,
  sourceId: id,
  kid: "channel",
});
