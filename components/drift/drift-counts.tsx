import { Badge } from "#components/ui/badge";
import { formatCount } from "#lib/client/format";
import type { DriftLaneView } from "#lib/contracts/drift";
import { DRIFT_CLASSES } from "#lib/domain/drift";
import { CLASS_LABEL } from "./drift-words.ts";

/** How many differences of each class, the worst first. */
export function DriftCounts({ findings }: Pick<DriftLaneView, "findings">) {
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
