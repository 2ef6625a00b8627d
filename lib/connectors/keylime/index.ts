/** Keylime: stops the attestation of an agent, begins it again, or forgets the agent. */
import type { Observation } from "#lib/connectors/contract";
import { identityOf } from "#lib/connectors/shared/http";
import { connectorOf, must, note, type VerbSpec } from "#lib/connectors/shared/verbs";
import {
  type Context,
  isAttested,
  known,
  Secrets,
  Settings,
  STATE,
  type Verifier,
  verifierOf,
} from "./verifier.ts";

type Deed = {
  verb: "stop" | "reactivate" | "remove";
  words: string;
  destructive: boolean;
  undo: string | null;
  /** What the preview says of it. */
  step: string;
  /** Whether the agent is as the verb wants it; `null` = there is none. */
  isDone: (state: number | null) => boolean;
  /** Whether there is nothing to ask for any more, though it is not done yet. */
  isUnderWay: (state: number) => boolean;
  /** Why it will not come to its end; `null` = it may. */
  failure: (state: number) => string | null;
};

const DEEDS: readonly Deed[] = [
  {
    verb: "stop",
    words: "stop attesting the agent",
    destructive: false,
    undo: "reactivate",
    step: "Stop the attestation. Its policies stay at the verifier.",
    isDone: (state) => state === STATE.stopped,
    isUnderWay: () => false,
    failure: () => null,
  },
  {
    verb: "reactivate",
    words: "attest the agent again",
    destructive: false,
    undo: null,
    step: "Begin the attestation again, with the policies that the verifier has.",
    isDone: (state) => state !== null && isAttested(state),
    isUnderWay: (state) => state === STATE.failed || state === STATE.invalidQuote,
    failure: (state) =>
      state === STATE.failed || state === STATE.invalidQuote ? "It was attested again and failed" : null,
  },
  {
    verb: "remove",
    words: "make the verifier forget the agent",
    destructive: true,
    undo: null,
    step: "Remove the agent with its policies from the verifier.",
    isDone: (state) => state === null,
    isUnderWay: (state) => state === STATE.terminated,
    failure: () => null,
  },
];

/** The verifier has no place for a key: what a step asked for is remembered here, before it is asked for. */
const memoryName = (verb: string, key: string): string => `${verb}:${key}`;
const isBegun = async ({ memory }: Context, verb: string, key: string) =>
  (await memory.get(memoryName(verb, key))) !== null;

const factsOf = (verifier: Verifier, state: number | null) => ({
  operationalState: state,
  api: verifier.version,
});

function verbOf(deed: Deed): VerbSpec<Settings, Secrets> {
  const { verb, words, destructive, undo, step, isDone, isUnderWay, failure } = deed;
  return {
    words,
    destructive,
    undo,
    timeoutMs: 300_000,
    async preview(ctx, target) {
      const verifier = await verifierOf(ctx);
      const state = known(await verifier.stateOf(target), target);
      return {
        steps: [step],
        checks: [
          must("The verifier knows the agent", true, `in the state ${state}`),
          note("What a verifier does", true, "cannot be rehearsed"),
          ...(verb === "stop"
            ? [note("Verdicts", false, "end with it: the node goes stale until it is attested again")]
            : []),
        ],
      };
    },
    async start(ctx, target, key) {
      const verifier = await verifierOf(ctx);
      const before = await verifier.stateOf(target);
      const begun = await isBegun(ctx, verb, key);
      if (begun && (isDone(before) || (before !== null && isUnderWay(before)))) {
        return { again: true, detail: "It was asked for before", facts: factsOf(verifier, before) };
      }
      known(before, target);
      if (!begun) await ctx.memory.put(memoryName(verb, key), { state: before });
      if (!isDone(before)) await verifier[verb](target);
      return { again: begun, detail: "The verifier took it", facts: factsOf(verifier, before) };
    },
    async observe(ctx, target, key): Promise<Observation> {
      const verifier = await verifierOf(ctx);
      const state = await verifier.stateOf(target);
      const facts = factsOf(verifier, state);
      if (!(await isBegun(ctx, verb, key))) {
        return { state: "not_started", detail: "This step asked for nothing", facts };
      }
      if (isDone(state)) return { state: "done", detail: `The agent's state is ${state ?? "none"}`, facts };
      const left = known(state, target);
      const why = failure(left);
      if (why !== null) return { state: "failed", detail: why, facts };
      return {
        state: "running",
        detail: `The agent's state is ${left}`,
        facts: { ...facts, next: !isUnderWay(left) },
      };
    },
  };
}

export const keylimeConnector = connectorOf<Settings, Secrets>({
  kind: "keylime",
  label: "Keylime verifier",
  guide: "connector-keylime",
  settings: Settings,
  secrets: Secrets,
  async test(ctx) {
    const verifier = await verifierOf(ctx);
    await verifier.list();
    return [must("The verifier takes our certificate", true, `API ${verifier.version}`)];
  },
  targetOf({ identities }) {
    const ref = identityOf(identities, ["agent_uuid"]);
    return ref === null ? null : { ref, words: `agent ${ref}`, uid: null };
  },
  verbs: Object.fromEntries(DEEDS.map((deed) => [deed.verb, verbOf(deed)])),
});
