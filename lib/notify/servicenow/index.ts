/** ServiceNow: an incident for each notification, told apart by its correlation id, noted in and resolved with it. */
import { z } from "zod";
import type { Channel, ChannelContext, Message } from "#lib/notify/contract";
import { Address, read, send, Token } from "#lib/notify/shared/http";
import { cut, linesOf, titleOf } from "#lib/notify/shared/words";

const Settings = z.strictObject({
  url: Address.meta({ title: "Instance", description: "Such as https://example.service-now.com" }),
  user: z
    .string()
    .max(300)
    .default("")
    .meta({ title: "User", description: "Empty = the secret is an OAuth token" }),
  closeCode: z.string().min(1).max(100).default("Resolved by caller").meta({ title: "Close code" }),
});
const Secrets = z.strictObject({ password: Token.meta({ title: "Password or token" }) });
type Context = ChannelContext<z.output<typeof Settings>, z.output<typeof Secrets>>;

const Row = z.object({ sys_id: z.string().regex(/^[0-9a-f]{32}$/), number: z.string().max(40) });
const Found = z.object({ result: z.array(Row) });
const Made = z.object({ result: Row });
const TABLE = "/api/now/table/incident";
/** Of the table `incident` as it is delivered. */
const RESOLVED = "6";
/** 1 = high. */
const URGENCY = { critical: "1", warning: "2", info: "3" } as const;

function call(ctx: Context, method: "GET" | "POST" | "PATCH", path: string, body?: object) {
  const { url, user } = ctx.settings;
  const { password } = ctx.secrets;
  const authorization =
    user === ""
      ? `Bearer ${password}`
      : `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
  return send(ctx, "ServiceNow", {
    method,
    url: `${url.replace(/\/+$/, "")}${path}`,
    headers: { authorization },
    ...(body ? { body } : {}),
  });
}

async function find(ctx: Context, { dedupKey }: Message) {
  const query = new URLSearchParams({
    sysparm_query: `correlation_id=${dedupKey}`,
    sysparm_fields: "sys_id,number",
    sysparm_limit: "1",
  });
  const { result } = read(Found, await call(ctx, "GET", `${TABLE}?${query}`), "ServiceNow");
  return result[0] ?? null;
}

export const servicenow: Channel<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "servicenow",
  label: "ServiceNow",
  settings: Settings,
  secrets: Secrets,
  verbs: ["trigger", "acknowledge", "resolve", "test"],
  async send(ctx, message) {
    const text = cut([...linesOf(message), message.url].join("\n"), 4_000);
    const found = await find(ctx, message);
    const row =
      found ??
      read(
        Made,
        await call(ctx, "POST", TABLE, {
          short_description: cut(titleOf(message), 160),
          description: text,
          correlation_id: message.dedupKey,
          correlation_display: "Touchstone",
          urgency: URGENCY[message.severity],
          impact: URGENCY[message.severity],
        }),
        "ServiceNow",
      ).result;
    const isOver = message.verb === "resolve" || message.verb === "test";
    const closing = {
      state: RESOLVED,
      close_code: ctx.settings.closeCode,
      close_notes: cut(titleOf(message), 1_000),
    };
    if (found !== null || isOver)
      await call(ctx, "PATCH", `${TABLE}/${row.sys_id}`, { work_notes: text, ...(isOver ? closing : {}) });
    return { status: 200, ref: row.number };
  },
};
