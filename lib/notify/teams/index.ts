/** A Teams channel, by a workflow that takes adaptive cards. Cards read some Markdown, which is taken out. */
import { z } from "zod";
import type { Channel, Message } from "#lib/notify/contract";
import { Address, send } from "#lib/notify/shared/http";
import { cut, linesOf, titleOf } from "#lib/notify/shared/words";

const Secrets = z.strictObject({
  url: Address.meta({ title: "Workflow address", description: "Whoever knows it can write to the channel." }),
});
const Settings = z.strictObject({});

/** Every mark that Markdown knows stands behind a backslash. */
const escaped = (text: string) => text.replace(/[\\`*_{}[\]()#+\-.!<>|~]/g, "\\$&");
const COLOURS = { info: "Default", warning: "Warning", critical: "Attention" } as const;

const line = (text: string, more: object = {}) => ({
  type: "TextBlock",
  wrap: true,
  text: escaped(text),
  ...more,
});

function cardOf(message: Message) {
  const color = message.verb === "resolve" ? "Good" : COLOURS[message.severity];
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body: [
      line(cut(titleOf(message), 300), { weight: "Bolder", size: "Medium", color }),
      ...linesOf(message).map((text) => line(cut(text, 1_000))),
    ],
    actions: [{ type: "Action.OpenUrl", title: "Open in Touchstone", url: message.url }],
  };
}

export const teams: Channel<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "teams",
  label: "Microsoft Teams",
  settings: Settings,
  secrets: Secrets,
  verbs: ["trigger", "acknowledge", "resolve", "test"],
  async send(ctx, message) {
    const { status } = await send(ctx, "Teams", {
      method: "POST",
      url: ctx.secrets.url,
      body: {
        type: "message",
        attachments: [
          {
            contentType: "application/vnd.microsoft.card.adaptive",
            contentUrl: null,
            content: cardOf(message),
          },
        ],
      },
    });
    return { status, ref: null };
  },
};
