/** Which nodes windows are for, and what these nodes show already. */
import type { Conn } from "#db/client";
import { type CoveredChanges, coveredChanges } from "#db/queries/maintenance-window";
import { standingNodes } from "#db/queries/standing";
import type { SelectorNode } from "#lib/domain/baseline";
import { LAYERS, type Layer } from "#lib/domain/layers";
import { RULES_BEHIND_WINDOW } from "#lib/domain/maintenance";
import { ProblemError } from "#lib/domain/problems";
import { compileSelector } from "#lib/policy/selector";

/** @throws {ProblemError} `request/invalid` with a pointer when the text is no selector */
export function refuseUnreadable(selector: string): void {
  const compiled = compileSelector(selector);
  if (compiled.ok) return;
  const { detail } = compiled;
  throw new ProblemError("request/invalid", `The selector cannot be read: ${detail}`, {
    pointers: [{ pointer: "#/selector", detail }],
  });
}

/** A selector that cannot be read any more selects nothing. */
export function selectedBy(nodes: readonly SelectorNode[], selector: string): SelectorNode[] {
  const compiled = compileSelector(selector);
  return compiled.ok ? nodes.filter((node) => compiled.matches(node)) : [];
}

/** Every node of a domain, by name, as some selectors see it. */
export function nodesFor(
  conn: Conn,
  trustDomainId: string,
  selectors: readonly string[],
): Promise<SelectorNode[]> {
  return standingNodes(
    conn,
    trustDomainId,
    selectors.some((text) => text.includes("identities")),
  );
}

/** In the order of the machine, each once; absent = every layer. */
export function layersOf(asked: readonly Layer[] | undefined): Layer[] {
  return asked === undefined ? [...LAYERS] : LAYERS.filter((layer) => asked.includes(layer));
}

type Covered = Omit<CoveredChanges, "class"> | null;

/** What nodes show now without leave and a window would allow. */
export async function coveredNow(
  conn: Conn,
  trustDomainId: string,
  { nodes, layers, now }: { nodes: readonly SelectorNode[]; layers: readonly Layer[]; now: Date },
): Promise<{ unexplained: Covered; maliciousLike: Covered }> {
  const nodeIds = nodes.map(({ id }) => id);
  const rows = await coveredChanges(conn, trustDomainId, {
    nodeIds,
    layers,
    rules: RULES_BEHIND_WINDOW,
    now,
  });
  const of = (asked: CoveredChanges["class"]): Covered => {
    const row = rows.find((one) => one.class === asked);
    return row ? { changes: row.changes, nodes: row.nodes, path: row.path } : null;
  };
  return { unexplained: of("unexplained"), maliciousLike: of("malicious_like") };
}
