import type { Block } from "#lib/client/timeline-layout";
import type { TrustStatus } from "#lib/domain/trust-status";

/** Textures of the states; one set per chart, named by the chart's own prefix. */
export function BlockPatterns({ prefix }: { prefix: string }) {
  return (
    <defs>
      <pattern
        id={`${prefix}-stale`}
        width="7"
        height="7"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line x1="0" y1="0" x2="0" y2="7" stroke="var(--status-stale)" strokeWidth="2.4" />
      </pattern>
      <pattern id={`${prefix}-quarantined`} width="7" height="7" patternUnits="userSpaceOnUse">
        <path d="M0 0 7 7M7 0 0 7" stroke="var(--status-ink)" strokeOpacity="0.55" strokeWidth="1.1" />
      </pattern>
      <pattern id={`${prefix}-pending`} width="6" height="6" patternUnits="userSpaceOnUse">
        <circle cx="3" cy="3" r="1.5" fill="var(--status-pending)" />
      </pattern>
      <pattern id={`${prefix}-degraded`} width="20" height="40" patternUnits="userSpaceOnUse">
        <path d="M7 0h7l-3.5 4.5Z" fill="var(--bg)" />
      </pattern>
    </defs>
  );
}

const COUNT_MIN_PX = 44;
const COUNT_CHAR_PX = 7;
/** From this width on, neighbours are set apart by a hair of background. */
const SEPARATE_FROM_PX = 4;

type Box = { x: number; width: number; height: number };

/** The texture and height that tell a state without its colour. */
function fillOf(state: TrustStatus, { x, width, height }: Box, prefix: string) {
  const rect = { x, y: 0, width, height, rx: width > SEPARATE_FROM_PX ? 1.5 : 0 };
  const color = `var(--status-${state})`;
  switch (state) {
    case "trusted":
      return <rect {...rect} fill={color} />;
    case "failed":
      return <rect {...rect} y={-2} height={height + 4} fill={color} />;
    case "degraded":
    case "quarantined":
      return (
        <>
          <rect {...rect} fill={color} />
          <rect {...rect} fill={`url(#${prefix}-${state})`} />
        </>
      );
    case "pending":
      return (
        <>
          <rect {...rect} fill={`url(#${prefix}-pending)`} />
          <rect {...rect} fill="none" stroke={color} strokeOpacity="0.7" />
        </>
      );
    case "stale":
      return <rect {...rect} fill={`url(#${prefix}-stale)`} />;
    case "exempt":
      return <rect {...rect} x={x + 0.5} width={Math.max(1, width - 1)} fill="none" stroke={color} />;
  }
}

/** One block of a lane: its state as colour and texture, and how many verdicts it stands for. */
export function BlockShape({
  block,
  heightPx,
  prefix,
  counts = true,
}: {
  block: Block;
  heightPx: number;
  prefix: string;
  counts?: boolean;
}) {
  const width = block.widthPx > SEPARATE_FROM_PX ? block.widthPx - 1 : block.widthPx;
  const text = `×${block.verdicts.toLocaleString("en-US")}`;
  const textWidth = text.length * COUNT_CHAR_PX + 6;
  const showCount = counts && block.verdicts > 1 && width >= Math.max(COUNT_MIN_PX, textWidth + 8);
  return (
    <g>
      {fillOf(block.state, { x: block.xPx, width, height: heightPx }, prefix)}
      {showCount && (
        <>
          <rect
            x={block.xPx + 5}
            y={heightPx / 2 - 7}
            width={textWidth}
            height={14}
            rx={2}
            fill="var(--bg)"
          />
          <text
            x={block.xPx + 5 + textWidth / 2}
            y={heightPx / 2 + 4}
            textAnchor="middle"
            className="fill-fg font-mono text-[11px]"
          >
            {text}
          </text>
        </>
      )}
    </g>
  );
}
