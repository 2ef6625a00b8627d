"use client";

import { formatCount } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import type { DriftCounts } from "#lib/contracts/drift-group";
import { DRIFT_TABS, type DriftTab } from "#lib/domain/drift-query";
import { Tabs } from "../ui/tabs.tsx";
import { TAB_LABEL } from "./drift-words.ts";

/** The tabs of the inbox with what stands in each under the search, and exceptions and maintenance beside them. */
export function DriftTabs({
  current,
  q,
  counts,
}: {
  current: DriftTab | "exceptions" | "maintenance";
  q: string;
  counts: DriftCounts | undefined;
}) {
  return (
    <Tabs
      label="Drift"
      tabs={[
        ...DRIFT_TABS.map((tab) => ({
          href: paths.drift({ tab, q }),
          label: (
            <>
              {TAB_LABEL[tab]}
              {counts && (
                <span className="text-small text-muted tabular-nums">{formatCount(counts[tab])}</span>
              )}
            </>
          ),
          current: tab === current,
        })),
        { href: paths.exceptions(), label: "Exceptions", current: current === "exceptions" },
        { href: paths.maintenance(), label: "Maintenance", current: current === "maintenance" },
      ]}
    />
  );
}
