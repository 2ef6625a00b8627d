/** From a stored sink to one that can be told something. */
import type { SinkRow } from "#db/queries/sink";
import { SealError } from "#db/sealing";
import type { Emitter, OcsfVersion } from "#lib/domain/ocsf/event";
import type { Outgoing } from "#lib/domain/siem/outgoing";
import { SinkError } from "#lib/sinks/contract";
import { type SinkTools, secretPlace } from "./tools.ts";

export type OpenSink = {
  maxEvents: number;
  emitter: Emitter;
  /** @throws {SinkError}; the signal's reason when it is aborted */
  deliver: (events: readonly Outgoing[], nowMs: number, signal: AbortSignal) => Promise<void>;
};

/** @throws {SinkError} `unavailable` when this version cannot read its settings or secrets; without a word of them */
export function openSink(tools: SinkTools, row: SinkRow): OpenSink {
  const kind = tools.kinds.find((known) => known.kind === row.kind);
  if (!kind) throw new SinkError("unavailable", `This version knows no sinks of kind ${row.kind}`);
  const settings = kind.settings.safeParse(row.settings);
  const secrets = kind.secrets.safeParse(secretsOf(tools, row));
  if (!settings.success || !secrets.success)
    throw new SinkError("unavailable", "Its settings or secrets do not fit this version; save it again");
  const { outbound: request, stream, productVersion, url } = tools;
  const ways = { request, stream, productVersion, url };
  return {
    maxEvents: kind.maxEvents,
    emitter: { version: row.ocsfVersion as OcsfVersion, productVersion, url },
    deliver: (events, nowMs, signal) =>
      kind.deliver({ settings: settings.data, secrets: secrets.data, ...ways, nowMs, signal }, events),
  };
}

function secretsOf({ sealer }: SinkTools, row: SinkRow): unknown {
  if (row.sealedSecrets === null) return {};
  try {
    return JSON.parse(sealer.open(row.sealedSecrets, secretPlace(row)).toString("utf8"));
  } catch (cause) {
    if (cause instanceof SealError)
      throw new SinkError("unavailable", "Its secrets do not open; save them again", { cause });
    throw cause;
  }
}
