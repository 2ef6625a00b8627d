/** Splunk's HTTP Event Collector. */
import { z } from "zod";
import type { Sink } from "#lib/sinks/contract";
import { post } from "#lib/sinks/shared/post";
import { Address, CaPem, Token } from "#lib/sinks/shared/settings";

const Settings = z.strictObject({
  url: Address.meta({
    title: "Address",
    description: "Of the collector, for example https://splunk.example:8088/services/collector/event",
  }),
  index: z
    .string()
    .regex(/^([a-z0-9][a-z0-9_-]{0,79})?$/, "must be the name of an index")
    .default("")
    .meta({ title: "Index", description: "Empty = the one that the token belongs to." }),
  ca: CaPem,
});
const Secrets = z.strictObject({
  token: Token.meta({ title: "Token", description: "Of the collector." }),
});

export const splunkHecSink: Sink<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "splunk-hec",
  label: "Splunk HTTP Event Collector",
  words: "Posts OCSF events to a Splunk collector.",
  settings: Settings,
  secrets: Secrets,
  maxEvents: 100,
  async deliver(ctx, events) {
    const { url, index, ca } = ctx.settings;
    const lines = events.map(({ id, seq, timeMs, node, event }) =>
      JSON.stringify({
        time: (timeMs / 1_000).toFixed(3),
        host: node?.name ?? "touchstone",
        source: "touchstone",
        sourcetype: "ocsf",
        ...(index === "" ? {} : { index }),
        fields: { touchstone_id: id, touchstone_seq: String(seq) },
        event,
      }),
    );
    await post(ctx, {
      url,
      ca,
      headers: { "content-type": "application/json", authorization: `Splunk ${ctx.secrets.token}` },
      body: lines.join("\n"),
    });
  },
};
