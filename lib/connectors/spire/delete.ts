/** Has the server forget the agent, banned or not, so that a rebuilt node may attest again. */
import { z } from "zod";
import type { Observation } from "#lib/connectors/contract";
import { must, note, type VerbSpec } from "#lib/connectors/shared/verbs";
import type { SpireAgent } from "#lib/spire/agent";
import { factsOf } from "./ban.ts";
import { agentOf, type Context, deleteAgent, known, type Secrets, type Settings } from "./server.ts";

/** The registration that is to go, as it was before; `answered` = the server said that it is gone. */
const Begun = z.object({
  banned: z.boolean(),
  serial: z.string(),
  expiresAt: z.number().nullable(),
  answered: z.boolean(),
});
type Begun = z.output<typeof Begun>;

const memoryName = (key: string): string => `delete:${key}`;
const begunOf = async ({ memory }: Context, key: string): Promise<Begun | null> =>
  Begun.safeParse(await memory.get(memoryName(key))).data ?? null;

/**
 * Whether the registration that was to go is gone. One that stands in its place has attested anew: nothing but
 * deletion ends a ban, and only an answer tells a new registration from a renewed certificate.
 */
function isGone(before: Begun, agent: SpireAgent | null): boolean {
  if (agent === null) return true;
  const isSame =
    agent.banned === before.banned &&
    agent.serial === before.serial &&
    (!agent.banned || agent.expiresAt === before.expiresAt);
  return !isSame && (before.banned || before.answered);
}

export const DELETE: VerbSpec<Settings, Secrets> = {
  words: "delete the agent, so that a rebuilt node may attest again",
  destructive: true,
  undo: null,
  timeoutMs: 300_000,
  async preview(ctx, target) {
    const agent = known(await agentOf(ctx, target), target);
    const back = agent.canReattest
      ? "by the same means as before"
      : "as for the first time, which its kind of attestation allows nobody else to do again";
    return {
      steps: [
        `Delete the ${target.words}${agent.banned ? ", which lifts its ban" : ""}. It may attest again ${back}.`,
      ],
      checks: [
        must("The server knows the agent", true, `attested by ${agent.attestationType}`),
        note(
          "Only for a node that was rebuilt",
          true,
          "whoever holds its old keys might come back with them",
        ),
      ],
    };
  },
  async start(ctx, target, key) {
    const agent = await agentOf(ctx, target);
    const begun = await begunOf(ctx, key);
    if (begun && isGone(begun, agent))
      return { again: true, detail: "It was deleted before", facts: factsOf(agent) };
    const { banned, serial, expiresAt } = known(agent, target);
    const before = begun ?? { banned, serial, expiresAt, answered: false };
    if (!begun) await ctx.memory.put(memoryName(key), before);
    await deleteAgent(ctx, target);
    await ctx.memory.put(memoryName(key), { ...before, answered: true });
    return { again: begun !== null, detail: "The server took it", facts: factsOf(agent) };
  },
  async observe(ctx, target, key): Promise<Observation> {
    const agent = await agentOf(ctx, target);
    const begun = await begunOf(ctx, key);
    const facts = factsOf(agent);
    if (!begun) return { state: "not_started", detail: "This step asked for nothing", facts };
    if (isGone(begun, agent)) {
      const detail = agent === null ? "The server knows the agent no more" : "The agent has attested anew";
      return { state: "done", detail, facts };
    }
    return { state: "running", detail: "The server still knows the agent", facts: { ...facts, next: true } };
  },
};
