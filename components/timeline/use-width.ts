import { useCallback, useState } from "react";

/** Width of an element in whole pixels, followed as it changes; 0 before it is known. */
export function useWidth(): [(element: HTMLElement | null) => undefined | (() => void), number] {
  const [width, setWidth] = useState(0);
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}
