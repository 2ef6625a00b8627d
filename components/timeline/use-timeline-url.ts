import { parseAsString, useQueryStates } from "nuqs";
import { DEFAULT_FROM, DEFAULT_TO, isoOf } from "#lib/client/timeline-range";
import type { Range } from "#lib/client/timeline-scale";
import type { RangeChange } from "./use-plot-pointer.ts";

const PARSERS = {
  from: parseAsString.withDefault(DEFAULT_FROM),
  to: parseAsString.withDefault(DEFAULT_TO),
  /** The selected interval or event. */
  e: parseAsString,
  knownAt: parseAsString,
  /** Lane that the table is narrowed to. */
  lane: parseAsString.withDefault(""),
};

/** Everything that a link to the timeline carries; nothing of it is kept elsewhere. */
export function useTimelineUrl() {
  const [url, setUrl] = useQueryStates(PARSERS, { history: "push" });
  const setRange: RangeChange = ({ fromMs, toMs }: Range, history) =>
    void setUrl({ from: isoOf(fromMs), to: isoOf(toMs) }, { history });
  return {
    url,
    setRange,
    setPreset: (from: string) => void setUrl({ from: from === DEFAULT_FROM ? null : from, to: null }),
    /** Walking with the keys replaces, so that Back leads out of the walk and not through it. */
    select: (e: string | null, history: "push" | "replace" = "push") => void setUrl({ e }, { history }),
    setKnownAt: (knownAt: string | null) => void setUrl({ knownAt }),
    setLane: (lane: string) => void setUrl({ lane: lane === "" ? null : lane }),
  };
}
