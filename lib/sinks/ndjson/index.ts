/** OCSF events as JSON lines over HTTPS, for whatever takes a POST. */

import { z } from "zod";
import { jsonLine } from "#lib/domain/json-line";
import type { Sink } from "#lib/sinks/contract";
import { post } from "#lib/sinks/shared/post";
import { Address, CaPem, Token } from "#lib/sinks/shared/settings";

const Settings = z.strictObject({
  url: Address.meta({ title: "Address", description: "JSON lines are posted here, one OCSF event each." }),
  ca: CaPem,
});
const Secrets = z.strictObject({
  token: z
    .union([z.literal(""), Token])
    .default("")
    .meta({ title: "Bearer token", description: "Sent as Authorization: Bearer. Empty = none." }),
});

export const ndjsonSink: Sink<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "ndjson",
  label: "JSON lines over HTTPS",
  words: "Posts OCSF events as JSON lines to an address.",
  settings: Settings,
  secrets: Secrets,
  maxEvents: 100,
  async deliver(ctx, events) {
    const { token } = ctx.secrets;
    await post(ctx, {
      url: ctx.settings.url,
      ca: ctx.settings.ca,
      headers: {
        "content-type": "application/x-ndjson",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      },
      body: events.map(({ event }) => jsonLine(event)).join(""),
    });
  },
};
