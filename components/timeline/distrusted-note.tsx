import { displayText, formatInstant } from "#lib/client/format";
import type { Zone } from "#lib/client/timeline-scale";
import type { Timeline } from "#lib/contracts/node";

/** Says which evidence no longer counts, so that a history derived anew does not look like the first one. */
export function DistrustedNote({ timeline, zone }: { timeline: Timeline; zone: Zone }) {
  if (timeline.distrusted.length === 0) return null;
  return (
    <ul className="rounded-[6px] border border-warn-line bg-warn-bg px-3 py-2 text-small text-warn-fg">
      {timeline.distrusted.map(({ laneKey, laneLabel, kid, since, from, to }) => (
        <li key={`${laneKey} ${kid}`} className="break-words">
          {displayText(laneLabel).text}: evidence of key {displayText(kid).text} is distrusted since{" "}
          {formatInstant(since, { mode: zone })}. What rested on it from {formatInstant(from, { mode: zone })}{" "}
          {to === null ? "on" : `until ${formatInstant(to, { mode: zone })}`} was derived anew without it.
        </li>
      ))}
    </ul>
  );
}
