import { type PointerEvent, useEffect, useRef, useState } from "react";
import { msAt, panRange, type Range, rangeBetween, spanOf, zoomRange } from "#lib/client/timeline-scale";

/** A point of the plot in its own pixels. */
export type Point = { xPx: number; yPx: number };

/** The pointer over the plot, also in pixels of the window. */
export type Pointer = Point & { windowX: number; windowY: number };

/** How a change of range goes into the history: a drag that goes on replaces, a choice made is kept. */
export type RangeChange = (range: Range, history: "push" | "replace") => void;

const CLICK_SLACK_PX = 4;
const WHEEL_ZOOM = 1.0018;

/**
 * Pointer on the plot: dragging marks a range to zoom to, shift and touch drag pan, control and wheel zoom,
 * sideways wheel pans; a press without a drag is a click.
 */
export function usePlotPointer({
  range,
  bounds,
  widthPx,
  onRange,
  onClick,
}: {
  range: Range;
  bounds: Range;
  widthPx: number;
  onRange: RangeChange;
  onClick: (point: Point) => void;
}) {
  const element = useRef<HTMLDivElement | null>(null);
  const drag = useRef<{ startPx: number; start: Range; mode: "mark" | "pan"; moved: boolean } | null>(null);
  const [marked, setMarked] = useState<{ fromPx: number; toPx: number } | null>(null);
  const [pointer, setPointer] = useState<Pointer | null>(null);

  const latest = useRef({ range, bounds, widthPx, onRange });
  useEffect(() => {
    latest.current = { range, bounds, widthPx, onRange };
  });

  // React's wheel listener is passive, so it could not keep the browser from zooming the page.
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    function onWheel(event: WheelEvent) {
      const { range: now, bounds: within, widthPx: width, onRange: change } = latest.current;
      const { left } = (event.currentTarget as HTMLElement).getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        change(
          zoomRange(now, WHEEL_ZOOM ** event.deltaY, msAt(now, width, event.clientX - left), within),
          "replace",
        );
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        change(panRange(now, (event.deltaX / Math.max(width, 1)) * spanOf(now), within), "replace");
      }
    }
    target.addEventListener("wheel", onWheel, { passive: false });
    return () => target.removeEventListener("wheel", onWheel);
  }, []);

  function pointOf(event: PointerEvent<HTMLDivElement>): Point {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { xPx: event.clientX - left, yPx: event.clientY - top };
  }

  function stop() {
    drag.current = null;
    setMarked(null);
  }

  const handlers = {
    onPointerDown(event: PointerEvent<HTMLDivElement>) {
      if (event.button !== 0) return;
      const mode = event.pointerType === "touch" || event.shiftKey ? "pan" : "mark";
      drag.current = { startPx: pointOf(event).xPx, start: range, mode, moved: false };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove(event: PointerEvent<HTMLDivElement>) {
      const point = pointOf(event);
      const current = drag.current;
      if (!current) {
        if (event.pointerType !== "touch") {
          setPointer({ ...point, windowX: event.clientX, windowY: event.clientY });
        }
        return;
      }
      if (Math.abs(point.xPx - current.startPx) > CLICK_SLACK_PX) current.moved = true;
      if (!current.moved) return;
      setPointer(null);
      if (current.mode === "pan") {
        onRange(
          panRange(current.start, ((current.startPx - point.xPx) / widthPx) * spanOf(current.start), bounds),
          "replace",
        );
      } else {
        const ends = [current.startPx, Math.max(0, Math.min(widthPx, point.xPx))] as const;
        setMarked({ fromPx: Math.min(...ends), toPx: Math.max(...ends) });
      }
    },
    onPointerUp(event: PointerEvent<HTMLDivElement>) {
      const current = drag.current;
      if (!current) return;
      const point = pointOf(event);
      if (!current.moved) onClick(point);
      else if (current.mode === "mark" && marked) {
        onRange(rangeBetween(msAt(range, widthPx, marked.fromPx), msAt(range, widthPx, marked.toPx)), "push");
      }
      stop();
    },
    onPointerCancel: stop,
    onPointerLeave() {
      setPointer(null);
    },
  };

  function clear() {
    stop();
    setPointer(null);
  }

  return { element, handlers, marked, pointer, clear };
}
