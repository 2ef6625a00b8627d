/** Takes the agent's identity: it gets no credential any more until it is deleted. */
import { z } from "zod";
import type { Observation } from "#lib/connectors/contract";
import { must, note, type VerbSpec } from "#lib/connectors/shared/verbs";
import type { SpireAgent } from "#lib/spire/agent";
import { agentOf, banAgent, type Context, known, type Secrets, type Settings } from "./server.ts";

/** The server has no place for a key: what a step asked for is remembered here, before it is asked for. */
const Begun = z.object({ atMs: z.number() });
const memoryName = (key: string): string => `ban:${key}`;
const begunOf = async ({ memory }: Context, key: string) =>
  Begun.safeParse(await memory.get(memoryName(key))).data ?? null;

const utc = (ms: number): string => new Date(ms).toISOString();

/** How long the agent's own certificate holds; `null` = it has none, or one without an end. */
const ownEnd = ({ banned, expiresAt }: SpireAgent): string | null =>
  banned || expiresAt === null ? null : utc(expiresAt * 1_000);

export const factsOf = (agent: SpireAgent | null) => ({
  listed: agent !== null,
  banned: agent?.banned ?? null,
  attestedBy: agent?.attestationType ?? null,
});

export const BAN: VerbSpec<Settings, Secrets> = {
  words: "ban the agent, until it is deleted",
  destructive: false,
  // A ban is lifted by deleting the agent, and that is for a node that was rebuilt.
  undo: null,
  timeoutMs: 300_000,
  async preview(ctx, target) {
    const agent = known(await agentOf(ctx, target), target);
    const { workloadMinutes } = ctx.settings;
    const own = ownEnd(agent);
    return {
      steps: [
        `Ban the ${target.words}.`,
        `Credentials that its workloads have stay valid for up to ${workloadMinutes} minutes after it${own === null ? "" : `, and its own, which the server takes no more, until ${own}`}.`,
      ],
      checks: [
        must("The server knows the agent", true, `attested by ${agent.attestationType}`),
        note("Not banned yet", !agent.banned, agent.banned ? "it is banned already" : "it is not"),
        note("Way back", false, "the ban ends with the agent's deletion, once the node was rebuilt"),
      ],
    };
  },
  async start(ctx, target, key) {
    const agent = known(await agentOf(ctx, target), target);
    const begun = await begunOf(ctx, key);
    if (begun && agent.banned) return { again: true, detail: "It was banned before", facts: factsOf(agent) };
    if (!begun) await ctx.memory.put(memoryName(key), { atMs: ctx.nowMs });
    if (!agent.banned) await banAgent(ctx, target);
    return { again: begun !== null, detail: "The server took it", facts: factsOf(agent) };
  },
  async observe(ctx, target, key): Promise<Observation> {
    const agent = await agentOf(ctx, target);
    const begun = await begunOf(ctx, key);
    const facts = factsOf(agent);
    if (!begun) return { state: "not_started", detail: "This step asked for nothing", facts };
    if (!known(agent, target).banned)
      return { state: "running", detail: "The agent is not banned", facts: { ...facts, next: true } };
    const until = utc(begun.atMs + ctx.settings.workloadMinutes * 60_000);
    return {
      state: "done",
      detail: `The agent is banned; credentials from before it may hold until ${until}`,
      facts: { ...facts, credentialsUntil: until },
    };
  },
};
