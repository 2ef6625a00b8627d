const STOPS = ["SIGTERM", "SIGINT", "disconnect"] as const;

/**
 * Resolves when this process is asked to stop: by a signal, or because whoever started it is gone.
 *
 * It stops listening then: the channel to whoever started it would keep the process alive for ever.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      for (const event of STOPS) process.off(event, stop);
      resolve();
    };
    for (const event of STOPS) process.on(event, stop);
  });
}
