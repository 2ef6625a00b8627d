/** Any system that takes a signed Standard Webhook and reports back with one. */
import { z } from "zod";
import {
  type ConnectorContext,
  ConnectorError,
  type Incoming,
  type Observation,
  type Received,
} from "#lib/connectors/contract";
import { BaseUrl, CaPem, failureOf, send } from "#lib/connectors/shared/http";
import { connectorOf, must, note, type VerbSpec } from "#lib/connectors/shared/verbs";
import { privateKeyOf, signWebhook, verifyWebhook } from "./signature.ts";

const base64Of = (text: string) => Buffer.from(text.replace(/^wh(sec|sk|pk)_/, ""), "base64").byteLength;

const Settings = z.strictObject({
  url: BaseUrl.meta({ title: "Address", description: "Signed requests are posted here." }),
  ca: CaPem,
});
const Secrets = z.strictObject({
  signing: z
    .string()
    .max(200)
    .refine(
      (text) =>
        privateKeyOf(text) !== null ||
        (text.startsWith("whsec_") && base64Of(text) >= 24 && base64Of(text) <= 64),
      "must be whsec_ with 24 to 64 bytes in base64, or whsk_ with an Ed25519 key",
    )
    .meta({ title: "Signing secret", description: "whsec_… (v1, shared) or whsk_… (v1a, ours alone)." }),
  callback: z
    .string()
    .max(200)
    .refine(
      (text) =>
        (text.startsWith("whpk_") && base64Of(text) === 32) ||
        (text.startsWith("whsec_") && base64Of(text) >= 24),
      "must be whpk_ with 32 bytes, or whsec_ with 24 bytes or more",
    )
    .meta({
      title: "Key of the reports",
      description: "whpk_… (v1a) or whsec_… (v1): what the other side signs with.",
    }),
});
type Settings = z.output<typeof Settings>;
type Secrets = z.output<typeof Secrets>;
type Context = ConnectorContext<Settings, Secrets>;

const EXECUTE = "touchstone.remediation.execute";
const ABORT = "touchstone.remediation.abort";

/** What the other side reports, under the id of the request. */
const Report = z.strictObject({
  type: z.literal("touchstone.remediation.result"),
  data: z.strictObject({
    id: z.string().min(1).max(200),
    state: z.enum(["running", "done", "failed"]),
    detail: z.string().max(500).default(""),
  }),
});

const Remembered = z.object({
  state: z.enum(["sent", "running", "done", "failed"]),
  detail: z.string().default(""),
});
export const reportName = (key: string): string => `report:${key}`;

/** Verified first: nothing of an unsigned message is looked at. What has ended stays as it ended. */
async function receive(ctx: Context, { headers, body }: Incoming): Promise<Received> {
  const signed = {
    id: headers["webhook-id"] ?? "",
    timestamp: headers["webhook-timestamp"] ?? "",
    signature: headers["webhook-signature"] ?? "",
  };
  if (!verifyWebhook(ctx.secrets.callback, signed, body, ctx.nowMs))
    throw new ConnectorError("unauthorized", "The report is not signed with the key of the reports");
  const { id, state, detail } = reportOf(body);
  const known = Remembered.safeParse(await ctx.memory.get(reportName(id)));
  if (!known.success) throw new ConnectorError("not_found", "Nothing was asked for under this id");
  const before = known.data;
  const said = { idempotencyKey: id, detail: `The other side reports: ${state}` };
  if (before.state === state && before.detail === detail) return { ...said, changed: false };
  if (before.state === "done" || before.state === "failed") {
    if (before.state === state) return { ...said, changed: false };
    throw new ConnectorError("conflict", `It was reported as ${before.state} before`, { retry: false });
  }
  await ctx.memory.put(reportName(id), { state, detail });
  return { ...said, changed: true };
}

function reportOf(body: string): z.output<typeof Report>["data"] {
  try {
    return Report.parse(JSON.parse(body)).data;
  } catch (cause) {
    throw new ConnectorError("invalid_answer", "The report is not as documented", { cause });
  }
}

async function post(ctx: Context, type: string, id: string, data: object): Promise<void> {
  const body = JSON.stringify({
    type,
    timestamp: new Date(ctx.nowMs).toISOString(),
    data: { ...data, callbackUrl: ctx.callbackUrl },
  });
  const answer = await send(ctx, {
    method: "POST",
    url: ctx.settings.url,
    headers: { "content-type": "application/json", ...signWebhook(ctx.secrets.signing, id, ctx.nowMs, body) },
    body,
    ...(ctx.settings.ca === "" ? {} : { tls: { ca: ctx.settings.ca } }),
  });
  if (answer.status < 200 || answer.status > 299) throw failureOf(answer.status, "POST to the webhook");
}

async function observed(ctx: Context, key: string): Promise<Observation> {
  const stored = Remembered.safeParse(await ctx.memory.get(reportName(key)));
  if (!stored.success) return { state: "not_started", detail: "Nothing was sent", facts: {} };
  const { state, detail } = stored.data;
  if (state === "sent")
    return { state: "running", detail: "Sent; nothing was reported yet", facts: { next: true } };
  return { state, detail: detail || `The other side reports: ${state}`, facts: { reported: state } };
}

function run(
  verb: string,
  words: string,
  options: { destructive: boolean; undo: string | null },
): VerbSpec<Settings, Secrets> {
  return {
    words,
    timeoutMs: 3_600_000,
    ...options,
    async preview(ctx, target) {
      return {
        steps: [`Post ${EXECUTE} with verb ${verb} and node ${target.words}.`],
        checks: [
          must(
            "It can report back",
            ctx.callbackUrl !== null,
            ctx.callbackUrl ?? "TOUCHSTONE_URL is not set",
          ),
          note("What happens over there", true, "is not known here, and cannot be rehearsed"),
        ],
      };
    },
    /** Sent again with the same id while nothing is reported: receivers know a repetition by its id. */
    async start(ctx, target, key) {
      if (ctx.callbackUrl === null)
        throw new ConnectorError("refused", "Without TOUCHSTONE_URL nobody can report back");
      const before = await observed(ctx, key);
      if (before.state !== "not_started" && before.facts.next !== true) {
        return { again: true, detail: before.detail, facts: before.facts };
      }
      // Before it leaves: after a crash it is not known to be unsent.
      await ctx.memory.put(reportName(key), { state: "sent" });
      await post(ctx, EXECUTE, key, { id: key, verb, node: { ref: target.ref, name: target.words } });
      return { again: before.state !== "not_started", detail: "The request was taken", facts: {} };
    },
    observe: (ctx, _target, key) => observed(ctx, key),
    async abort(ctx, _target, key) {
      const before = await observed(ctx, key);
      if (before.state === "running") await post(ctx, ABORT, `${key}:abort`, { id: key });
      return observed(ctx, key);
    },
  };
}

export const webhookConnector = connectorOf<Settings, Secrets>({
  kind: "webhook",
  label: "Standard Webhook",
  guide: "connector-webhook",
  settings: Settings,
  secrets: Secrets,
  test: async (ctx) => [
    must("It can report back", ctx.callbackUrl !== null, ctx.callbackUrl ?? "TOUCHSTONE_URL is not set"),
    note("Nothing was sent", true, "a test request would be a real one to the other side"),
  ],
  receive,
  targetOf: ({ nodeId, name }) => ({ ref: nodeId, words: name, uid: null }),
  verbs: {
    isolate: run("isolate", "ask for the node's isolation", { destructive: false, undo: "release" }),
    release: run("release", "ask for the node's release", { destructive: false, undo: null }),
    rebuild: run("rebuild", "ask for the node's rebuild", { destructive: true, undo: null }),
    rekey: run("rekey", "ask for new keys of the node", { destructive: true, undo: null }),
  },
});
