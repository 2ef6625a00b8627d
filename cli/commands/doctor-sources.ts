/** What `doctor` says about the configured senders. */
import type { SourceView } from "#lib/contracts/source";
import type { ServiceContext } from "#lib/services/context";
import { sourceByKind } from "#lib/sources/registry";
import type { Check } from "./doctor-checks.ts";
import { plain } from "./output.ts";
import { listSources } from "./source-ref.ts";

const DAY_MS = 86_400_000;
const EXPIRES_SOON_MS = 14 * DAY_MS;

/** One check per source that takes part. */
export async function checkSources(ctx: ServiceContext): Promise<Check[]> {
  const sources = (await listSources(ctx)).filter(({ disabledAt }) => disabledAt === null);
  if (sources.length === 0) {
    const remedy = "npx touchstone source add --help";
    return [{ name: "sources", state: "warn", detail: "none is configured, so nothing can arrive", remedy }];
  }
  const nowMs = ctx.now().getTime();
  return sources.map((source) => checkSource(source, nowMs));
}

/** The worst thing that can be said about one source. */
export function checkSource(source: SourceView, nowMs: number): Check {
  const name = `source ${plain(source.name)}`;
  const usable = source.apiKeys.filter(
    ({ revokedAt, expiresAt }) => !revokedAt && Date.parse(expiresAt) > nowMs,
  );
  const validKeys = source.keys.filter(
    ({ state, validTo }) =>
      (state === "active" || state === "prepared") && (!validTo || Date.parse(validTo) > nowMs),
  );
  const lastsUntilMs = Math.max(...usable.map(({ expiresAt }) => Date.parse(expiresAt)));
  if (validKeys.length === 0 && !sourceByKind(source.kind)?.unsignedAllowed) {
    const remedy = "Register its public key or shared secret; until then everything is refused.";
    return { name, state: "fail", detail: "no valid key vouches for its messages", remedy };
  }
  if (usable.length === 0) {
    const remedy = `npx touchstone key create --scope ingest --source ${source.id}`;
    return { name, state: "warn", detail: "it has no API key to send with", remedy };
  }
  if (source.silent) {
    const detail = `silent since ${source.lastReceivedAt}`;
    return { name, state: "warn", detail, remedy: "See whether the sender runs and reaches this server." };
  }
  if (lastsUntilMs - nowMs < EXPIRES_SOON_MS) {
    const detail = `its last API key expires ${new Date(lastsUntilMs).toISOString()}`;
    return {
      name,
      state: "warn",
      detail,
      remedy: `npx touchstone key create --scope ingest --source ${source.id}`,
    };
  }
  const heard = source.lastReceivedAt ? `last heard ${source.lastReceivedAt}` : "has not sent anything yet";
  return { name, state: "ok", detail: heard, remedy: null };
}
