/** AWX: one job template per verb, limited to one host, and stopped when that limit is not honoured. */
import { z } from "zod";
import {
  type ConnectorContext,
  ConnectorError,
  type Observation,
  type Target,
} from "#lib/connectors/contract";
import { type Api, apiOf, BaseUrl, CaPem, identityOf, read, Token } from "#lib/connectors/shared/http";
import { connectorOf, must, note, requireChecks, type VerbSpec } from "#lib/connectors/shared/verbs";

const Template = z.int().min(0).max(2_147_483_647).default(0);
const Settings = z.strictObject({
  url: BaseUrl.meta({ title: "Address", description: "Without /api." }),
  ca: CaPem,
  isolateTemplate: Template.meta({ title: "Template that isolates", description: "Its id; 0 = none." }),
  releaseTemplate: Template.meta({ title: "Template that releases", description: "Its id; 0 = none." }),
  rebuildTemplate: Template.meta({ title: "Template that rebuilds", description: "Its id; 0 = none." }),
  rekeyTemplate: Template.meta({ title: "Template that rekeys", description: "Its id; 0 = none." }),
});
const Secrets = z.strictObject({
  token: Token.meta({
    title: "Token",
    description: "OAuth 2 token of a user who may only launch these templates.",
  }),
});
type Settings = z.output<typeof Settings>;
type Secrets = z.output<typeof Secrets>;
type Context = ConnectorContext<Settings, Secrets>;

const Launch = z.object({ ask_limit_on_launch: z.boolean(), ask_variables_on_launch: z.boolean() });
const TemplateView = z.object({ inventory: z.int().nullable(), name: z.string() });
const Found = z.object({ count: z.int() });
const Launched = z.object({ job: z.int(), ignored_fields: z.record(z.string(), z.unknown()).default({}) });
const Job = z.object({
  id: z.int(),
  status: z.string(),
  limit: z.string().default(""),
  extra_vars: z.string().default(""),
});
const Jobs = z.object({ results: z.array(Job) });
type Job = z.output<typeof Job>;

/** Name of the variable that tells whose job it is. */
const VARIABLE = "touchstone_request";
/** Jobs of a template that are looked through, the newest first. */
const LOOKED_AT = 200;

const api = (ctx: Context): Api =>
  apiOf(ctx, {
    base: ctx.settings.url,
    headers: { authorization: `Bearer ${ctx.secrets.token}` },
    ...(ctx.settings.ca === "" ? {} : { tls: { ca: ctx.settings.ca } }),
  });

const get = async <S extends z.ZodType>(call: Api, path: string, schema: S) =>
  read(schema, await call("GET", path), `GET ${path.split("?")[0]}`);

/** A limit is a pattern: a name that would match more than itself is never sent. */
const isPlainHost = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(name) && !["all", "ungrouped", "localhost"].includes(name);

async function jobOf(call: Api, template: number, key: string): Promise<Job | null> {
  const { results } = await get(
    call,
    `/api/v2/job_templates/${template}/jobs/?order_by=-id&page_size=${LOOKED_AT}`,
    Jobs,
  );
  return results.find((job) => variableOf(job) === key) ?? null;
}

function variableOf({ extra_vars }: Job): unknown {
  try {
    return (JSON.parse(extra_vars) as Record<string, unknown>)[VARIABLE];
  } catch {
    return null;
  }
}

async function checksOf(call: Api, template: number, { ref }: Target) {
  const [launch, view] = await Promise.all([
    get(call, `/api/v2/job_templates/${template}/launch/`, Launch),
    get(call, `/api/v2/job_templates/${template}/`, TemplateView),
  ]);
  const named = async (what: "hosts" | "groups") =>
    view.inventory === null
      ? 0
      : (
          await get(
            call,
            `/api/v2/inventories/${view.inventory}/${what}/?name=${encodeURIComponent(ref)}`,
            Found,
          )
        ).count;
  const [hosts, groups] = [await named("hosts"), await named("groups")];
  if (hosts === 0)
    throw new ConnectorError("not_found", `The inventory of template ${template} has no host ${ref}`);
  return [
    must(
      "Prompts for a limit",
      launch.ask_limit_on_launch,
      "without it the playbook runs on the whole inventory",
    ),
    must(
      "Prompts for variables",
      launch.ask_variables_on_launch,
      "without it a job cannot be told apart from others",
    ),
    must("One host of this name", hosts === 1, `${hosts} in the inventory of ${view.name}`),
    must("No group of this name", groups === 0, `${groups}; a limit would mean the group too`),
  ];
}

const ENDED_WELL = new Set(["successful"]);
const ENDED_BADLY = new Set(["failed", "error", "canceled"]);

function observed(job: Job | null): Observation {
  if (!job) return { state: "not_started", detail: "There is no job of this step", facts: {} };
  const facts = { job: job.id, status: job.status, limit: job.limit };
  const state = ENDED_WELL.has(job.status) ? "done" : ENDED_BADLY.has(job.status) ? "failed" : "running";
  return { state, detail: `Job ${job.id} is ${job.status}`, facts };
}

function run(
  words: string,
  pick: (settings: Settings) => number,
  options: { destructive: boolean; undo: string | null },
): VerbSpec<Settings, Secrets> {
  const templateOf = ({ settings }: Context): number => {
    const template = pick(settings);
    if (template === 0) throw new ConnectorError("refused", `No template is configured to ${words}`);
    return template;
  };
  return {
    words,
    timeoutMs: 3_600_000,
    ...options,
    async preview(ctx, target) {
      const template = templateOf(ctx);
      const checks = await checksOf(api(ctx), template, target);
      return {
        steps: [`Launch job template ${template} with limit ${target.ref}.`],
        checks: [
          ...checks,
          note("What the playbook does", true, "AWX cannot rehearse it; only its prompts were checked"),
        ],
      };
    },
    async start(ctx, target, key) {
      const call = api(ctx);
      const template = templateOf(ctx);
      const before = await jobOf(call, template, key);
      if (before)
        return { again: true, detail: `Job ${before.id} was launched before`, facts: { job: before.id } };
      requireChecks(await checksOf(call, template, target));
      const path = `/api/v2/job_templates/${template}/launch/`;
      const body = { limit: target.ref, extra_vars: { [VARIABLE]: key } };
      const launched = read(Launched, await call("POST", path, { body }), `POST ${path}`);
      const ignored = Object.keys(launched.ignored_fields);
      if (ignored.length > 0) {
        await call("POST", `/api/v2/jobs/${launched.job}/cancel/`, { body: {}, accept: [405] });
        throw new ConnectorError(
          "refused",
          `AWX ignored what job ${launched.job} was given; it was cancelled and may have run on other hosts`,
        );
      }
      return { again: false, detail: `Job ${launched.job} was launched`, facts: { job: launched.job } };
    },
    observe: async (ctx, _target, key) => observed(await jobOf(api(ctx), templateOf(ctx), key)),
    async abort(ctx, _target, key) {
      const call = api(ctx);
      const job = await jobOf(call, templateOf(ctx), key);
      if (!job || observed(job).state !== "running") return observed(job);
      // 405 = it has ended meanwhile.
      await call("POST", `/api/v2/jobs/${job.id}/cancel/`, { body: {}, accept: [405] });
      return observed(await jobOf(call, templateOf(ctx), key));
    },
  };
}

export const awxConnector = connectorOf<Settings, Secrets>({
  kind: "awx",
  label: "AWX",
  guide: "connector-awx",
  settings: Settings,
  secrets: Secrets,
  async test(ctx) {
    const call = api(ctx);
    const { isolateTemplate, releaseTemplate, rebuildTemplate, rekeyTemplate } = ctx.settings;
    const all = [isolateTemplate, releaseTemplate, rebuildTemplate, rekeyTemplate];
    const templates = [...new Set(all)].filter((id) => id > 0);
    const checks = await Promise.all(
      templates.map(async (template) => {
        const launch = await get(call, `/api/v2/job_templates/${template}/launch/`, Launch);
        const asks = launch.ask_limit_on_launch && launch.ask_variables_on_launch;
        return must(
          `Template ${template}`,
          asks,
          asks ? "prompts for limit and variables" : "must prompt for both",
        );
      }),
    );
    return [must("A template is configured", templates.length > 0, `${templates.length} are`), ...checks];
  },
  targetOf({ identities, name }) {
    const ref = identityOf(identities, ["hostname", "k8s_node_name"]) ?? name;
    return isPlainHost(ref) ? { ref, words: `host ${ref}`, uid: null } : null;
  },
  // Where it isolates and nothing releases, the release stays planned and says what is missing.
  without: ({ isolateTemplate, releaseTemplate, rebuildTemplate, rekeyTemplate }) => [
    ...(isolateTemplate === 0 ? ["isolate"] : []),
    ...(isolateTemplate === 0 && releaseTemplate === 0 ? ["release"] : []),
    ...(rebuildTemplate === 0 ? ["rebuild"] : []),
    ...(rekeyTemplate === 0 ? ["rekey"] : []),
  ],
  verbs: {
    isolate: run("isolate the host", (settings) => settings.isolateTemplate, {
      destructive: false,
      undo: "release",
    }),
    release: run("release the host", (settings) => settings.releaseTemplate, {
      destructive: false,
      undo: null,
    }),
    rebuild: run("rebuild the host", (settings) => settings.rebuildTemplate, {
      destructive: true,
      undo: null,
    }),
    rekey: run("give the host new keys", (settings) => settings.rekeyTemplate, {
      destructive: true,
      undo: null,
    }),
  },
});
