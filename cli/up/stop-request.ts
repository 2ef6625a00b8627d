/** A second request within this time is an echo of the first: npm, the shell and a terminal all pass one on. Milliseconds. */
const ECHO_MS = 2000;

export type StopRequest = {
  /** Aborts at the first request to stop. */
  readonly signal: AbortSignal;
  /** Runs when someone asks again and means it: the stop takes too long for them. */
  onUrged(action: () => void): void;
  /** Give the signals back. */
  dispose(): void;
};

/**
 * Listen for requests to stop: SIGINT, SIGTERM, SIGHUP, or the end of the parent process when it
 * holds an IPC channel to us.
 */
export function watchForStop(announce: (how: string) => void): StopRequest {
  const controller = new AbortController();
  const urged: (() => void)[] = [];
  let firstAtMs = 0;
  const request = (how: string) => {
    if (!controller.signal.aborted) {
      firstAtMs = Date.now();
      announce(how);
      controller.abort();
    } else if (Date.now() - firstAtMs > ECHO_MS) {
      for (const action of urged) action();
    }
  };
  const onDisconnect = () => request("the starting process ended");
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, request);
  process.on("disconnect", onDisconnect);
  return {
    signal: controller.signal,
    onUrged: (action) => void urged.push(action),
    dispose() {
      for (const signal of signals) process.off(signal, request);
      process.off("disconnect", onDisconnect);
      if (process.connected) process.disconnect();
    },
  };
}
