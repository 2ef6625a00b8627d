/**
 * Loaded into a server that a proof weighs: when it is asked for `rest`, it lets go of everything that nothing holds
 * any more, and says so. What is resident then is what the server keeps, not what its collector has not got round to.
 *
 * An ordinary collection is not enough: after it V8 still holds the whole young generation that a burst made it grow to,
 * empty, 128 MiB and more. The last resort gives that back too.
 */
process.on("message", (message) => {
  if ((message as { type?: string }).type !== "rest") return;
  // Twice: the first frees what the finalizers of the second one hold.
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  }
  process.send?.({ type: "at rest", collected: globalThis.gc !== undefined });
});
