import { readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { TargetSetup, TargetStatus } from "#lib/collect/target";
import { CommandError, plain, print } from "./output.ts";

type Options = {
  config: string;
  once?: boolean;
  check?: boolean;
  accept?: string;
  target?: string;
  healthFile?: string;
  json?: boolean;
};

/** `touchstone collect`: ask verifiers and bootstrap systems, and deliver what they say. */
export function addCollect(program: Command): void {
  program
    .command("collect")
    .description("poll verifiers and bootstrap systems and deliver what they say to a Touchstone")
    .requiredOption("--config <file>", "JSON; see docs/guide/collect.md")
    .option("--once", "poll every target once and end")
    .option("--check", "check the configuration and end")
    .option("--accept <agent>", "accept the TPM that this agent has now, and end; needs --target")
    .option("--target <name>", "the target that --accept is about")
    .option("--health-file <file>", "keep the state of all targets in this file")
    .option("--json", "print one JSON document per line")
    .action(run);
}

async function run({
  config,
  once = false,
  check,
  accept,
  target,
  healthFile,
  json,
}: Options): Promise<void> {
  const setups = await setupsOf(config);
  await warnOfOpenFiles(setups);
  if (check) {
    print(json, { targets: setups.map(({ name }) => name) }, [`${setups.length} targets are configured`]);
    return;
  }
  if (accept !== undefined) return acceptIdentity(setups, target, accept, json);
  const { isHealthy, runCollectors } = await import("#lib/collect/run");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const said = new Map<string, string>();
  const health = await runCollectors(setups, {
    timing: {
      nowMs: Date.now,
      random: Math.random,
      sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    },
    signal: stop.signal,
    once,
    healthPath: healthFile ?? null,
    report(status) {
      // Told when it changes: a collector that is well has little to say.
      const key = keyOf(status);
      if (said.get(status.name) === key) return;
      said.set(status.name, key);
      print(json, status, [lineOf(status)]);
    },
  });
  if (once && !health.targets.every(isHealthy)) process.exitCode = 1;
}

async function setupsOf(path: string): Promise<TargetSetup[]> {
  const { ConfigError, readConfig } = await import("#lib/collect/config");
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new CommandError(`cannot read ${path}: ${error.message}`);
  });
  try {
    return readConfig(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(`${path}: ${error.message}`);
  }
}

/** Everybody who can read an API key can speak for its source. */
async function warnOfOpenFiles(setups: readonly TargetSetup[]): Promise<void> {
  for (const path of new Set(setups.map(({ destination }) => destination.apiKeyFile))) {
    const mode = (await stat(path).catch(() => null))?.mode ?? 0;
    if (mode & 0o007) console.error(`touchstone: ${path} can be read by every user of this machine`);
  }
}

async function acceptIdentity(
  setups: readonly TargetSetup[],
  targetName: string | undefined,
  agentId: string,
  json: boolean | undefined,
): Promise<void> {
  const setup = setups.find(({ name }) => name === targetName);
  if (!setup) throw new CommandError("--accept needs --target with the name of a configured target", 2);
  const { readState, writeState } = await import("#lib/collect/state-file");
  const { collector, statePath, binding } = setup;
  const state = await readState(statePath, binding);
  const memory = state.memory === null ? null : collector.memory.parse(state.memory);
  const accepted = memory && collector.acceptIdentity?.(memory, agentId);
  if (!accepted) throw new CommandError(`${targetName} knows of no changed identity of ${plain(agentId)}`);
  await writeState(statePath, binding, { ...state, memory: accepted });
  print(json, { target: targetName, accepted: agentId }, [
    `the identity that ${plain(agentId)} has now is accepted`,
  ]);
}

function keyOf({ breaker, pollError, deliveryError, warnings, refused, watched }: TargetStatus): string {
  return JSON.stringify([breaker, pollError, deliveryError, warnings, refused, watched]);
}

function lineOf(status: TargetStatus): string {
  const { name, kind, watched, accepted, duplicate, refused, pending, breaker } = status;
  const troubles = [
    status.pollError,
    status.deliveryError,
    status.lastRefusal && `refused: ${status.lastRefusal.code}: ${status.lastRefusal.detail}`,
    ...status.warnings,
  ].filter((text) => text !== null);
  const counts = `watches ${watched}, ${accepted} accepted, ${duplicate} known already, ${refused} refused, ${pending} waiting`;
  const words = [breaker === "closed" ? null : `breaker ${breaker}`, ...troubles].filter(
    (text) => text !== null,
  );
  return plain(`${name} (${kind}) ${counts}${words.length > 0 ? `: ${words.join("; ")}` : ""}`);
}
