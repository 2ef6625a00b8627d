/** Rundeck: one job per verb, given one node, and stopped when it was not given what it should have been. */
import { type Check, ConnectorError, type Observation, type Target } from "#lib/connectors/contract";
import { type Api, identityOf } from "#lib/connectors/shared/http";
import { connectorOf, must, note, requireChecks, type VerbSpec } from "#lib/connectors/shared/verbs";
import {
  abortExecution,
  type Context,
  type Definition,
  definitionOf,
  type Execution,
  executionOf,
  OPTIONS,
  optionsOf,
  rundeckOf,
  runJob,
  Secrets,
  Settings,
} from "./api.ts";

/** A node's name becomes part of filters and command lines: one that would mean more than itself is never sent. */
const isPlainHost = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(name);

/** What the job must be like so that it is run for one node and found again. */
function checksOf({ name, options, nodefilters }: Definition): Check[] {
  const takes = (wanted: string) => options.some((option) => option.name === wanted && !option.secure);
  const others = options.filter(
    (option) => option.required && !option.value && !Object.values<string>(OPTIONS).includes(option.name),
  );
  const filter = nodefilters?.filter ?? "";
  return [
    must("Is told the node", takes(OPTIONS.node), `the job ${name} needs a plain option ${OPTIONS.node}`),
    must(
      "Is told the step",
      takes(OPTIONS.request),
      `without a plain option ${OPTIONS.request} an execution cannot be told apart from others`,
    ),
    must("Asks for nothing else", others.length === 0, `${others.length} other options must be given`),
    note(
      "Runs on the node",
      filter === "" || filter.includes(`\${option.${OPTIONS.node}}`),
      filter === "" ? "it is dispatched to no nodes" : "its node filter is the job's own",
    ),
  ];
}

async function jobChecks(call: Api, job: string): Promise<Check[]> {
  const definition = await definitionOf(call, job);
  if (definition) return checksOf(definition);
  return [must("There is the job", false, `Rundeck has no job ${job}, or does not show it`)];
}

const ENDED_BADLY = new Set(["failed", "aborted", "timedout", "other"]);

function observed(execution: Execution | null): Observation {
  if (!execution) return { state: "not_started", detail: "There is no execution of this step", facts: {} };
  const { id, status } = execution;
  const state = status === "succeeded" ? "done" : ENDED_BADLY.has(status) ? "failed" : "running";
  const node = optionsOf(execution)[OPTIONS.node] ?? null;
  return { state, detail: `Execution ${id} is ${status}`, facts: { execution: id, status, node } };
}

function run(
  words: string,
  pick: (settings: Settings) => string,
  options: { destructive: boolean; undo: string | null },
): VerbSpec<Settings, Secrets> {
  const jobOf = ({ settings }: Context): string => {
    const job = pick(settings);
    if (job === "") throw new ConnectorError("refused", `No job is configured to ${words}`);
    return job;
  };
  return {
    words,
    timeoutMs: 3_600_000,
    ...options,
    async preview(ctx, target) {
      const job = jobOf(ctx);
      return {
        steps: [`Run the job ${job} with ${OPTIONS.node} ${target.ref}.`],
        checks: [
          ...(await jobChecks(rundeckOf(ctx), job)),
          note("What the job does", true, "Rundeck cannot rehearse it; only its options were checked"),
        ],
      };
    },
    async start(ctx, target, key) {
      const call = rundeckOf(ctx);
      const job = jobOf(ctx);
      const before = await executionOf(call, job, key);
      if (before) {
        return {
          again: true,
          detail: `Execution ${before.id} was begun before`,
          facts: { execution: before.id },
        };
      }
      requireChecks(await jobChecks(call, job));
      const begun = await runJob(call, job, optionsFor(target, key));
      await requireGiven(call, begun, target, key);
      return { again: false, detail: `Execution ${begun.id} was begun`, facts: { execution: begun.id } };
    },
    observe: async (ctx, _target, key) => observed(await executionOf(rundeckOf(ctx), jobOf(ctx), key)),
    async abort(ctx, _target, key) {
      const call = rundeckOf(ctx);
      const execution = await executionOf(call, jobOf(ctx), key);
      if (!execution || observed(execution).state !== "running") return observed(execution);
      await abortExecution(call, execution.id);
      return observed(await executionOf(call, jobOf(ctx), key));
    },
  };
}

const optionsFor = ({ ref }: Target, key: string): Record<string, string> => ({
  [OPTIONS.node]: ref,
  [OPTIONS.request]: key,
});

/** A job that was changed in between ignores what it has no option for, and may have run for anything. */
async function requireGiven(call: Api, begun: Execution, target: Target, key: string): Promise<void> {
  const given = optionsOf(begun);
  if (Object.entries(optionsFor(target, key)).every(([name, value]) => given[name] === value)) return;
  await abortExecution(call, begun.id);
  throw new ConnectorError(
    "refused",
    `Rundeck ignored what execution ${begun.id} was given; it was aborted and may have run on other nodes`,
  );
}

export const rundeckConnector = connectorOf<Settings, Secrets>({
  kind: "rundeck",
  label: "Rundeck",
  guide: "connector-rundeck",
  settings: Settings,
  secrets: Secrets,
  async test(ctx) {
    const call = rundeckOf(ctx);
    const { isolateJob, releaseJob, rebuildJob, rekeyJob } = ctx.settings;
    const jobs = [...new Set([isolateJob, releaseJob, rebuildJob, rekeyJob])].filter((id) => id !== "");
    const checks = await Promise.all(jobs.map((job) => jobChecks(call, job)));
    return [must("A job is configured", jobs.length > 0, `${jobs.length} are`), ...checks.flat()];
  },
  targetOf({ identities, name }) {
    const ref = identityOf(identities, ["hostname", "k8s_node_name"]) ?? name;
    return isPlainHost(ref) ? { ref, words: `node ${ref}`, uid: null } : null;
  },
  // Where it isolates and nothing releases, the release stays planned and says what is missing.
  without: ({ isolateJob, releaseJob, rebuildJob, rekeyJob }) => [
    ...(isolateJob === "" ? ["isolate"] : []),
    ...(isolateJob === "" && releaseJob === "" ? ["release"] : []),
    ...(rebuildJob === "" ? ["rebuild"] : []),
    ...(rekeyJob === "" ? ["rekey"] : []),
  ],
  verbs: {
    isolate: run("isolate the node", ({ isolateJob }) => isolateJob, { destructive: false, undo: "release" }),
    release: run("release the node", ({ releaseJob }) => releaseJob, { destructive: false, undo: null }),
    rebuild: run("rebuild the node", ({ rebuildJob }) => rebuildJob, { destructive: true, undo: null }),
    rekey: run("give the node new keys", ({ rekeyJob }) => rekeyJob, { destructive: true, undo: null }),
  },
});
