/** A Slack channel, by an incoming webhook. What came from outside is plain text there: it can mention nobody. */
import { z } from "zod";
import type { Channel } from "#lib/notify/contract";
import { Address, send } from "#lib/notify/shared/http";
import { cut, linesOf, titleOf } from "#lib/notify/shared/words";

const Secrets = z.strictObject({
  url: Address.meta({ title: "Webhook address", description: "Whoever knows it can write to the channel." }),
});
const Settings = z.strictObject({});

const plain = (text: string, max: number) => ({ type: "plain_text", text: cut(text, max), emoji: false });
/** The fallback is markup: these three make links, mentions and entities. */
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export const slack: Channel<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "slack",
  label: "Slack",
  settings: Settings,
  secrets: Secrets,
  verbs: ["trigger", "acknowledge", "resolve", "test"],
  async send(ctx, message) {
    const title = titleOf(message);
    const lines = linesOf(message).join("\n");
    const { status } = await send(ctx, "Slack", {
      method: "POST",
      url: ctx.secrets.url,
      body: {
        text: cut(escaped(title), 3_000),
        blocks: [
          { type: "header", text: plain(title, 150) },
          ...(lines === "" ? [] : [{ type: "section", text: plain(lines, 3_000) }]),
          {
            type: "actions",
            elements: [{ type: "button", text: plain("Open in Touchstone", 75), url: message.url }],
          },
        ],
      },
    });
    return { status, ref: null };
  },
};
