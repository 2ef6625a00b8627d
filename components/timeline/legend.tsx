import { useId } from "react";
import { STATUS_LABELS } from "#components/fleet/status-words";
import type { Block } from "#lib/client/timeline-layout";
import type { Zone } from "#lib/client/timeline-scale";
import { TRUST_STATUSES, type TrustStatus } from "#lib/domain/trust-status";
import { BlockPatterns, BlockShape } from "./block-shape.tsx";

const SWATCH = { width: 22, height: 10 };

const blockOf = (state: TrustStatus): Block => ({
  fromMs: 0,
  toMs: 1,
  xPx: 0,
  widthPx: SWATCH.width,
  state,
  first: 0,
  last: 0,
  count: 1,
  verdicts: 0,
  hasGap: false,
});

/** The texture of each state with its word, what an empty stretch means, and the clock of the axis. */
export function Legend({ zone }: { zone: Zone }) {
  const prefix = useId();
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-3 py-2 text-small text-muted">
      {TRUST_STATUSES.map((status) => (
        <span key={status} className="inline-flex items-center gap-1.5">
          <svg
            aria-hidden="true"
            width={SWATCH.width}
            height={SWATCH.height + 4}
            viewBox={`0 -2 ${SWATCH.width} ${SWATCH.height + 4}`}
          >
            <BlockPatterns prefix={`${prefix}${status}`} />
            <BlockShape
              block={blockOf(status)}
              heightPx={SWATCH.height}
              prefix={`${prefix}${status}`}
              counts={false}
            />
          </svg>
          {STATUS_LABELS[status]}
        </span>
      ))}
      <span>Empty: nothing known</span>
      <span className="ml-auto font-mono">
        {zone === "utc" ? "Times in UTC" : "Times in this browser's zone"}
      </span>
    </div>
  );
}
