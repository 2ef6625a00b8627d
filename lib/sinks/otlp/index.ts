/** OpenTelemetry logs in the protocol's JSON encoding. */
import { z } from "zod";
import type { Severity } from "#lib/domain/ocsf/event";
import type { Outgoing } from "#lib/domain/siem/outgoing";
import { type Sink, SinkError } from "#lib/sinks/contract";
import { jsonOf, post } from "#lib/sinks/shared/post";
import { Address, CaPem, Token } from "#lib/sinks/shared/settings";

const Settings = z.strictObject({
  url: Address.meta({ title: "Address", description: "For example https://otel.example:4318/v1/logs" }),
  ca: CaPem,
});
const Secrets = z.strictObject({
  token: z
    .union([z.literal(""), Token])
    .default("")
    .meta({ title: "Bearer token", description: "Sent as Authorization: Bearer. Empty = none." }),
});

const SEVERITIES: Readonly<Record<Severity, readonly [number: number, text: string]>> = {
  informational: [9, "INFO"],
  low: [10, "INFO2"],
  medium: [13, "WARN"],
  high: [17, "ERROR"],
  critical: [21, "FATAL"],
};

const Partial = z.object({
  partialSuccess: z.object({ rejectedLogRecords: z.coerce.number().default(0) }).nullish(),
});

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
/** Nanoseconds as text: they do not fit into a number. */
const nanos = (ms: number) => `${ms}000000`;

/** The body of one export. The event as a whole is an attribute: receivers need not know OCSF to keep it. */
function otlpBody(events: readonly Outgoing[], productVersion: string): string {
  const logRecords = events.map(
    ({ id, seq, trustDomainId, type, severity, timeMs, knownMs, node, message, event }) => ({
      timeUnixNano: nanos(timeMs),
      observedTimeUnixNano: nanos(knownMs),
      severityNumber: SEVERITIES[severity][0],
      severityText: SEVERITIES[severity][1],
      eventName: type,
      body: { stringValue: message },
      attributes: [
        attribute("touchstone.id", id),
        { key: "touchstone.sequence", value: { intValue: String(seq) } },
        attribute("touchstone.trust_domain", trustDomainId),
        ...(node ? [attribute("host.id", node.id), attribute("host.name", node.name)] : []),
        attribute("touchstone.ocsf", JSON.stringify(event)),
      ],
    }),
  );
  return JSON.stringify({
    resourceLogs: [
      {
        resource: {
          attributes: [attribute("service.name", "touchstone"), attribute("service.version", productVersion)],
        },
        scopeLogs: [{ scope: { name: "touchstone" }, logRecords }],
      },
    ],
  });
}

export const otlpSink: Sink<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "otlp",
  label: "OpenTelemetry logs (OTLP)",
  words: "Sends log records over OTLP/HTTP in its JSON encoding.",
  settings: Settings,
  secrets: Secrets,
  maxEvents: 100,
  async deliver(ctx, events) {
    const { token } = ctx.secrets;
    const answer = await post(ctx, {
      url: ctx.settings.url,
      ca: ctx.settings.ca,
      headers: {
        "content-type": "application/json",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      },
      body: otlpBody(events, ctx.productVersion),
    });
    const { data } = Partial.safeParse(jsonOf(answer));
    // Nobody says which: alone, the refused ones are told from the others.
    const rejected = data?.partialSuccess?.rejectedLogRecords ?? 0;
    if (rejected > 0)
      throw new SinkError("refused", `The receiver refused ${rejected} of ${events.length} records`);
  },
};
