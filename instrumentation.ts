/** Runs once when a server starts: a wrong configuration stops it before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { env } = await import("#lib/server/env");
  env();
}
