/** Which evidence explains a register that differs. */
import type { DriftFindingRow } from "#db/queries/drift-node";
import { verdictBefore } from "#db/queries/verdict-before";
import { isRegister } from "#lib/domain/layers";
import type { ServiceContext } from "#lib/services/context";
import { logsIn } from "./event-log.ts";

/** Evidence that is read for one answer; findings beyond it get no explanation rather than a slow page. */
const MAX_READ = 16;

type Began = Pick<DriftFindingRow, "sourceId" | "submod" | "since" | "path">;

const keyOf = ({ sourceId, submod, since }: Began) => `${sourceId}/${submod}/${since}`;

/**
 * For each register that differs, the verdict that was in force when the difference began, as far as its
 * evidence still is stored and carries a log. The log and the one before it tell which event changed.
 *
 * @returns the hash of that verdict in hex; `null` for other paths and where there is no log
 */
export async function logFinder(
  ctx: ServiceContext,
  scope: readonly string[],
  nodeId: string,
  findings: readonly Began[],
): Promise<(finding: Began) => string | null> {
  const registers = new Map(
    findings.filter(({ path }) => isRegister(path)).map((finding) => [keyOf(finding), finding]),
  );
  const hashes = new Map<string, string>();
  for (const [key, { sourceId, submod, since }] of [...registers].slice(0, MAX_READ)) {
    // The first instant after it and no hash: the last verdict up to and with that instant.
    const before = { atMs: since + 1, hash: "" };
    const verdict = await verdictBefore(ctx.db, scope, { nodeId, sourceId, submod, before });
    if (verdict && logsIn(verdict.raw, submod).length > 0) hashes.set(key, verdict.eventHash);
  }
  return (finding) => (isRegister(finding.path) ? (hashes.get(keyOf(finding)) ?? null) : null);
}
