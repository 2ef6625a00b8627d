/**
 * Loaded into a server that a proof weighs: when it is asked for `rest`, it lets go of everything that nothing holds
 * any more, and says so. What is resident then is what the server keeps, not what its collector has not got round to.
 */
process.on("message", (message) => {
  if ((message as { type?: string }).type !== "rest") return;
  // Twice: the first frees what the finalizers of the second one hold.
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.({ type: "at rest", collected: globalThis.gc !== undefined });
});
