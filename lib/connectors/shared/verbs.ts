/** Connectors put together from their verbs: each verb says for itself what it reads and does. */
import {
  type Check,
  type Connector,
  type ConnectorContext,
  ConnectorError,
  type Observation,
  type Preview,
  readOnly,
  type Started,
  type Target,
  type Verb,
} from "#lib/connectors/contract";

export type VerbSpec<S, T> = Verb & {
  preview: (ctx: ConnectorContext<S, T>, target: Target) => Promise<Omit<Preview, "ok">>;
  start: (ctx: ConnectorContext<S, T>, target: Target, key: string) => Promise<Started>;
  observe: (ctx: ConnectorContext<S, T>, target: Target, key: string) => Promise<Observation>;
  /** Absent = nothing runs over there that could be stopped. */
  abort?: (ctx: ConnectorContext<S, T>, target: Target, key: string) => Promise<Observation>;
};

type Spec<S, T> = Omit<Connector<S, T>, "verbs" | "preview" | "start" | "observe" | "abort"> & {
  verbs: Readonly<Record<string, VerbSpec<S, T>>>;
};

/** A connector whose previews cannot write, whatever a verb does in them. */
export function connectorOf<S, T>(spec: Spec<S, T>): Connector<S, T> {
  const verbOf = (verb: string): VerbSpec<S, T> => {
    const found = Object.hasOwn(spec.verbs, verb) ? spec.verbs[verb] : undefined;
    if (!found) throw new ConnectorError("refused", `${spec.label} cannot ${verb}`);
    return found;
  };
  /** Looking must not change what is looked at, and rehearses nothing. */
  const looking = (ctx: ConnectorContext<S, T>) => readOnly(ctx, spec.reads ? { reads: spec.reads } : {});
  const { workloads } = spec;
  return {
    ...spec,
    ...(workloads && { workloads: (ctx, target) => workloads(looking(ctx), target) }),
    test: (ctx) => spec.test(readOnly(ctx, spec)),
    async preview(ctx, target, verb) {
      const shown = await verbOf(verb).preview(readOnly(ctx, spec), target);
      return { ok: !shown.checks.some(({ ok, blocking }) => blocking && !ok), ...shown };
    },
    start: async (ctx, target, verb, key) => verbOf(verb).start(ctx, target, key),
    observe: async (ctx, target, verb, key) => verbOf(verb).observe(looking(ctx), target, key),
    async abort(ctx, target, verb, key) {
      const { abort, observe } = verbOf(verb);
      return abort ? abort(ctx, target, key) : observe(looking(ctx), target, key);
    },
  };
}

/** A check that forbids the step when it fails. */
export const must = (name: string, ok: boolean, detail: string): Check => ({
  name,
  ok,
  blocking: true,
  detail,
});

/** Something to know before a vote that forbids nothing. */
export const note = (name: string, ok: boolean, detail: string): Check => ({
  name,
  ok,
  blocking: false,
  detail,
});

/** Refuses the step as its preview would: what was fine when people voted need not be fine now. */
export function requireChecks(checks: readonly Check[]): void {
  const failed = checks.find(({ ok, blocking }) => blocking && !ok);
  if (failed) throw new ConnectorError("refused", `${failed.name}: ${failed.detail}`);
}

/** Refuses a thing that has the right name and is another one. */
export function requireUid(target: Target, uid: string): void {
  if (target.uid === null || target.uid.toLowerCase() === uid.toLowerCase()) return;
  throw new ConnectorError(
    "conflict",
    `${target.words} is another registration than the one that was approved`,
    {
      retry: false,
    },
  );
}
