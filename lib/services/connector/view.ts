/** A stored connector as the API shows it: never with a secret, sealed or not. */
import type { ConnectorRow } from "#db/queries/connector";
import type { ConnectorView } from "#lib/contracts/connector";
import { selectorWords } from "#lib/domain/selector-words";
import { type ConnectorTools, callbackUrlOf } from "./tools.ts";

export function connectorView(
  row: ConnectorRow,
  trustDomain: string,
  { kinds, origin }: Pick<ConnectorTools, "kinds" | "origin">,
): ConnectorView {
  const reports = kinds.find(({ kind }) => kind === row.kind)?.receive !== undefined;
  return {
    id: row.id,
    trustDomainId: row.trustDomainId,
    trustDomain,
    kind: row.kind,
    name: row.name,
    settings: row.settings as ConnectorView["settings"],
    selector: row.selector,
    selectorWords: selectorWords(row.selector),
    createdAt: row.createdAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
    secretsChangedAt: row.secretsChangedAt.toISOString(),
    disabledAt: row.disabledAt?.toISOString() ?? null,
    callbackUrl: reports ? callbackUrlOf(origin, row.id) : null,
    test: row.test && row.testedAt ? { at: row.testedAt.toISOString(), ...row.test } : null,
  };
}
