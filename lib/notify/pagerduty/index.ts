/** PagerDuty, by Events v2. One notification is one alert there, whatever is told about it. */
import { z } from "zod";
import type { Channel, Message, Verb } from "#lib/notify/contract";
import { Address, send, Token } from "#lib/notify/shared/http";
import { cut, linesOf, titleOf } from "#lib/notify/shared/words";

const Settings = z.strictObject({
  url: Address.default("https://events.pagerduty.com").meta({
    title: "Service region",
    description: "https://events.pagerduty.com, or https://events.eu.pagerduty.com",
  }),
});
const Secrets = z.strictObject({
  routingKey: Token.meta({ title: "Integration key", description: "Of an Events API v2 integration." }),
});

const ACTIONS: Record<Verb, "trigger" | "acknowledge" | "resolve"> = {
  trigger: "trigger",
  acknowledge: "acknowledge",
  resolve: "resolve",
  test: "trigger",
};

function payloadOf(message: Message) {
  return {
    summary: cut(titleOf(message), 1_024),
    source: "touchstone",
    severity: message.verb === "test" ? "info" : message.severity,
    timestamp: message.at,
    component: message.events[0]?.thread ?? "touchstone",
    custom_details: { id: message.id, lines: linesOf(message) },
  };
}

export const pagerduty: Channel<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "pagerduty",
  label: "PagerDuty",
  settings: Settings,
  secrets: Secrets,
  verbs: ["trigger", "acknowledge", "resolve", "test"],
  async send(ctx, message) {
    const action = ACTIONS[message.verb];
    const { status } = await send(ctx, "PagerDuty", {
      method: "POST",
      url: `${ctx.settings.url.replace(/\/+$/, "")}/v2/enqueue`,
      body: {
        routing_key: ctx.secrets.routingKey,
        event_action: action,
        dedup_key: message.dedupKey,
        ...(action === "trigger"
          ? {
              payload: payloadOf(message),
              client: "Touchstone",
              client_url: message.url,
              links: [{ href: message.url, text: "Open in Touchstone" }],
            }
          : {}),
      },
    });
    return { status, ref: message.dedupKey };
  },
};
