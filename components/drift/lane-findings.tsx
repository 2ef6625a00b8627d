import { CircleCheck } from "lucide-react";
import type { DiffMode } from "#components/compare/diff-mode";
import { Badge } from "#components/ui/badge";
import { HostileText } from "#components/ui/hostile-text";
import { LAYER_WORDS } from "#lib/client/compare";
import { formatCount, formatPlural } from "#lib/client/format";
import type { BaselineLane } from "#lib/contracts/compare";
import type { DriftLaneView } from "#lib/contracts/drift";
import { DRIFT_CLASSES } from "#lib/domain/drift";
import { CLASS_LABEL } from "./drift-words.ts";
import { FindingRows } from "./finding-rows.tsx";

/** What the differences of a lane amount to, and each of them by layer; or that there is none. */
export function LaneFindings({
  lane: { worst, findings, reason, layers, unlisted },
  mode,
  nodeId,
}: {
  lane: DriftLaneView | BaselineLane;
  mode: DiffMode;
  /** Whose evidence explains a register; absent = no explanation is offered. */
  nodeId?: string | undefined;
}) {
  if (worst === null) {
    return (
      <p className="flex items-center gap-2 px-3 py-3 text-data">
        <CircleCheck aria-hidden className="size-4 shrink-0 text-trusted" />
        Nothing differs from what is expected.
      </p>
    );
  }
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2 text-data">
        <Counts findings={findings} />
        <HostileText text={reason} max={400} className="min-w-0 text-small text-muted" />
      </p>
      {layers.map(({ layer, findings: own }) => (
        <FindingRows key={layer} title={LAYER_WORDS[layer]} findings={own} mode={mode} nodeId={nodeId} />
      ))}
      {unlisted > 0 && (
        <p className="px-3 py-2 text-small text-muted">
          {formatPlural(unlisted, "further difference")} {unlisted === 1 ? "is" : "are"} counted and not
          listed.
        </p>
      )}
    </>
  );
}

/** How many differences of each class, the worst first. */
function Counts({ findings }: Pick<DriftLaneView, "findings">) {
  return DRIFT_CLASSES.toReversed()
    .filter((cls) => findings[cls] > 0)
    .map((cls) => (
      <Badge
        key={cls}
        tone={cls === "malicious_like" ? "danger" : cls === "unexplained" ? "warn" : "neutral"}
      >
        {formatCount(findings[cls])} {CLASS_LABEL[cls]}
      </Badge>
    ));
}
