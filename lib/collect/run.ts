/** Runs all targets side by side until told to stop. */
import { replaceFile } from "./state-file.ts";
import { openTarget, type Target, type TargetSetup, type TargetStatus, type Timing } from "./target.ts";

export type RunOptions = {
  timing: Timing;
  signal: AbortSignal;
  /** One poll of every target, then the end. */
  once: boolean;
  /** Kept up to date with the state of all targets; `null` = no such file. */
  healthPath: string | null;
  /** Told after every step of a target. */
  report: (status: TargetStatus) => void;
};

export type Health = { at: string; healthy: boolean; targets: TargetStatus[] };

/** A target is well when it answers and Touchstone takes what it says. */
export function isHealthy({ pollError, deliveryError }: TargetStatus): boolean {
  return pollError === null && deliveryError === null;
}

/**
 * @returns the state of all targets at the end
 * @throws {StateError} before anything is asked, when a state file cannot be used
 */
export async function runCollectors(setups: readonly TargetSetup[], options: RunOptions): Promise<Health> {
  const { timing, once, healthPath, report } = options;
  // A defect in one target ends them all: half a collector that looks alive would be worse.
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const targets = await Promise.all(setups.map((setup) => openTarget(setup, timing)));
  const health = (): Health => {
    const statuses = targets.map((target) => target.status());
    return {
      at: new Date(timing.nowMs()).toISOString(),
      healthy: statuses.every(isHealthy),
      targets: statuses,
    };
  };
  // One write at a time, so that an older state never replaces a newer one.
  let writing: Promise<void> = Promise.resolve();
  const write = () => {
    if (healthPath === null) return writing;
    writing = writing.then(() => replaceFile(healthPath, `${JSON.stringify(health())}\n`));
    return writing;
  };
  const stepOf = async (target: Target) => {
    await target.step(signal);
    report(target.status());
    await write();
  };
  const loopOf = async (target: Target) => {
    for (;;) {
      await stepOf(target);
      await timing.sleep(Math.max(0, target.nextAtMs() - timing.nowMs()), signal);
    }
  };
  try {
    await Promise.all(targets.map(once ? stepOf : loopOf));
  } catch (error) {
    failed.abort();
    if (!options.signal.aborted) throw error;
  }
  return health();
}
