/** Rundeck's API, as far as the connector speaks it. */
import { z } from "zod";
import type { ConnectorContext } from "#lib/connectors/contract";
import { type Api, apiOf, BaseUrl, CaPem, read, segment, Token } from "#lib/connectors/shared/http";

const Job = z
  .string()
  .regex(/^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/i, "must be the UUID of a job")
  .default("");
export const Settings = z.strictObject({
  url: BaseUrl.meta({ title: "Address", description: "Without /api." }),
  ca: CaPem,
  isolateJob: Job.meta({
    title: "Job that isolates",
    description: "Its UUID; empty = none.",
    type: "string",
  }),
  releaseJob: Job.meta({
    title: "Job that releases",
    description: "Its UUID; empty = none.",
    type: "string",
  }),
  rebuildJob: Job.meta({
    title: "Job that rebuilds",
    description: "Its UUID; empty = none.",
    type: "string",
  }),
  rekeyJob: Job.meta({
    title: "Job that rekeys",
    description: "Its UUID; empty = none.",
    type: "string",
  }),
});
export const Secrets = z.strictObject({
  token: Token.meta({ title: "Token", description: "API token of a user who may only run these jobs." }),
});
export type Settings = z.output<typeof Settings>;
export type Secrets = z.output<typeof Secrets>;
export type Context = ConnectorContext<Settings, Secrets>;

/** The first version whose job definitions are JSON. */
const API = "/api/44";
/** Executions of a job that are looked through, the newest first. */
const LOOKED_AT = 200;

/** The options that a job is given. */
export const OPTIONS = { node: "touchstone_node", request: "touchstone_request" } as const;

const Option = z.object({
  name: z.string(),
  required: z.boolean().default(false),
  value: z.string().nullish(),
  secure: z.boolean().default(false),
});
const Definition = z.object({
  name: z.string(),
  options: z.array(Option).default([]),
  nodefilters: z.object({ filter: z.string().default("") }).nullish(),
});
export type Definition = z.output<typeof Definition>;

const Execution = z.object({
  id: z.int(),
  status: z.string(),
  job: z.object({ options: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});
export type Execution = z.output<typeof Execution>;

export const rundeckOf = ({ settings, secrets, ...ctx }: Context): Api => {
  const call = apiOf(ctx, {
    base: settings.url,
    headers: { "x-rundeck-auth-token": secrets.token },
    ...(settings.ca === "" ? {} : { tls: { ca: settings.ca } }),
  });
  return (method, path, options) => call(method, `${API}${path}`, options);
};

const jobPath = (job: string): string => `/job/${segment(job)}`;

export async function definitionOf(call: Api, job: string): Promise<Definition | null> {
  const answer = await call("GET", `${jobPath(job)}?format=json`, { accept: [404] });
  if (answer.status === 404) return null;
  return read(z.tuple([Definition]), answer, "GET the job")[0];
}

/** The newest execution that was given this key; a job that repeats itself gives it again. */
export async function executionOf(call: Api, job: string, key: string): Promise<Execution | null> {
  const path = `${jobPath(job)}/executions?max=${LOOKED_AT}`;
  const { executions } = read(
    z.object({ executions: z.array(Execution) }),
    await call("GET", path),
    "GET the executions",
  );
  const own = executions.filter((one) => optionsOf(one)[OPTIONS.request] === key);
  return own.toSorted((a, b) => b.id - a.id)[0] ?? null;
}

export const optionsOf = ({ job }: Execution): Readonly<Record<string, unknown>> => job?.options ?? {};

export async function runJob(
  call: Api,
  job: string,
  options: Readonly<Record<string, string>>,
): Promise<Execution> {
  return read(
    Execution,
    await call("POST", `${jobPath(job)}/run`, { body: { options } }),
    "POST to run the job",
  );
}

/** One that has ended meanwhile is no failure. */
export async function abortExecution(call: Api, id: number): Promise<void> {
  await call("POST", `/execution/${id}/abort`, { body: {}, accept: [409] });
}
