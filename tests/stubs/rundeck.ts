/** Rundeck as far as the connector speaks it: jobs with options, and their executions. */
import { type FakeSystem, startFake } from "./conduct.ts";
import type { StubAnswer } from "./http.ts";

type Execution = { id: number; status: string; job: { id: string; options: Record<string, string> } };
type Option = { name: string; required?: boolean; value?: string; secure?: boolean };

export type RundeckFake = FakeSystem & {
  executions: Execution[];
  /** Of every job. What a job has no option for it ignores. */
  options: Option[];
  /** What its definition shows, when somebody changes it in between. */
  shown: Option[] | null;
  filter: string | null;
};

const missing: StubAnswer = { status: 404, body: { error: true, errorCode: "api.error.item.doesnotexist" } };
const RUNNING = new Set(["running", "queued", "scheduled", "failed-with-retry"]);

export async function startRundeck(token: string, jobs: readonly string[]): Promise<RundeckFake> {
  const fake = await startFake(({ method, path, headers, body }, effects) => {
    if (headers["x-rundeck-auth-token"] !== token) return { status: 403, body: {} };
    const aborted = /^\/api\/44\/execution\/(\d+)\/abort$/.exec(path)?.[1];
    if (aborted && method === "POST") return abort(Number(aborted), effects);
    const [, job = "", rest = ""] = /^\/api\/44\/job\/([0-9a-f-]+)(\/\w+)?$/.exec(path) ?? [];
    if (!jobs.includes(job)) return missing;
    if (method === "GET" && rest === "/executions") {
      return { body: { executions: rundeck.executions.filter((one) => one.job.id === job).toReversed() } };
    }
    if (method === "GET" && rest === "") {
      const options = rundeck.shown ?? rundeck.options;
      const nodefilters = rundeck.filter === null ? {} : { nodefilters: { filter: rundeck.filter } };
      return { body: [{ name: `job ${job}`, options, ...nodefilters }] };
    }
    if (method !== "POST" || rest !== "/run") return missing;
    const asked = (JSON.parse(body) as { options: Record<string, string> }).options;
    const taken = Object.entries(asked).filter(([name]) => rundeck.options.some((one) => one.name === name));
    const options = Object.fromEntries(taken);
    const execution = { id: 70 + rundeck.executions.length, status: "running", job: { id: job, options } };
    rundeck.executions.push(execution);
    effects.push(`run ${job} ${JSON.stringify(options)}`);
    return { body: execution };
  });
  const rundeck: RundeckFake = Object.assign(fake, {
    executions: [],
    options: [
      { name: "touchstone_node", required: true },
      { name: "touchstone_request", required: true },
    ],
    shown: null,
    filter: `name: \${option.touchstone_node}`,
  });

  function abort(id: number, effects: string[]): StubAnswer {
    const execution = rundeck.executions.find((one) => one.id === id);
    if (!execution) return missing;
    if (!RUNNING.has(execution.status)) return { status: 409, body: {} };
    execution.status = "aborted";
    effects.push(`abort ${id}`);
    return { body: { abort: { status: "aborted" }, execution: { id: String(id), status: "aborted" } } };
  }

  return rundeck;
}
