/** Syslog over TLS (RFC 5425), with text, CEF or OCSF behind the header. */
import { z } from "zod";
import { OutboundError } from "#lib/domain/outbound";
import { cefLine } from "#lib/domain/siem/cef";
import type { Outgoing } from "#lib/domain/siem/outgoing";
import { framed, syslogMessage } from "#lib/domain/siem/syslog";
import { type Sink, type SinkContext, SinkError } from "#lib/sinks/contract";
import { CaPem } from "#lib/sinks/shared/settings";

const Settings = z.strictObject({
  host: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/, "must be a host name or an address")
    .meta({ title: "Host" }),
  port: z.int().min(1).max(65_535).default(6_514).meta({ title: "Port" }),
  format: z
    .enum(["cef", "ocsf", "text"])
    .default("cef")
    .meta({ title: "Format", description: "What follows the syslog header." }),
  enterprise: z.int().min(1).max(2_147_483_647).default(32_473).meta({
    title: "Enterprise number",
    description: "Your private enterprise number, for the structured data. 32473 is the one for examples.",
  }),
  ca: CaPem,
});
type Settings = z.output<typeof Settings>;
const Secrets = z.strictObject({
  certificate: z
    .string()
    .max(65_536)
    .default("")
    .meta({ title: "Client certificate", description: "PEM. Empty = none.", format: "pem" }),
  key: z
    .string()
    .max(65_536)
    .default("")
    .meta({ title: "Client key", description: "PEM. Empty = none.", format: "pem" }),
});
type Secrets = z.output<typeof Secrets>;

function messageOf(
  outgoing: Outgoing,
  { settings, productVersion, url }: SinkContext<Settings, Secrets>,
): string {
  const host = url === null ? "touchstone" : new URL(url).hostname;
  const body = {
    cef: () => cefLine(outgoing, productVersion, url),
    ocsf: () => JSON.stringify(outgoing.event),
    text: () => outgoing.message,
  }[settings.format]();
  return syslogMessage(
    outgoing,
    { host, enterprise: settings.enterprise },
    { body, isText: settings.format === "text" },
  );
}

export const syslogSink: Sink<Settings, Secrets> = {
  kind: "syslog",
  label: "Syslog over TLS",
  words: "Sends RFC 5424 messages over TLS, with CEF, OCSF or plain text.",
  settings: Settings,
  secrets: Secrets,
  maxEvents: 100,
  async deliver(ctx, events) {
    const { host, port, ca } = ctx.settings;
    const { certificate, key } = ctx.secrets;
    const bytes = (text: string) => Buffer.byteLength(text);
    const tls = {
      ...(ca === "" ? {} : { ca }),
      ...(certificate === "" ? {} : { cert: certificate }),
      ...(key === "" ? {} : { key }),
    };
    const body = events.map((outgoing) => framed(messageOf(outgoing, ctx), bytes)).join("");
    try {
      await ctx.stream({ host, port, tls, body }, ctx.signal);
    } catch (cause) {
      if (cause instanceof OutboundError) throw new SinkError("unavailable", cause.message, { cause });
      throw cause;
    }
  },
};
