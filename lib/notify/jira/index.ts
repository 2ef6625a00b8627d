/**
 * Jira: a ticket for each notification, linked to it, commented on, and closed with it.
 *
 * Jira has no key of ours to tell a repetition by, so that a label is looked for before a ticket is made.
 */
import { z } from "zod";
import { type Channel, type ChannelContext, ChannelError, type Message } from "#lib/notify/contract";
import { Address, read, send, Token } from "#lib/notify/shared/http";
import { cut, linesOf, titleOf } from "#lib/notify/shared/words";

const Settings = z.strictObject({
  url: Address.meta({ title: "Address", description: "Such as https://example.atlassian.net" }),
  flavour: z.enum(["cloud", "data_center"]).default("cloud").meta({ title: "Flavour" }),
  project: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,30}$/, "must be the key of a project")
    .meta({ title: "Project", description: "Its key, such as SEC" }),
  issueType: z.string().min(1).max(100).default("Task").meta({ title: "Issue type" }),
  user: z
    .string()
    .max(300)
    .default("")
    .meta({ title: "User", description: "E-mail address; empty = a personal access token" }),
});
const Secrets = z.strictObject({ token: Token.meta({ title: "API token" }) });
type Context = ChannelContext<z.output<typeof Settings>, z.output<typeof Secrets>>;

const Found = z.object({ issues: z.array(z.object({ key: z.string().max(100) })) });
const Made = z.object({ key: z.string().max(100) });
const Issue = z.object({
  fields: z.object({ status: z.object({ statusCategory: z.object({ key: z.string() }) }) }),
});
const Transitions = z.object({
  transitions: z.array(
    z.object({ id: z.string(), to: z.object({ statusCategory: z.object({ key: z.string() }).optional() }) }),
  ),
});

const labelOf = ({ dedupKey }: Message) => `touchstone-${dedupKey}`;

function call(ctx: Context, method: "GET" | "POST", path: string, body?: object) {
  const { url, user } = ctx.settings;
  const { token } = ctx.secrets;
  const authorization =
    user === "" ? `Bearer ${token}` : `Basic ${Buffer.from(`${user}:${token}`, "utf8").toString("base64")}`;
  const base = url.replace(/\/+$/, "");
  return send(ctx, "Jira", {
    method,
    url: `${base}${path}`,
    headers: { authorization },
    ...(body ? { body } : {}),
  });
}

async function find(ctx: Context, message: Message): Promise<string | null> {
  if (ctx.ref !== null) return ctx.ref;
  const path = ctx.settings.flavour === "cloud" ? "/rest/api/3/search/jql" : "/rest/api/2/search";
  const query = new URLSearchParams({
    jql: `project = "${ctx.settings.project}" AND labels = "${labelOf(message)}"`,
    fields: "key",
    maxResults: "1",
  });
  const { issues } = read(Found, await call(ctx, "GET", `${path}?${query}`), "Jira");
  return issues[0]?.key ?? null;
}

async function make(ctx: Context, message: Message): Promise<string> {
  const { project, issueType } = ctx.settings;
  const fields = {
    project: { key: project },
    issuetype: { name: issueType },
    summary: cut(titleOf(message), 250),
    description: verbatim([...linesOf(message), message.url]),
    labels: ["touchstone", labelOf(message)],
  };
  return read(Made, await call(ctx, "POST", "/rest/api/2/issue", { fields }), "Jira").key;
}

/** Text in which Jira's own markup, its mentions among it, means nothing. */
function verbatim(lines: readonly string[]): string {
  return `{noformat}\n${cut(lines.join("\n").replaceAll("{noformat}", "{ noformat }"), 20_000)}\n{noformat}`;
}

/** The same link again changes the one that is there. */
async function link(ctx: Context, key: string, message: Message): Promise<void> {
  await call(ctx, "POST", `/rest/api/2/issue/${encodeURIComponent(key)}/remotelink`, {
    globalId: labelOf(message),
    object: { url: message.url, title: "Touchstone" },
  });
}

async function close(ctx: Context, key: string): Promise<void> {
  const issue = `/rest/api/2/issue/${encodeURIComponent(key)}`;
  const { fields } = read(Issue, await call(ctx, "GET", `${issue}?fields=status`), "Jira");
  if (fields.status.statusCategory.key === "done") return;
  const path = `${issue}/transitions`;
  const { transitions } = read(Transitions, await call(ctx, "GET", path), "Jira");
  const done = transitions.find(({ to }) => to.statusCategory?.key === "done");
  if (!done) throw new ChannelError(`Jira offers no way to close ${cut(key, 40)}`);
  await call(ctx, "POST", path, { transition: { id: done.id } });
}

export const jira: Channel<z.output<typeof Settings>, z.output<typeof Secrets>> = {
  kind: "jira",
  label: "Jira",
  settings: Settings,
  secrets: Secrets,
  verbs: ["trigger", "acknowledge", "resolve", "test"],
  async send(ctx, message) {
    const found = await find(ctx, message);
    const key = found ?? (await make(ctx, message));
    if (found === null) await link(ctx, key, message);
    else if (message.verb !== "test") {
      await call(ctx, "POST", `/rest/api/2/issue/${encodeURIComponent(key)}/comment`, {
        body: verbatim([titleOf(message), ...linesOf(message)]),
      });
    }
    if (message.verb === "resolve" || message.verb === "test") await close(ctx, key);
    return { status: 200, ref: key };
  },
};
