/** AWX as far as the connector speaks it: templates that prompt or ignore, an inventory, and jobs. */
import { type FakeSystem, startFake } from "./conduct.ts";
import type { StubAnswer } from "./http.ts";

type Job = { id: number; status: string; limit: string; extra_vars: string; template: number };

export type AwxFake = FakeSystem & {
  jobs: Job[];
  /** What templates ask for at a launch; what they do not ask for they ignore, and say so. */
  prompts: { limit: boolean; variables: boolean };
  /** What their prompts look like before a launch, when somebody changes them in between. */
  shown: { limit: boolean; variables: boolean } | null;
  hosts: string[];
  groups: string[];
};

const missing: StubAnswer = { status: 404, body: { detail: "Not found." } };

export async function startAwx(token: string): Promise<AwxFake> {
  const fake = await startFake(({ method, path, query, headers, body }, effects) => {
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: {} };
    const template = Number(/^\/api\/v2\/job_templates\/(\d+)\//.exec(path)?.[1] ?? 0);
    const inventory = /^\/api\/v2\/inventories\/3\/(hosts|groups)\/$/.exec(path)?.[1] as "hosts" | "groups";
    if (inventory)
      return { body: { count: awx[inventory].filter((name) => name === query.get("name")).length } };
    const cancelled = Number(/^\/api\/v2\/jobs\/(\d+)\/cancel\/$/.exec(path)?.[1] ?? 0);
    if (cancelled) return cancel(cancelled, effects);
    if (!template) return missing;
    if (path.endsWith("/jobs/")) {
      return { body: { results: awx.jobs.filter((job) => job.template === template).toReversed() } };
    }
    if (!path.endsWith("/launch/")) return { body: { inventory: 3, name: `template ${template}` } };
    const { limit, variables } = method === "GET" ? (awx.shown ?? awx.prompts) : awx.prompts;
    if (method === "GET") return { body: { ask_limit_on_launch: limit, ask_variables_on_launch: variables } };
    const asked = JSON.parse(body) as { limit: string; extra_vars: object };
    const job: Job = {
      id: 40 + awx.jobs.length,
      status: "pending",
      limit: limit ? asked.limit : "",
      extra_vars: JSON.stringify(variables ? asked.extra_vars : {}),
      template,
    };
    awx.jobs.push(job);
    effects.push(`launch ${template} ${job.limit} ${job.extra_vars}`);
    const ignored_fields = {
      ...(!limit && { limit: asked.limit }),
      ...(!variables && { extra_vars: asked.extra_vars }),
    };
    return { status: 201, body: { job: job.id, ignored_fields } };
  });
  const awx: AwxFake = Object.assign(fake, {
    jobs: [],
    prompts: { limit: true, variables: true },
    shown: null,
    hosts: ["w1.example"],
    groups: ["all"],
  });

  function cancel(id: number, effects: string[]): StubAnswer {
    const job = awx.jobs.find((one) => one.id === id);
    if (!job) return missing;
    if (!["pending", "running"].includes(job.status)) return { status: 405, body: {} };
    job.status = "canceled";
    effects.push(`cancel ${id}`);
    return { status: 202, body: {} };
  }

  return awx;
}
