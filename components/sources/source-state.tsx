import type { FindingView, SourceView } from "#lib/contracts/source";
import type { FindingKind } from "#lib/domain/source-finding";
import { Badge } from "../ui/badge.tsx";

export const FINDING_LABELS: Readonly<Record<FindingKind, string>> = {
  silent: "Silent",
  weakened: "Checks less",
  misconfigured: "Misconfigured",
  skewed: "Clock off",
};

type State = Pick<SourceView, "silent" | "disabledAt" | "findings" | "keyState">;

/** What is out of the ordinary about a source. */
export function SourceState({ source: { silent, disabledAt, findings, keyState } }: { source: State }) {
  const others = [...new Set(findings.map(({ kind }) => kind))].filter((kind) => kind !== "silent");
  return (
    <>
      {disabledAt !== null && <Badge>Disabled</Badge>}
      {silent && (
        <Badge tone="warn" title="Nothing has come from the whole source for longer than expected">
          {FINDING_LABELS.silent}
        </Badge>
      )}
      {others.map((kind) => (
        <Badge key={kind} tone="warn" title={sentencesOf(findings, kind)}>
          {FINDING_LABELS[kind]}
        </Badge>
      ))}
      {keyState.exhausted && disabledAt === null && (
        <Badge tone="danger" title="No registered key may vouch for its messages: everything is refused">
          No usable key
        </Badge>
      )}
    </>
  );
}

function sentencesOf(findings: readonly FindingView[], kind: FindingKind): string {
  return findings
    .filter((finding) => finding.kind === kind)
    .map(({ sentence }) => sentence)
    .join("; ");
}

/** Sources that ask for a person first; then by name. Disabled ones come last. */
export function byAttention(sources: readonly SourceView[]): SourceView[] {
  const rank = (source: SourceView) => {
    if (source.disabledAt !== null) return 5;
    if (source.keyState.exhausted) return 0;
    if (source.silent) return 1;
    if (source.findings.length > 0) return 2;
    return source.last24h.rejected > 0 ? 3 : 4;
  };
  return [...sources].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, "en"));
}
