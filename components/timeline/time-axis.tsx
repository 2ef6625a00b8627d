import { type Range, timeTicks, xOf, type Zone } from "#lib/client/timeline-scale";
import { AXIS_HEIGHT_PX } from "./rows.ts";

/** Half of the widest tick label: ticks nearer to the frame are left without their text. */
const LABEL_ROOM_PX = 22;

/** The axis above the lanes: round instants of the chosen clock. */
export function TimeAxis({ range, widthPx, zone }: { range: Range; widthPx: number; zone: Zone }) {
  return (
    <svg aria-hidden="true" width={widthPx} height={AXIS_HEIGHT_PX} className="block bg-bg">
      {timeTicks(range, widthPx, zone).map(({ atMs, label, major }) => {
        const x = xOf(range, widthPx, atMs);
        const fits = x > LABEL_ROOM_PX && x < widthPx - LABEL_ROOM_PX;
        return (
          <g key={atMs}>
            <line x1={x} x2={x} y1={AXIS_HEIGHT_PX - 5} y2={AXIS_HEIGHT_PX} stroke="var(--line-strong)" />
            {fits && (
              <text
                x={x}
                y={15}
                textAnchor="middle"
                className={
                  major ? "fill-fg font-mono text-[11px] font-semibold" : "fill-muted font-mono text-[11px]"
                }
              >
                {label}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** Lines behind the lanes, under the ticks of the axis. */
export function GridLines({
  range,
  widthPx,
  heightPx,
  zone,
}: {
  range: Range;
  widthPx: number;
  heightPx: number;
  zone: Zone;
}) {
  return (
    <g>
      {timeTicks(range, widthPx, zone).map(({ atMs, major }) => {
        const x = Math.round(xOf(range, widthPx, atMs)) + 0.5;
        return (
          <line
            key={atMs}
            x1={x}
            x2={x}
            y1={0}
            y2={heightPx}
            stroke={major ? "var(--line-strong)" : "var(--line)"}
          />
        );
      })}
    </g>
  );
}

/** Covers what was left out of a cut-off answer, so that it does not look like a stretch without evidence. */
export function NotLoaded({
  range,
  widthPx,
  heightPx,
  untilMs,
}: {
  range: Range;
  widthPx: number;
  heightPx: number;
  untilMs: number | null;
}) {
  const x = untilMs === null ? 0 : Math.min(widthPx, xOf(range, widthPx, untilMs));
  if (x <= 0) return null;
  return (
    <g>
      <rect x={0} y={0} width={x} height={heightPx} fill="var(--bg-hover)" stroke="var(--line-strong)" />
      {x > 90 && (
        <text x={x / 2} y={heightPx / 2 + 4} textAnchor="middle" className="fill-muted font-mono text-[11px]">
          not loaded
        </text>
      )}
    </g>
  );
}

/** A named instant across all lanes. */
export function InstantLine({
  range,
  widthPx,
  heightPx,
  atMs,
  label,
  tone,
}: {
  range: Range;
  widthPx: number;
  heightPx: number;
  atMs: number;
  label: string;
  tone: "accent" | "ink";
}) {
  if (atMs < range.fromMs || atMs > range.toMs) return null;
  const x = Math.round(xOf(range, widthPx, atMs)) + 0.5;
  const color = tone === "accent" ? "var(--accent)" : "var(--fg)";
  const textWidth = label.length * 6.7 + 8;
  const left = x + textWidth > widthPx;
  return (
    <g>
      <line
        x1={x}
        x2={x}
        y1={0}
        y2={heightPx}
        stroke={color}
        strokeWidth={tone === "ink" ? 1.5 : 1}
        strokeDasharray={tone === "ink" ? "4 3" : undefined}
      />
      <rect
        x={left ? x - textWidth : x}
        y={0}
        width={textWidth}
        height={14}
        fill="var(--bg)"
        stroke={color}
        strokeWidth="0.75"
      />
      <text x={(left ? x - textWidth : x) + 4} y={10.5} className="font-mono text-[11px]" fill={color}>
        {label}
      </text>
    </g>
  );
}
