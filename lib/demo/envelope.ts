/** From demo events to request bodies of the public HTTP API. */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { BOOTSTRAP_EVENT_TYPE, VERDICT_EVENT_TYPE } from "#lib/sources/contract";
import type { Channel, DemoEvent } from "./history.ts";
import { earClaims, type Signer } from "./token.ts";

/** One request, ready to be sent. */
export type Parcel = {
  channel: Channel;
  /** Path and query below the server's address. */
  path: string;
  contentType: string;
  /** Gzip. */
  body: Buffer;
  events: number;
};

/** Most events of one parcel. The server takes 1,000. */
export const MAX_PARCEL_EVENTS = 800;

const compress = promisify(gzip);

export type PackOptions = {
  sourceIds: Readonly<Record<Channel, string>>;
  /** Signs a verdict's claims; `fixed` tokens are used as they are, so that one can be sent again later. */
  signers: Readonly<Partial<Record<Channel, Signer>>>;
  fixed?: Readonly<Record<string, string>>;
  backfill: boolean;
};

/** Sign, wrap and compress events of one channel. */
export async function packEvents(
  channel: Channel,
  events: readonly DemoEvent[],
  options: PackOptions,
): Promise<Parcel> {
  const { sourceIds, backfill } = options;
  const query = backfill ? "?backfill=true" : "";
  if (channel === "spire") {
    const lines = events.map((event) => ("line" in event ? `${JSON.stringify(event.line)}\n` : ""));
    return {
      channel,
      path: `/api/v1/sources/${sourceIds.spire}/deliver${query}`,
      contentType: "application/x-ndjson",
      body: await compress(lines.join(""), { level: 1 }),
      events: events.length,
    };
  }
  const wrapped = events.map((event) => JSON.stringify(cloudEvent(event, options)));
  return {
    channel,
    path: `/api/v1/events${query}`,
    contentType: "application/cloudevents-batch+json",
    body: await compress(`[${wrapped.join(",")}]`, { level: 1 }),
    events: events.length,
  };
}

function cloudEvent(event: DemoEvent, options: PackOptions): Record<string, unknown> {
  const base = {
    specversion: "1.0",
    id: event.id,
    source: `urn:touchstone:source:${options.sourceIds[event.channel]}`,
    subject: event.node.name,
    time: new Date(event.atMs).toISOString(),
  };
  if ("document" in event) {
    return { ...base, type: BOOTSTRAP_EVENT_TYPE, datacontenttype: "application/json", data: event.document };
  }
  return {
    ...base,
    type: VERDICT_EVENT_TYPE,
    datacontenttype: "application/eat+jwt",
    data: tokenOf(event, options),
  };
}

/** The signed token of a verdict event. */
export function tokenOf(
  event: DemoEvent,
  { signers, fixed }: Pick<PackOptions, "signers" | "fixed">,
): string {
  const known = fixed?.[event.id];
  if (known) return known;
  const sign = signers[event.channel];
  if (!sign || !("appraisals" in event)) throw new Error(`${event.channel} does not sign its events`);
  return sign(earClaims(event.channel, event.appraisals, event.atMs));
}
