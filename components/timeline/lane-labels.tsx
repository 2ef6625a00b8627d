import { StatusShape } from "#components/fleet/status-badge";
import { cn } from "#components/ui/cn";
import { HostileText } from "#components/ui/hostile-text";
import type { TrustStatus } from "#lib/domain/trust-status";
import type { Row } from "./rows.ts";

/** Names of the lanes: beside the plot on a wide screen, above each strip on a narrow one. */
export function LaneLabels({
  rows,
  states,
  above,
  activeKey,
}: {
  rows: readonly Row[];
  /** Newest state of each lane; `null` for events. */
  states: ReadonlyMap<string, TrustStatus | null>;
  above: boolean;
  activeKey: string | null;
}) {
  return (
    <div
      aria-hidden="true"
      className={cn(above ? "pointer-events-none absolute inset-x-0 top-0" : "relative w-[176px] shrink-0")}
    >
      {rows.map(({ key, label, kind, topPx, heightPx }) => {
        const state = states.get(key);
        return (
          <div
            key={key}
            style={{ top: topPx + (above ? 3 : 0), height: above ? 16 : heightPx }}
            className={cn(
              "absolute inset-x-0 flex min-w-0 items-center gap-1.5 text-small",
              above ? "pr-2" : "border-r border-line pr-3 pl-3",
              kind === "trust" ? "font-semibold text-fg" : "text-muted",
              key === activeKey && !above && "bg-selected",
            )}
          >
            {state && <StatusShape status={state} size={12} />}
            <HostileText
              text={label}
              {...(above ? { max: 40 } : {})}
              className={above ? "bg-bg" : undefined}
            />
          </div>
        );
      })}
    </div>
  );
}
